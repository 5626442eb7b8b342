//! Cisco IOS and IOS XE. Written from the command reference; not tested on a device.

use std::fmt::Write;

use ipnet::IpNet;
use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, joining, same_networks, sections};
use super::peer::Peer;
use super::words::{Identity, KEY, MSS, MTU, Suite, bare, hex, is_aead, within, word};
use crate::model::Term;

const NAME: &str = "Cisco IOS";

const IKEV2_CIPHERS: &[(Term, &str)] = &[
    (Term::Des, "des"),
    (Term::TripleDes, "3des"),
    (Term::Aes128, "aes-cbc-128"),
    (Term::Aes192, "aes-cbc-192"),
    (Term::Aes256, "aes-cbc-256"),
    (Term::Aes128Gcm16, "aes-gcm-128"),
    (Term::Aes256Gcm16, "aes-gcm-256"),
];

const IKEV1_CIPHERS: &[(Term, &str)] =
    &[(Term::Des, "des"), (Term::TripleDes, "3des"), (Term::Aes128, "aes 128"), (Term::Aes192, "aes 192"), (Term::Aes256, "aes 256")];

const HASHES: &[(Term, &str)] =
    &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")];

const IKEV1_HASHES: &[(Term, &str)] =
    &[(Term::Md5, "md5"), (Term::Sha1, "sha"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")];

const ESP_CIPHERS: &[(Term, &str)] = &[
    (Term::Des, "esp-des"),
    (Term::TripleDes, "esp-3des"),
    (Term::Aes128, "esp-aes"),
    (Term::Aes192, "esp-aes 192"),
    (Term::Aes256, "esp-aes 256"),
    (Term::Aes128Gcm16, "esp-gcm"),
    (Term::Aes192Gcm16, "esp-gcm 192"),
    (Term::Aes256Gcm16, "esp-gcm 256"),
    (Term::Null, "esp-null"),
];

const ESP_HASHES: &[(Term, &str)] = &[
    (Term::Md5, "esp-md5-hmac"),
    (Term::Sha1, "esp-sha-hmac"),
    (Term::Sha256, "esp-sha256-hmac"),
    (Term::Sha384, "esp-sha384-hmac"),
    (Term::Sha512, "esp-sha512-hmac"),
];

const GROUPS: &[(Term, &str)] = &[
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
];

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let Some(first) = peers.first() else { return Ok(Vec::new()) };
    let head = head("!", "Configuration for Cisco IOS or IOS XE. Not tried on a device: review it before use.", &first.reference);
    let map = &first.name.short;
    same_networks(peers, warnings);
    let mut text = sections(head, peers, |peer, _| {
        let mut section = if peer.ikev2 { ikev2(peer) } else { ikev1(peer) }?;
        section.push_str(&ipsec(peer, map, warnings)?);
        Ok(section)
    })?;
    if peers.iter().any(|peer| peer.ikev2) {
        text.push_str(&policy(peers));
    }
    if peers.iter().any(|peer| !peer.is_route_based()) {
        text.push_str(&outside(map, peers));
    }
    for peer in peers {
        text.push_str(&bgp(peer));
    }
    text.push_str("end\n");
    Ok(vec![File { suffix: "", text }])
}

/// One policy for all proposals: of several that match an address, the device looks at one only.
fn policy(peers: &[Peer]) -> String {
    let mut text = "!\n".to_owned();
    text.push_str(&comment(
        "!",
        "If `show crypto ikev2 policy` names a policy other than the default, the device may use that one only: add the proposals to it \
         instead of creating this policy",
    ));
    let _ = writeln!(text, "crypto ikev2 policy {}\n match fvrf any", peers.first().map_or("", |peer| &peer.name.short));
    for peer in peers.iter().filter(|peer| peer.ikev2) {
        let _ = writeln!(text, " proposal {}", peer.name.short);
    }
    text
}

/// What must be done at interfaces that this file does not know: nothing there is replaced by loading it.
fn outside(map: &str, peers: &[Peer]) -> String {
    let opening = format!("crypto map {map}");
    let mut text = format!("!\n{}", joining("!", "crypto map", &opening, &[&opening]));
    let mut note = |note: &str| text.push_str(&comment("!", note));
    note(&format!("FILL IN: at the inside interface, `ip tcp adjust-mss {MSS}`, so that segments fit into the tunnel"));
    note("FILL IN: if the outside interface translates addresses, exempt the tunnel before the permits of that access list:");
    for (own, cloud) in peers.iter().filter(|peer| !peer.is_route_based()).flat_map(|peer| &peer.pairs) {
        if let (IpNet::V4(own), IpNet::V4(cloud)) = (own, cloud) {
            note(&format!(" deny ip {} {} {} {}", own.network(), own.hostmask(), cloud.network(), cloud.hostmask()));
        }
    }
    text
}

/// The BGP session of a tunnel, over its interface.
fn bgp(peer: &Peer) -> String {
    let Some(session) = &peer.bgp else { return String::new() };
    let mut text = "!\n".to_owned();
    if session.own_asn.is_none() || session.cloud_asn.is_none() {
        text.push_str(&comment("!", "FILL IN: the AS numbers that the cloud does not return"));
    }
    let _ = write!(
        text,
        "router bgp {own}\n neighbor {cloud} remote-as {asn}\n neighbor {cloud} update-source Tunnel{unit}\n address-family ipv4\n",
        own = session.own_as(),
        cloud = session.cloud,
        asn = session.cloud_as(),
        unit = unit(peer),
    );
    for net in &peer.own_nets {
        let _ = writeln!(text, "  network {} mask {}", net.network(), net.netmask());
    }
    let _ = writeln!(text, "  neighbor {} activate\n exit-address-family", session.cloud);
    text
}

/// The number of the tunnel interface.
fn unit(peer: &Peer) -> u32 {
    peer.unit(1000, 9999)
}

fn suite(
    suite: &Suite,
    ciphers: &[(Term, &'static str)],
    hashes: &[(Term, &'static str)],
) -> Result<(&'static str, &'static str, &'static str), String> {
    let hash = word(hashes, suite.integrity.unwrap_or(Term::Unknown), "ike.integrity", NAME)?;
    Ok((
        word(ciphers, suite.encryption, "ike.encryption", NAME)?,
        hash,
        word(GROUPS, suite.group.unwrap_or(Term::Unknown), "ike.dh_group", NAME)?,
    ))
}

fn identity(identity: &Identity, mask: &str) -> String {
    match identity {
        Identity::Address(address) => format!("address {address}{mask}"),
        Identity::Name(name) => format!("fqdn {name}"),
        Identity::Mail(name) => format!("email {name}"),
        Identity::Unknown => "fqdn IDENTITY-NOT-KNOWN".to_owned(),
    }
}

fn ikev2(peer: &Peer) -> Result<Zeroizing<String>, String> {
    let (cipher, hash, group) = suite(&peer.ike, IKEV2_CIPHERS, HASHES)?;
    // With an AEAD cipher, the hash is the PRF.
    let hash = if is_aead(peer.ike.encryption) { format!("prf {hash}") } else { format!("integrity {hash}") };
    let (name, cloud) = (&peer.name.short, peer.cloud_or_placeholder());
    let mut text = Zeroizing::new(format!(
        "!\n{fill}crypto ikev2 proposal {name}\n encryption {cipher}\n {hash}\n group {group}\n!\n\
         crypto ikev2 keyring {name}\n peer CLOUD\n  address {cloud}\n  pre-shared-key ",
        fill = fill("!", peer)
    ));
    match &peer.key {
        Some(key) => {
            text.push_str("hex ");
            text.push_str(&hex(key));
        }
        None => text.push_str(KEY),
    }
    text.push_str(&format!(
        "\n!\ncrypto ikev2 profile {name}\n match identity remote {remote}\n identity local {local}\n authentication remote pre-share\n \
         authentication local pre-share\n keyring local {name}\n lifetime {secs}\n dpd {dpd} 5 periodic\n",
        remote = identity(&peer.cloud_id, " 255.255.255.255"),
        local = identity(&peer.id, ""),
        secs = peer.ike_secs,
        dpd = peer.dpd_secs.clamp(10, 3600),
    ));
    Ok(text)
}

fn ikev1(peer: &Peer) -> Result<Zeroizing<String>, String> {
    let (cipher, hash, group) = suite(&peer.ike, IKEV1_CIPHERS, IKEV1_HASHES)?;
    let number = peer.name.number(1000, 9999);
    if peer.aggressive
        || !matches!((&peer.id, &peer.cloud_id), (Identity::Address(_) | Identity::Unknown, Identity::Address(_) | Identity::Unknown))
    {
        return Err("ike.mode: for Cisco IOS, IKEv1 is written only in main mode with addresses as identities; use IKEv2".to_owned());
    }
    let (name, cloud) = (&peer.name.short, peer.cloud_or_placeholder());
    let mut text = Zeroizing::new(format!(
        "!\n{fill}{note}crypto isakmp policy {number}\n encryption {cipher}\n hash {hash}\n authentication pre-share\n group {group}\n lifetime {secs}\n!\n\
         crypto keyring {name}\n pre-shared-key address {cloud} key ",
        fill = fill("!", peer),
        note =
            comment("!", &format!("The number comes from the ref. If `show crypto isakmp policy` has {number} already, choose a free one")),
        secs = peer.ike_secs,
    ));
    match &peer.key {
        // The key is the rest of the line. `?` asks for help, and trailing blanks would become part of the key.
        Some(key) => text.push_str(bare(key, "?\"", 128, NAME)?),
        None => text.push_str(KEY),
    }
    text.push_str(&format!(
        "\n!\ncrypto isakmp profile {name}\n keyring {name}\n match identity address {cloud} 255.255.255.255\n keepalive {} retry 5\n",
        peer.dpd_secs.clamp(10, 3600)
    ));
    Ok(text)
}

/// Phase 2, and what brings traffic into it: a tunnel interface where all traffic is selected, otherwise an entry of a map.
fn ipsec(peer: &Peer, map: &str, warnings: &mut Vec<String>) -> Result<String, String> {
    let pairs = peer.v4_pairs(NAME)?;
    let name = &peer.name.short;
    let cipher = word(ESP_CIPHERS, peer.ipsec.encryption, "ipsec.encryption", NAME)?;
    let hash = peer.ipsec.integrity.map(|hash| word(ESP_HASHES, hash, "ipsec.integrity", NAME)).transpose()?;
    let pfs = peer.ipsec.group.map(|group| word(GROUPS, group, "ipsec.pfs", NAME)).transpose()?;
    let profile = if peer.ikev2 { format!(" set ikev2-profile {name}\n") } else { format!(" set isakmp-profile {name}\n") };
    let secs = within(peer.ipsec_secs, 86_400, "ipsec.lifetime_secs", NAME, warnings);
    let mut common = format!(" set transform-set {name}\n");
    if let Some(group) = pfs {
        let _ = writeln!(common, " set pfs group{group}");
    }
    let _ = writeln!(common, " set security-association lifetime seconds {secs}");
    if let Some(kb) = peer.ipsec_kb {
        let _ = writeln!(common, " set security-association lifetime kilobytes {}", kb.clamp(2560, 4_294_967_295));
    }
    common.push_str(&profile);
    let mut text = format!(
        "!\ncrypto ipsec transform-set {name} {cipher}{}\n mode tunnel\n!\n",
        hash.map(|hash| format!(" {hash}")).unwrap_or_default()
    );
    if peer.is_route_based() {
        let _ = write!(text, "crypto ipsec profile {name}\n{common}!\n");
        interface(&mut text, peer);
        return Ok(text);
    }
    let _ = writeln!(text, "ip access-list extended {name}");
    for (own, cloud) in pairs {
        let _ = writeln!(text, " permit ip {} {} {} {}", own.network(), own.hostmask(), cloud.network(), cloud.hostmask());
    }
    let number = peer.name.number(1000, 9999);
    let _ = write!(
        text,
        "!\ncrypto map {map} {number} ipsec-isakmp\n set peer {}\n{common} match address {name}\n",
        peer.cloud_or_placeholder()
    );
    Ok(text)
}

/// The tunnel interface, and the routes into it.
fn interface(text: &mut String, peer: &Peer) {
    let (name, unit) = (&peer.name.short, unit(peer));
    let inside = peer.inside_v4().map_or(" ! FILL IN: ip address ADDRESS MASK, or ip unnumbered INTERFACE\n".to_owned(), |net| {
        format!(" ip address {} {}\n", net.addr(), net.netmask())
    });
    let _ = write!(
        text,
        "interface Tunnel{unit}\n{inside} ip mtu {MTU}\n ip tcp adjust-mss {MSS}\n ! FILL IN: the outside interface\n \
         tunnel source OUTSIDE-INTERFACE\n tunnel mode ipsec ipv4\n tunnel destination {}\n tunnel protection ipsec profile {name}\n",
        peer.cloud_or_placeholder()
    );
    let routes = peer.routes();
    if routes.is_empty() && peer.bgp.is_none() {
        text.push_str(&comment("!", &format!("FILL IN: ip route NETWORK MASK Tunnel{unit}, for each network of the cloud")));
    }
    for net in routes {
        let _ = writeln!(text, "ip route {} {} Tunnel{unit}", net.network(), net.netmask());
    }
}
