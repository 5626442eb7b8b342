//! A change, made to an end in memory.

use std::sync::Arc;

use ipnet::IpNet;

use super::change::{Change, Setting};
use super::words::words;
use crate::agreement::address::{Address, Peers};
use crate::agreement::algorithm::Algorithm;
use crate::agreement::beside::{Bgp, Start};
use crate::agreement::end::{Encapsulation, End, Kind, Psk};
use crate::agreement::identity::{IdKind, Identity};
use crate::agreement::keyring::Held;
use crate::agreement::proposal::Proposal;
use crate::model::{Key, Secret, Settings, Term, Value};

/// The end after a change.
#[must_use]
pub fn applied(end: &End, change: &Change) -> End {
    let mut after = end.clone();
    for setting in &change.settings {
        apply(&mut after, setting);
    }
    // Later changes are judged by the connection as it is then.
    if let Some(connection) = &mut after.connection {
        let all: Settings =
            change.settings.iter().filter_map(|setting| words(end, setting)).fold(Settings::new(), |all, one| all.with(&one));
        let connection = Arc::make_mut(connection);
        let tunnel = end.tunnel.as_ref().and_then(|id| connection.tunnels.iter_mut().find(|tunnel| tunnel.id == *id));
        let place = tunnel.map_or(&mut connection.settings, |tunnel| &mut tunnel.settings);
        *place = place.with(&all);
    }
    after
}

fn apply(end: &mut End, setting: &Setting) {
    match setting {
        Setting::Versions(versions) => {
            end.versions = Some(versions.clone());
            if end.kind == Kind::Libreswan {
                esn(end, versions.first() == Some(&Term::Ikev1));
            }
            if versions.first() != Some(&Term::Ikev1) {
                settle(end, &["ike.version"]);
            }
        }
        Setting::AllowIkev1 => settle(end, &["ike.version"]),
        Setting::Mode(mode) => end.mode = Some(*mode),
        Setting::Ike(proposals) => {
            let first = |list: &[Proposal]| list.first().and_then(|proposal| proposal.groups.as_ref()?.first().cloned());
            let (old, new) = (first(&end.ike), first(proposals));
            // Child SAs without a group of their own follow.
            for proposal in end.esp.iter_mut().filter(|_| end.pfs_of_ike) {
                if proposal.groups.as_deref() == old.as_ref().map(std::slice::from_ref) {
                    proposal.groups = new.clone().map(|group| vec![group]);
                }
            }
            end.ike.clone_from(proposals);
            end.answers_any.0 = false;
            settle(end, &["ike.encryption", "ike.integrity", "ike.prf", "ike.dh_group"]);
        }
        Setting::Esp(child, proposals) => esp(end, child.as_deref(), proposals),
        Setting::LocalId(id) => {
            if matches!(end.address, Address::Presumed(_)) {
                end.address = address(id).map_or(Address::Unknown, Address::Presumed);
            }
            end.local_id = Some(id.clone());
        }
        Setting::RemoteId(id) => {
            if matches!(end.peers, Peers::Presumed(_)) {
                end.peers = address(id).map_or(Peers::Unknown, Peers::Presumed);
            }
            end.remote_id = Some(id.clone());
        }
        Setting::Peer(address) => end.peers = Peers::Listed(vec![IpNet::from(*address)]),
        Setting::Children(children) => end.children = Some(children.clone()),
        Setting::TunnelMode => end.children.iter_mut().flatten().for_each(|child| child.transport = false),
        Setting::IkeLifetime(secs) => (end.ike_lifetime_secs, end.ike_renewal_secs) = (Some(*secs), None),
        Setting::ChildLifetime(secs) => (end.child_lifetime_secs, end.child_renewal_secs) = (Some(*secs), None),
        Setting::Dpd => end.dpd.enabled = Some(true),
        Setting::DpdRestart => end.dpd.action = Some(Term::Restart),
        Setting::Start => end.start = Some(Start::Always),
        Setting::NatTraversal => end.encapsulation = Some(Encapsulation::Auto),
        Setting::Bgp(key, value) => bgp(&mut end.bgp, *key, value),
        Setting::FullSha256 => end.truncates_sha256 = false,
        Setting::NoCompression => end.compress = false,
        Setting::NoNarrowing => end.narrowing = false,
        Setting::Key(key, ids) => {
            let secret = key.clone().unwrap_or_else(|| Arc::new(Secret::new("a new key, which both ends get")));
            end.older_keys.clear();
            if let Some(ring) = &mut end.keyring {
                ring.held.push(Held { ids: ids.clone(), secret: Arc::clone(&secret) });
            }
            end.psk = Psk::Known(secret);
        }
    }
}

/// Libreswan has extended sequence numbers in IKEv2 only, and takes both kinds there.
fn esn(end: &mut End, v1: bool) {
    for proposal in &mut end.esp {
        match (v1, proposal.esn.is_empty()) {
            (true, _) => proposal.esn.clear(),
            (false, true) => proposal.esn = ["esn", "noesn"].map(Algorithm::named).to_vec(),
            (false, false) => {}
        }
    }
}

/// What the daemon did not load of these fields is written anew.
fn settle(end: &mut End, fields: &[&str]) {
    end.refusals.retain(|refusal| !fields.contains(&refusal.field));
    end.doubts.retain(|doubt| !fields.contains(&doubt.field));
}

fn esp(end: &mut End, child: Option<&str>, proposals: &[Proposal]) {
    for own in end.children.iter_mut().flatten().filter(|own| child.is_none_or(|name| own.name == name)) {
        if child.is_some() || !own.esp.is_empty() {
            own.esp = proposals.to_vec();
        }
    }
    if child.is_none() {
        end.esp = proposals.to_vec();
    } else {
        // The end's own list is what its children have between them.
        end.esp.clear();
        for proposal in end.children.iter().flatten().flat_map(|child| &child.esp) {
            if !end.esp.contains(proposal) {
                end.esp.push(proposal.clone());
            }
        }
    }
    (end.answers_any.1, end.pfs_of_ike) = (false, false);
    settle(end, &["ipsec.encryption", "ipsec.integrity", "ipsec.pfs", "ipsec.esn"]);
}

fn address(id: &Identity) -> Option<std::net::IpAddr> {
    if id.kind == IdKind::Ip { id.text.parse().ok() } else { None }
}

fn bgp(bgp: &mut Bgp, key: Key, value: &Value) {
    match (key, value) {
        (Key::BgpEnabled, Value::Switch(on)) => bgp.enabled = Some(*on),
        (Key::BgpLocalAsn, Value::Number(asn)) => bgp.local_asn = Some(*asn),
        (Key::BgpPeerAsn, Value::Number(asn)) => bgp.peer_asn = Some(*asn),
        (Key::BgpLocalAddress, Value::Text(text)) => bgp.local_address = Some(text.clone()),
        (Key::BgpPeerAddress, Value::Text(text)) => bgp.peer_address = Some(text.clone()),
        (Key::BgpTunnelCidr, Value::Text(text)) => bgp.cidr = Some(text.clone()),
        _ => {}
    }
}
