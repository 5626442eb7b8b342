//! Keys out of `ipsec.secrets`.

use std::sync::Arc;

use super::super::Fault;
use super::super::swanctl::decode;
use super::secrets::{Entry, scan};
use crate::agreement::{End, IdKind, Identity, Psk};
use crate::model::Secret;

/// A key with the identities that it is for; none: for any.
pub(super) type Key = (Vec<Identity>, Arc<Secret>);

/// The key that an end uses with its peer.
pub(super) fn key(end: &End, secrets: &[Key]) -> Psk {
    let ids = [end.sends(), end.expects()];
    let score = |of: &[Identity]| ids.iter().flatten().filter(|id| of.contains(id)).count();
    let fits = secrets.iter().filter(|(of, _)| of.is_empty() || of.iter().any(|id| id.kind == IdKind::Any) || score(of) > 0);
    fits.max_by_key(|(of, _)| score(of)).map_or(Psk::Missing, |(_, secret)| Psk::Known(Arc::clone(secret)))
}

/// Reads `ipsec.secrets`.
pub(super) fn keys(text: &str) -> Result<Vec<Key>, Fault> {
    let scanned = scan(text)?;
    if let Some(unread) = scanned.unread.into_iter().next() {
        return Err(unread);
    }
    let key = |entry: &Entry<'_>| {
        let fault = || Fault::new(entry.line, entry.column, "the key is not the hex or base64 that its prefix says");
        let secret = entry.quoted().map_or_else(|| decode(entry.written).ok_or_else(fault), |text| Ok(Secret::new(text)))?;
        Ok((entry.ids.iter().map(|id| Identity::parse(id)).collect(), Arc::new(secret)))
    };
    scanned.entries.iter().map(key).collect()
}
