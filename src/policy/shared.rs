//! One pre-shared key for several tunnels.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::finding::{Advice, Changed, Finding};
use super::place::Place;
use super::rule::{Instead, Rule, Test, When};
use super::subject::{Subject, subjects};
use crate::model::{Connection, Key, Secret, Settings, Severity, Value};
use crate::provider::rule::is_address;

/// One key for tunnels between more than two parties.
pub(super) static SHARED: Rule = Rule {
    id: "audit/key-shared",
    source: "NIST SP 800-77r1 (pairwise keys)",
    keys: &[Key::Psk],
    when: When::Always,
    test: Test::Any,
    severity: Severity::Warn,
    what: "is also the key of another tunnel",
    instead: Instead::NewKey,
};

/// A tunnel, its key, and the outer addresses of its two parties.
#[derive(Debug)]
pub struct Holder {
    /// The place of the tunnel.
    pub place: Place,
    /// The key.
    pub key: Arc<Secret>,
    /// The addresses of both parties; `None` where one is not known.
    pub addresses: Option<BTreeSet<String>>,
    /// What is changed for a new key.
    pub modify: Option<Changed>,
}

/// The keys of a connection, one for each tunnel.
#[must_use]
pub fn holders(connection: &Connection) -> Vec<Holder> {
    let holder = |(subject, addresses): (Subject<'_>, Option<BTreeSet<String>>)| match subject.settings.get(Key::Psk) {
        Some(Value::Secret(key)) if key.is_readable() => {
            Some(Holder { place: subject.place, key: Arc::clone(key), addresses, modify: subject.modify })
        }
        _ => None,
    };
    subjects(connection).into_iter().zip(addresses(connection)).filter_map(holder).collect()
}

/// Keys that are used for more than one tunnel. The two ends of one tunnel rightly share their key. They are recognised by
/// their addresses, so a tunnel whose addresses are not known is left out.
#[must_use]
pub fn shared(holders: &[Holder]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for holder in holders {
        let Some(parties) = &holder.addresses else { continue };
        let others = holders.iter().filter(|other| other.addresses.as_ref().is_some_and(|theirs| theirs != parties));
        let names: Vec<String> = others.filter(|other| other.key.matches(&holder.key)).map(|other| other.place.to_string()).collect();
        if !names.is_empty() {
            findings.push(Finding {
                place: holder.place.clone(),
                rule: &SHARED,
                key: Key::Psk,
                value: Value::Secret(Arc::clone(&holder.key)).to_string(),
                what: format!("{}: {}", SHARED.what, names.join(", ")),
                replacement: Some("a new random key".to_owned()),
                advice: holder.modify.clone().map(|at| Advice { at, set: None }),
                within: Vec::new(),
            });
        }
    }
    findings
}

/// The outer addresses of each tunnel of a connection, in the order of [`subjects`].
fn addresses(connection: &Connection) -> Vec<Option<BTreeSet<String>>> {
    let pair = |own: Option<&String>, settings: &Settings| {
        let local = own.map(String::as_str).or_else(|| settings.text(Key::LocalId)).filter(|text| is_address(text));
        let remote = settings.text(Key::RemoteId).filter(|text| is_address(text));
        Some(BTreeSet::from([local?.to_owned(), remote?.to_owned()]))
    };
    if connection.tunnels.is_empty() {
        return vec![pair(connection.gateway_address.as_ref(), &connection.settings)];
    }
    connection.tunnels.iter().map(|tunnel| pair(tunnel.gateway_address.as_ref(), &tunnel.settings)).collect()
}
