//! The strength of a pre-shared key that is at hand. Nothing here repeats a part of one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Finding, Instead, Place, Rule, Severity, Subject, Test, When, subjects};
use crate::model::{Connection, Key, Secret, Settings, Value};
use crate::provider::rule::is_address;

/// Keys that stand in the vendors' documentation, samples and providers.
const DOCUMENTED: [&str; 6] = ["Test@123", "1234****", "tencenttest", "pgw6dy7d1i8in7x5", "Example-Psk-2026", "123456****"];

/// Whether everybody can read this key in a vendor's documentation.
pub(super) fn is_documented(key: &str) -> bool {
    DOCUMENTED.contains(&key)
}

/// NIST SP 800-77r1 appendix A advises 32 random characters.
pub(super) fn is_short(key: &str) -> bool {
    key.chars().count() < 32
}

/// Fewer than 128 bits, as far as the characters can tell: an upper bound, a phrase has less.
pub(super) fn is_weak(key: &str) -> bool {
    let length = u32::try_from(key.chars().count()).unwrap_or(u32::MAX);
    let distinct = u32::try_from(key.chars().collect::<BTreeSet<_>>().len()).unwrap_or(u32::MAX);
    let pool: u32 = classes(key).iter().zip([26, 26, 10, 33]).filter(|(used, _)| **used).map(|(_, size)| size).sum();
    // A few characters over and over are not drawn from the whole class.
    let pool = if distinct * 4 <= length { distinct } else { pool };
    // 128 bits are reached where there are more keys than 128 bits can count: no logarithm, and no library for one.
    u128::from(pool).checked_pow(length).is_some()
}

/// One class of characters only.
pub(super) fn is_monotonous(key: &str) -> bool {
    classes(key).iter().filter(|class| **class).count() == 1
}

/// A prefix that the daemons' files, or AWS, take for something else.
pub(super) fn has_prefix(key: &str) -> bool {
    key.starts_with('0')
}

/// Blanks at an end, control characters, or characters that are not ASCII: what pasting leaves behind.
pub(super) fn is_pasted(key: &str) -> bool {
    key.trim() != key || key.chars().any(|c| c.is_control() || !c.is_ascii())
}

fn classes(key: &str) -> [bool; 4] {
    let has = |class: fn(char) -> bool| key.chars().any(class);
    let other = |c: char| !c.is_ascii_alphanumeric();
    [has(|c| c.is_ascii_lowercase()), has(|c| c.is_ascii_uppercase()), has(|c| c.is_ascii_digit()), has(other)]
}

/// One key on tunnels between more than two parties.
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

/// A tunnel with its key and the outer addresses of its two parties.
#[derive(Debug)]
pub struct Holder {
    /// Where it is.
    pub place: Place,
    /// The key.
    pub key: Arc<Secret>,
    /// The addresses of both parties; `None` where one is not known.
    pub addresses: Option<BTreeSet<String>>,
    /// The command that changes it, without its settings.
    pub modify: Option<String>,
}

/// The keys of a connection, one a tunnel.
#[must_use]
pub fn holders(connection: &Connection) -> Vec<Holder> {
    let holder = |(subject, addresses): (Subject<'_>, Option<BTreeSet<String>>)| match subject.settings.get(Key::Psk) {
        Some(Value::Secret(key)) if !key.expose().is_empty() => {
            Some(Holder { place: subject.place, key: Arc::clone(key), addresses, modify: subject.modify })
        }
        _ => None,
    };
    subjects(connection).into_iter().zip(addresses(connection)).filter_map(holder).collect()
}

/// Keys that serve more than one tunnel. The two ends of one tunnel share theirs rightly: they are told by their
/// addresses, so a tunnel whose addresses are not known is left out.
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
                command: holder.modify.as_ref().map(|modify| format!("{modify} --psk-generate --psk-out FILE")),
                within: Vec::new(),
            });
        }
    }
    findings
}

/// The outside addresses of each tunnel of a connection, in the order of [`subjects`].
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

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.tunnel {
            Some(tunnel) => write!(out, "{} {tunnel}", self.reference),
            None => out.write_str(&self.reference),
        }
    }
}
