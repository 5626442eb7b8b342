//! H3C routers and firewalls with Comware 7. Written from the command reference; not tried on a device.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, joining, same_networks, sections};
use super::peer::Peer;
use super::words::{Identity, KEY, MSS, Table, bare, is_aead, within};
use crate::model::Term;

/// IKEv2 proposals. The reference has no AEAD cipher for them.
const IKEV2: Table = Table {
    name: "H3C Comware",
    ciphers: &[
        (Term::Des, "des-cbc"),
        (Term::TripleDes, "3des-cbc"),
        (Term::Aes128, "aes-cbc-128"),
        (Term::Aes192, "aes-cbc-192"),
        (Term::Aes256, "aes-cbc-256"),
    ],
    hashes: &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")],
    groups: &[
        (Term::Group1, "group1"),
        (Term::Group2, "group2"),
        (Term::Group5, "group5"),
        (Term::Group14, "group14"),
        (Term::Group19, "group19"),
        (Term::Group20, "group20"),
        (Term::Group24, "group24"),
    ],
};

/// IKEv1 proposals.
const IKEV1: Table = Table {
    hashes: &[(Term::Md5, "md5"), (Term::Sha1, "sha"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")],
    groups: &[
        (Term::Group1, "group1"),
        (Term::Group2, "group2"),
        (Term::Group5, "group5"),
        (Term::Group14, "group14"),
        (Term::Group24, "group24"),
    ],
    ..IKEV2
};

/// Transform sets.
const ESP: Table = Table {
    ciphers: &[
        (Term::Des, "des-cbc"),
        (Term::TripleDes, "3des-cbc"),
        (Term::Aes128, "aes-cbc-128"),
        (Term::Aes192, "aes-cbc-192"),
        (Term::Aes256, "aes-cbc-256"),
        (Term::Aes128Gcm16, "gcm-128"),
        (Term::Aes192Gcm16, "gcm-192"),
        (Term::Aes256Gcm16, "gcm-256"),
        (Term::Null, "null"),
    ],
    ..IKEV2
};

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut head = head("#", "Configuration for H3C (Comware 7). Not tried on a device: review it before use.", first);
    same_networks(peers, warnings);
    head.push_str(&comment(
        "#",
        "FILL IN: on a firewall, security policies that permit IKE (UDP 500 and 4500) and ESP between the zone Local and the outside zone, \
         and the traffic of the networks",
    ));
    let policy = peers.first().map_or("", |peer| &peer.name.short);
    let mut text = sections(head, peers, |peer, place| tunnel(peer, &format!("{policy} {}", place * 10 + 10), warnings))?;
    if let Some(first) = peers.iter().find(|peer| peer.ikev2) {
        text.push_str(&comment(
            "#",
            "If `display ikev2 policy` names a policy other than the default, the device may use that one only: add the proposals to it \
             instead of creating this policy",
        ));
        let _ = writeln!(text, "ikev2 policy {}", first.name.short);
        for peer in peers {
            let _ = writeln!(text, " proposal {}", peer.name.short);
        }
        text.push_str("#\n");
    }
    if peers.iter().any(|peer| !peer.is_route_based()) {
        text.push_str(&outside(policy, peers)?);
    }
    Ok(vec![File { suffix: "", text }])
}

/// The commands of one tunnel; the entry is the policy's name and a number.
fn tunnel(peer: &Peer, entry: &str, warnings: &mut Vec<String>) -> Result<Zeroizing<String>, String> {
    let pairs = peer.v4_pairs(IKEV2.name)?;
    let name = &peer.name.short;
    let mut text = Zeroizing::new(format!("#\n{}", fill("#", peer)));
    if !peer.is_route_based() {
        let _ = writeln!(text, "acl advanced name {name}");
        for (place, (own, cloud)) in pairs.iter().enumerate() {
            let (rule, from, to) = (place * 5 + 5, own.hostmask(), cloud.hostmask());
            let _ = writeln!(text, " rule {rule} permit ip source {} {from} destination {} {to}", own.network(), cloud.network());
        }
        text.push_str("#\n");
    }
    if peer.ikev2 { ikev2(&mut text, peer, warnings) } else { ikev1(&mut text, peer, warnings) }?;
    ipsec(&mut text, peer, entry, warnings)?;
    Ok(text)
}

/// An identity; an address with a mask where one is matched.
fn identity(identity: &Identity, mail: &str, mask: &str) -> String {
    match identity {
        Identity::Address(address) => format!("address {address}{mask}"),
        Identity::Name(name) => format!("fqdn {name}"),
        Identity::Mail(name) => format!("{mail} {name}"),
        Identity::Unknown => "fqdn IDENTITY-NOT-KNOWN".to_owned(),
    }
}

/// Adds the key, or what stands for it.
fn key(text: &mut Zeroizing<String>, peer: &Peer) -> Result<(), String> {
    text.push_str(peer.key.as_ref().map_or(Ok(KEY), |key| bare(key, "?\"", 128, IKEV2.name))?);
    Ok(())
}

/// Phase 1 of IKEv1.
fn ikev1(text: &mut Zeroizing<String>, peer: &Peer, warnings: &mut Vec<String>) -> Result<(), String> {
    let (cipher, hash, group) = IKEV1.words("ike", &peer.ike)?;
    let (hash, group) = (hash.unwrap_or_default(), group.unwrap_or_default());
    let (name, number, cloud) = (&peer.name.short, peer.name.number(10_000, 65_535), peer.cloud_or_placeholder());
    let secs = within(peer.ike_secs, 604_800, "ike.lifetime_secs", IKEV1.name, warnings);
    text.push_str(&comment(
        "#",
        &format!("The number comes from the ref. If the device has ike proposal {number} already, choose a free one"),
    ));
    let _ = write!(
        text,
        "ike proposal {number}\n authentication-method pre-share\n encryption-algorithm {cipher}\n authentication-algorithm {hash}\n dh {group}\n \
         sa duration {secs}\n#\nike keychain {name}\n pre-shared-key address {cloud} 255.255.255.255 key simple "
    );
    key(text, peer)?;
    let _ = write!(
        text,
        "\n#\nike profile {name}\n keychain {name}\n proposal {number}\n exchange-mode {}\n local-identity {}\n match remote identity {}\n \
         dpd interval {} retry 5 periodic\n#\n",
        if peer.aggressive { "aggressive" } else { "main" },
        identity(&peer.id, "user-fqdn", ""),
        identity(&peer.cloud_id, "user-fqdn", " 255.255.255.255"),
        peer.dpd_secs.clamp(1, 300),
    );
    Ok(())
}

/// Phase 1 of IKEv2.
fn ikev2(text: &mut Zeroizing<String>, peer: &Peer, warnings: &mut Vec<String>) -> Result<(), String> {
    let (cipher, hash, group) = IKEV2.words("ike", &peer.ike)?;
    let (hash, group) = (hash.unwrap_or_default(), group.unwrap_or_default());
    let (name, cloud) = (&peer.name.short, peer.cloud_or_placeholder());
    let secs = within(peer.ike_secs, 86_400, "ike.lifetime_secs", IKEV2.name, warnings);
    let _ = write!(
        text,
        "ikev2 proposal {name}\n encryption {cipher}\n integrity {hash}\n prf {hash}\n dh {group}\n#\nikev2 keychain {name}\n peer CLOUD\n  \
         address {cloud} 255.255.255.255\n  pre-shared-key plaintext "
    );
    key(text, peer)?;
    let _ = write!(
        text,
        "\n#\nikev2 profile {name}\n authentication-method local pre-share\n authentication-method remote pre-share\n keychain {name}\n \
         identity local {}\n match remote identity {}\n sa duration {secs}\n dpd interval {} retry 5 periodic\n#\n",
        identity(&peer.id, "email", ""),
        identity(&peer.cloud_id, "email", " 255.255.255.255"),
        peer.dpd_secs.clamp(10, 3600),
    );
    Ok(())
}

/// Phase 2: a profile for a tunnel interface, otherwise a policy.
fn ipsec(text: &mut String, peer: &Peer, entry: &str, warnings: &mut Vec<String>) -> Result<(), String> {
    let (cipher, hash, group) = ESP.words("ipsec", &peer.ipsec)?;
    if !peer.ikev2 && is_aead(peer.ipsec.encryption) {
        return Err(format!("ipsec.encryption {}: {} supports it with IKEv2 only", peer.ipsec.encryption, ESP.name));
    }
    if !peer.ikev2 && matches!(peer.ipsec.group, Some(Term::Group19 | Term::Group20)) {
        return Err(format!("ipsec.pfs {}: {} supports it with IKEv2 only", peer.ipsec.group.unwrap_or(Term::None), ESP.name));
    }
    let name = &peer.name.short;
    let _ = writeln!(text, "ipsec transform-set {name}\n encapsulation-mode tunnel\n protocol esp\n esp encryption-algorithm {cipher}");
    if let Some(hash) = hash {
        let _ = writeln!(text, " esp authentication-algorithm {hash}");
    }
    if let Some(group) = group {
        let _ = writeln!(text, " pfs dh-{group}");
    }
    let secs = within(peer.ipsec_secs, 604_800, "ipsec.lifetime_secs", ESP.name, warnings);
    let mut common =
        format!(" transform-set {name}\n {}-profile {name}\n sa duration time-based {secs}\n", if peer.ikev2 { "ikev2" } else { "ike" });
    if let Some(kb) = peer.ipsec_kb {
        let _ = writeln!(common, " sa duration traffic-based {}", kb.clamp(2560, 4_294_967_295));
    }
    if peer.is_route_based() {
        let _ = write!(text, "#\nipsec profile {name} isakmp\n{common}#\n");
        interface(text, peer);
        return Ok(());
    }
    let cloud = peer.cloud_or_placeholder();
    let _ = write!(text, "#\nipsec policy {entry} isakmp\n security acl name {name}\n remote-address {cloud}\n{common}#\n");
    Ok(())
}

/// What must be done at the outside interface, which this file does not know.
fn outside(policy: &str, peers: &[Peer]) -> Result<String, Vec<String>> {
    let opening = format!("ipsec policy {policy}");
    let mut text = joining("#", "IPsec policy", &opening, &[&format!("tcp mss {MSS}"), &format!("ipsec apply policy {policy}")]);
    let nat = "FILL IN: if that interface has `nat outbound ACL`, exempt the tunnel before the permits of the ACL:";
    text.push_str(&comment("#", nat));
    for peer in peers.iter().filter(|peer| !peer.is_route_based()) {
        for (own, cloud) in peer.v4_pairs(ESP.name).map_err(|fault| vec![fault])? {
            let (from, to) = (own.hostmask(), cloud.hostmask());
            text.push_str(&comment("#", &format!(" rule deny ip source {} {from} destination {} {to}", own.network(), cloud.network())));
        }
    }
    text.push_str("#\n");
    Ok(text)
}

/// The tunnel interface, the routes into it, and BGP over it.
fn interface(text: &mut String, peer: &Peer) {
    let (name, unit) = (&peer.name.short, peer.unit(100, 1023));
    let _ = writeln!(text, "interface Tunnel{unit} mode ipsec");
    match peer.inside_v4() {
        Some(net) => {
            let _ = writeln!(text, " ip address {} {}", net.addr(), net.netmask());
        }
        None => text.push_str(&comment(" #", "FILL IN: ip address ADDRESS MASK")),
    }
    text.push_str(&comment(" #", "FILL IN: the outside interface"));
    let _ = write!(
        text,
        " source OUTSIDE-INTERFACE\n destination {}\n tcp mss {MSS}\n tunnel protection ipsec profile {name}\n#\n",
        peer.cloud_or_placeholder()
    );
    let routes = peer.routes();
    if routes.is_empty() && peer.bgp.is_none() {
        text.push_str(&comment("#", &format!("FILL IN: ip route-static NETWORK LENGTH Tunnel{unit}, for each network of the cloud")));
    }
    for net in routes {
        let _ = writeln!(text, "ip route-static {} {} Tunnel{unit}", net.network(), net.prefix_len());
    }
    let Some(session) = &peer.bgp else { return };
    if session.own_asn.is_none() || session.cloud_asn.is_none() {
        text.push_str(&comment("#", "FILL IN: the AS numbers that the cloud does not return"));
    }
    let (cloud, own, asn) = (session.cloud, session.own_as(), session.cloud_as());
    let _ = writeln!(
        text,
        "bgp {own}\n peer {cloud} as-number {asn}\n peer {cloud} connect-interface Tunnel{unit}\n address-family ipv4 unicast"
    );
    for net in &peer.own_nets {
        let _ = writeln!(text, "  network {} {}", net.network(), net.netmask());
    }
    let _ = write!(text, "  peer {cloud} enable\n#\n");
}
