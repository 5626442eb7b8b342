//! strongSwan's `swanctl.conf`.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, beside_the_daemon, head, one_key, sections, without_interface};
use super::peer::Peer;
use super::words::{CLOUD_ADDRESS, KEY, Suite, group_field, hex, is_aead, word};
use crate::model::Term;

const NAME: &str = "strongSwan";

const CIPHERS: &[(Term, &str)] = &[
    (Term::Des, "des"),
    (Term::TripleDes, "3des"),
    (Term::Aes128, "aes128"),
    (Term::Aes192, "aes192"),
    (Term::Aes256, "aes256"),
    (Term::Aes128Gcm16, "aes128gcm16"),
    (Term::Aes192Gcm16, "aes192gcm16"),
    (Term::Aes256Gcm16, "aes256gcm16"),
    (Term::Null, "null"),
];

const HASHES: &[(Term, &str)] =
    &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha256"), (Term::Sha384, "sha384"), (Term::Sha512, "sha512")];

const GROUPS: &[(Term, &str)] = &[
    (Term::Group1, "modp768"),
    (Term::Group2, "modp1024"),
    (Term::Group5, "modp1536"),
    (Term::Group14, "modp2048"),
    (Term::Group15, "modp3072"),
    (Term::Group16, "modp4096"),
    (Term::Group19, "ecp256"),
    (Term::Group20, "ecp384"),
    (Term::Group21, "ecp521"),
    (Term::Group24, "modp2048s256"),
];

/// Writes the configuration of all peers, keys included.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut head = head("#", "swanctl.conf for strongSwan: put it into /etc/swanctl/conf.d, then run swanctl --load-all", first);
    one_key(peers, NAME, warnings)?;
    without_interface(peers, warnings);
    head.push_str(&beside_the_daemon(peers));
    head.push_str("\nconnections {\n");
    let mut text = sections(head, peers, |peer, _| connection(peer).map(Zeroizing::new))?;
    text.push_str("}\n\nsecrets {\n");
    for peer in peers {
        text.push_str(&secret(peer));
    }
    text.push_str("}\n");
    Ok(vec![File { suffix: "", text }])
}

/// A proposal with one value of each type, since IKEv1 sends only the first of each.
fn proposal(phase: &str, suite: &Suite) -> Result<String, String> {
    let mut text = word(CIPHERS, suite.encryption, &format!("{phase}.encryption"), NAME)?.to_owned();
    if let Some(integrity) = suite.integrity {
        // With an AEAD cipher, phase 1 still needs the hash as PRF.
        let prefix = if is_aead(suite.encryption) { "prf" } else { "" };
        let _ = write!(text, "-{prefix}{}", word(HASHES, integrity, &format!("{phase}.integrity"), NAME)?);
    }
    if let Some(group) = suite.group {
        let _ = write!(text, "-{}", word(GROUPS, group, group_field(phase), NAME)?);
    }
    Ok(text)
}

fn connection(peer: &Peer) -> Result<String, String> {
    let (ike, esp) = (proposal("ike", &peer.ike)?, proposal("ipsec", &peer.ipsec)?);
    let own = peer.address.map_or("%any".to_owned(), |address| address.to_string());
    let cloud = peer.cloud.map_or(CLOUD_ADDRESS.to_owned(), |address| address.to_string());
    let (version, aggressive) = (if peer.ikev2 { 2 } else { 1 }, if peer.aggressive { "yes" } else { "no" });
    let mut text = String::new();
    let fill = if peer.cloud.is_none() { "    # FILL IN remote_addrs: the public address of the cloud's gateway\n" } else { "" };
    let _ = write!(
        text,
        "  {name} {{\n{fill}    version = {version}\n    aggressive = {aggressive}\n    local_addrs = {own}\n    remote_addrs = {cloud}\n    \
         proposals = {ike}\n    encap = no\n    mobike = no\n    fragmentation = yes\n    keyingtries = 0\n    \
         rekey_time = {rekey}s\n    over_time = {over}s\n    rand_time = {rand}s\n    reauth_time = 0s\n    \
         dpd_delay = {dpd}s\n    dpd_timeout = {timeout}s\n    \
         local {{\n      auth = psk\n      id = {id}\n    }}\n    remote {{\n      auth = psk\n      id = {cloud_id}\n    }}\n    children {{\n",
        name = peer.name.whole,
        rekey = peer.ike_secs - peer.ike_secs / 10,
        over = peer.ike_secs / 10,
        rand = peer.ike_secs / 20,
        dpd = peer.dpd_secs,
        timeout = peer.dpd_secs * 5,
        id = peer.id.daemon(),
        cloud_id = peer.cloud_id.daemon(),
    );
    for (place, (own, cloud)) in peer.pairs.iter().enumerate() {
        let _ = write!(
            text,
            "      {name}-net{number} {{\n        mode = tunnel\n        local_ts = {own}\n        remote_ts = {cloud}\n        \
             esp_proposals = {esp}\n        life_time = {life}s\n        rekey_time = {rekey}s\n        rand_time = {rand}s\n",
            name = peer.name.whole,
            number = place + 1,
            life = peer.ipsec_secs,
            rekey = peer.ipsec_secs - peer.ipsec_secs / 10,
            rand = peer.ipsec_secs / 20,
        );
        if let Some(bytes) = peer.ipsec_kb.and_then(|kb| kb.checked_mul(1024)) {
            let _ = write!(
                text,
                "        life_bytes = {bytes}\n        rekey_bytes = {}\n        rand_bytes = {}\n",
                bytes - bytes / 10,
                bytes / 20
            );
        }
        if let Some(number) = peer.interface {
            let _ = write!(text, "        if_id_in = {number}\n        if_id_out = {number}\n");
        }
        text.push_str("        start_action = start\n        close_action = start\n        dpd_action = restart\n      }\n");
    }
    text.push_str("    }\n  }\n");
    Ok(text)
}

/// The secret, written as digits: text that begins with `0x` or `0s` would be decoded even in quotes.
fn secret(peer: &Peer) -> Zeroizing<String> {
    let mut text = Zeroizing::new(format!(
        "  ike-{} {{\n    id-peer = {}\n    id-cloud = {}\n",
        peer.name.whole,
        peer.id.daemon(),
        peer.cloud_id.daemon()
    ));
    match &peer.key {
        Some(key) => {
            text.push_str("    secret = 0x");
            text.push_str(&hex(key));
            text.push('\n');
        }
        None => text.push_str(&format!("    # FILL IN: the key itself, or 0x and its bytes in hex\n    secret = \"{KEY}\"\n")),
    }
    text.push_str("  }\n");
    text
}
