//! The entries of an `ipsec.secrets`, without knowing what they mean.
//!
//! An entry is a list of identities, a colon, the kind of the secret, and the secret. It starts in the first column and may
//! continue on indented lines.

use std::ops::Range;

use crate::agreement::parse::fault::Fault;

/// Kinds of secrets other than pre-shared keys, in Libreswan and strongSwan.
const OTHERS: &[&str] = &["RSA", "ECDSA", "BLISS", "PKCS8", "PKCS12", "P12", "PIN", "XAUTH", "EAP", "NTLM", "PPKS"];

/// A pre-shared key as it is written. It has no `Debug`, since it may show the key.
pub(crate) struct Entry<'t> {
    /// The identities; none: for any.
    pub(crate) ids: Vec<&'t str>,
    /// The key, quotes included.
    pub(crate) written: &'t str,
    /// The bytes of the key in the text, quotes included.
    pub(crate) span: Range<usize>,
    /// The line of the key.
    pub(crate) line: usize,
    /// The column of the key.
    pub(crate) column: usize,
}

impl Entry<'_> {
    /// The key between its quotes, where it has quotes: every byte there is part of the key.
    pub(crate) fn quoted(&self) -> Option<&str> {
        self.written.strip_prefix(['"', '\'']).map(|inner| inner.get(..inner.len().saturating_sub(1)).unwrap_or_default())
    }
}

/// The pre-shared keys of a text.
pub(crate) struct Scanned<'t> {
    /// The keys, in order.
    pub(crate) entries: Vec<Entry<'t>>,
    /// Includes of other files, which are not followed, in order.
    pub(crate) unread: Vec<Fault>,
}

/// Whether a text has an entry, of any kind.
pub(crate) fn is_found_in(text: &str) -> bool {
    let is_kind = |word: &str| word.eq_ignore_ascii_case("PSK") || OTHERS.iter().any(|kind| word.eq_ignore_ascii_case(kind));
    text.lines().filter(|line| !line.trim_start().starts_with('#')).any(|line| {
        let mut words = line.split_whitespace();
        words.any(|word| word.strip_prefix(':').is_some_and(is_kind))
            || line.split_whitespace().zip(line.split_whitespace().skip(1)).any(|(colon, kind)| colon == ":" && is_kind(kind))
    })
}

/// Finds the entries of a text.
///
/// # Errors
/// What is not an entry, and where.
pub(crate) fn scan(text: &str) -> Result<Scanned<'_>, Fault> {
    let mut scanner = Scanner { entries: Vec::new(), unread: Vec::new(), stage: Stage::Ids, ids: Vec::new(), begun: 1 };
    let mut offset = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        scanner.line(number + 1, whole.trim_end_matches(['\n', '\r']), offset)?;
        offset += whole.len();
    }
    scanner.finish()
}

/// How far the current entry is read.
#[derive(Clone, Copy)]
enum Stage {
    Ids,
    Kind,
    Key,
    /// Within another kind of secret: the rest of the line, or everything up to its closing brace.
    Other,
    Done,
}

/// A scan in progress.
struct Scanner<'t> {
    entries: Vec<Entry<'t>>,
    unread: Vec<Fault>,
    stage: Stage,
    /// The identities of the current entry.
    ids: Vec<&'t str>,
    /// The line where the current entry begins.
    begun: usize,
}

/// A word of a line.
struct Word<'t> {
    text: &'t str,
    /// Its first byte in the whole text.
    start: usize,
    line: usize,
    column: usize,
}

impl<'t> Scanner<'t> {
    fn expected(&self) -> Fault {
        Fault::new(self.begun, 1, "expected [IDS] : PSK \"KEY\"")
    }

    /// Reads a line that starts at this byte of the text.
    fn line(&mut self, number: usize, line: &'t str, start: usize) -> Result<(), Fault> {
        if matches!(self.stage, Stage::Other) {
            if line.contains('}') {
                self.stage = Stage::Ids;
            }
            return Ok(());
        }
        let mut rest = line;
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            let column = line.chars().count() - rest.chars().count() + 1;
            let text = token(rest).ok_or_else(|| Fault::new(number, column, "the closing quote of the key is missing"))?;
            let word = Word { text, start: start + line.len() - rest.len(), line: number, column };
            let is_first = matches!(self.stage, Stage::Ids) && self.ids.is_empty();
            if is_first {
                self.begun = number;
            } else if word.start == start {
                // The next entry starts before this one is complete.
                return Err(self.expected());
            }
            if is_first && text == "include" {
                self.unread.push(Fault::new(number, column, "include is not followed"));
                break;
            }
            self.word(word)?;
            rest = rest.get(text.len()..).unwrap_or_default();
            if matches!(self.stage, Stage::Other) {
                self.ids.clear();
                if !rest.contains('{') || rest.contains('}') {
                    self.stage = Stage::Ids;
                }
                break;
            }
        }
        if matches!(self.stage, Stage::Done) {
            self.stage = Stage::Ids;
        }
        Ok(())
    }

    fn word(&mut self, word: Word<'t>) -> Result<(), Fault> {
        let (kind, colon) = match (self.stage, word.text.strip_prefix(':')) {
            (Stage::Ids, Some(kind)) if !kind.starts_with(':') => (kind, true),
            (Stage::Kind, _) => (word.text, false),
            _ => ("", false),
        };
        self.stage = match self.stage {
            Stage::Ids if colon && kind.is_empty() => Stage::Kind,
            Stage::Ids | Stage::Kind if kind.eq_ignore_ascii_case("PSK") => Stage::Key,
            Stage::Ids | Stage::Kind if OTHERS.iter().any(|other| kind.eq_ignore_ascii_case(other)) => Stage::Other,
            Stage::Ids if !colon => {
                self.ids.push(word.text);
                Stage::Ids
            }
            Stage::Key => {
                let ids = std::mem::take(&mut self.ids);
                let span = word.start..word.start + word.text.len();
                self.entries.push(Entry { ids, written: word.text, span, line: word.line, column: word.column });
                Stage::Done
            }
            Stage::Done => {
                let message = "text after the key: enclose the key in quotes, of the kind that it does not contain";
                return Err(Fault::new(word.line, word.column, message));
            }
            _ => return Err(self.expected()),
        };
        Ok(())
    }

    fn finish(self) -> Result<Scanned<'t>, Fault> {
        if matches!(self.stage, Stage::Ids) && self.ids.is_empty() || matches!(self.stage, Stage::Other) {
            Ok(Scanned { entries: self.entries, unread: self.unread })
        } else {
            Err(self.expected())
        }
    }
}

/// The word that a text begins with, quotes included; `None`: the closing quote is missing.
fn token(text: &str) -> Option<&str> {
    match text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => text.get(..text.get(1..)?.find(quote)? + 2),
        None => {
            let word = text.get(..text.find(char::is_whitespace).unwrap_or(text.len()))?;
            // A colon may stand at the last identity.
            Some(word.strip_suffix(':').filter(|id| !id.is_empty() && !id.ends_with(':')).unwrap_or(word))
        }
    }
}
