//! The entries of an `ipsec.secrets`, before anything is made of them.
//!
//! An entry is identities, a colon, the kind of the secret, the secret. It starts in the first column, and may go on in
//! lines that start with a blank.

use std::ops::Range;

use super::super::Fault;

/// Kinds of secrets other than pre-shared keys, of Libreswan and strongSwan.
const OTHERS: &[&str] = &["RSA", "ECDSA", "BLISS", "PKCS8", "PKCS12", "P12", "PIN", "XAUTH", "EAP", "NTLM", "PPKS"];

/// A pre-shared key. It may be the key itself that is written: there is no `Debug`.
pub(crate) struct Entry<'t> {
    /// Identities as they are written; none: for any.
    pub(crate) ids: Vec<&'t str>,
    /// The key as it is written, quotes included.
    pub(crate) written: &'t str,
    /// The bytes of that.
    pub(crate) span: Range<usize>,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Entry<'_> {
    /// The key, where it stands in quotes: every byte between them is the key's own.
    pub(crate) fn quoted(&self) -> Option<&str> {
        self.written.strip_prefix(['"', '\'']).map(|inner| inner.get(..inner.len().saturating_sub(1)).unwrap_or_default())
    }
}

/// The pre-shared keys of a text, and what of it is not followed.
pub(crate) struct Scanned<'t> {
    pub(crate) entries: Vec<Entry<'t>>,
    /// Inclusions, in order.
    pub(crate) unread: Vec<Fault>,
}

/// How far an entry has come.
enum Stage {
    Ids,
    Kind,
    Key,
    /// Another kind of secret: the rest of the line, or all up to its brace.
    Other,
    Done,
}

/// Whether a text has an entry in it, of whatever kind.
pub(crate) fn is_found_in(text: &str) -> bool {
    let is_kind = |word: &str| word.eq_ignore_ascii_case("PSK") || OTHERS.iter().any(|kind| word.eq_ignore_ascii_case(kind));
    text.lines().filter(|line| !line.trim_start().starts_with('#')).any(|line| {
        let mut words = line.split_whitespace();
        words.any(|word| word.strip_prefix(':').is_some_and(is_kind))
            || line.split_whitespace().zip(line.split_whitespace().skip(1)).any(|(colon, kind)| colon == ":" && is_kind(kind))
    })
}

/// The entries of a text.
pub(crate) fn scan(text: &str) -> Result<Scanned<'_>, Fault> {
    let (mut entries, mut unread, mut offset) = (Vec::new(), Vec::new(), 0);
    let (mut stage, mut ids, mut begun) = (Stage::Ids, Vec::new(), 1);
    let expected = |line: usize| Fault::new(line, 1, "expected [IDS] : PSK \"KEY\"");
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let number = number + 1;
        let line = whole.trim_end_matches(['\n', '\r']);
        let start = offset;
        offset += whole.len();
        if matches!(stage, Stage::Other) {
            if line.contains('}') {
                stage = Stage::Ids;
            }
            continue;
        }
        let mut rest = line;
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            let column = || line.chars().count() - rest.chars().count() + 1;
            let token = token(rest).ok_or_else(|| Fault::new(number, column(), "the key's quote is not closed"))?;
            let place = start + line.len() - rest.len();
            let is_first = matches!(stage, Stage::Ids) && ids.is_empty();
            if is_first {
                begun = number;
            } else if place == start {
                return Err(expected(begun));
            }
            if is_first && token == "include" {
                unread.push(Fault::new(number, column(), "include is not followed"));
                break;
            }
            let (kind, colon) = match (&stage, token.strip_prefix(':')) {
                (Stage::Ids, Some(kind)) if !kind.starts_with(':') => (kind, true),
                (Stage::Kind, _) => (token, false),
                _ => ("", false),
            };
            stage = match stage {
                Stage::Ids if colon && kind.is_empty() => Stage::Kind,
                Stage::Ids | Stage::Kind if kind.eq_ignore_ascii_case("PSK") => Stage::Key,
                Stage::Ids | Stage::Kind if OTHERS.iter().any(|other| kind.eq_ignore_ascii_case(other)) => Stage::Other,
                Stage::Ids if !colon => {
                    ids.push(token);
                    Stage::Ids
                }
                Stage::Key => {
                    let ids = std::mem::take(&mut ids);
                    entries.push(Entry { ids, written: token, span: place..place + token.len(), line: number, column: column() });
                    Stage::Done
                }
                Stage::Done => {
                    return Err(Fault::new(number, column(), "more stands behind the key: put it into quotes that it has not in itself"));
                }
                _ => return Err(expected(begun)),
            };
            rest = rest.get(token.len()..).unwrap_or_default();
            if matches!(stage, Stage::Other) {
                ids.clear();
                if !rest.contains('{') || rest.contains('}') {
                    stage = Stage::Ids;
                }
                break;
            }
        }
        if matches!(stage, Stage::Done) {
            stage = Stage::Ids;
        }
    }
    if matches!(stage, Stage::Ids) && ids.is_empty() || matches!(stage, Stage::Other) {
        Ok(Scanned { entries, unread })
    } else {
        Err(expected(begun))
    }
}

/// The word that a text begins with, quotes included.
fn token(text: &str) -> Option<&str> {
    match text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => text.get(..text.get(1..)?.find(quote)? + 2),
        None => text.get(..text.find(char::is_whitespace).unwrap_or(text.len())),
    }
}
