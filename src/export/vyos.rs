//! VyOS 1.4 and later, as `set` commands. Written from its documentation; not tried on a router.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, one_key, sections};
use super::peer::Peer;
use super::words::{CLOUD_ADDRESS, Identity, KEY, MSS, Suite, Table, hex, is_aead, within};
use crate::model::Term;

/// Both phases have the same words.
const WORDS: Table = Table {
    name: "VyOS",
    ciphers: &[
        (Term::Des, "des"),
        (Term::TripleDes, "3des"),
        (Term::Aes128, "aes128"),
        (Term::Aes192, "aes192"),
        (Term::Aes256, "aes256"),
        (Term::Aes128Gcm16, "aes128gcm128"),
        (Term::Aes192Gcm16, "aes192gcm128"),
        (Term::Aes256Gcm16, "aes256gcm128"),
        (Term::Null, "null"),
    ],
    hashes: &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")],
    groups: &[
        (Term::Group1, "1"),
        (Term::Group2, "2"),
        (Term::Group5, "5"),
        (Term::Group14, "14"),
        (Term::Group15, "15"),
        (Term::Group16, "16"),
        (Term::Group19, "19"),
        (Term::Group20, "20"),
        (Term::Group21, "21"),
        (Term::Group24, "24"),
    ],
};

/// The longest lifetime of either SA, in seconds.
const LONGEST: u64 = 86_400;

/// The one option that concerns all tunnels of a router.
const AUTOINSTALL: &str = "FILL IN: `set vpn ipsec options disable-route-autoinstall`, which a VTI needs so that routes alone choose it. It holds \
                           for all tunnels: those without a VTI then need routes of their own";

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut head = head("#", "Configuration for VyOS 1.4 or later. Not tried on a router: review it before use.", first);
    one_key(peers, WORDS.name, warnings)?;
    head.push_str(&comment("#", "Paste it in configuration mode, then compare and commit"));
    let text = sections(head, peers, |peer, _| tunnel(peer, warnings))?;
    Ok(vec![File { suffix: "", text }])
}

/// Adds a command.
fn set(text: &mut String, path: &str, value: &str) {
    let _ = writeln!(text, "set {path} '{value}'");
}

/// The commands of one tunnel.
fn tunnel(peer: &Peer, warnings: &mut Vec<String>) -> Result<Zeroizing<String>, String> {
    let name = &peer.name.short;
    let mut text = Zeroizing::new(format!("\n{}", fill("#", peer)));
    secret(&mut text, peer);
    let ike = format!("vpn ipsec ike-group {name}");
    proposal(&mut text, &ike, "ike", &peer.ike)?;
    let secs = within(peer.ike_secs, LONGEST, "ike.lifetime_secs", WORDS.name, warnings);
    set(&mut text, &format!("{ike} key-exchange"), if peer.ikev2 { "ikev2" } else { "ikev1" });
    if !peer.ikev2 {
        set(&mut text, &format!("{ike} mode"), if peer.aggressive { "aggressive" } else { "main" });
    }
    set(&mut text, &format!("{ike} lifetime"), &secs.to_string());
    set(&mut text, &format!("{ike} close-action"), "start");
    set(&mut text, &format!("{ike} dead-peer-detection action"), "restart");
    set(&mut text, &format!("{ike} dead-peer-detection interval"), &peer.dpd_secs.clamp(2, 86_400).to_string());
    set(&mut text, &format!("{ike} dead-peer-detection timeout"), &(peer.dpd_secs.saturating_mul(5)).clamp(2, 86_400).to_string());
    let esp = format!("vpn ipsec esp-group {name}");
    let group = proposal(&mut text, &esp, "ipsec", &peer.ipsec)?;
    let secs = within(peer.ipsec_secs, LONGEST, "ipsec.lifetime_secs", WORDS.name, warnings);
    set(&mut text, &format!("{esp} lifetime"), &secs.to_string());
    if let Some(bytes) = peer.ipsec_kb.and_then(|kb| kb.checked_mul(1024)) {
        set(&mut text, &format!("{esp} life-bytes"), &bytes.clamp(1024, 26_843_545_600_000).to_string());
    }
    set(&mut text, &format!("{esp} mode"), "tunnel");
    set(&mut text, &format!("{esp} pfs"), &group.map_or("disable".to_owned(), |group| format!("dh-group{group}")));
    site(&mut text, peer);
    if peer.is_route_based() {
        interface(&mut text, peer);
    } else {
        exemption(&mut text, peer);
    }
    Ok(text)
}

/// The key. strongSwan, which VyOS runs, reads text that begins with 0x as hex, in quotes too.
fn secret(text: &mut Zeroizing<String>, peer: &Peer) {
    let psk = format!("vpn ipsec authentication psk {}", peer.name.short);
    for id in [&peer.id, &peer.cloud_id] {
        set(text, &format!("{psk} id"), &identity(id));
    }
    let _ = write!(text, "set {psk} secret '");
    match &peer.key {
        Some(key) => {
            text.push_str("0x");
            text.push_str(&hex(key));
        }
        None => text.push_str(KEY),
    }
    text.push_str("'\n");
}

/// An identity, as strongSwan reads it.
fn identity(identity: &Identity) -> String {
    match identity {
        Identity::Unknown => "@IDENTITY-NOT-KNOWN".to_owned(),
        known => known.daemon(),
    }
}

/// The algorithms of a group of settings; returns the Diffie-Hellman group.
fn proposal(text: &mut String, object: &str, phase: &str, suite: &Suite) -> Result<Option<&'static str>, String> {
    let (cipher, hash, group) = WORDS.words(phase, suite)?;
    set(text, &format!("{object} proposal 1 encryption"), cipher);
    if let Some(hash) = hash {
        set(text, &format!("{object} proposal 1 hash"), hash);
        if phase == "ike" && is_aead(suite.encryption) {
            set(text, &format!("{object} proposal 1 prf"), &format!("prf{hash}"));
        }
    }
    if let Some(group) = group.filter(|_| phase == "ike") {
        set(text, &format!("{object} proposal 1 dh-group"), group);
    }
    Ok(group)
}

/// The peer itself.
fn site(text: &mut String, peer: &Peer) {
    let name = &peer.name.short;
    let site = format!("vpn ipsec site-to-site peer {name}");
    set(text, &format!("{site} authentication mode"), "pre-shared-secret");
    set(text, &format!("{site} authentication local-id"), &identity(&peer.id));
    set(text, &format!("{site} authentication remote-id"), &identity(&peer.cloud_id));
    set(text, &format!("{site} connection-type"), "initiate");
    set(text, &format!("{site} ike-group"), name);
    set(text, &format!("{site} default-esp-group"), name);
    let own = peer.address.map_or("any".to_owned(), |address| address.to_string());
    text.push_str(&comment("#", "Behind a NAT, local-address is the router's own address"));
    set(text, &format!("{site} local-address"), &own);
    // The router accepts a host name here: this one never resolves.
    set(text, &format!("{site} remote-address"), &peer.cloud.map_or(CLOUD_ADDRESS.to_owned(), |address| address.to_string()));
    if peer.is_route_based() {
        set(text, &format!("{site} vti bind"), &format!("vti{}", unit(peer)));
        set(text, &format!("{site} vti esp-group"), name);
        return;
    }
    for (place, (own, cloud)) in peer.pairs.iter().enumerate() {
        set(text, &format!("{site} tunnel {} local prefix", place + 1), &own.to_string());
        set(text, &format!("{site} tunnel {} remote prefix", place + 1), &cloud.to_string());
    }
}

/// The number of the VTI.
fn unit(peer: &Peer) -> u32 {
    peer.unit(100, 9999)
}

/// The VTI, the routes into it, and BGP over it.
fn interface(text: &mut String, peer: &Peer) {
    let vti = format!("vti{}", unit(peer));
    text.push_str(&comment("#", AUTOINSTALL));
    match peer.inside {
        Some(inside) => set(text, &format!("interfaces vti {vti} address"), &inside.to_string()),
        None => {
            text.push_str(&comment("#", &format!("FILL IN: set interfaces vti {vti} address ADDRESS/LENGTH")));
            let _ = writeln!(text, "set interfaces vti {vti}");
        }
    }
    set(text, &format!("interfaces vti {vti} ip adjust-mss"), &MSS.to_string());
    let routes = peer.routes();
    if routes.is_empty() && peer.bgp.is_none() {
        text.push_str(&comment(
            "#",
            &format!("FILL IN: set protocols static route NETWORK interface {vti}, for each network of the cloud"),
        ));
    }
    for net in routes {
        let _ = writeln!(text, "set protocols static route {net} interface {vti}");
    }
    let Some(session) = &peer.bgp else { return };
    text.push_str(&comment("#", &format!("FILL IN: if the router has no BGP yet, `set protocols bgp system-as {}`", session.own_as())));
    let neighbor = format!("protocols bgp neighbor {}", session.cloud);
    set(text, &format!("{neighbor} remote-as"), &session.cloud_asn.map_or("external".to_owned(), |asn| asn.to_string()));
    if let Some(own) = session.own {
        set(text, &format!("{neighbor} update-source"), &own.to_string());
    }
    let _ = writeln!(text, "set {neighbor} address-family ipv4-unicast");
    for net in &peer.own_nets {
        let _ = writeln!(text, "set protocols bgp address-family ipv4-unicast network {net}");
    }
}

/// What policies do not bring themselves: no NAT, and segments that fit.
fn exemption(text: &mut String, peer: &Peer) {
    text.push_str(&comment(
        "#",
        &format!("FILL IN: `set interfaces ethernet INSIDE-INTERFACE ip adjust-mss {MSS}`, and if the router translates addresses:"),
    ));
    for (place, (own, cloud)) in peer.pairs.iter().enumerate() {
        let rule = format!("#   set nat source rule FREE-NUMBER-{}", place + 1);
        let _ = writeln!(text, "{rule} source address {own}\n{rule} destination address {cloud}\n{rule} exclude");
    }
}
