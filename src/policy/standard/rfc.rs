//! The IETF's own requirements: RFC 8247 (IKEv2), RFC 8221 (ESP), RFC 9395 (IKEv1).
//!
//! MUST NOT is an error; SHOULD NOT and MUST- are warnings; an algorithm that the RFCs do not list is a MAY.

use crate::model::Severity::{Error, Info, Warn};
use crate::model::{Key, Term};
use crate::policy::rule::Instead::{Nothing, Word};
use crate::policy::rule::Test::{Is, Named};
use crate::policy::rule::When::{Always, PlainIpsec};
use crate::policy::rule::{Instead, Rule, rules};

const CIPHER: Instead = Word(&[Term::Aes256Gcm16, Term::Aes256]);
const HASH: Instead = Word(&[Term::Sha256, Term::Sha512]);
const GROUP: Instead = Word(&[Term::Group19, Term::Group14]);
const GROUPS: &[Key] = &[Key::IkeDhGroup, Key::IpsecPfs];

/// The rules. Of several rules about the word of a field, the worst comes first.
pub(super) static RULES: &[Rule] = rules! { "rfc":
    "des" "RFC 8247 2.1" &[Key::IkeEncryption], Always, Is(&[Term::Des, Term::Null]), Error, "MUST NOT be used", CIPHER;
    "des-ipsec" "RFC 8221 5" &[Key::IpsecEncryption], Always, Is(&[Term::Des]), Error, "MUST NOT be used", CIPHER;
    "3des" "RFC 8221 5" &[Key::IpsecEncryption], Always, Is(&[Term::TripleDes]), Warn, "SHOULD NOT be used", CIPHER;
    "md5" "RFC 8247 2.2 and 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Md5]), Error, "MUST NOT be used", HASH;
    "md5-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Md5]), Error, "MUST NOT be used", HASH;
    "no-integrity" "RFC 8221 4" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::None, Term::Null]), Error, "MUST NOT be used: it is encryption without authentication", HASH;
    "sha1" "RFC 8247 2.2 and 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Sha1]), Warn, "is MUST-: required now, but expected to be downgraded", HASH;
    "sha1-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha1]), Warn, "is MUST-: required now, but expected to be downgraded", HASH;
    "sha384" "RFC 8247 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Sha384]), Info, "is a MAY: the RFC does not list it", Nothing;
    "sha384-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha384]), Info, "is a MAY: the RFC does not list it", Nothing;
    "group1" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group1]), Error, "MUST NOT be used", GROUP;
    "group2" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group2]), Warn, "SHOULD NOT be used, and is expected to become MUST NOT", GROUP;
    "group5" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group5]), Warn, "SHOULD NOT be used", GROUP;
    "group22" "RFC 8247 2.4" GROUPS, Always, Named(&["group22"]), Error, "MUST NOT be used", GROUP;
    "group23" "RFC 8247 2.4" GROUPS, Always, Named(&["group23"]), Warn, "SHOULD NOT be used, and is expected to become MUST NOT", GROUP;
    "group24" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group24]), Warn, "SHOULD NOT be used, and is expected to become MUST NOT", GROUP;
    "unlisted-group" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group15, Term::Group16, Term::Group20, Term::Group21]), Info, "is a MAY: the RFC does not list it", Nothing;
    "ikev1" "RFC 9395" &[Key::IkeVersion], Always, Is(&[Term::Ikev1]), Warn, "is deprecated; its RFCs are historic", Word(&[Term::Ikev2]);
};
