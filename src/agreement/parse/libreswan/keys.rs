//! Keys from an `ipsec.secrets`.

use std::sync::Arc;

use super::secrets::{Entry, scan};
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::swanctl::decode;
use crate::agreement::{End, IdKind, Identity, Psk};
use crate::model::Secret;

/// The identities that a key is for (none: for any), and the key.
pub(super) type Key = (Vec<Identity>, Arc<Secret>);

/// The key that an end uses with its peer: the one that names most of both identities.
pub(super) fn key(end: &End, secrets: &[Key]) -> Psk {
    let ids = [end.sends(), end.expects()];
    let score = |of: &[Identity]| ids.iter().flatten().filter(|id| of.contains(id)).count();
    let fits = secrets.iter().filter(|(of, _)| of.is_empty() || of.iter().any(|id| id.kind == IdKind::Any) || score(of) > 0);
    fits.max_by_key(|(of, _)| score(of)).map_or(Psk::Missing, |(_, secret)| Psk::of(Arc::clone(secret)))
}

/// All pre-shared keys of a file that includes no others.
pub(super) fn keys(text: &str) -> Result<Vec<Key>, Fault> {
    let scanned = scan(text)?;
    if let Some(unread) = scanned.unread.into_iter().next() {
        return Err(unread);
    }
    let key = |entry: &Entry<'_>| {
        let fault = || Fault::new(entry.line, entry.column, "the key starts with 0x or 0s, but is not valid hex or base64");
        let secret = entry.quoted().map_or_else(|| decode(entry.written).ok_or_else(fault), |text| Ok(Secret::new(text)))?;
        Ok((entry.ids.iter().map(|id| Identity::parse(id)).collect(), Arc::new(secret)))
    };
    scanned.entries.iter().map(key).collect()
}
