//! The smallest changes that resolve a finding.

use ipnet::IpNet;

use super::algorithm::{Algorithm, NONE, Transform};
use super::attempt::ALONE;
use super::end::{Encapsulation, End, Kind};
use super::finding::{Finding, Mend, Severity, Side};
use super::identity::{IdKind, Identity};
use super::settable::can_set;
use super::strength::strength;
use super::verdict::Verdict;
use crate::model::{Key, PolicyRule, Settings, Term, Value, Word};

/// The changes that resolve a finding; those of a cloud's end come first, since a command makes them.
pub(super) fn mends(finding: &Finding, left: &End, right: &End) -> Vec<Mend> {
    // What a daemon does not load is a matter of that end alone: the other one has nothing to give or to take.
    let alone = [&finding.left, &finding.right].into_iter().any(|value| value == ALONE);
    if alone || (finding.effect == Verdict::Up && finding.severity == Severity::Info) {
        return Vec::new();
    }
    if let Some(mends) = pairs(finding, left, right) {
        return mends;
    }
    let mut mends: Vec<(u8, Mend)> = Vec::new();
    for (side, end, other) in [(Side::Left, left, right), (Side::Right, right, left)] {
        let field = if side == Side::Left { finding.field } else { finding.right_field };
        let psk = field == "psk";
        let settings = if psk { Settings::new() } else { settings(field, end, other).unwrap_or_default() };
        let possible = psk || (!settings.is_empty() && settings.iter().all(|(key, value)| can_set(end, key, value)));
        if possible {
            // A cloud's end comes first; of two such ends, the one with the weaker value.
            let place = u8::from(!matches!(end.kind, Kind::Cloud(_))) * 2 + u8::from(is_stronger(field, end, other));
            mends.push((place, Mend { side, settings, psk, together: false }));
        }
    }
    mends.sort_by_key(|(place, _)| *place);
    mends.into_iter().map(|(_, mend)| mend).collect()
}

/// Resolves several networks in one IKEv1 child, which carries one pair for each SA: one child for each pair, at every end
/// that has several. How a cloud sets up its SAs cannot be chosen, so where a cloud has several, both ends change to IKEv2.
fn pairs(finding: &Finding, left: &End, right: &End) -> Option<Vec<Mend>> {
    let nets = [Key::LocalSubnets.path(), Key::RemoteSubnets.path()].contains(&finding.field);
    let v1 = |end: &End| end.versions.as_deref().and_then(<[Term]>::first) == Some(&Term::Ikev1);
    let ends = [(Side::Left, left), (Side::Right, right)];
    let fits = nets && ends.iter().all(|(_, end)| v1(end)) && mirror(left, right) && mirror(right, left);
    if !fits {
        return None;
    }
    let is_cloud = |end: &End| matches!(end.kind, Kind::Cloud(_));
    let several: Vec<(Side, &End)> =
        ends.into_iter().filter(|(_, end)| end.children.iter().flatten().any(|child| child.local.len() * child.remote.len() > 1)).collect();
    let newer = Value::term(Term::Ikev2);
    let mend =
        |side: Side, key: Key, value: Value| Mend { side, settings: [(key, value)].into_iter().collect(), psk: false, together: true };
    let mends: Vec<Mend> = if several.iter().any(|(_, end)| is_cloud(end)) {
        if !ends.iter().all(|(_, end)| can_set(end, Key::IkeVersion, &newer)) {
            return None;
        }
        ends.iter().map(|(side, _)| mend(*side, Key::IkeVersion, newer.clone())).collect()
    } else {
        several.iter().map(|(side, end)| mend(*side, Key::PolicyRules, Value::Rules(one_pair_each(end)))).collect()
    };
    (!mends.is_empty()).then_some(mends)
}

/// One policy rule for each pair of networks.
fn one_pair_each(end: &End) -> Vec<PolicyRule> {
    let pairs = end
        .children
        .iter()
        .flatten()
        .flat_map(|child| child.local.iter().flat_map(|one| child.remote.iter().map(move |other| (one, other))));
    pairs
        .map(|(one, other)| PolicyRule { index: None, source: one.trunc().to_string(), destinations: vec![other.trunc().to_string()] })
        .collect()
}

/// The texts of networks, each once.
fn texts(nets: impl Iterator<Item = IpNet>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for net in nets {
        let text = net.trunc().to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Whether an end's local networks are the other end's remote ones.
fn mirror(end: &End, other: &End) -> bool {
    let sorted = |nets: Vec<String>| nets.into_iter().collect::<std::collections::BTreeSet<_>>();
    let ours = texts(end.children.iter().flatten().flat_map(|child| child.local.clone()));
    sorted(ours) == sorted(texts(other.children.iter().flatten().flat_map(|child| child.remote.clone())))
}

/// The settings that give an end the other's value.
fn settings(path: &str, end: &End, other: &End) -> Option<Settings> {
    let key = Key::ALL.iter().copied().find(|key| key.path() == path)?;
    let mut settings = Settings::new();
    match key {
        Key::IkeVersion => settings.set(key, Value::term(*other.versions.as_ref()?.first()?)),
        Key::IkeMode if end.mode == other.mode => return None,
        Key::IkeMode => settings.set(key, Value::term(other.mode?)),
        Key::IkeEncryption => settings.set(key, first(other, true, Transform::Encryption)?),
        Key::IkeIntegrity => settings.set(key, first(other, true, Transform::Integrity)?),
        Key::IkeDhGroup => settings.set(key, first(other, true, Transform::Group)?),
        Key::IpsecEncryption => settings.set(key, first(other, false, Transform::Encryption)?),
        Key::IpsecIntegrity => settings.set(key, first(other, false, Transform::Integrity)?),
        Key::IpsecPfs => settings.set(key, pfs(end, other)?),
        Key::LocalId | Key::LocalIdType => {
            identity(&mut settings, end, &other.expects()?, (Key::LocalIdType, Key::LocalId))?;
        }
        Key::RemoteId | Key::RemoteIdType => {
            identity(&mut settings, end, &other.sends()?, (Key::RemoteIdType, Key::RemoteId))?;
        }
        Key::LocalSubnets | Key::RemoteSubnets => nets(&mut settings, end, other)?,
        Key::IkeLifetime => settings.set(key, Value::Number(other.ike_lifetime_secs?)),
        Key::IpsecLifetime => settings.set(key, Value::Number(other.child_lifetime_secs?)),
        Key::DpdEnabled if end.dpd.enabled == Some(true) => return None,
        Key::DpdEnabled => settings.set(key, Value::Switch(true)),
        Key::DpdAction => settings.set(key, Value::term(Term::Restart)),
        Key::Negotiation => {
            settings.set(key, Value::term(Term::Active));
            if !can_set(end, key, &Value::term(Term::Active)) {
                settings = [(Key::EffectImmediately, Value::Switch(true))].into_iter().collect();
            }
        }
        Key::NatTraversal if end.encapsulation != Some(Encapsulation::Off) => return None,
        Key::NatTraversal => settings.set(key, Value::Switch(true)),
        Key::BgpEnabled if end.bgp.enabled == Some(true) => return None,
        Key::BgpEnabled => settings.set(key, Value::Switch(true)),
        Key::BgpLocalAsn => settings.set(key, Value::Number(other.bgp.peer_asn?)),
        Key::BgpLocalAddress => settings.set(key, Value::Text(other.bgp.peer_address.clone()?)),
        Key::BgpPeerAddress => settings.set(key, Value::Text(other.bgp.local_address.clone()?)),
        Key::BgpTunnelCidr => settings.set(key, Value::Text(other.bgp.cidr.clone()?)),
        _ => return None,
    }
    Some(settings)
}

/// The PFS group that agrees with the other end. Libreswan uses the group of its IKE SA, see `attempt::pfs`.
fn pfs(end: &End, other: &End) -> Option<Value> {
    let takes_ike_group = |end: &End| {
        let has_pfs = end.esp.iter().any(|proposal| proposal.groups.iter().flatten().any(|group| *group != NONE));
        let v2 = end.versions.as_ref().and_then(|versions| versions.first()) == Some(&Term::Ikev2);
        end.kind == Kind::Libreswan && v2 && has_pfs
    };
    match (takes_ike_group(end), takes_ike_group(other)) {
        (_, true) => first(other, true, Transform::Group),
        // Another group in its configuration changes nothing; no group at all does.
        (true, false) => first(other, false, Transform::Group).filter(|value| *value == Value::term(Term::None)),
        (false, false) => first(other, false, Transform::Group),
    }
}

/// The value of an end's first proposal that the other end should take.
fn first(end: &End, phase1: bool, transform: Transform) -> Option<Value> {
    let proposals = if phase1 { &end.ike } else { &end.esp };
    let values = proposals.first()?.values(transform)?;
    // The first value of a list may be one that the other end cannot set: take the strongest that the model has a word for.
    let mut terms: Vec<Term> = values.iter().filter_map(Algorithm::term).collect();
    terms.sort_by_key(|term| std::cmp::Reverse(strength(*term)));
    if transform == Transform::Group && values.contains(&NONE) && terms.len() == 1 {
        return Some(Value::term(Term::None));
    }
    terms.first().copied().map(Value::term)
}

/// Whether an end's value of a field is stronger than the other end's.
fn is_stronger(path: &str, end: &End, other: &End) -> bool {
    let value = |end: &End| {
        let (phase1, transform) = match path {
            "ike.encryption" => (true, Transform::Encryption),
            "ike.integrity" => (true, Transform::Integrity),
            "ike.dh_group" => (true, Transform::Group),
            "ipsec.encryption" => (false, Transform::Encryption),
            "ipsec.integrity" => (false, Transform::Integrity),
            "ipsec.pfs" => (false, Transform::Group),
            "ike.version" => return end.versions.as_ref().and_then(|versions| versions.first()).map_or(0, |version| strength(*version)),
            _ => return 0,
        };
        match first(end, phase1, transform) {
            Some(Value::Word(Word::Known(term))) => strength(term),
            _ => 0,
        }
    };
    value(end) > value(other)
}

/// Sets the identity that the other end wants, with its type where the end has types.
fn identity(settings: &mut Settings, end: &End, wanted: &Identity, (kind, value): (Key, Key)) -> Option<()> {
    let term = match wanted.kind {
        IdKind::Ip => Term::Ip,
        IdKind::Fqdn => Term::Fqdn,
        IdKind::Email | IdKind::KeyId | IdKind::Dn | IdKind::Host | IdKind::Any => return None,
    };
    settings.set(value, Value::Text(wanted.text.clone()));
    // Alibaba has no identity types.
    if can_set(end, kind, &Value::term(term)) {
        settings.set(kind, Value::term(term));
    }
    Some(())
}

/// Sets the other end's networks, mirrored: as policy rules where the cloud has only these.
fn nets(settings: &mut Settings, end: &End, other: &End) -> Option<()> {
    let children = other.children.as_ref()?;
    // The same networks again would not help.
    if mirror(end, other) && mirror(other, end) {
        return None;
    }
    let rules = end.children.as_ref().is_some_and(|_| !can_set(end, Key::LocalSubnets, &Value::List(vec!["10.0.0.0/8".to_owned()])));
    if rules {
        let mut list: Vec<PolicyRule> = Vec::new();
        for child in children {
            for source in texts(child.remote.iter().copied()) {
                let destinations = texts(child.local.iter().copied());
                match list.iter_mut().find(|rule| rule.source == source) {
                    Some(rule) => rule.destinations.extend(destinations),
                    None => list.push(PolicyRule { index: None, source, destinations }),
                }
            }
        }
        settings.set(Key::PolicyRules, Value::Rules(list));
        return Some(());
    }
    let local = texts(children.iter().flat_map(|child| child.remote.clone()));
    let remote = texts(children.iter().flat_map(|child| child.local.clone()));
    // Only the list that differs changes.
    let own = end.children.as_ref()?;
    if texts(own.iter().flat_map(|child| child.local.clone())) != local {
        settings.set(Key::LocalSubnets, Value::List(local));
    }
    if texts(own.iter().flat_map(|child| child.remote.clone())) != remote {
        settings.set(Key::RemoteSubnets, Value::List(remote));
    }
    Some(())
}
