//! Cisco IOS and IOS XE. Written from the command reference; not tested on a device.

use std::fmt::Write;

use ipnet::{IpNet, Ipv4Net};
use zeroize::Zeroizing;

use super::file::{File, head, sections};
use super::peer::Peer;
use super::words::{Identity, KEY, Suite, hex, is_aead, within, word};
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
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let head = head("!", "Configuration for Cisco IOS or IOS XE. Not tested on a device: review it before use.", first);
    let mut text = sections(head, peers, |peer, place| {
        let mut section = if peer.ikev2 { ikev2(peer) } else { ikev1(peer) }?;
        section.push_str(&ipsec(peer, place, warnings)?);
        Ok(section)
    })?;
    text.push_str("end\n");
    Ok(vec![File { suffix: "", text }])
}

fn address(peer: &Peer) -> String {
    peer.cloud.map_or("CLOUD-ADDRESS".to_owned(), |address| address.to_string())
}

/// A note where the cloud's address is missing. The device refuses the placeholder as an address, so it cannot be overlooked.
fn fill(peer: &Peer) -> &'static str {
    if peer.cloud.is_none() { "! FILL IN CLOUD-ADDRESS: the public address of the cloud's gateway\n" } else { "" }
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
    let (name, cloud) = (&peer.short, address(peer));
    let mut text = Zeroizing::new(format!(
        "!\n{fill}crypto ikev2 proposal {name}\n encryption {cipher}\n {hash}\n group {group}\n!\n\
         crypto ikev2 policy {name}\n proposal {name}\n!\n\
         crypto ikev2 keyring {name}\n peer CLOUD\n  address {cloud}\n  pre-shared-key ",
        fill = fill(peer)
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
    if peer.aggressive
        || !matches!((&peer.id, &peer.cloud_id), (Identity::Address(_) | Identity::Unknown, Identity::Address(_) | Identity::Unknown))
    {
        return Err("ike.mode: for Cisco IOS, IKEv1 is written only in main mode with addresses as identities; use IKEv2".to_owned());
    }
    let (name, cloud) = (&peer.short, address(peer));
    let mut text = Zeroizing::new(format!(
        "!\n{fill}crypto isakmp policy 10\n encryption {cipher}\n hash {hash}\n authentication pre-share\n group {group}\n lifetime {secs}\n!\n\
         crypto keyring {name}\n pre-shared-key address {cloud} key ",
        fill = fill(peer),
        secs = peer.ike_secs,
    ));
    match &peer.key {
        // The key is the rest of the line. `?` asks for help, and trailing blanks would become part of the key.
        Some(key) if key.expose().bytes().all(|b| b.is_ascii_graphic() && b != b'?' && b != b'"') => text.push_str(key.expose()),
        Some(_) => {
            return Err("psk: contains characters that Cisco IOS cannot read in a line; leave out --include-key, or use IKEv2".to_owned());
        }
        None => text.push_str(KEY),
    }
    text.push_str(&format!(
        "\n!\ncrypto isakmp profile {name}\n keyring {name}\n match identity address {cloud} 255.255.255.255\n keepalive {} retry 5\n",
        peer.dpd_secs.clamp(10, 3600)
    ));
    Ok(text)
}

fn ipsec(peer: &Peer, place: usize, warnings: &mut Vec<String>) -> Result<String, String> {
    let name = &peer.short;
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
        let number = peer.interface.unwrap_or(u32::try_from(place).unwrap_or_default() + 1);
        let inside = peer.inside.as_deref().and_then(|text| text.parse::<Ipv4Net>().ok());
        let inside = inside
            .map_or(" ! FILL IN: ip address ADDRESS MASK\n".to_owned(), |net| format!(" ip address {} {}\n", net.addr(), net.netmask()));
        let _ = write!(
            text,
            "crypto ipsec profile {name}\n{common}!\ninterface Tunnel{number}\n{inside} ! FILL IN: the outside interface\n tunnel source OUTSIDE-INTERFACE\n \
             tunnel mode ipsec ipv4\n tunnel destination {}\n tunnel protection ipsec profile {name}\n",
            address(peer)
        );
        return Ok(text);
    }
    let _ = writeln!(text, "ip access-list extended {name}");
    for (own, cloud) in &peer.pairs {
        let (IpNet::V4(own), IpNet::V4(cloud)) = (own, cloud) else {
            return Err("traffic selectors: for Cisco IOS, only IPv4 is written".to_owned());
        };
        let _ = writeln!(text, " permit ip {} {} {} {}", own.network(), own.hostmask(), cloud.network(), cloud.hostmask());
    }
    let _ = write!(
        text,
        "!\ncrypto map {name} 10 ipsec-isakmp\n set peer {}\n{common} match address {name}\n!\n! FILL IN: the outside interface\ninterface OUTSIDE-INTERFACE\n crypto map {name}\n",
        address(peer)
    );
    Ok(text)
}
