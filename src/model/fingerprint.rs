//! Fingerprints of keys: enough to tell two keys apart, not enough to guess one.
//!
//! A fingerprint is the first eight hex digits of HMAC-SHA-256 under a random key of this installation, so a weak
//! pre-shared key cannot be guessed from a log by whoever does not have that key.

use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::hex;
use super::secret::Secret;

static KEY: OnceLock<[u8; 32]> = OnceLock::new();

/// Gives the installation's key, once, before the first fingerprint. Later calls change nothing.
pub fn install_key(key: [u8; 32]) {
    let _ = KEY.set(key);
}

/// A fingerprint of eight hex digits. Without [`install_key`] it holds for this process only.
#[must_use]
pub fn fingerprint(secret: &Secret) -> String {
    let key = KEY.get_or_init(|| {
        let mut key = [0; 32];
        // Without the system's generator the key stays zero: still a fingerprint, only guessable.
        let _ = getrandom::fill(&mut key);
        key
    });
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(secret.expose().as_bytes());
    hex(mac.finalize().into_bytes().as_slice()).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_have_equal_fingerprints_and_others_do_not() {
        assert_eq!(fingerprint(&Secret::new("one")), fingerprint(&Secret::new("one")));
        assert_ne!(fingerprint(&Secret::new("one")), fingerprint(&Secret::new("two")));
        assert_eq!(fingerprint(&Secret::new("one")).len(), 8);
    }
}
