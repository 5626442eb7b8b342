//! A file whose only line is the key.

use zeroize::Zeroizing;

use super::candidate::{Candidate, Found};
use crate::agreement::parse::Fault;

/// Finds the key: everything but the line end, which editors and `echo` add.
pub(super) fn find(text: &str, name: Option<&str>) -> Result<Found, Fault> {
    if let Some(name) = name {
        return Err(Fault::new(1, 1, format!("this is a plain key file, whose key has no name: leave out :{name}")));
    }
    let key = text.strip_suffix('\n').unwrap_or(text);
    let key = key.strip_suffix('\r').unwrap_or(key);
    let bytes = Some(Zeroizing::new(key.as_bytes().to_vec()));
    let only = Candidate { name: String::new(), line: 1, column: 1, span: 0..key.len(), ids: Vec::new(), key: bytes };
    Ok(Found { candidates: vec![only], unread: Vec::new() })
}
