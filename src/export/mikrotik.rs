//! MikroTik RouterOS 7. Written from its documentation; not tried on a router.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, same_networks, sections};
use super::peer::Peer;
use super::words::{CLOUD_ADDRESS, Identity, KEY, MSS, Table, hex};
use crate::model::Term;

/// Profiles: phase 1.
const IKE: Table = Table {
    name: "RouterOS",
    ciphers: &[
        (Term::Des, "des"),
        (Term::TripleDes, "3des"),
        (Term::Aes128, "aes-128"),
        (Term::Aes192, "aes-192"),
        (Term::Aes256, "aes-256"),
    ],
    hashes: &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")],
    groups: &[
        (Term::Group1, "modp768"),
        (Term::Group2, "modp1024"),
        (Term::Group5, "modp1536"),
        (Term::Group14, "modp2048"),
        (Term::Group15, "modp3072"),
        (Term::Group16, "modp4096"),
        (Term::Group19, "ecp256"),
        (Term::Group20, "ecp384"),
        (Term::Group21, "ecp521"),
    ],
};

/// Proposals: phase 2.
const ESP: Table = Table {
    ciphers: &[
        (Term::Des, "des"),
        (Term::TripleDes, "3des"),
        (Term::Aes128, "aes-128-cbc"),
        (Term::Aes192, "aes-192-cbc"),
        (Term::Aes256, "aes-256-cbc"),
        (Term::Aes128Gcm16, "aes-128-gcm"),
        (Term::Aes192Gcm16, "aes-192-gcm"),
        (Term::Aes256Gcm16, "aes-256-gcm"),
        (Term::Null, "null"),
    ],
    hashes: &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha256"), (Term::Sha512, "sha512")],
    ..IKE
};

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut head = head("#", "Configuration for MikroTik RouterOS 7. Not tried on a router: review it before use.", first);
    head.push_str(&comment(
        "#",
        "FILL IN: the rules for NAT and for segments are added last. Move them above what matches first, such as masquerade and fasttrack, and \
         accept IKE (UDP 500 and 4500) and ESP in the chain input",
    ));
    same_networks(peers, warnings);
    if peers.iter().any(|peer| peer.ipsec_kb.is_some()) {
        warnings.push("ipsec.lifetime_kb: RouterOS has no such limit for Child SAs; the cloud rekeys when it reaches its own".to_owned());
    }
    let text = sections(head, peers, |peer, _| tunnel(peer))?;
    Ok(vec![File { suffix: "", text }])
}

/// An identity.
fn identity(identity: &Identity) -> String {
    match identity {
        Identity::Address(address) => format!("address:{address}"),
        Identity::Name(name) => format!("fqdn:{name}"),
        Identity::Mail(name) => format!("user-fqdn:{name}"),
        Identity::Unknown => "fqdn:IDENTITY-NOT-KNOWN".to_owned(),
    }
}

/// The commands of one tunnel.
fn tunnel(peer: &Peer) -> Result<Zeroizing<String>, String> {
    if peer.is_route_based() {
        return Err(format!(
            "traffic selectors 0.0.0.0/0: {} has no tunnel interface for IPsec, so its policy would take all traffic; give the connection \
             traffic selectors",
            IKE.name
        ));
    }
    let (cipher, hash, group) = IKE.words("ike", &peer.ike)?;
    let (esp_cipher, esp_hash, pfs) = ESP.words("ipsec", &peer.ipsec)?;
    let name = &peer.name.short;
    let (cloud, bits) = match peer.cloud {
        Some(address) => (address.to_string(), if address.is_ipv4() { "/32" } else { "/128" }),
        // The router accepts a host name here: this one never resolves.
        None => (CLOUD_ADDRESS.to_owned(), ""),
    };
    let mut text = Zeroizing::new(format!("\n{}", fill("#", peer)));
    let _ = write!(
        text,
        "/ip ipsec profile\nadd name={name} enc-algorithm={cipher} hash-algorithm={hash} dh-group={group} lifetime={ike}s nat-traversal=yes \
         dpd-interval={dpd}s dpd-maximum-failures=5\n/ip ipsec proposal\nadd name={name} enc-algorithms={esp_cipher} auth-algorithms={esp_hash} \
         lifetime={esp}s pfs-group={pfs}\n/ip ipsec peer\nadd name={name} address={cloud}{bits}",
        hash = hash.unwrap_or_default(),
        group = group.unwrap_or_default(),
        ike = peer.ike_secs,
        dpd = peer.dpd_secs.clamp(5, 3600),
        // An AEAD cipher needs no other algorithm.
        esp_hash = esp_hash.unwrap_or("\"\""),
        esp = peer.ipsec_secs,
        pfs = pfs.unwrap_or("none"),
    );
    let mode = match (peer.ikev2, peer.aggressive) {
        (true, _) => "ike2",
        (false, true) => "aggressive",
        (false, false) => "main",
    };
    let _ = write!(
        text,
        " exchange-mode={mode} profile={name}\n/ip ipsec identity\nadd peer={name} auth-method=pre-shared-key my-id={} remote-id={} secret=\"",
        identity(&peer.id),
        identity(&peer.cloud_id)
    );
    match &peer.key {
        // Text that begins with 0x is read as hex, and `$`, `"` and `\` would need escapes: hex needs none.
        Some(key) => {
            text.push_str("0x");
            text.push_str(&hex(key));
        }
        None => text.push_str(KEY),
    }
    text.push_str("\"\n/ip ipsec policy\n");
    for (own, cloud) in &peer.pairs {
        // With `unique`, each pair has its own SA.
        let _ = writeln!(
            text,
            "add peer={name} proposal={name} tunnel=yes action=encrypt level=unique ipsec-protocols=esp src-address={own} dst-address={cloud}"
        );
    }
    firewall(&mut text, peer);
    Ok(text)
}

/// No NAT for the tunnel's traffic, and segments that fit.
fn firewall(text: &mut String, peer: &Peer) {
    let name = &peer.name.short;
    for (family, is_v6) in [("ip", false), ("ipv6", true)] {
        let pairs = || peer.pairs.iter().filter(|(own, _)| own.addr().is_ipv6() == is_v6);
        if pairs().next().is_none() {
            continue;
        }
        let _ = writeln!(text, "/{family} firewall nat");
        for (own, cloud) in pairs() {
            let _ = writeln!(text, "add chain=srcnat action=accept src-address={own} dst-address={cloud} comment={name}");
        }
        let _ = writeln!(text, "/{family} firewall mangle");
        for (own, cloud) in pairs() {
            for (from, to) in [(own, cloud), (cloud, own)] {
                let _ = writeln!(
                    text,
                    "add chain=forward action=change-mss new-mss={MSS} passthrough=yes protocol=tcp tcp-flags=syn tcp-mss={}-65535 \
                     src-address={from} dst-address={to} comment={name}",
                    MSS + 1
                );
            }
        }
    }
}
