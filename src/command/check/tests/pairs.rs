//! Pairs of ends of every kind, which differ in up to three things.

use super::random::Random;
use super::spec::Spec;
use super::written::{Written, libreswan, swanctl, toml};
use crate::agreement::{End, ends};
use crate::emulator::read_connection;
use crate::model::{Connection, Key, PolicyRule, Settings, Term, Value};
use crate::provider::field::field;
use crate::provider::{PROVIDERS, seeded};

/// What an end is made as.
#[derive(Debug, Clone)]
pub(super) enum Made {
    /// A connection of a cloud.
    Cloud(Box<Connection>),
    /// A file.
    File(Written),
}

/// Two ends, and what they were made from.
pub(super) struct Pair {
    pub(super) left: End,
    pub(super) right: End,
    pub(super) made: [Made; 2],
}

/// The kinds of pairs: each letter an end: cloud, strongSwan, Libreswan, TOML.
pub(super) const KINDS: &[&str] = &["cc", "cs", "cl", "ct", "ss", "sl", "ll", "tt", "ts"];

/// Connections as their clouds return them, one of each way to change one.
pub(super) fn connections() -> Vec<Connection> {
    let store = seeded();
    let all = store.things.iter().filter_map(read_connection);
    let has_nets = |connection: &Connection| connection.settings.has(Key::PolicyRules) || connection.settings.has(Key::LocalSubnets);
    let plain: Vec<Connection> = all.filter(|connection| connection.tunnels.is_empty() && has_nets(connection)).collect();
    assert!(PROVIDERS.iter().all(|cloud| plain.iter().any(|connection| connection.reference.provider == cloud.id)));
    plain
}

/// A pair of a kind; `None` where an end cannot be written down.
pub(super) fn pair(kind: &str, random: &mut Random, connections: &[Connection]) -> Option<Pair> {
    let mut left = Spec::new(random);
    let mut right = left.mirrored();
    for _ in 0..random.pick(&[1, 1, 2, 2, 3]) {
        if random.one_in(2) { left.change(random) } else { right.change(random) }
    }
    if random.one_in(12) {
        // Both ends alike, and wrong.
        let mut both = Spec::new(random);
        both.change(random);
        (left, right) = (both.clone(), both.mirrored());
    }
    let made = [make(kind.as_bytes()[0], &left, random, connections)?, make(kind.as_bytes()[1], &right, random, connections)?];
    let [left, right] = [read(&made[0])?, read(&made[1])?];
    Some(Pair { left, right, made })
}

fn make(kind: u8, spec: &Spec, random: &mut Random, connections: &[Connection]) -> Option<Made> {
    Some(match kind {
        b'c' => Made::Cloud(Box::new(cloud(spec, random.pick(connections))?)),
        b's' => Made::File(swanctl(spec)),
        b'l' => Made::File(libreswan(spec, random.one_in(3))),
        _ => Made::File(toml(spec, random.pick(&["strongswan", "libreswan", "unknown", "alibaba"]))),
    })
}

/// The end as the program reads it.
pub(super) fn read(made: &Made) -> Option<End> {
    match made {
        Made::Cloud(connection) => ends(connection).pop(),
        Made::File(written) => written.read().ok(),
    }
}

/// A connection with these settings, where its cloud has the words for them.
fn cloud(spec: &Spec, mut connection: Connection) -> Option<Connection> {
    let registration = crate::provider::registration(&connection.reference.provider)?;
    let kind = registration.kinds.iter().find(|kind| kind.name == connection.reference.kind)?;
    let fields = kind.operations.first()?.fields;
    let mut settings = Settings::new();
    let word = |text: &str| Term::from_word(text).map(Value::term);
    let (ike, esp) = (spec.ike[0], spec.esp[0]);
    let words = [
        (Key::IkeVersion, if spec.version == 1 { "ikev1" } else { "ikev2" }),
        (Key::IkeMode, if spec.aggressive { "aggressive" } else { "main" }),
        (Key::IkeEncryption, ike.0),
        (Key::IkeIntegrity, ike.1),
        (Key::IkeDhGroup, ike.2),
        (Key::IpsecEncryption, esp.0),
        (Key::IpsecIntegrity, esp.1),
        (Key::IpsecPfs, esp.2),
    ];
    for (key, text) in words {
        let value = word(text)?;
        if field(fields, key).is_some_and(|field| field.encode(&value).is_none()) {
            return None;
        }
        settings.set(key, value);
    }
    let id = |id: Option<&str>, address: &str| id.unwrap_or(address).to_owned();
    let typed = |text: &str| Value::term(if text.parse::<std::net::IpAddr>().is_ok() { Term::Ip } else { Term::Fqdn });
    for (kind, key, text) in
        [(Key::LocalIdType, Key::LocalId, id(spec.own_id, spec.own)), (Key::RemoteIdType, Key::RemoteId, id(spec.far_id, spec.far))]
    {
        if field(fields, kind).is_some() {
            settings.set(kind, typed(&text));
        }
        settings.set(key, Value::Text(text));
    }
    let numbers = [(Key::IkeLifetime, spec.ike_life), (Key::IpsecLifetime, spec.child_life)];
    numbers.into_iter().for_each(|(key, secs)| settings.set(key, Value::Number(secs)));
    if field(fields, Key::DpdEnabled).is_some() {
        settings.set(Key::DpdEnabled, Value::Switch(spec.dpd));
    }
    if let Some(key) = spec.key
        && connection.settings.has(Key::Psk)
    {
        settings.set(Key::Psk, Value::secret(key));
    }
    let lists = |pick: fn(&super::spec::Nets) -> &Vec<&'static str>| {
        let mut all: Vec<String> = Vec::new();
        for net in spec.nets.iter().flat_map(pick) {
            if !all.iter().any(|known| known == net) {
                all.push((*net).to_owned());
            }
        }
        Value::List(all)
    };
    if connection.settings.has(Key::PolicyRules) {
        let mut rules: Vec<PolicyRule> = Vec::new();
        for (source, far) in spec.nets.iter().flat_map(|(own, far)| own.iter().map(move |one| (one, far))) {
            let more = far.iter().map(|&net| net.to_owned());
            match rules.iter_mut().find(|rule| rule.source == *source) {
                Some(rule) => rule.destinations.extend(more),
                None => rules.push(PolicyRule { index: None, source: (*source).to_owned(), destinations: more.collect() }),
            }
        }
        settings.set(Key::PolicyRules, Value::Rules(rules));
    }
    settings.set(Key::LocalSubnets, lists(|nets| &nets.0));
    settings.set(Key::RemoteSubnets, lists(|nets| &nets.1));
    connection.settings = connection.settings.with(&settings);
    connection.gateway_address = Some(spec.own.to_owned());
    Some(connection)
}
