//! Fingerprints of keys: they tell keys apart, and do not help to guess one.
//!
//! A fingerprint is the first eight hex digits of HMAC-SHA-256 under a random key of this installation. Whoever lacks that
//! key cannot guess a weak pre-shared key from a log.

use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::hex;
use super::secret::Secret;

/// The installation's key.
static KEY: OnceLock<[u8; 32]> = OnceLock::new();

/// Sets the installation's key before the first fingerprint is made. Later calls have no effect.
pub fn install_key(key: [u8; 32]) {
    let _ = KEY.set(key);
}

/// A fingerprint of eight hex digits. Without [`install_key`], it is valid for this process only.
#[must_use]
pub fn fingerprint(secret: &Secret) -> String {
    let key = KEY.get_or_init(|| {
        let mut key = [0; 32];
        // Without the system's random numbers the key is zero: the fingerprint still works, but is easier to guess.
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
    fn equal_keys_have_equal_fingerprints_and_different_keys_different_ones() {
        assert_eq!(fingerprint(&Secret::new("one")), fingerprint(&Secret::new("one")));
        assert_ne!(fingerprint(&Secret::new("one")), fingerprint(&Secret::new("two")));
        assert_eq!(fingerprint(&Secret::new("one")).len(), 8);
    }
}
