//! Juniper Junos on SRX, as `set` commands. Written from the command reference; not tested on a device.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, sections};
use super::peer::Peer;
use super::words::{Identity, KEY, MSS, Suite, hex, is_aead, within, word};
use crate::model::Term;

const NAME: &str = "Junos";
/// The longest lifetime of either SA, in seconds.
const LONGEST: u64 = 86_400;

const CIPHERS: &[(Term, &str)] = &[
    (Term::Des, "des-cbc"),
    (Term::TripleDes, "3des-cbc"),
    (Term::Aes128, "aes-128-cbc"),
    (Term::Aes192, "aes-192-cbc"),
    (Term::Aes256, "aes-256-cbc"),
    (Term::Aes128Gcm16, "aes-128-gcm"),
    (Term::Aes256Gcm16, "aes-256-gcm"),
];

const HASHES: &[(Term, &str)] =
    &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha-256"), (Term::Sha384, "sha-384"), (Term::Sha512, "sha-512")];

const ESP_HASHES: &[(Term, &str)] = &[
    (Term::Md5, "hmac-md5-96"),
    (Term::Sha1, "hmac-sha1-96"),
    (Term::Sha256, "hmac-sha-256-128"),
    (Term::Sha384, "hmac-sha-384"),
    (Term::Sha512, "hmac-sha-512"),
];

const GROUPS: &[(Term, &str)] = &[
    (Term::Group1, "group1"),
    (Term::Group2, "group2"),
    (Term::Group5, "group5"),
    (Term::Group14, "group14"),
    (Term::Group15, "group15"),
    (Term::Group16, "group16"),
    (Term::Group19, "group19"),
    (Term::Group20, "group20"),
    (Term::Group21, "group21"),
    (Term::Group24, "group24"),
];

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let head = head("#", "Configuration for Juniper Junos (SRX). Not tried on a device: review it before use.", first);
    let text = sections(head, peers, |peer, _| tunnel(peer, warnings))?;
    Ok(vec![File { suffix: "", text }])
}

fn identity(whose: &str, identity: &Identity) -> String {
    match identity {
        Identity::Address(address @ std::net::IpAddr::V4(_)) => format!("{whose} inet {address}"),
        Identity::Address(address) => format!("{whose} inet6 {address}"),
        Identity::Name(name) => format!("{whose} hostname {name}"),
        Identity::Mail(name) => format!("{whose} user-at-hostname {name}"),
        Identity::Unknown => format!("{whose} hostname IDENTITY-NOT-KNOWN"),
    }
}

/// The cipher and integrity of a phase; an AEAD cipher needs no integrity algorithm.
fn algorithms(phase: &str, suite: &Suite, hashes: &[(Term, &'static str)]) -> Result<String, String> {
    let mut text = format!("encryption-algorithm {}", word(CIPHERS, suite.encryption, &format!("{phase}.encryption"), NAME)?);
    if let Some(integrity) = suite.integrity.filter(|_| !is_aead(suite.encryption)) {
        let _ = write!(text, "\nauthentication-algorithm {}", word(hashes, integrity, &format!("{phase}.integrity"), NAME)?);
    }
    Ok(text)
}

/// The commands of one tunnel.
fn tunnel(peer: &Peer, warnings: &mut Vec<String>) -> Result<Zeroizing<String>, String> {
    // Units above 16,000 are the device's own.
    let unit = peer.unit(1000, 15_999);
    let mut text = Zeroizing::new(format!("\n{}", fill("#", peer)));
    phase1(&mut text, peer, warnings)?;
    phase2(&mut text, peer, warnings)?;
    vpn(&mut text, peer, unit);
    zones(&mut text, peer, unit);
    bgp(&mut text, peer);
    Ok(text)
}

/// Adds a command for each line, all for the same object.
fn set(text: &mut String, object: &str, lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(text, "set {object} {line}");
    }
}

fn phase1(text: &mut String, peer: &Peer, warnings: &mut Vec<String>) -> Result<(), String> {
    let name = &peer.name.short;
    let policy = format!("security ike policy {name}");
    let cloud = peer.cloud.map_or("CLOUD-ADDRESS".to_owned(), |address| address.to_string());
    let group = word(GROUPS, peer.ike.group.unwrap_or(Term::Unknown), "ike.dh_group", NAME)?;
    let secs = within(peer.ike_secs, LONGEST, "ike.lifetime_secs", NAME, warnings);
    let algorithms = algorithms("ike", &peer.ike, HASHES)?;
    set(
        text,
        &format!("security ike proposal {name}"),
        &format!("authentication-method pre-shared-keys\ndh-group {group}\n{algorithms}\nlifetime-seconds {secs}"),
    );
    if is_aead(peer.ike.encryption) {
        warnings.push("Junos chooses the PRF of a GCM proposal itself: compare it with ike.integrity of the cloud".to_owned());
    }
    if !peer.ikev2 {
        set(text, &policy, if peer.aggressive { "mode aggressive" } else { "mode main" });
    }
    set(text, &policy, &format!("proposals {name}"));
    let key = match &peer.key {
        Some(key) => Zeroizing::new(format!("pre-shared-key hexadecimal {}", *hex(key))),
        None => Zeroizing::new(format!("pre-shared-key ascii-text \"{KEY}\"")),
    };
    set(text, &policy, &key);
    set(
        text,
        &format!("security ike gateway {name}"),
        &format!(
            "ike-policy {name}\naddress {cloud}\nexternal-interface OUTSIDE-INTERFACE\n{}\n{}\nversion {}\ndead-peer-detection always-send\n\
             dead-peer-detection interval {}\ndead-peer-detection threshold 5",
            identity("local-identity", &peer.id),
            identity("remote-identity", &peer.cloud_id),
            if peer.ikev2 { "v2-only" } else { "v1-only" },
            peer.dpd_secs.clamp(10, 60),
        ),
    );
    Ok(())
}

fn phase2(text: &mut String, peer: &Peer, warnings: &mut Vec<String>) -> Result<(), String> {
    let name = &peer.name.short;
    let (proposal, policy) = (format!("security ipsec proposal {name}"), format!("security ipsec policy {name}"));
    let secs = within(peer.ipsec_secs, LONGEST, "ipsec.lifetime_secs", NAME, warnings);
    set(text, &proposal, &format!("protocol esp\n{}\nlifetime-seconds {secs}", algorithms("ipsec", &peer.ipsec, ESP_HASHES)?));
    if let Some(kb) = peer.ipsec_kb {
        set(text, &proposal, &format!("lifetime-kilobytes {}", kb.clamp(64, 4_294_967_294)));
    }
    if let Some(group) = peer.ipsec.group {
        let group = word(GROUPS, group, "ipsec.pfs", NAME)?;
        set(text, &policy, &format!("perfect-forward-secrecy keys {group}"));
    }
    set(text, &policy, &format!("proposals {name}"));
    Ok(())
}

fn vpn(text: &mut String, peer: &Peer, unit: u32) {
    let name = &peer.name.short;
    let vpn = format!("security ipsec vpn {name}");
    set(text, &vpn, &format!("bind-interface st0.{unit}\nike gateway {name}\nike ipsec-policy {name}\nestablish-tunnels immediately"));
    for (place, (own, remote)) in peer.pairs.iter().enumerate().filter(|_| !peer.is_route_based()) {
        set(text, &format!("{vpn} traffic-selector net{}", place + 1), &format!("local-ip {own} remote-ip {remote}"));
    }
    let interface = format!("interfaces st0 unit {unit}");
    match peer.inside {
        Some(inside) => set(text, &interface, &format!("family inet address {inside}")),
        None => set(text, &interface, "family inet"),
    }
    let _ = writeln!(text, "set security flow tcp-mss ipsec-vpn mss {MSS}");
    // Traffic selectors add their own routes.
    if peer.is_route_based() {
        let routes = peer.routes();
        if routes.is_empty() && peer.bgp.is_none() {
            text.push_str(&comment(
                "#",
                &format!("FILL IN: set routing-options static route NETWORK next-hop st0.{unit}, for each network of the cloud"),
            ));
        }
        for net in routes {
            let _ = writeln!(text, "set routing-options static route {net} next-hop st0.{unit}");
        }
    }
}

/// A zone of its own for the tunnel: NAT towards the outside zone does not apply to it.
fn zones(text: &mut String, peer: &Peer, unit: u32) {
    let zone = &peer.name.short;
    text.push_str(&comment(
        "#",
        "FILL IN: OUTSIDE-INTERFACE, OUTSIDE-ZONE and INSIDE-ZONE. The tunnel has a zone of its own, so source NAT towards OUTSIDE-ZONE \
         does not change its traffic",
    ));
    let _ = write!(
        text,
        "set security zones security-zone OUTSIDE-ZONE interfaces OUTSIDE-INTERFACE host-inbound-traffic system-services ike\n\
         set security zones security-zone {zone} interfaces st0.{unit}\n"
    );
    if peer.bgp.is_some() {
        let _ = writeln!(text, "set security zones security-zone {zone} interfaces st0.{unit} host-inbound-traffic protocols bgp");
    }
    for (from, to) in [("INSIDE-ZONE", zone.as_str()), (zone.as_str(), "INSIDE-ZONE")] {
        let policy = format!("security policies from-zone {from} to-zone {to} policy {zone}");
        set(text, &policy, "match source-address any\nmatch destination-address any\nmatch application any\nthen permit");
    }
}

/// The BGP session, with its own AS number: the device may have another one.
fn bgp(text: &mut String, peer: &Peer) {
    let Some(session) = &peer.bgp else { return };
    let name = &peer.name.short;
    if session.own_asn.is_none() || session.cloud_asn.is_none() {
        text.push_str(&comment("#", "FILL IN: the AS numbers that the cloud does not return"));
    }
    let group = format!("protocols bgp group {name}");
    set(
        text,
        &group,
        &format!("type external\nlocal-as {}\npeer-as {}\nneighbor {}\nexport {name}", session.own_as(), session.cloud_as(), session.cloud),
    );
    if peer.own_nets.is_empty() {
        text.push_str(&comment("#", "FILL IN: a term that accepts your own networks; until then nothing is announced"));
    }
    for net in &peer.own_nets {
        set(text, &format!("policy-options policy-statement {name} term own"), &format!("from route-filter {net} exact"));
    }
    if !peer.own_nets.is_empty() {
        set(text, &format!("policy-options policy-statement {name} term own"), "then accept");
    }
    set(text, &format!("policy-options policy-statement {name} term rest"), "then reject");
}
