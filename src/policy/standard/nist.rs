//! NIST SP 800-77r1 (2020), with SP 800-131Ar2 where it adds a date.

use crate::model::Severity::{Error, Info, Warn};
use crate::model::{Key, Term};
use crate::policy::key;
use crate::policy::rule::Instead::{NewKey, Nothing, Number, Word};
use crate::policy::rule::Test::{Above, Any, Is, Key as Check, Named, Zero};
use crate::policy::rule::When::{Always, Ikev1, PlainIpsec};
use crate::policy::rule::{Instead, Rule, rules};

const CIPHERS: &[Key] = &[Key::IkeEncryption, Key::IpsecEncryption];
const GROUPS: &[Key] = &[Key::IkeDhGroup, Key::IpsecPfs];
const CIPHER: Instead = Word(&[Term::Aes256Gcm16, Term::Aes256]);
const HASH: Instead = Word(&[Term::Sha256, Term::Sha512]);
const GROUP: Instead = Word(&[Term::Group19, Term::Group20, Term::Group15, Term::Group14]);

/// The rules. Of several rules about the word of a field, the worst comes first.
pub(super) static RULES: &[Rule] = rules! { "nist":
    "des" "SP 800-77r1 Table 1" CIPHERS, Always, Is(&[Term::Des]), Error, "is not on the list of approved algorithms", CIPHER;
    "3des" "SP 800-77r1 Table 1, SP 800-131Ar2" CIPHERS, Always, Is(&[Term::TripleDes]), Error, "is disallowed after 2023", CIPHER;
    "null" "SP 800-77r1 Table 1" &[Key::IpsecEncryption], Always, Is(&[Term::Null]), Warn, "is only for traffic that needs no confidentiality", CIPHER;
    "md5" "SP 800-77r1 Table 1" &[Key::IkeIntegrity], Always, Is(&[Term::Md5]), Error, "was never approved and shall not be used", HASH;
    "md5-ipsec" "SP 800-77r1 Table 1" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Md5]), Error, "was never approved and shall not be used", HASH;
    "no-integrity" "SP 800-77r1 Table 1" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::None, Term::Null]), Error, "is encryption without authentication", HASH;
    "sha1" "SP 800-77r1 Table 1" &[Key::IkeIntegrity], Always, Is(&[Term::Sha1]), Warn, "is legacy; NIST retires it by the end of 2030", HASH;
    "sha1-ipsec" "SP 800-77r1 Table 1" &[Key::IpsecIntegrity], PlainIpsec, Is(&[Term::Sha1]), Warn, "is legacy; NIST retires it by the end of 2030", HASH;
    "weak-group" "SP 800-77r1 chapter 3" GROUPS, Always, Is(&[Term::Group1, Term::Group2, Term::Group5]), Error, "is not approved: it has less than 112 bits of strength", GROUP;
    "other-cipher" "SP 800-77r1 Table 1" CIPHERS, Always, Named(&["chacha20poly1305", "camellia128", "camellia256"]), Warn, "is not on the list of approved algorithms", CIPHER;
    "group22" "SP 800-77r1 chapter 3" GROUPS, Always, Named(&["group22"]), Error, "is not approved: it has less than 112 bits of strength", GROUP;
    "group24" "SP 800-77r1 chapter 3, appendix A" GROUPS, Always, Is(&[Term::Group24]), Warn, "is not on the list of approved groups (14 to 21), although an example in the same document uses it", GROUP;
    "no-pfs" "SP 800-77r1 chapter 3" &[Key::IpsecPfs], Always, Is(&[Term::None]), Warn, "turns PFS off; NIST expects a group as strong as that of the IKE SA", GROUP;
    "aggressive" "SP 800-77r1 chapter 3" &[Key::IkeMode], Ikev1, Is(&[Term::Aggressive]), Error, "must not be used with a pre-shared key", Word(&[Term::Main]);
    "ikev1" "SP 800-77r1 chapter 3" &[Key::IkeVersion], Always, Is(&[Term::Ikev1]), Warn, "is legacy, and not for new installations", Word(&[Term::Ikev2]);
    "ike-lifetime" "SP 800-77r1 Table 1" &[Key::IkeLifetime], Always, Above(86_400), Warn, "is longer than 24 h", Number(86_400);
    "ipsec-lifetime" "SP 800-77r1 Table 1" &[Key::IpsecLifetime], Always, Above(28_800), Warn, "is longer than 8 h", Number(28_800);
    "no-lifetime" "SP 800-77r1 Table 1" &[Key::IkeLifetime, Key::IpsecLifetime], Always, Zero, Warn, "sets no limit", Number(28_800);
    "key-short" "SP 800-77r1 appendix A" &[Key::Psk], Always, Check(key::is_short), Warn, "has fewer than 32 characters", NewKey;
    "key-weak" "SP 800-77r1" &[Key::Psk], Always, Check(key::is_weak), Warn, "has fewer than 128 bits, by its length and characters", NewKey;
    "key" "SP 800-77r1" &[Key::Psk], Always, Any, Info, "is the least secure way to authenticate", Nothing;
};
