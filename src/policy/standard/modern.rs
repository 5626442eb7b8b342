//! The default policy: what most standards agree on, without waiting for the slowest.

use crate::model::Severity::{Error, Info, Warn};
use crate::model::{Key, Term};
use crate::policy::key;
use crate::policy::rule::Instead::{NewKey, Nothing, Number, Word};
use crate::policy::rule::Test::{Above, Is, Key as Check, Named, Zero};
use crate::policy::rule::When::{AeadOffered, Always, Ikev1, PlainIpsec};
use crate::policy::rule::{Instead, Rule, rules};

const CIPHERS: &[Key] = &[Key::IkeEncryption, Key::IpsecEncryption];
const GROUPS: &[Key] = &[Key::IkeDhGroup, Key::IpsecPfs];
const LIFETIMES: &[Key] = &[Key::IkeLifetime, Key::IpsecLifetime];
const CIPHER: Instead = Word(&[Term::Aes256Gcm16, Term::Aes256]);
const HASH: Instead = Word(&[Term::Sha256, Term::Sha512]);
const GROUP: Instead = Word(&[Term::Group20, Term::Group19, Term::Group16, Term::Group15, Term::Group14]);

/// The rules. Of several rules about the word of a field, the worst comes first.
pub(super) static RULES: &[Rule] = rules! { "modern":
    "des" "RFC 8247 2.1, RFC 8221 5" CIPHERS, Always, Is(&[Term::Des]), Error, "is broken: its keys have only 56 bits", CIPHER;
    "null" "RFC 8221 5" &[Key::IpsecEncryption], Always, Is(&[Term::Null]), Error, "leaves the traffic unencrypted", CIPHER;
    "3des" "RFC 8221 5, NIST SP 800-131Ar2" CIPHERS, Always, Is(&[Term::TripleDes]), Warn, "has 64-bit blocks, and NIST disallows it after 2023", CIPHER;
    "aes128" "RFC 8247 2.1, RFC 8221 5" CIPHERS, Always, Is(&[Term::Aes128, Term::Aes128Gcm16]), Info, "is sound, but 256 bits cost little more", CIPHER;
    "cbc" "RFC 8221 5" CIPHERS, AeadOffered, Is(&[Term::Aes192, Term::Aes256]), Info, "is CBC, but the cloud offers an authenticated cipher", CIPHER;
    "md5" "RFC 8247 2.2 and 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Md5]), Error, "is broken and must not be used", HASH;
    "md5-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Md5]), Error, "is broken and must not be used", HASH;
    "no-integrity" "RFC 8221 4" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::None, Term::Null]), Error, "is encryption without authentication", HASH;
    "sha1" "RFC 8247 2.2 and 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Sha1]), Warn, "is being retired", HASH;
    "sha1-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha1]), Warn, "is being retired", HASH;
    "sha384" "RFC 8247 2.3" &[Key::IkeIntegrity], Always, Is(&[Term::Sha384]), Info, "is sound, but the RFCs do not list it", Nothing;
    "sha384-ipsec" "RFC 8221 6" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha384]), Info, "is sound, but the RFCs do not list it", Nothing;
    "weak-group" "RFC 8247 2.4, NIST SP 800-77r1" GROUPS, Always, Is(&[Term::Group1, Term::Group2, Term::Group5]), Error, "is weak enough for an attacker to break", GROUP;
    "group22" "RFC 8247 2.4" GROUPS, Always, Named(&["group22"]), Error, "must not be used: it has only 1024 bits", GROUP;
    "group23" "RFC 8247 2.4" GROUPS, Always, Named(&["group23"]), Warn, "should not be used", GROUP;
    "group24" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group24]), Warn, "should not be used; the standards disagree on how strongly", GROUP;
    "group14" "RFC 8247 2.4" GROUPS, Always, Is(&[Term::Group14]), Info, "is required by the RFC, but has less than 120 bits of strength", Word(&[Term::Group20, Term::Group19, Term::Group16, Term::Group15]);
    "no-pfs" "NIST SP 800-77r1" &[Key::IpsecPfs], Always, Is(&[Term::None]), Warn, "lets one broken key expose all traffic of its IKE SA", GROUP;
    "aggressive" "RFC 9395, NIST SP 800-77r1" &[Key::IkeMode], Ikev1, Is(&[Term::Aggressive]), Error, "exposes a hash of the key, which can be cracked offline", Word(&[Term::Main]);
    "ikev1" "RFC 9395" &[Key::IkeVersion], Always, Is(&[Term::Ikev1]), Warn, "is deprecated; its RFCs are historic", Word(&[Term::Ikev2]);
    "ike-lifetime" "NIST SP 800-77r1 Table 1" &[Key::IkeLifetime], Always, Above(86_400), Warn, "is longer than 24 h", Number(86_400);
    "ipsec-lifetime" "NIST SP 800-77r1 Table 1" &[Key::IpsecLifetime], Always, Above(28_800), Warn, "is longer than 8 h", Number(28_800);
    "no-lifetime" "NIST SP 800-77r1 Table 1" LIFETIMES, Always, Zero, Warn, "sets no limit", Number(28_800);
    "key-documented" "NIST SP 800-77r1" &[Key::Psk], Always, Check(key::is_documented), Error, "is published in a vendor's documentation", NewKey;
    "key-short" "NIST SP 800-77r1 appendix A" &[Key::Psk], Always, Check(key::is_short), Warn, "has fewer than 32 characters", NewKey;
    "key-weak" "NIST SP 800-77r1" &[Key::Psk], Always, Check(key::is_weak), Warn, "has fewer than 128 bits, by its length and characters", NewKey;
    "key-one-class" "NIST SP 800-77r1" &[Key::Psk], Always, Check(key::is_monotonous), Warn, "has characters of only one class", NewKey;
    "key-prefix" "strongSwan and AWS documentation" &[Key::Psk], Always, Check(key::has_prefix), Warn, "starts with 0, which some peers refuse or read as hex or base64", NewKey;
    "key-pasted" "NIST SP 800-77r1" &[Key::Psk], Always, Check(key::is_pasted), Warn, "has leading or trailing blanks, or characters that are not printable ASCII", NewKey;
};
