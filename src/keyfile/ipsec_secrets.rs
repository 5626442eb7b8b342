//! The keys of an `ipsec.secrets`: `@a @b : PSK "..."`.

use zeroize::Zeroizing;

use super::candidate::{Candidate, Found};
use crate::agreement::parse::Fault;
use crate::agreement::parse::libreswan::scan;
use crate::agreement::parse::swanctl::bytes;

/// Finds all pre-shared keys.
pub(super) fn find(text: &str) -> Result<Found, Fault> {
    let scanned = scan(text)?;
    let candidates = scanned.entries.iter().map(|entry| {
        let key = match entry.quoted() {
            // In this file, neither Libreswan nor strongSwan decodes a key in quotes.
            Some(text) => Some(Zeroizing::new(text.as_bytes().to_vec())),
            None => bytes(entry.written),
        };
        let mut ids: Vec<String> = entry.ids.iter().map(|id| (*id).to_owned()).collect();
        let name = if ids.is_empty() { "%any".to_owned() } else { ids.join(" ") };
        ids.sort_unstable();
        Candidate { name, line: entry.line, column: entry.column, span: entry.span.clone(), ids, key }
    });
    Ok(Found { candidates: candidates.collect(), unread: scanned.unread })
}
