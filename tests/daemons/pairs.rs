//! Pairs of ends in the clouds' own words, equal but for one to three fields.

use std::net::IpAddr;

use tunnelctl::testing::{
    Address, End, FieldShape as Shape, Key, Kind, Operation, PROVIDERS, Peers, Registration, Settings, Side, Term, Value, field,
    from_settings, to_swanctl,
};

use crate::random::Random;

pub const LEFT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
pub const RIGHT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));
const ELSEWHERE: &str = "203.0.113.99";

/// Two ends, and the changes that made them differ.
#[derive(Debug)]
pub struct Pair {
    pub left: End,
    pub right: End,
    /// The pair before the changes.
    pub before: (End, End),
    pub starter: Side,
    /// The end that was changed, and its fields.
    pub changed: (Side, Vec<&'static str>),
    /// The changes in words, for messages.
    pub story: String,
}

/// An operation of a cloud, whose words are used.
#[derive(Clone, Copy)]
struct Cloud {
    registration: &'static Registration,
    operation: &'static Operation,
}

fn clouds() -> Vec<Cloud> {
    let operations = |registration: &'static Registration| {
        registration.kinds.iter().flat_map(|kind| kind.operations).map(move |operation| Cloud { registration, operation })
    };
    let has_words = |cloud: &Cloud| [Key::IkeEncryption, Key::IpsecPfs].iter().all(|key| !cloud.terms(*key).is_empty());
    PROVIDERS.iter().copied().flat_map(operations).filter(has_words).collect()
}

impl Cloud {
    /// The words for a field that both the cloud and strongSwan have.
    fn terms(self, key: Key) -> Vec<Term> {
        let Some(Shape::Words(words)) = field(self.operation.fields, key).map(|field| &field.shape) else { return Vec::new() };
        words.terms().filter(|term| !matches!(term, Term::Sm3 | Term::Sm4 | Term::Any)).collect()
    }
}

const NETS: &[&str] = &["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/23", "10.1.4.0/22"];
const FAR_NETS: &[&str] = &["10.2.0.0/24", "10.2.1.0/24", "10.2.2.0/23", "10.2.4.0/22"];

/// The pair with this number: the same number always gives the same pair.
pub fn pair(seed: u64, number: usize) -> Pair {
    let mut random = Random(seed ^ (number as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
    loop {
        let made = attempt(&mut random);
        // Without a strongSwan word for a value, there is no configuration.
        if to_swanctl(&made.left).is_some() && to_swanctl(&made.right).is_some() {
            return made;
        }
    }
}

fn attempt(random: &mut Random) -> Pair {
    let all = clouds();
    let (one, other) = (random.pick(&all), random.pick(&all));
    let mode = random.below(3);
    let left = base(random, one, other, mode);
    let right = mirror(&left);
    let before = (end(&left, one, Side::Left), end(&right, other, Side::Right));
    let side = random.pick(&[Side::Left, Side::Right]);
    let (mut settings, cloud) = if side == Side::Left { (left.clone(), one) } else { (right.clone(), other) };
    let mut fields: Vec<&'static str> = Vec::new();
    let mut story = format!("{} {} - {} {}", one.registration.id, one.operation.name, other.registration.id, other.operation.name);
    let mut peers = None;
    let count = random.pick(&[1, 1, 1, 2, 2, 3]);
    while fields.len() < count {
        let change = change(random, cloud, &mut settings, &mut peers);
        if let Some((field, text)) = change
            && !fields.contains(&field)
        {
            story.push_str(&format!("; {} {field} {text}", side.word()));
            fields.push(field);
        }
    }
    let mut changed = end(&settings, cloud, side);
    if let Some(peers) = peers {
        changed.peers = peers;
    }
    let (left, right) = if side == Side::Left { (changed, before.1.clone()) } else { (before.0.clone(), changed) };
    let starter = random.pick(&[Side::Left, Side::Right]);
    story.push_str(&format!("; {} starts", starter.word()));
    Pair { left, right, before, starter, changed: (side, fields), story }
}

fn end(settings: &Settings, cloud: Cloud, side: Side) -> End {
    let mut end = from_settings(format!("{} {}", side.word(), cloud.registration.id), Kind::Strongswan, settings);
    let (own, far) = if side == Side::Left { (LEFT, RIGHT) } else { (RIGHT, LEFT) };
    end.address = Address::Known(own);
    end.peers = Peers::Listed(vec![far.into()]);
    end
}

fn base(random: &mut Random, one: Cloud, other: Cloud, mode: usize) -> Settings {
    let mut settings = Settings::new();
    // A word that both clouds have, or else one that a single cloud has.
    let mut word = |random: &mut Random, key: Key, fits: &dyn Fn(Term) -> bool| {
        let (ours, theirs) = (one.terms(key), other.terms(key));
        let both: Vec<Term> = ours.iter().copied().filter(|term| theirs.contains(term) && fits(*term)).collect();
        let mine: Vec<Term> = ours.into_iter().filter(|term| fits(*term)).collect();
        let list = if both.is_empty() { mine } else { both };
        if !list.is_empty() {
            settings.set(key, Value::term(random.pick(&list)));
        }
    };
    let v1 = mode < 2;
    // IKEv1 has no AEAD for the IKE SA: such a pair is drawn occasionally, to see it fail.
    let aead = !v1 || random.one_in(30);
    word(random, Key::IkeEncryption, &|term| aead || !term.word().contains("gcm"));
    for key in [Key::IkeIntegrity, Key::IkeDhGroup, Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs] {
        word(random, key, &|_| true);
    }
    settings.set(Key::IkeVersion, Value::term(if v1 { Term::Ikev1 } else { Term::Ikev2 }));
    settings.set(Key::IkeMode, Value::term(if mode == 1 { Term::Aggressive } else { Term::Main }));
    settings.set(Key::IkeLifetime, Value::Number(86_400));
    settings.set(Key::IpsecLifetime, Value::Number(3600));
    settings.set(Key::DpdEnabled, Value::Switch(true));
    settings.set(Key::Psk, Value::secret("a key of the tests #1"));
    let ids = [("192.0.2.1", "198.51.100.1"), ("left.example.com", "right.example.com"), ("10.9.9.9", "right.example.com")];
    let (local, remote) = random.pick(&ids);
    for (kind, value, text) in [(Key::LocalIdType, Key::LocalId, local), (Key::RemoteIdType, Key::RemoteId, remote)] {
        set_id(&mut settings, kind, value, text);
    }
    let list = |random: &mut Random, nets: &[&str]| {
        let first = random.below(3);
        let mut list = vec![nets[first].to_owned()];
        if random.one_in(4) {
            list.push(nets[first + 1].to_owned());
        }
        Value::List(list)
    };
    settings.set(Key::LocalSubnets, list(random, NETS));
    settings.set(Key::RemoteSubnets, list(random, FAR_NETS));
    settings
}

fn set_id(settings: &mut Settings, kind: Key, value: Key, text: &str) {
    let word = if text.parse::<IpAddr>().is_ok() { Term::Ip } else { Term::Fqdn };
    settings.set(kind, Value::term(word));
    settings.set(value, Value::Text(text.to_owned()));
}

fn mirror(settings: &Settings) -> Settings {
    let mut mirrored = settings.clone();
    for (one, other) in [(Key::LocalIdType, Key::RemoteIdType), (Key::LocalId, Key::RemoteId), (Key::LocalSubnets, Key::RemoteSubnets)] {
        mirrored.set(one, settings.get(other).unwrap().clone());
        mirrored.set(other, settings.get(one).unwrap().clone());
    }
    mirrored
}

/// Changes a field; `None` if the new value is the same.
fn change(random: &mut Random, cloud: Cloud, settings: &mut Settings, peers: &mut Option<Peers>) -> Option<(&'static str, String)> {
    const WORDS: &[Key] = &[
        Key::IkeVersion,
        Key::IkeMode,
        Key::IkeEncryption,
        Key::IkeIntegrity,
        Key::IkeDhGroup,
        Key::IpsecEncryption,
        Key::IpsecIntegrity,
        Key::IpsecPfs,
        Key::IpsecPfs,
    ];
    let drawn = if random.one_in(2) {
        WORDS.len() + 4 + random.below(6)
    } else if random.one_in(6) {
        WORDS.len() - 1
    } else {
        random.below(WORDS.len() + 11)
    };
    let is_aead = |key: Key| settings.term(key).is_some_and(|term| term.word().contains("gcm"));
    let (key, value) = match drawn.checked_sub(WORDS.len()) {
        None => {
            let key = WORDS[drawn];
            let mut terms = match key {
                Key::IkeVersion => vec![Term::Ikev1, Term::Ikev2],
                Key::IkeMode => vec![Term::Main, Term::Aggressive],
                _ => cloud.terms(key),
            };
            terms.retain(|term| settings.term(key) != Some(*term));
            let ignored = key == Key::IkeMode && settings.term(Key::IkeVersion) == Some(Term::Ikev2)
                || key == Key::IpsecIntegrity && is_aead(Key::IpsecEncryption);
            if terms.is_empty() || ignored && !random.one_in(5) {
                return None;
            }
            (key, Value::term(random.pick(&terms)))
        }
        Some(0 | 1) => (Key::Psk, Value::secret(random.pick(&["another key", "a key of the tests #1 ", "A key of the tests #1"]))),
        Some(place @ (2 | 3)) => {
            let (kind, value) = if place == 2 { (Key::LocalIdType, Key::LocalId) } else { (Key::RemoteIdType, Key::RemoteId) };
            let now = settings.text(value)?.to_owned();
            let text = random.pick(&["other.example.com", "203.0.113.50", "Left.Example.com", "RIGHT.example.com", "192.0.2.1"]);
            if now == text {
                return None;
            }
            set_id(settings, kind, value, text);
            return Some((value.path(), format!("{now} -> {text}")));
        }
        Some(place @ (4..=7)) => {
            let key = if place % 2 == 0 { Key::LocalSubnets } else { Key::RemoteSubnets };
            let list = settings.list(key).to_vec();
            let near = list[0].starts_with("10.1.");
            let nets = if near { NETS } else { FAR_NETS };
            let mut new = list.clone();
            match random.below(8) {
                0 => new = vec![random.pick(nets).to_owned()],
                1 => new[0] = new[0].replace("/24", "/25").replace("/23", "/24"),
                2 => new[0] = if near { "10.1.0.0/16" } else { "10.2.0.0/16" }.to_owned(),
                3 => new = vec!["0.0.0.0/0".to_owned()],
                4 => new.push(random.pick(nets).to_owned()),
                5 | 6 => new.reverse(),
                _ => new = vec![if near { "172.20.1.0/24" } else { "172.20.2.0/24" }.to_owned()],
            }
            new.dedup();
            if new == list {
                return None;
            }
            let text = format!("{} -> {}", list.join(","), new.join(","));
            settings.set(key, Value::List(new));
            return Some((key.path(), text));
        }
        Some(8) => {
            (if random.one_in(2) { Key::IkeLifetime } else { Key::IpsecLifetime }, Value::Number(1800 + 60 * random.below(400) as u64))
        }
        Some(9) => {
            if random.one_in(2) {
                (Key::DpdEnabled, Value::Switch(false))
            } else {
                (Key::NatTraversal, Value::Switch(random.one_in(2)))
            }
        }
        Some(_) => {
            if !random.one_in(3) {
                return None;
            }
            *peers = Some(Peers::Listed(vec![ELSEWHERE.parse::<IpAddr>().unwrap().into()]));
            return Some(("peer_address", ELSEWHERE.to_owned()));
        }
    };
    let shown = |value: Option<&Value>| match value {
        Some(Value::Secret(_)) => "(a key)".to_owned(),
        value => value.map_or_else(|| "-".to_owned(), ToString::to_string),
    };
    let text = format!("{} -> {}", shown(settings.get(key)), shown(Some(&value)));
    settings.set(key, value);
    Some((key.path(), text))
}
