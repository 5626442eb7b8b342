//! Keys out of `ipsec.secrets`.

use std::sync::Arc;

use super::super::Fault;
use super::super::swanctl::decode;
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

/// Reads `ipsec.secrets`: identities, a colon, `PSK`, the key.
pub(super) fn keys(text: &str) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = |message: &str| Fault::new(number + 1, 1, message);
        if line.starts_with("include") {
            return Err(fault("include is not followed"));
        }
        let (ids, rest) =
            line.split_once(": PSK").or_else(|| line.split_once(":PSK")).ok_or_else(|| fault("expected [IDS] : PSK \"KEY\""))?;
        let key = rest.trim();
        let key = match key.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
            Some(quote) => {
                let (key, rest) =
                    key.get(1..).and_then(|rest| rest.split_once(quote)).ok_or_else(|| fault("the key's quote is not closed"))?;
                let rest = rest.trim();
                if !rest.is_empty() && !rest.starts_with('#') {
                    return Err(fault("something follows the key: there is no way to write its own quote into it"));
                }
                key.to_owned()
            }
            None => decode(key).ok_or_else(|| fault("the key is not the hex or base64 that its prefix says"))?,
        };
        keys.push((ids.split_whitespace().map(Identity::parse).collect(), Arc::new(Secret::new(key))));
    }
    Ok(keys)
}
