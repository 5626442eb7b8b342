//! Identities: one setting of ours is two fields of the cloud, an address and a name, and a type selects one of them.

use serde_json::{Map, Value as Json};

use crate::error::Violation;
use crate::model::{Key, Settings, Term, Value, Word};
use crate::provider::Edit;
use crate::provider::field::{at, insert_at, take_at};
use crate::provider::rule::is_address;
use crate::provider::vocabulary::Vocabulary;

/// The fields of one side, at one of the two APIs.
#[derive(Debug)]
pub struct Side {
    /// Setting that holds the type.
    pub kind: Key,
    /// Setting that holds the identity.
    pub value: Key,
    /// Place of the type.
    pub kind_path: &'static str,
    /// Place of an address.
    pub address_path: &'static str,
    /// Place of a name.
    pub name_path: &'static str,
}

/// Both sides at API 3.0.
pub const V3: &[Side] = &[
    Side {
        kind: Key::LocalIdType,
        value: Key::LocalId,
        kind_path: "IKEOptionsSpecification.LocalIdentity",
        address_path: "IKEOptionsSpecification.LocalAddress",
        name_path: "IKEOptionsSpecification.LocalFqdnName",
    },
    Side {
        kind: Key::RemoteIdType,
        value: Key::RemoteId,
        kind_path: "IKEOptionsSpecification.RemoteIdentity",
        address_path: "IKEOptionsSpecification.RemoteAddress",
        name_path: "IKEOptionsSpecification.RemoteFqdnName",
    },
];

/// Both sides at API 2.0.
pub const V2: &[Side] = &[
    Side {
        kind: Key::LocalIdType,
        value: Key::LocalId,
        kind_path: "IKESet.localIdentity",
        address_path: "IKESet.localAddress",
        name_path: "IKESet.localFqdnName",
    },
    Side {
        kind: Key::RemoteIdType,
        value: Key::RemoteId,
        kind_path: "IKESet.remoteIdentity",
        address_path: "IKESet.remoteAddress",
        name_path: "IKESet.remoteFqdnName",
    },
];

/// Completes each identity that a change touches, so that type and value are sent together.
///
/// # Errors
/// What must be given as well.
pub fn complete(edit: &Edit<'_>) -> Result<Settings, Vec<Violation>> {
    let mut change = edit.change.clone();
    let mut violations = Vec::new();
    for side in V3 {
        match pair(edit, side) {
            Ok(Some((kind, value))) => {
                change.set(side.kind, Value::term(kind));
                change.set(side.value, Value::Text(value));
            }
            Ok(None) => {}
            Err(violation) => violations.push(violation),
        }
    }
    if violations.is_empty() { Ok(change) } else { Err(violations) }
}

fn pair(edit: &Edit<'_>, side: &Side) -> Result<Option<(Term, String)>, Violation> {
    let (given_kind, given) = (edit.change.term(side.kind), edit.change.text(side.value));
    let current = edit.current.map(|current| &current.settings);
    let current_kind = current.and_then(|current| current.term(side.kind));
    let (kind, value) = match (given_kind, given) {
        (None, None) => return Ok(None),
        (Some(kind), Some(value)) => (kind, value),
        (None, Some(value)) => (current_kind.unwrap_or(if is_address(value) { Term::Ip } else { Term::Fqdn }), value),
        (Some(kind), None) => {
            let kept = current.and_then(|current| current.text(side.value)).filter(|_| current_kind == Some(kind));
            let rule = || format!("must be given: the type {kind} needs its {}", if kind == Term::Ip { "address" } else { "name" });
            (kind, kept.ok_or_else(|| Violation::of(side.value, rule()))?)
        }
    };
    if kind == Term::Ip && !is_address(value) {
        let rule =
            format!("is not an address, and the type of this identity is ip: to send a name, give {} fqdn as well", side.kind.named());
        return Err(Violation { setting: side.value.named(), value: Some(value.to_owned()), rule });
    }
    Ok(Some((kind, value.to_owned())))
}

/// Moves names to the place for names: [`crate::provider::field::write_all`] has put every identity at the address.
pub fn place(sides: &[Side], settings: &Settings, root: &mut Map<String, Json>) {
    for side in sides {
        if settings.term(side.kind) == Some(Term::Fqdn)
            && let Some(name) = take_at(root, side.address_path)
        {
            insert_at(root, side.name_path, name);
        }
    }
}

/// Takes out the field that the type does not select, so that the other one is read as the identity. Returns what was
/// taken, with its place.
pub fn set_aside(sides: &[Side], kinds: &Vocabulary, root: &mut Map<String, Json>) -> Vec<(&'static str, Json)> {
    let mut aside = Vec::new();
    for side in sides {
        let whole = Json::Object(root.clone());
        let filled = |path: &str| at(&whole, path).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
        let kind = at(&whole, side.kind_path).and_then(Json::as_str).map(|text| kinds.read(text));
        let (chosen, other) = match kind {
            Some(Word::Known(Term::Fqdn)) => (side.name_path, side.address_path),
            _ => (side.address_path, side.name_path),
        };
        if filled(chosen)
            && filled(other)
            && let Some(json) = take_at(root, other)
        {
            aside.push((other, json));
        }
    }
    aside
}
