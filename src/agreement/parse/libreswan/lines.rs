//! The keys of an `ipsec.secrets` as Libreswan reads them: what is written wrong gives no key, and stops nothing.
//!
//! An entry begins with a line that has no blank before it, and goes on with all lines that have.

use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::swanctl::decode;
use crate::model::Secret;

/// Kinds of secrets other than pre-shared keys.
const OTHERS: &[&str] = &["rsa", "ecdsa", "pkcs8", "pkcs12", "p12", "pin", "xauth", "eap", "ntlm", "ppks", "bliss"];

/// A pre-shared key, and the identities that it is for, as they are written.
pub(super) struct Entry<'t> {
    pub(super) ids: Vec<&'t str>,
    pub(super) key: Secret,
}

/// What a text has at one place.
pub(super) enum Item<'t> {
    Entry(Entry<'t>),
    /// An entry that gives no key, with its rule.
    Broken(Fault),
    /// The files that a pattern names, from a line on.
    Include(&'t str, usize),
}

/// A word and its place.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    line: usize,
    column: usize,
    /// Whether the closing quote is missing.
    open: bool,
}

impl Word<'_> {
    fn fault(&self, rule: &str) -> Fault {
        Fault::new(self.line, self.column, rule)
    }
}

/// Reads all entries.
pub(super) fn lines(text: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut entry: Vec<Word<'_>> = Vec::new();
    let mut begun = false;
    for (number, line) in text.lines().enumerate() {
        let found = words(line, number + 1);
        let Some(first) = found.first() else { continue };
        if first.column == 1 {
            items.extend(item(&std::mem::take(&mut entry)));
            begun = true;
        } else if !begun {
            let rule = "a blank before the first entry: Libreswan takes the line as the rest of an entry, and there is none";
            items.push(Item::Broken(first.fault(rule)));
            continue;
        }
        entry.extend(found);
    }
    items.extend(item(&entry));
    items
}

/// What the words of one entry are; `None`: nothing, or a secret of another kind.
fn item<'t>(words: &[Word<'t>]) -> Option<Item<'t>> {
    let first = words.first()?;
    if first.text.eq_ignore_ascii_case("include") {
        return Some(Item::Include(words.get(1).map_or("", |word| word.text.trim_matches('"')), first.line));
    }
    match read(words) {
        Ok(entry) => entry.map(Item::Entry),
        Err(fault) => Some(Item::Broken(fault)),
    }
}

/// Reads an entry; `None`: a secret of another kind.
fn read<'t>(words: &[Word<'t>]) -> Result<Option<Entry<'t>>, Fault> {
    let Some(first) = words.first() else { return Ok(None) };
    let Some(colon) = words.iter().position(|word| word.text == ":") else {
        let glued = words.iter().find(|word| word.text.len() > 1 && word.text.starts_with(':'));
        return Err(glued.map_or_else(
            || first.fault("there is no colon before PSK, so this gives no key: expected [IDS] : PSK \"KEY\""),
            |word| word.fault("no blank stands behind the colon, so this gives no key: expected [IDS] : PSK \"KEY\""),
        ));
    };
    let ids = words.get(..colon).unwrap_or_default().iter().map(|word| word.text).collect();
    let mut rest = words.get(colon + 1..).unwrap_or_default().iter();
    let Some(kind) = rest.next() else { return Err(first.fault("there is nothing behind the colon, so this gives no key")) };
    if OTHERS.iter().any(|other| kind.text.eq_ignore_ascii_case(other)) {
        return Ok(None);
    }
    if !kind.text.eq_ignore_ascii_case("psk") {
        return Err(kind.fault("expected PSK behind the colon, so this gives no key"));
    }
    let Some(key) = rest.next() else { return Err(kind.fault("there is no key behind PSK")) };
    if key.open {
        return Err(key.fault("the closing quote of the key is missing, so this gives no key"));
    }
    if let Some(more) = rest.next() {
        return Err(
            more.fault("something stands behind the key, so this gives no key; a line that begins with a blank belongs to the one before")
        );
    }
    let quoted = key.text.starts_with(['"', '\'']).then(|| key.text.get(1..key.text.len() - 1)).flatten();
    let secret = match (quoted, key.text.strip_prefix("0t")) {
        (Some(text), _) | (None, Some(text)) => Some(Secret::new(text)),
        (None, None) if ["0x", "0X", "0s", "0S"].iter().any(|prefix| key.text.starts_with(prefix)) => decode(key.text),
        (None, None) => None,
    };
    let secret = secret.ok_or_else(|| key.fault("the key is neither in quotes nor valid 0x or 0s, so this gives no key"))?;
    Ok(Some(Entry { ids, key: secret }))
}

/// The words of a line, up to a comment. A colon at the end of a word is a word of its own.
fn words(line: &str, number: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            return words;
        }
        let column = line.chars().count() - rest.chars().count() + 1;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'') && column > 1);
        let closing = quote.and_then(|quote| rest.get(1..)?.find(quote));
        let end = match (quote, closing) {
            (Some(_), Some(closing)) => closing + 2,
            (Some(_), None) => rest.len(),
            (None, _) if rest.starts_with("0t") => rest.trim_end().len(),
            (None, _) => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (text, behind) = rest.split_at(end);
        let word = Word { text, line: number, column, open: quote.is_some() && closing.is_none() };
        match text.strip_suffix(':').filter(|id| quote.is_none() && !id.is_empty()) {
            Some(id) => words.extend([Word { text: id, ..word }, Word { text: ":", column: column + id.chars().count(), ..word }]),
            None => words.push(word),
        }
        rest = behind;
    }
}
