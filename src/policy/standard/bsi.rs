//! BSI TR-02102-3. Advisory: its change history was read, but not its tables, so no finding is more than a warning.

use crate::model::Severity::Warn;
use crate::model::{Key, Term};
use crate::policy::rule::Instead::{Number, Word};
use crate::policy::rule::Test::{Above, IsNot};
use crate::policy::rule::When::{Always, PlainIpsec};
use crate::policy::rule::{Instead, Rule};

macro_rules! rules {
    ($($id:literal $keys:expr, $when:expr, $test:expr, $what:literal, $instead:expr;)*) => {
        &[$(Rule { id: concat!("bsi/", $id), source: "BSI TR-02102-3, unverified reading", keys: $keys, when: $when, test: $test,
            severity: Warn, what: concat!($what, " (unverified reading)"), instead: $instead },)*]
    };
}

const HASH: Instead = Word(&[Term::Sha256, Term::Sha512]);
const AES: &[Term] = &[Term::Aes128, Term::Aes192, Term::Aes256, Term::Aes128Gcm16, Term::Aes192Gcm16, Term::Aes256Gcm16];
const SHA2: &[Term] = &[Term::Sha256, Term::Sha384, Term::Sha512];

/// The rules.
pub(super) static RULES: &[Rule] = rules! {
    "cipher" &[Key::IkeEncryption, Key::IpsecEncryption], Always, IsNot(AES), "is not listed", Word(&[Term::Aes256Gcm16, Term::Aes256]);
    "hash" &[Key::IkeIntegrity], Always, IsNot(SHA2), "is not listed; SHA-1 was dropped in 2020", HASH;
    "hash-ipsec" &[Key::IpsecIntegrity], PlainIpsec, IsNot(SHA2), "is not listed; SHA-1 was dropped in 2020", HASH;
    "group" &[Key::IkeDhGroup, Key::IpsecPfs], Always, IsNot(&[Term::Group15, Term::Group16, Term::Group19, Term::Group20, Term::Group21]), "is below 3000 bits, or PFS is off; how long group 14 is acceptable is disputed", Word(&[Term::Group20, Term::Group19, Term::Group16, Term::Group15]);
    "version" &[Key::IkeVersion], Always, IsNot(&[Term::Ikev2]), "is not IKEv2, the only version that the guideline covers", Word(&[Term::Ikev2]);
    "ike-lifetime" &[Key::IkeLifetime], Always, Above(86_400), "is longer than 24 h", Number(86_400);
    "ipsec-lifetime" &[Key::IpsecLifetime], Always, Above(14_400), "is longer than 4 h", Number(14_400);
};
