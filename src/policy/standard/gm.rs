//! Chinese national algorithms, for ShangMi gateways. Advisory: GM/T 0022 was not read.

use crate::model::Severity::Warn;
use crate::model::{Key, Term};
use crate::policy::rule::Instead::Word;
use crate::policy::rule::Rule;
use crate::policy::rule::Test::IsNot;
use crate::policy::rule::When::Always;

macro_rules! rules {
    ($($id:literal $keys:expr, $words:expr, $what:literal, $instead:expr;)*) => {
        &[$(Rule { id: concat!("gm/", $id), source: "GM/T 0022, unverified reading", keys: $keys, when: Always, test: IsNot($words),
            severity: Warn, what: concat!($what, " (unverified reading)"), instead: Word($instead) },)*]
    };
}

/// The rules.
pub(super) static RULES: &[Rule] = rules! {
    "cipher" &[Key::IkeEncryption, Key::IpsecEncryption], &[Term::Sm4], "is not SM4", &[Term::Sm4];
    "hash" &[Key::IkeIntegrity, Key::IpsecIntegrity], &[Term::Sm3], "is not SM3", &[Term::Sm3];
    "version" &[Key::IkeVersion], &[Term::Ikev1], "is not IKEv1, the only version that the national gateways use", &[Term::Ikev1];
};
