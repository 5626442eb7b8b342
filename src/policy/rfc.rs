//! The IETF's own words alone: RFC 8247 (IKEv2), RFC 8221 (ESP), RFC 9395 (IKEv1).
//! MUST NOT is an error; SHOULD NOT and MUST- are warnings; an algorithm without a row is a MAY.

use super::Instead::Word;
use super::Rule;
use super::Severity::{Error, Info, Warn};
use super::Test::{Is, Named};
use super::When::{Always, PlainIpsec};
use crate::model::{Key, Term};

const CIPHER: super::Instead = Word(&[Term::Aes256Gcm16, Term::Aes256]);
const HASH: super::Instead = Word(&[Term::Sha256, Term::Sha512]);
const GROUP: super::Instead = Word(&[Term::Group19, Term::Group14]);
const GROUPS: &[Key] = &[Key::IkeDhGroup, Key::IpsecPfs];

macro_rules! rules {
    ($($id:literal $source:literal $keys:expr, $when:expr, $test:expr, $severity:expr, $what:literal, $instead:expr;)*) => {
        &[$(Rule { id: concat!("rfc/", $id), source: $source, keys: $keys, when: $when, test: $test, severity: $severity,
            what: $what, instead: $instead },)*]
    };
}

/// The rules; of those about one field's word, the worst first.
pub(super) static RULES: &[Rule] = rules! {
    "des" "RFC 8247 2.1" &[Key::IkeEncryption], Always, Is(&[Term::Des, Term::Null]), Error, "MUST NOT", CIPHER;
    "des-ipsec" "RFC 8221 5" &[Key::IpsecEncryption], Always, Is(&[Term::Des]), Error, "MUST NOT", CIPHER;
    "3des" "RFC 8221 5" &[Key::IpsecEncryption], Always, Is(&[Term::TripleDes]), Warn, "SHOULD NOT", CIPHER;
    "md5" "RFC 8247 2.2 and 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Md5]), Error, "MUST NOT", HASH;
    "md5-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Md5]), Error, "MUST NOT", HASH;
    "no-integrity" "RFC 8221 4" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::None, Term::Null]), Error, "MUST NOT: encryption without authentication", HASH;
    "sha1" "RFC 8247 2.2 and 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Sha1]), Warn, "MUST-: a must that is expected to fall", HASH;
    "sha1-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha1]), Warn, "MUST-: a must that is expected to fall", HASH;
    "sha384" "RFC 8247 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Sha384]), Info, "MAY (not listed)", super::Instead::Nothing;
    "sha384-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha384]), Info, "MAY (not listed)", super::Instead::Nothing;
    "group1" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group1]), Error, "MUST NOT", GROUP;
    "group2" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group2]), Warn, "SHOULD NOT, expected to become MUST NOT", GROUP;
    "group5" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group5]), Warn, "SHOULD NOT", GROUP;
    "group22" "RFC 8247 2.4" GROUPS, Always, Named(&["group22"]), Error, "MUST NOT", GROUP;
    "group23" "RFC 8247 2.4" GROUPS, Always, Named(&["group23"]), Warn, "SHOULD NOT, expected to become MUST NOT", GROUP;
    "group24" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group24]), Warn, "SHOULD NOT, expected to become MUST NOT", GROUP;
    "unlisted-group" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group15, Term::Group16, Term::Group20, Term::Group21]), Info, "MAY (not listed)", super::Instead::Nothing;
    "ikev1" "RFC 9395" &[Key::IkeVersion], Always, Is(&[Term::Ikev1]), Warn, "is deprecated, its RFCs are historic", Word(&[Term::Ikev2]);
};
