//! Gateways of flavour GM (Chinese national cryptography) have their own algorithms and little choice beside them.

use super::case::Case;
use crate::model::{Key, Term};

/// The settings that have just one value on such a gateway.
const ONLY: &[(Key, Term)] = &[
    (Key::IkeVersion, Term::Ikev1),
    (Key::IkeMode, Term::Main),
    (Key::IkeIntegrity, Term::Sm3),
    (Key::IkeEncryption, Term::Sm4),
    (Key::IpsecIntegrity, Term::Sm3),
    (Key::IpsecEncryption, Term::Sm4),
];

/// The settings that cannot be modified on such a gateway.
pub(in crate::provider::huawei) const UNCHANGEABLE: &[Key] =
    &[Key::IkeDhGroup, Key::LocalIdType, Key::LocalId, Key::RemoteIdType, Key::RemoteId, Key::IpsecPfs];

/// Checks a change for the flavour of the gateway.
pub(super) fn check(case: &mut Case<'_>) {
    if case.known.gm == Some(true) {
        on_gm(case);
    } else {
        elsewhere(case);
    }
}

fn on_gm(case: &mut Case<'_>) {
    for (key, only) in ONLY {
        if case.change.has(*key) && case.change.term(*key) != Some(*only) {
            case.forbid(*key, format!("can only be {only} on a gateway of flavour GM"));
        }
    }
    case.forbid_each(UNCHANGEABLE, "cannot be modified on a gateway of flavour GM");
    if case.change.has(Key::Psk) {
        case.warn("a gateway of flavour GM authenticates with certificates and does not use the pre-shared key");
    }
}

/// The gateway is of another flavour, or its flavour is not known.
fn elsewhere(case: &mut Case<'_>) {
    for (key, _) in ONLY {
        let Some(term @ (Term::Sm3 | Term::Sm4)) = case.change.term(*key) else { continue };
        if case.known.gm == Some(false) {
            case.forbid(*key, format!("{term} is for gateways of flavour GM, and this connection is not on one"));
        } else {
            case.warn(format!("{} {term} is for gateways of flavour GM only", key.named()));
        }
    }
}
