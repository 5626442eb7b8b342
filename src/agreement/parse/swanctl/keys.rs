//! Keys from the section `secrets`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::section::Section;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{End, IdKind, Identity, Peers, Psk};
use crate::model::Secret;

/// A key.
pub(super) struct Key {
    /// The identities that it is for; none: for any.
    ids: Vec<Identity>,
    secret: Arc<Secret>,
}

/// All pre-shared keys of a file.
pub(super) fn keys(root: &Section) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for section in root.section("secrets").into_iter().flat_map(|secrets| &secrets.sections) {
        if !section.name.starts_with("ike") {
            continue;
        }
        let setting = section.get("secret").ok_or_else(|| section.fault("the secret has no value"))?;
        let ids = section.settings.iter().filter(|setting| setting.name == "id" || setting.name.starts_with("id-"));
        let ids = ids.map(|setting| Identity::parse(&setting.value)).collect();
        let secret =
            decode(&setting.value).ok_or_else(|| setting.fault("the secret starts with 0x or 0s, but is not valid hex or base64"))?;
        keys.push(Key { ids, secret: Arc::new(secret) });
    }
    Ok(keys)
}

/// The bytes of a key. `0x` and `0s` are decoded even inside quotes, as strongSwan does; `None` where that fails.
pub(crate) fn bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let prefixed = |prefix: &str| text.split_at_checked(2).filter(|(start, _)| start.eq_ignore_ascii_case(prefix)).map(|(_, rest)| rest);
    Some(Zeroizing::new(if let Some(hex) = prefixed("0x") {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digits = Zeroizing::new(hex.bytes().map(|byte| digit(&byte)).collect::<Option<Vec<u8>>>()?);
        // With an odd number of digits the first one is a byte of its own: strongSwan fills from the right.
        let (odd, pairs) = digits.split_at_checked(digits.len() % 2)?;
        odd.iter().copied().chain(pairs.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | digit))).collect()
    } else if let Some(base64) = prefixed("0s") {
        STANDARD.decode(base64).ok()?
    } else {
        text.as_bytes().to_vec()
    }))
}

/// The key itself. Bytes that are not text are kept so that they can be compared.
pub(in crate::agreement::parse) fn decode(text: &str) -> Option<Secret> {
    let bytes = bytes(text)?;
    Some(match std::str::from_utf8(&bytes) {
        Ok(text) => Secret::new(text),
        Err(_) => Secret::new(bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
    })
}

/// Chooses the keys for the peer: those that name it, else those for anybody. The last one is sent.
pub(super) fn choose(end: &mut End, keys: &[Key]) {
    let peer = end.expects().filter(|id| id.kind != IdKind::Any);
    let address = match &end.peers {
        Peers::Listed(nets) => nets.first().map(|net| Identity::address(net.addr())),
        _ => None,
    };
    let sends = end.sends();
    let fits = |key: &&Key| {
        let names = |id: &Option<Identity>| id.as_ref().is_some_and(|id| key.ids.contains(id));
        names(&peer) || (peer.is_none() && names(&address)) || (names(&sends) && key.ids.len() == 1)
    };
    let mut found: Vec<Arc<Secret>> = keys.iter().filter(fits).map(|key| Arc::clone(&key.secret)).collect();
    if found.is_empty() {
        found = keys.iter().filter(|key| key.ids.is_empty()).map(|key| Arc::clone(&key.secret)).collect();
    }
    end.psk = found.pop().map_or(Psk::Missing, Psk::of);
    end.older_keys = found;
}
