//! RFC 9206, the CNSA suite for IPsec. No connection with a pre-shared key can comply with it, and none at Alibaba.

use crate::model::Severity::Error;
use crate::model::{Key, Term};
use crate::policy::rule::Instead::{Nothing, Word};
use crate::policy::rule::Rule;
use crate::policy::rule::Test::{Any, IsNot};
use crate::policy::rule::When::Always;

macro_rules! rules {
    ($($id:literal $keys:expr, $test:expr, $what:literal, $instead:expr;)*) => {
        &[$(Rule { id: concat!("cnsa/", $id), source: "RFC 9206", keys: $keys, when: Always, test: $test, severity: Error,
            what: $what, instead: $instead },)*]
    };
}

/// The rules.
pub(super) static RULES: &[Rule] = rules! {
    "cipher" &[Key::IkeEncryption, Key::IpsecEncryption], IsNot(&[Term::Aes256Gcm16]), "is not AES-256 in GCM", Word(&[Term::Aes256Gcm16]);
    "prf" &[Key::IkeIntegrity], IsNot(&[Term::Sha384, Term::Sha512]), "is not SHA-384 or SHA-512", Word(&[Term::Sha512, Term::Sha384]);
    "group" &[Key::IkeDhGroup, Key::IpsecPfs], IsNot(&[Term::Group15, Term::Group16, Term::Group20]), "is not group 20 (preferred), 15 or 16", Word(&[Term::Group20, Term::Group16, Term::Group15]);
    "version" &[Key::IkeVersion], IsNot(&[Term::Ikev2]), "is not IKEv2", Word(&[Term::Ikev2]);
    "key" &[Key::Psk], Any, "does not comply: a certificate with ECDSA-384 or RSA of 3072 bits is required", Nothing;
};
