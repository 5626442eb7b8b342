//! Ends from connections: only what the cloud returned.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::address::{Address, Peers};
use super::algorithm::{Algorithm, NONE};
use super::beside::{Bgp, Dpd, Start};
use super::end::{Child, Encapsulation, End, Kind, Psk};
use super::identity::{IdKind, Identity};
use super::proposal::Proposal;
use crate::model::{Connection, Key, Secret, Settings, Term, Value, Word};

/// The ends of a connection: one, or one for each tunnel.
#[must_use]
pub fn ends(connection: &Connection) -> Vec<End> {
    let name = connection.reference.to_string();
    let kind = Kind::Cloud(connection.reference.provider.clone());
    let held = Arc::new(connection.clone());
    let complete = |mut end: End, address: Option<&String>| {
        end.reference = Some(connection.reference.clone());
        end.connection = Some(Arc::clone(&held));
        if let Some(address) = address.and_then(|text| text.parse().ok()) {
            end.address = Address::Known(address);
        }
        if end.children.is_none() && is_route_based(connection) {
            end.children = everything();
        }
        end
    };
    if connection.tunnels.is_empty() {
        return vec![complete(from_settings(name, kind, &connection.settings), connection.gateway_address.as_ref())];
    }
    let tunnels = connection.tunnels.iter().enumerate().map(|(place, tunnel)| {
        // A tunnel has its own key, proposals and identities; the networks belong to the connection.
        let settings = connection.settings.with(&tunnel.settings);
        let role = tunnel.role.clone().unwrap_or_else(|| (place + 1).to_string());
        let mut end = complete(from_settings(format!("{name} {role}"), kind.clone(), &settings), tunnel.gateway_address.as_ref());
        end.tunnel = Some(tunnel.id.clone());
        // A tunnel has its own operation for changes.
        if let Some(reference) = &mut end.reference {
            "tunnel".clone_into(&mut reference.kind);
        }
        end
    });
    tunnels.collect()
}

/// Whether routes select the traffic, and the selectors are everything: Huawei's styles `static` and `bgp`.
fn is_route_based(connection: &Connection) -> bool {
    let style = connection.extra_text("style").unwrap_or_default().to_ascii_lowercase();
    matches!(style.as_str(), "static" | "bgp")
}

/// One child that carries all IPv4 traffic.
fn everything() -> Option<Vec<Child>> {
    let all: IpNet = "0.0.0.0/0".parse().ok()?;
    Some(vec![Child { local: vec![all], remote: vec![all], ..Child::default() }])
}

/// An end from settings in the model's words.
#[must_use]
pub fn from_settings(name: impl Into<String>, kind: Kind, settings: &Settings) -> End {
    let mut end = End::new(name, kind);
    end.versions = settings.term(Key::IkeVersion).map(|version| vec![version]);
    end.mode = settings.term(Key::IkeMode);
    end.local_id = identity(settings, Key::LocalIdType, Key::LocalId);
    end.remote_id = identity(settings, Key::RemoteIdType, Key::RemoteId);
    // By default the clouds use the outer addresses as identities, so an address here is most likely one.
    let presumed = |id: &Option<Identity>| id.as_ref().filter(|id| id.kind == IdKind::Ip).and_then(|id| id.text.parse::<IpAddr>().ok());
    end.address = presumed(&end.local_id).map_or(Address::Unknown, Address::Presumed);
    end.peers = presumed(&end.remote_id).map_or(Peers::Unknown, Peers::Presumed);
    end.psk = psk(settings);
    end.ike = proposals(settings, [Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup]);
    end.esp = proposals(settings, [Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs]);
    end.children = children(settings);
    end.ike_lifetime_secs = settings.number(Key::IkeLifetime);
    end.child_lifetime_secs = settings.number(Key::IpsecLifetime);
    end.child_lifetime_kb = settings.number(Key::IpsecLifetimeKb);
    end.dpd = Dpd {
        enabled: settings.switch(Key::DpdEnabled),
        timeout_secs: settings.number(Key::DpdTimeout),
        interval_secs: settings.number(Key::DpdInterval),
        action: settings.term(Key::DpdAction),
    };
    end.encapsulation = settings.switch(Key::NatTraversal).map(|on| if on { Encapsulation::Auto } else { Encapsulation::Off });
    end.start = start(settings);
    end.bgp = bgp(settings);
    end
}

impl Psk {
    /// A key that was read. A mask is a key that cannot be read.
    #[must_use]
    pub fn of(secret: Arc<Secret>) -> Self {
        if secret.is_readable() { Self::Known(secret) } else { Self::Unreadable }
    }
}

fn psk(settings: &Settings) -> Psk {
    match settings.get(Key::Psk) {
        Some(Value::Secret(secret)) => Psk::of(secret.clone()),
        _ => Psk::Unreadable,
    }
}

/// The one proposal of a phase; none where the cloud returns none of its fields.
fn proposals(settings: &Settings, keys: [Key; 3]) -> Vec<Proposal> {
    if !keys.iter().any(|key| settings.has(*key)) {
        return Vec::new();
    }
    let [encryption, mut integrity, groups] = keys.map(|key| one(settings, key));
    // An AEAD cipher needs no integrity algorithm: a cloud returns none, or one without meaning.
    if integrity.is_none() && encryption.iter().flatten().any(Algorithm::is_aead) {
        integrity = Some(vec![NONE]);
    }
    vec![Proposal { encryption, integrity, groups, ..Proposal::default() }]
}

/// When the end starts: as it is set, or as the cloud's switch for immediate negotiation implies.
fn start(settings: &Settings) -> Option<Start> {
    match (settings.term(Key::Negotiation), settings.switch(Key::EffectImmediately)) {
        (Some(Term::Active), _) | (None, Some(true)) => Some(Start::Always),
        (Some(Term::OnTraffic), _) | (None, Some(false)) => Some(Start::OnTraffic),
        (Some(Term::Passive), _) => Some(Start::Never),
        _ => None,
    }
}

fn bgp(settings: &Settings) -> Bgp {
    Bgp {
        enabled: settings.switch(Key::BgpEnabled),
        local_asn: settings.number(Key::BgpLocalAsn),
        peer_asn: settings.number(Key::BgpPeerAsn),
        local_address: settings.text(Key::BgpLocalAddress).map(str::to_owned),
        peer_address: settings.text(Key::BgpPeerAddress).map(str::to_owned),
        cidr: settings.text(Key::BgpTunnelCidr).map(str::to_owned),
    }
}

/// A list of the one algorithm that a field holds.
fn one(settings: &Settings, key: Key) -> Option<Vec<Algorithm>> {
    match settings.get(key)? {
        Value::Word(word) => Algorithm::of(word).map(|algorithm| vec![algorithm]),
        _ => None,
    }
}

/// The identity, with the type that the cloud returns; where the cloud has no types (Alibaba), the text tells the type.
fn identity(settings: &Settings, kind: Key, value: Key) -> Option<Identity> {
    let text = settings.text(value);
    match settings.get(kind) {
        Some(Value::Word(Word::Known(Term::Any))) => Some(Identity::any()),
        Some(Value::Word(Word::Known(Term::Ip))) => text.map(|text| Identity { kind: IdKind::Ip, text: text.to_owned() }),
        Some(Value::Word(Word::Known(Term::Fqdn))) => text.map(|text| Identity { kind: IdKind::Fqdn, text: text.to_owned() }),
        Some(_) => None,
        None => text.map(Identity::parse),
    }
}

/// The traffic selectors: policy rules where there are some, else the subnets.
pub(super) fn children(settings: &Settings) -> Option<Vec<Child>> {
    let parse = |texts: &[String]| texts.iter().map(|text| net(text)).collect::<Option<Vec<IpNet>>>();
    let mut children = Vec::new();
    for key in [Key::PolicyRules, Key::PolicyRulesV6] {
        if let Some(Value::Rules(rules)) = settings.get(key) {
            for rule in rules {
                children.push(Child { local: vec![net(&rule.source)?], remote: parse(&rule.destinations)?, ..Child::default() });
            }
        }
    }
    if !children.is_empty() {
        return Some(children);
    }
    let (local, remote) = (settings.list(Key::LocalSubnets), settings.list(Key::RemoteSubnets));
    if local.is_empty() || remote.is_empty() {
        return None;
    }
    Some(vec![Child { local: parse(local)?, remote: parse(remote)?, ..Child::default() }])
}

/// Reads a network, or an address as a network of one address.
pub(super) fn net(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Status, Tunnel};

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn an_identity_without_a_type_takes_it_from_its_text() {
        let settings: Settings = [(Key::LocalId, text("203.0.113.1")), (Key::RemoteId, text("hq.example.com"))].into_iter().collect();
        let end = from_settings("a", Kind::Cloud("alibaba".into()), &settings);
        assert_eq!(end.local_id.unwrap().kind, IdKind::Ip);
        assert_eq!(end.remote_id.unwrap().kind, IdKind::Fqdn);
        assert_eq!(end.address, Address::Presumed("203.0.113.1".parse().unwrap()));
        assert_eq!(end.peers, Peers::Unknown);
    }

    #[test]
    fn each_tunnel_is_an_end_with_the_networks_of_its_connection() {
        let mut connection = Connection::new(Ref::parse("alibaba@cn-x/vco-1").unwrap());
        connection.settings.set(Key::LocalSubnets, Value::List(vec!["10.0.0.0/24".into()]));
        connection.settings.set(Key::RemoteSubnets, Value::List(vec!["10.1.0.0/24".into()]));
        for (id, address) in [("tun-1", "192.0.2.1"), ("tun-2", "192.0.2.2")] {
            connection.tunnels.push(Tunnel {
                id: id.into(),
                role: None,
                gateway_address: Some(address.into()),
                settings: Settings::new(),
                status: Status::default(),
            });
        }
        let ends = ends(&connection);
        assert_eq!(ends.len(), 2);
        assert_eq!((ends[1].name.as_str(), ends[1].tunnel.as_deref()), ("alibaba@cn-x/vco-1 2", Some("tun-2")));
        assert_eq!(ends[1].children.as_ref().unwrap()[0].local.len(), 1);
        assert_eq!(ends[1].address, Address::Known("192.0.2.2".parse().unwrap()));
    }

    #[test]
    fn a_masked_key_is_unreadable() {
        for mask in ["12****", "pgw6****n7x5", "(hidden)", "<redacted>"] {
            let settings: Settings = [(Key::Psk, Value::secret(mask))].into_iter().collect();
            assert!(matches!(from_settings("a", Kind::Unknown, &settings).psk, Psk::Unreadable), "{mask}");
        }
    }
}
