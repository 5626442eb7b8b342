//! Huawei USG firewalls. Written from the configuration guide; not tried on a device.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, joining, same_networks, sections};
use super::peer::Peer;
use super::words::{Identity, KEY, MSS, Table, bare, is_aead, within};
use crate::model::Term;

/// IKE proposals: of AEAD ciphers, the guide has none for them.
const IKE: Table = Table {
    name: "Huawei USG",
    ciphers: &[
        (Term::Des, "des"),
        (Term::TripleDes, "3des"),
        (Term::Aes128, "aes-128"),
        (Term::Aes192, "aes-192"),
        (Term::Aes256, "aes-256"),
    ],
    hashes: &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha2-256"), (Term::Sha384, "sha2-384"), (Term::Sha512, "sha2-512")],
    groups: &[
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
    ],
};

/// IPsec proposals.
const ESP: Table = Table {
    ciphers: &[
        (Term::Des, "des"),
        (Term::TripleDes, "3des"),
        (Term::Aes128, "aes-128"),
        (Term::Aes192, "aes-192"),
        (Term::Aes256, "aes-256"),
        (Term::Aes128Gcm16, "aes-128-gcm-128"),
        (Term::Aes192Gcm16, "aes-192-gcm-128"),
        (Term::Aes256Gcm16, "aes-256-gcm-128"),
    ],
    ..IKE
};

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut head = head("#", "Configuration for Huawei USG. Not tried on a device: review it before use.", first);
    same_networks(peers, warnings);
    let number = |peer: &Peer| format!("ike proposal {}, acl {}", proposal(peer), acl(peer));
    head.push_str(&comment(
        "#",
        &format!(
            "Numbers come from the ref: {}. If the device has one of them already, choose a free one",
            peers.iter().map(number).collect::<Vec<_>>().join(", ")
        ),
    ));
    head.push_str(&comment(
        "#",
        "FILL IN: security policies that permit IKE (UDP 500 and 4500) and ESP between the zone `local` and the outside zone, and the \
         traffic of the networks",
    ));
    head.push_str(&comment("#", "The limit of TCP segments holds for all traffic of the firewall"));
    let _ = writeln!(head, "firewall tcp-mss {MSS}");
    let policy = peers.first().map_or("", |peer| &peer.name.tag);
    let mut text = sections(head, peers, |peer, place| tunnel(peer, &format!("{policy} {}", place * 10 + 10), warnings))?;
    if peers.iter().any(|peer| !peer.is_route_based()) {
        let opening = format!("ipsec policy {policy}");
        text.push_str(&joining("#", "IPsec policy", &opening, &[&opening]));
    }
    Ok(vec![File { suffix: "", text }])
}

/// The number of the IKE proposal.
fn proposal(peer: &Peer) -> u32 {
    peer.name.number(10, 99)
}

/// The number of the ACL.
fn acl(peer: &Peer) -> u32 {
    peer.name.number(3000, 3999)
}

/// The commands of one tunnel; the entry is the policy's name and a number.
fn tunnel(peer: &Peer, entry: &str, warnings: &mut Vec<String>) -> Result<Zeroizing<String>, String> {
    let pairs = peer.v4_pairs(IKE.name)?;
    let mut text = Zeroizing::new(format!("#\n{}", fill("#", peer)));
    if !peer.is_route_based() {
        let _ = writeln!(text, "acl number {}", acl(peer));
        for (place, (own, cloud)) in pairs.iter().enumerate() {
            let (rule, from, to) = (place * 5 + 5, own.hostmask(), cloud.hostmask());
            let _ = writeln!(text, " rule {rule} permit ip source {} {from} destination {} {to}", own.network(), cloud.network());
        }
        text.push_str("#\n");
    }
    ike(&mut text, peer, warnings)?;
    ipsec(&mut text, peer, entry, warnings)?;
    if peer.is_route_based() {
        interface(&mut text, peer);
    } else {
        exemption(&mut text, peer);
    }
    Ok(text)
}

/// The type and text of an identity.
fn identity(whose: &str, identity: &Identity) -> String {
    let (kind, text) = match identity {
        Identity::Address(address) => ("ip", address.to_string()),
        Identity::Name(name) => ("fqdn", name.clone()),
        Identity::Mail(name) => ("user-fqdn", name.clone()),
        Identity::Unknown => ("fqdn", "IDENTITY-NOT-KNOWN".to_owned()),
    };
    format!(" {whose}-id-type {kind}\n {whose}-id {text}\n")
}

/// Phase 1.
fn ike(text: &mut Zeroizing<String>, peer: &Peer, warnings: &mut Vec<String>) -> Result<(), String> {
    let (cipher, hash, group) = IKE.words("ike", &peer.ike)?;
    let (hash, group, number) = (hash.unwrap_or_default(), group.unwrap_or_default(), proposal(peer));
    let _ = writeln!(text, "ike proposal {number}\n encryption-algorithm {cipher}\n dh {group}\n authentication-method pre-share");
    if peer.ikev2 {
        let tail = if matches!(hash, "md5" | "sha1") { "-96" } else { "" };
        let _ = writeln!(text, " integrity-algorithm hmac-{hash}{tail}\n prf hmac-{hash}");
    } else {
        let _ = writeln!(text, " authentication-algorithm {hash}");
    }
    let secs = within(peer.ike_secs, 604_800, "ike.lifetime_secs", IKE.name, warnings);
    let _ = write!(text, " sa duration {secs}\n#\nike peer {}\n", peer.name.tag);
    // Both versions are on until one is turned off.
    text.push_str(if peer.ikev2 { " undo version 1\n" } else { " undo version 2\n" });
    if !peer.ikev2 {
        text.push_str(if peer.aggressive { " exchange-mode aggressive\n" } else { " exchange-mode main\n" });
    }
    text.push_str(" pre-shared-key ");
    match &peer.key {
        // What begins with `%` or `$` may be read as a key that the device has encrypted.
        Some(key) if !key.expose().starts_with(['%', '$']) => text.push_str(bare(key, "?\"", 128, IKE.name)?),
        Some(_) => return Err(format!("psk: {} may read this key as an encrypted one; leave out --include-key", IKE.name)),
        None => text.push_str(KEY),
    }
    let _ = write!(
        text,
        "\n ike-proposal {number}\n{}{} dpd type periodic\n dpd idle-time {}\n remote-address {}\n#\n",
        identity("local", &peer.id),
        identity("remote", &peer.cloud_id),
        peer.dpd_secs.clamp(10, 3600),
        peer.cloud_or_placeholder(),
    );
    Ok(())
}

/// Phase 2: a profile for a tunnel interface, otherwise a policy.
fn ipsec(text: &mut String, peer: &Peer, entry: &str, warnings: &mut Vec<String>) -> Result<(), String> {
    let (cipher, hash, group) = ESP.words("ipsec", &peer.ipsec)?;
    let name = &peer.name.tag;
    let _ = writeln!(text, "ipsec proposal {name}\n transform esp\n encapsulation-mode tunnel");
    if let Some(hash) = hash.filter(|_| !is_aead(peer.ipsec.encryption)) {
        let _ = writeln!(text, " esp authentication-algorithm {hash}");
    }
    let _ = write!(text, " esp encryption-algorithm {cipher}\n#\n");
    if peer.is_route_based() {
        let _ = writeln!(text, "ipsec profile {name}");
    } else {
        let _ = writeln!(text, "ipsec policy {entry} isakmp\n security acl {}", acl(peer));
    }
    let _ = writeln!(text, " ike-peer {name}\n proposal {name}");
    if let Some(group) = group {
        let _ = writeln!(text, " pfs dh-{group}");
    }
    let secs = within(peer.ipsec_secs, 604_800, "ipsec.lifetime_secs", IKE.name, warnings);
    let _ = writeln!(text, " sa duration time-based {secs}");
    if let Some(kb) = peer.ipsec_kb {
        let _ = writeln!(text, " sa duration traffic-based {}", kb.clamp(256, 200_000_000));
    }
    text.push_str("#\n");
    Ok(())
}

/// The tunnel interface, the routes into it, and BGP over it.
fn interface(text: &mut String, peer: &Peer) {
    let (name, unit) = (&peer.name.tag, peer.unit(100, 1023));
    let _ = writeln!(text, "interface Tunnel{unit}");
    match peer.inside_v4() {
        Some(net) => {
            let _ = writeln!(text, " ip address {} {}", net.addr(), net.netmask());
        }
        None => text.push_str(&comment(" #", "FILL IN: ip address ADDRESS MASK")),
    }
    text.push_str(&comment(" #", "FILL IN: the outside interface"));
    let _ = write!(
        text,
        " tunnel-protocol ipsec\n source OUTSIDE-INTERFACE\n destination {}\n ipsec profile {name}\n#\n",
        peer.cloud_or_placeholder()
    );
    text.push_str(&comment("#", &format!("FILL IN: the zone of the tunnel: firewall zone ZONE, add interface Tunnel{unit}")));
    let routes = peer.routes();
    if routes.is_empty() && peer.bgp.is_none() {
        text.push_str(&comment("#", &format!("FILL IN: ip route-static NETWORK MASK Tunnel{unit}, for each network of the cloud")));
    }
    for net in routes {
        let _ = writeln!(text, "ip route-static {} {} Tunnel{unit}", net.network(), net.netmask());
    }
    let Some(session) = &peer.bgp else { return };
    if session.own_asn.is_none() || session.cloud_asn.is_none() {
        text.push_str(&comment("#", "FILL IN: the AS numbers that the cloud does not return"));
    }
    let (cloud, own, asn) = (session.cloud, session.own_as(), session.cloud_as());
    let _ = writeln!(text, "bgp {own}\n peer {cloud} as-number {asn}\n peer {cloud} connect-interface Tunnel{unit}\n ipv4-family unicast");
    for net in &peer.own_nets {
        let _ = writeln!(text, "  network {} {}", net.network(), net.netmask());
    }
    let _ = write!(text, "  peer {cloud} enable\n#\n");
}

/// The exemption from NAT.
fn exemption(text: &mut String, peer: &Peer) {
    let name = &peer.name.tag;
    text.push_str("nat-policy\n");
    for (place, (own, cloud)) in peer.pairs.iter().enumerate() {
        let rule = format!("{name}-{}", place + 1);
        let _ = writeln!(
            text,
            " rule name {rule}\n  source-address {} mask {}\n  destination-address {} mask {}\n  action no-nat\n rule move {rule} top",
            own.network(),
            own.netmask(),
            cloud.network(),
            cloud.netmask()
        );
    }
    text.push_str("#\n");
}
