//! A change in the model's words, and whether an end can be set to it.

use crate::agreement::algorithm::{Algorithm, NONE};
use crate::agreement::connection::children;
use crate::agreement::end::{Child, End, Kind};
use crate::agreement::identity::{IdKind, Identity};
use crate::agreement::parse::{Form, libreswan, words as parsed};
use crate::agreement::proposal::{Proposal, Set};
use crate::agreement::settable::can_set;
use crate::agreement::swanctl;
use crate::model::{Key, PolicyRule, Settings, Term, Value};

use super::change::Setting;

/// A setting in the model's words; `None` where these have no place for it.
pub(super) fn words(end: &End, setting: &Setting) -> Option<Settings> {
    let one = |key: Key, value: Value| Some(Settings::from_iter([(key, value)]));
    match setting {
        Setting::Versions(versions) => match versions.as_slice() {
            [version] => one(Key::IkeVersion, Value::term(*version)),
            _ => None,
        },
        Setting::Mode(mode) => one(Key::IkeMode, Value::term(*mode)),
        Setting::Ike(proposals) => suite(&end.ike, proposals, [Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup]),
        Setting::Esp(_, proposals) => suite(&end.esp, proposals, [Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs]),
        Setting::LocalId(id) => identity(end, id, (Key::LocalIdType, Key::LocalId)),
        Setting::RemoteId(id) => identity(end, id, (Key::RemoteIdType, Key::RemoteId)),
        Setting::Children(list) => nets(end, list),
        Setting::IkeLifetime(secs) => one(Key::IkeLifetime, Value::Number(*secs)),
        Setting::ChildLifetime(secs) => one(Key::IpsecLifetime, Value::Number(*secs)),
        Setting::Dpd => one(Key::DpdEnabled, Value::Switch(true)),
        Setting::DpdRestart => one(Key::DpdAction, Value::term(Term::Restart)),
        Setting::Start if can_set(end, Key::Negotiation, &Value::term(Term::Active)) => one(Key::Negotiation, Value::term(Term::Active)),
        Setting::Start => one(Key::EffectImmediately, Value::Switch(true)),
        Setting::NatTraversal => one(Key::NatTraversal, Value::Switch(true)),
        Setting::Bgp(key, value) => one(*key, value.clone()),
        Setting::Key(Some(secret), _) => one(Key::Psk, Value::Secret(std::sync::Arc::clone(secret))),
        Setting::Key(None, _)
        | Setting::AllowIkev1
        | Setting::Peer(_)
        | Setting::TunnelMode
        | Setting::FullSha256
        | Setting::NoCompression
        | Setting::NoNarrowing => None,
    }
}

/// The setting as an end really gets it; `None` where it cannot be set to that.
pub(super) fn settable(end: &End, setting: Setting) -> Option<Setting> {
    match (&end.kind, end.form, setting) {
        (Kind::Cloud(_), _, Setting::Key(None, _)) => None,
        (Kind::Cloud(_), _, setting) => {
            let words = words(end, &setting)?;
            if !words.iter().all(|(key, value)| can_set(end, key, value)) {
                return None;
            }
            Some(match setting {
                Setting::Children(_) => Setting::Children(children(&whole(end, &words))?),
                setting => setting,
            })
        }
        // A connection of Libreswan joins each of its networks with each of its peer's.
        (_, Some(Form::Libreswan), Setting::Children(list)) => Some(Setting::Children(vec![product(&list)?])),
        // A description has rules with one network each, or two lists.
        (_, Some(Form::Toml), Setting::Children(list)) if list.len() > 1 && list.iter().any(|child| child.local.len() != 1) => {
            Some(Setting::Children(vec![product(&list)?]))
        }
        (Kind::Libreswan, _, Setting::Esp(child, list)) => {
            let list = with_one_esn(end, list);
            libreswan::list(&list, false).is_some().then(|| as_read(end, Setting::Esp(child, list)))
        }
        (kind, _, setting) => has_words(kind, &setting).then(|| as_read(end, setting)),
    }
}

/// Proposals as a Libreswan has them: one setting for extended sequence numbers, and none in IKEv1.
fn with_one_esn(end: &End, list: Vec<Proposal>) -> Vec<Proposal> {
    let v1 = end.versions.as_deref() == Some(&[Term::Ikev1]);
    let first = list.first().map(|proposal| proposal.esn.clone()).filter(|esn| !esn.is_empty());
    let esn = if v1 { Vec::new() } else { first.unwrap_or_else(|| vec![Algorithm::named("noesn")]) };
    list.into_iter().map(|proposal| Proposal { esn: esn.clone(), ..proposal }).collect()
}

/// Proposals as they are read again from the words that are written for them: beside an AEAD cipher the PRF is named.
fn as_read(end: &End, setting: Setting) -> Setting {
    let again = |list: &[Proposal], is_ike: bool| -> Option<Vec<Proposal>> {
        swanctl::list(list, is_ike)?.split(',').map(|text| parsed::proposal(text, is_ike).ok()).collect()
    };
    match setting {
        setting if end.form == Some(Form::Libreswan) => setting,
        Setting::Ike(list) => Setting::Ike(again(&list, true).unwrap_or(list)),
        Setting::Esp(child, list) => Setting::Esp(child, again(&list, false).unwrap_or(list)),
        setting => setting,
    }
}

/// Whether a daemon has words for the algorithms of a setting.
fn has_words(kind: &Kind, setting: &Setting) -> bool {
    let (list, is_ike) = match setting {
        Setting::Ike(list) => (list, true),
        Setting::Esp(_, list) => (list, false),
        Setting::IkeLifetime(secs) | Setting::ChildLifetime(secs) => return *kind != Kind::Libreswan || *secs <= 86_400,
        _ => return true,
    };
    match kind {
        Kind::Libreswan => libreswan::list(list, is_ike).is_some(),
        _ => swanctl::list(list, is_ike).is_some(),
    }
}

/// The networks of a connection after a change.
fn whole(end: &End, change: &Settings) -> Settings {
    let current = end.connection.as_ref().map(|connection| connection.settings.clone()).unwrap_or_default();
    let now = end.children.as_deref().and_then(|list| nets_of(end, list)).unwrap_or_default();
    current.with(&now).with(change)
}

/// A proposal with one value of each type, as settings: those that differ from now.
fn suite(now: &[Proposal], wanted: &[Proposal], keys: [Key; 3]) -> Option<Settings> {
    let [wanted] = wanted else { return None };
    let wanted = values(wanted, keys)?;
    let now = match now {
        [now] => values(now, keys).unwrap_or_default(),
        _ => Settings::new(),
    };
    let changed: Settings =
        wanted.iter().filter(|(key, value)| now.get(*key) != Some(*value)).map(|(key, value)| (key, value.clone())).collect();
    (!changed.is_empty()).then_some(changed)
}

fn values(proposal: &Proposal, [encryption, integrity, group]: [Key; 3]) -> Option<Settings> {
    let one = |set: &Set| match set.as_deref() {
        Some([value]) => Some(value.clone()),
        _ => None,
    };
    let mut settings = Settings::new();
    let cipher = one(&proposal.encryption)?;
    settings.set(encryption, Value::term(cipher.term()?));
    let is_ike = encryption == Key::IkeEncryption;
    // Beside an AEAD cipher the model's integrity is the PRF of the IKE SA, and means nothing for a Child SA.
    let hash = match (cipher.is_aead(), is_ike) {
        (true, false) => None,
        (true, true) => Some(proposal.prf.first().cloned().or_else(|| one(&proposal.integrity))?),
        (false, _) => Some(one(&proposal.integrity)?),
    };
    if let Some(hash) = hash {
        settings.set(integrity, Value::term(Algorithm::term(&hash)?));
    }
    let number = one(&proposal.groups)?;
    settings.set(group, if number == NONE { Value::term(Term::None) } else { Value::term(number.term()?) });
    Some(settings)
}

/// An identity, with its type where the end has types.
fn identity(end: &End, wanted: &Identity, (kind, value): (Key, Key)) -> Option<Settings> {
    let term = match wanted.kind {
        IdKind::Ip => Term::Ip,
        IdKind::Fqdn => Term::Fqdn,
        IdKind::Email | IdKind::KeyId | IdKind::Dn | IdKind::Host | IdKind::Any => return None,
    };
    let mut settings = Settings::from_iter([(value, Value::Text(wanted.text.clone()))]);
    // Alibaba has no identity types: there the text tells the type.
    if can_set(end, kind, &Value::term(term)) {
        settings.set(kind, Value::term(term));
    } else if Identity::parse(&wanted.text) != *wanted {
        return None;
    }
    Some(settings)
}

/// Networks as settings: what differs from now.
fn nets(end: &End, list: &[Child]) -> Option<Settings> {
    let wanted = nets_of(end, list)?;
    let now = end.children.as_deref().and_then(|list| nets_of(end, list)).unwrap_or_default();
    let changed: Settings =
        wanted.iter().filter(|(key, value)| now.get(*key) != Some(*value)).map(|(key, value)| (key, value.clone())).collect();
    (!changed.is_empty()).then_some(changed)
}

/// Networks as policy rules where the cloud has only these, else as two lists.
fn nets_of(end: &End, list: &[Child]) -> Option<Settings> {
    if list.iter().any(|child| child.local.is_empty() || child.remote.is_empty()) {
        return None;
    }
    if can_set(end, Key::LocalSubnets, &Value::List(vec!["10.0.0.0/8".to_owned()])) {
        let child = product(list)?;
        let texts = |nets: &[ipnet::IpNet]| Value::List(nets.iter().map(|net| net.trunc().to_string()).collect());
        return Some(Settings::from_iter([(Key::LocalSubnets, texts(&child.local)), (Key::RemoteSubnets, texts(&child.remote))]));
    }
    let mut rules: Vec<PolicyRule> = Vec::new();
    for (source, destination) in list.iter().flat_map(pairs) {
        let (source, destination) = (source.trunc().to_string(), destination.trunc().to_string());
        match rules.iter_mut().find(|rule| rule.source == source) {
            Some(rule) if rule.destinations.contains(&destination) => {}
            Some(rule) => rule.destinations.push(destination),
            None => rules.push(PolicyRule { index: None, source, destinations: vec![destination] }),
        }
    }
    Some(Settings::from_iter([(Key::PolicyRules, Value::Rules(rules))]))
}

fn pairs(child: &Child) -> impl Iterator<Item = (ipnet::IpNet, ipnet::IpNet)> + '_ {
    child.local.iter().flat_map(|one| child.remote.iter().map(move |other| (*one, *other)))
}

/// One child with exactly the pairs of these; `None` where lists would stand for more.
fn product(list: &[Child]) -> Option<Child> {
    let mut whole = Child { name: list.first()?.name.clone(), ..list.first()?.clone() };
    let mut all = Vec::new();
    for pair in list.iter().flat_map(pairs) {
        for (nets, net) in [(&mut whole.local, pair.0), (&mut whole.remote, pair.1)] {
            if !nets.contains(&net) {
                nets.push(net);
            }
        }
        if !all.contains(&pair) {
            all.push(pair);
        }
    }
    (whole.local.len() * whole.remote.len() == all.len()).then_some(whole)
}
