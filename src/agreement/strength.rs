//! How strong an algorithm is among those of its kind.

use crate::model::Term;

/// The strength of a word among those of its kind; 0 for what is never suggested (broken, or for certain gateways only).
/// AEAD comes before CBC, group 20 first, and group 24 or a weaker one only where nothing else is common.
#[must_use]
pub(super) const fn strength(term: Term) -> u8 {
    match term {
        Term::Aes256Gcm16 | Term::Sha512 | Term::Group20 | Term::Ikev2 => 100,
        Term::Aes192Gcm16 | Term::Group21 => 95,
        Term::Aes128Gcm16 | Term::Sha384 | Term::Group16 => 90,
        Term::Aes256 | Term::Group19 => 80,
        Term::Aes192 | Term::Sha256 | Term::Group15 => 70,
        Term::Aes128 | Term::Group14 => 60,
        Term::Ikev1 => 50,
        Term::Group24 => 40,
        Term::Sha1 | Term::TripleDes | Term::Group5 => 30,
        Term::Group2 => 20,
        Term::Md5 | Term::Group1 | Term::Des => 10,
        _ => 0,
    }
}
