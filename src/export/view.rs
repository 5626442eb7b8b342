//! From what a cloud returned to a complete peer, with both sides swapped.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::file::plain;
use super::given::Given;
use super::name::Name;
use super::peer::Peer;
use super::session::{Session, inside, networks};
use super::words::{Identity, Suite, identity, is_aead};
use crate::model::{Connection, Key, Secret, Settings, Term, Tunnel, Value, Word};

/// The tunnels of a connection, each seen from the peer.
pub(super) fn peers(connection: &Connection, given: &Given, warnings: &mut Vec<String>) -> Result<Vec<Peer>, Vec<String>> {
    if connection.settings.has(Key::ClientPool) || connection.reference.kind == "ipsec-server" {
        return Err(vec!["an IPsec server has clients, not a peer whose configuration could be written".to_owned()]);
    }
    let whole = View { connection, tunnel: None, settings: connection.settings.clone(), given, place: 0 };
    let views = match connection.tunnels.as_slice() {
        [] => vec![whole],
        // A tunnel has its own settings; the rest, such as traffic selectors, comes from the connection.
        tunnels => tunnels
            .iter()
            .enumerate()
            .filter(|(place, _)| given.tunnel.is_none_or(|only| only == *place))
            .map(|(place, tunnel)| {
                let settings = connection.settings.with(&tunnel.settings);
                View { connection, tunnel: Some(tunnel), settings, given, place }
            })
            .collect(),
    };
    if views.len() > 1 && (given.local_address.is_some() || given.key.is_some()) {
        return Err(vec![format!(
            "the connection has {} tunnels: --local-address and --psk-file state one of them; name a tunnel: {}#1",
            views.len(),
            connection.reference
        )]);
    }
    let mut faults = Vec::new();
    let peers = views.iter().filter_map(|view| view.peer(warnings).map_err(|more| faults.extend(more)).ok()).collect::<Vec<_>>();
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(peers)
}

/// One tunnel as the cloud returned it.
struct View<'a> {
    connection: &'a Connection,
    tunnel: Option<&'a Tunnel>,
    settings: Settings,
    given: &'a Given,
    place: usize,
}

impl View<'_> {
    fn peer(&self, warnings: &mut Vec<String>) -> Result<Peer, Vec<String>> {
        let mut faults = Vec::new();
        let mut warn = |text: String| {
            let text = self.tunnel.map_or(text.clone(), |tunnel| format!("tunnel {}: {text}", tunnel.role.as_ref().unwrap_or(&tunnel.id)));
            warnings.push(text);
        };
        let ikev2 = self.word(Key::IkeVersion, &mut faults) == Term::Ikev2;
        let (ike, ipsec) = self.suites(ikev2, &mut faults);
        let [(address, id), (cloud, cloud_id)] = self.sides(&mut faults, &mut warn);
        let pairs = self.pairs(&mut faults);
        let key = self.key(&mut warn);
        let aggressive = !ikev2 && self.settings.term(Key::IkeMode) == Some(Term::Aggressive);
        if aggressive {
            warn("IKEv1 aggressive mode lets an attacker crack the pre-shared key offline; strongSwan answers it only with i_dont_care_about_security_and_use_aggressive_mode_psk".to_owned());
        }
        let ike_secs = self.lifetime(Key::IkeLifetime, 86_400, &mut warn);
        let ipsec_secs = self.lifetime(Key::IpsecLifetime, 3600, &mut warn);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (inside, cloud_inside) = inside(&self.settings);
        Ok(Peer {
            name: Name::of(&self.connection.reference, self.tunnel.map(|_| self.place)),
            reference: self.connection.reference.to_string(),
            address,
            cloud,
            id,
            cloud_id,
            ikev2,
            aggressive,
            ike,
            ipsec,
            ike_secs,
            ipsec_secs,
            ipsec_kb: self.settings.number(Key::IpsecLifetimeKb).filter(|kb| *kb > 0),
            dpd_secs: self.settings.number(Key::DpdInterval).filter(|secs| *secs > 0).unwrap_or(30),
            pairs,
            inside,
            cloud_inside,
            bgp: Session::of(&self.settings, self.connection.extra_text("style")),
            own_nets: networks(self.connection, Key::RemoteSubnets),
            cloud_nets: networks(self.connection, Key::LocalSubnets),
            interface: self.given.interface.map(|number| number.saturating_add(u32::try_from(self.place).unwrap_or_default())),
            key,
        })
    }

    /// The algorithms of both phases.
    fn suites(&self, ikev2: bool, faults: &mut Vec<String>) -> (Suite, Suite) {
        let ike = Suite {
            encryption: self.word(Key::IkeEncryption, faults),
            integrity: Some(self.word(Key::IkeIntegrity, faults)),
            group: Some(self.word(Key::IkeDhGroup, faults)),
        };
        let encryption = self.word(Key::IpsecEncryption, faults);
        let ipsec = Suite {
            encryption,
            integrity: (!is_aead(encryption)).then(|| self.word(Key::IpsecIntegrity, faults)),
            group: Some(self.word(Key::IpsecPfs, faults)).filter(|group| *group != Term::None),
        };
        if !ikev2 && is_aead(ike.encryption) {
            faults
                .push(format!("ike.encryption {}: IKEv1 has no AEAD cipher for the IKE SA, so this tunnel never comes up", ike.encryption));
        }
        (ike, ipsec)
    }

    /// Outer address and identity of the peer and of the cloud.
    fn sides(&self, faults: &mut Vec<String>, warn: &mut impl FnMut(String)) -> [(Option<IpAddr>, Identity); 2] {
        let id = self.identity(Key::RemoteIdType, Key::RemoteId, faults);
        let cloud_id = self.identity(Key::LocalIdType, Key::LocalId, faults);
        let address = self.given.peer_address.or_else(|| self.address("userGwAddress", None, &id));
        let cloud = self.given.local_address.or_else(|| {
            let own = self.tunnel.map_or(&self.connection.gateway_address, |tunnel| &tunnel.gateway_address);
            self.address("vpnGwAddress", own.as_deref(), &cloud_id)
        });
        if cloud.is_none() {
            warn("the cloud does not return its public address: a placeholder is written; --local-address supplies the address".to_owned());
        }
        if address.is_none() {
            warn("the peer's own public address is not known; --peer-address supplies it".to_owned());
        }
        // The identity defaults to the outer address.
        let or_address = |id, address: Option<IpAddr>| match id {
            Identity::Unknown => address.map_or(Identity::Unknown, Identity::Address),
            known => known,
        };
        let (id, cloud_id) = (or_address(id, address), or_address(cloud_id, cloud));
        for (whose, identity) in [("peer", &id), ("cloud", &cloud_id)] {
            if *identity == Identity::Unknown {
                warn(format!("the identity of the {whose} is not known: a placeholder is written"));
            }
        }
        [(address, id), (cloud, cloud_id)]
    }

    /// The word of a field that every tunnel needs.
    fn word(&self, key: Key, faults: &mut Vec<String>) -> Term {
        match self.settings.get(key) {
            Some(Value::Word(Word::Known(term))) => return *term,
            Some(value) => faults.push(format!("{} {}: is not a word that this program knows", key.path(), plain(&value.to_string()))),
            None => faults.push(format!("{}: is not returned by the cloud", key.path())),
        }
        Term::Unknown
    }

    fn identity(&self, kind: Key, value: Key, faults: &mut Vec<String>) -> Identity {
        let text = self.settings.text(value).unwrap_or_default();
        match identity(self.settings.term(kind), text) {
            Ok(identity) => identity,
            Err(rule) => {
                faults.push(format!("{} {:?}: {rule}", value.path(), plain(text)));
                Identity::Unknown
            }
        }
    }

    /// An outer address: from its own field, from a field beyond the model, or from an identity that is an address.
    fn address(&self, extra: &str, own: Option<&str>, identity: &Identity) -> Option<IpAddr> {
        let said = own.or_else(|| self.connection.extra_text(extra)).and_then(|text| text.parse().ok());
        said.or(match identity {
            Identity::Address(address) => Some(*address),
            _ => None,
        })
    }

    /// The pairs of networks, the peer's own first; all traffic where the cloud names none.
    fn pairs(&self, faults: &mut Vec<String>) -> Vec<(IpNet, IpNet)> {
        let mut pairs: Vec<(IpNet, IpNet)> = Vec::new();
        let mut add = |own: &str, cloud: &str| match (own.parse::<IpNet>(), cloud.parse::<IpNet>()) {
            (Ok(own @ IpNet::V4(_)), Ok(cloud @ IpNet::V4(_))) | (Ok(own @ IpNet::V6(_)), Ok(cloud @ IpNet::V6(_))) => {
                let pair = (own.trunc(), cloud.trunc());
                if !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
            (Ok(_), Ok(_)) => {}
            _ => faults.push(format!("traffic selector {} - {}: is not a pair of networks", plain(own), plain(cloud))),
        };
        let style = self.connection.extra_text("style").unwrap_or_default().to_ascii_uppercase();
        if !matches!(style.as_str(), "STATIC" | "BGP") {
            for key in [Key::PolicyRules, Key::PolicyRulesV6] {
                let Some(Value::Rules(rules)) = self.settings.get(key) else { continue };
                rules.iter().for_each(|rule| rule.destinations.iter().for_each(|destination| add(destination, &rule.source)));
            }
            let has_rules = self.settings.has(Key::PolicyRules) || self.settings.has(Key::PolicyRulesV6);
            for cloud in self.settings.list(Key::LocalSubnets).iter().filter(|_| !has_rules) {
                self.settings.list(Key::RemoteSubnets).iter().for_each(|own| add(own, cloud));
            }
        }
        if pairs.is_empty() {
            let all = IpNet::V4(ipnet::Ipv4Net::default());
            pairs.push((all, all));
        }
        pairs
    }

    /// The key to write, given or read.
    fn key(&self, warn: &mut impl FnMut(String)) -> Option<Arc<Secret>> {
        let read = match self.settings.get(Key::Psk) {
            Some(Value::Secret(secret)) if secret.is_readable() => Some(Arc::clone(secret)),
            _ => None,
        };
        let key = self.given.key.clone().or(read);
        if !self.given.include_key {
            warn("a placeholder is written for the pre-shared key; --include-key writes the key".to_owned());
            return None;
        }
        if key.is_none() {
            warn("the cloud does not return the pre-shared key: a placeholder is written; --psk-file supplies the key".to_owned());
        }
        key
    }

    fn lifetime(&self, key: Key, default: u64, warn: &mut impl FnMut(String)) -> u64 {
        self.settings.number(key).filter(|secs| *secs > 0).unwrap_or_else(|| {
            warn(format!("{}: the cloud does not return it; {default} is written", key.path()));
            default
        })
    }
}
