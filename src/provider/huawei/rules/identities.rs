//! The identities of both sides against their types.

use std::net::Ipv4Addr;

use super::case::Case;
use crate::model::{Key, Term};
use crate::provider::rule::is_address;

const TYPES: [Key; 2] = [Key::LocalIdType, Key::RemoteIdType];

/// Checks each side, then both together.
pub(super) fn check(case: &mut Case<'_>) {
    for (kind, id) in [(Key::LocalIdType, Key::LocalId), (Key::RemoteIdType, Key::RemoteId)] {
        side(case, kind, id);
    }
    both(case);
}

fn side(case: &mut Case<'_>, kind: Key, id: Key) {
    // With type ip the cloud stores an address by itself; a stored name was set by the user.
    let name_is_stored = case.after.text(id).is_some_and(|text| !is_address(text));
    if case.change.term(kind) == Some(Term::Fqdn) && !case.change.has(id) && !name_is_stored {
        case.forbid(id, format!("must be given with {} fqdn", kind.named()));
    }
    let Some(text) = case.change.text(id).map(str::to_owned) else { return };
    match case.after.term(kind) {
        Some(Term::Ip) if text.parse::<Ipv4Addr>().is_err() => {
            case.forbid(id, format!("must be an IPv4 address while the type is ip; to use a name, give {} fqdn", kind.named()));
        }
        Some(Term::Any) => case.warn(format!("{} has no effect while the type is any; give {} as well", id.named(), kind.named())),
        _ => {}
    }
    if text.contains('?') {
        case.warn(format!("{}: newer editions of the vendor's page forbid the question mark", id.named()));
    }
}

fn both(case: &mut Case<'_>) {
    let asked = case.changes_any(&TYPES) || case.changes_any(&[Key::LocalId, Key::RemoteId]);
    let both_ip = TYPES.iter().all(|kind| case.after.term(*kind) == Some(Term::Ip));
    let same = case.after.text(Key::LocalId).is_some_and(|id| case.after.text(Key::RemoteId) == Some(id));
    if asked && both_ip && same {
        let key = if case.change.has(Key::LocalId) { Key::LocalId } else { Key::RemoteId };
        case.forbid(key, "local and remote identity must differ when both are of type ip");
    }
}
