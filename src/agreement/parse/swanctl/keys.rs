//! Keys from the section `secrets`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::section::{Section, Setting};
use crate::agreement::Identity;
use crate::agreement::keyring::Held;
use crate::agreement::parse::fault::Fault;
use crate::model::Secret;

/// All pre-shared keys of the section `secrets`, and what strongSwan passes over there.
pub(super) fn keys(secrets: Option<&Section>) -> Result<(Vec<Held>, Vec<String>), Fault> {
    let (mut keys, mut notes) = (Vec::new(), Vec::new());
    for section in secrets.into_iter().flat_map(|secrets| &secrets.sections) {
        if !section.name.starts_with("ike") {
            continue;
        }
        let Some(setting) = section.get("secret") else {
            notes.push(section.fault(format!("{:?} has no secret: strongSwan passes over it", section.name)).to_string());
            continue;
        };
        let is_id = |name: &str| name.starts_with("id");
        // Of settings with one name the last counts.
        let last = |setting: &&Setting| section.get(&setting.name).is_some_and(|last| std::ptr::eq(last, *setting));
        let ids = section.settings.iter().filter(|setting| is_id(&setting.name)).filter(last);
        let ids = ids.map(|setting| Identity::parse(&setting.value)).collect();
        let secret =
            decode(&setting.value).ok_or_else(|| setting.fault("the secret starts with 0x or 0s, but is not valid hex or base64"))?;
        keys.push(Held { ids, secret: Arc::new(secret) });
    }
    Ok((keys, notes))
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
