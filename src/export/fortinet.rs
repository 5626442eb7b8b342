//! Fortinet FortiGate (FortiOS). Written from the CLI reference; not tried on a device.

use std::fmt::Write;

use ipnet::Ipv4Net;
use zeroize::Zeroizing;

use super::file::{File, comment, fill, head, sections};
use super::peer::Peer;
use super::words::{Identity, KEY, MSS, Suite, Table, hex, is_aead, within};
use crate::model::Term;

/// Both phases spell a proposal alike.
const WORDS: Table = Table {
    name: "FortiOS",
    ciphers: &[
        (Term::Des, "des"),
        (Term::TripleDes, "3des"),
        (Term::Aes128, "aes128"),
        (Term::Aes192, "aes192"),
        (Term::Aes256, "aes256"),
        (Term::Aes128Gcm16, "aes128gcm"),
        (Term::Aes256Gcm16, "aes256gcm"),
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
    ],
};

/// The longest lifetime of either SA, in seconds.
const LONGEST: u64 = 172_800;

/// Writes the configuration of all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut head = head("#", "Configuration for FortiGate (FortiOS). Not tried on a device: review it before use.", first);
    head.push_str(&comment(
        "#",
        "FILL IN: OUTSIDE-INTERFACE and INSIDE-INTERFACE. `edit 0` takes the next free number; move the policies above others that would \
         match first. The policies have no NAT",
    ));
    let text = sections(head, peers, |peer, _| tunnel(peer, warnings))?;
    Ok(vec![File { suffix: "", text }])
}

/// The commands of one tunnel.
fn tunnel(peer: &Peer, warnings: &mut Vec<String>) -> Result<Zeroizing<String>, String> {
    let pairs = peer.v4_pairs(WORDS.name)?;
    let mut text = Zeroizing::new(fill("#", peer));
    phase1(&mut text, peer, warnings)?;
    phase2(&mut text, peer, &pairs, warnings)?;
    interface(&mut text, peer);
    let nets = destinations(peer, &pairs);
    if nets.is_empty() && peer.bgp.is_none() {
        text.push_str(&comment(
            "#",
            &format!("FILL IN: a static route with `set device \"{}\"` for each network of the cloud", peer.name.tag),
        ));
    }
    if !nets.is_empty() {
        text.push_str("config router static\n");
        for net in nets {
            let _ = writeln!(
                text,
                "    edit 0\n        set dst {} {}\n        set device \"{}\"\n    next",
                net.network(),
                net.netmask(),
                peer.name.tag
            );
        }
        text.push_str("end\n");
    }
    policies(&mut text, peer);
    bgp(&mut text, peer);
    Ok(text)
}

/// The networks that routes lead into the tunnel.
fn destinations(peer: &Peer, pairs: &[(Ipv4Net, Ipv4Net)]) -> Vec<Ipv4Net> {
    if peer.is_route_based() {
        return peer.routes();
    }
    let mut nets = Vec::new();
    pairs.iter().for_each(|(_, cloud)| {
        if !nets.contains(cloud) {
            nets.push(*cloud)
        }
    });
    nets
}

/// A proposal of a phase; with an AEAD cipher, phase 1 names the PRF.
fn proposal(phase: &str, suite: &Suite) -> Result<(String, Option<&'static str>), String> {
    let (cipher, hash, group) = WORDS.words(phase, suite)?;
    let prefix = if is_aead(suite.encryption) { "prf" } else { "" };
    Ok((hash.map_or(cipher.to_owned(), |hash| format!("{cipher}-{prefix}{hash}")), group))
}

/// The type and text of an identity.
fn identity(identity: &Identity) -> (&'static str, String) {
    match identity {
        Identity::Address(address) => ("address", address.to_string()),
        Identity::Name(name) => ("fqdn", name.clone()),
        Identity::Mail(name) => ("user-fqdn", name.clone()),
        Identity::Unknown => ("fqdn", "IDENTITY-NOT-KNOWN".to_owned()),
    }
}

/// Phase 1.
fn phase1(text: &mut Zeroizing<String>, peer: &Peer, warnings: &mut Vec<String>) -> Result<(), String> {
    let (proposal, group) = proposal("ike", &peer.ike)?;
    let ((kind, id), (_, cloud_id)) = (identity(&peer.id), identity(&peer.cloud_id));
    let _ = write!(
        text,
        "config vpn ipsec phase1-interface\n    edit \"{name}\"\n        set interface \"OUTSIDE-INTERFACE\"\n        set ike-version {version}\n",
        name = peer.name.tag,
        version = if peer.ikev2 { 2 } else { 1 },
    );
    if !peer.ikev2 {
        let _ = writeln!(text, "        set mode {}", if peer.aggressive { "aggressive" } else { "main" });
    }
    let _ = write!(
        text,
        "        set keylife {secs}\n{peer}        set net-device disable\n        \
         set proposal {proposal}\n        set localid \"{id}\"\n        set localid-type {kind}\n        set dhgrp {group}\n        \
         set dpd on-idle\n        set dpd-retrycount 5\n        set dpd-retryinterval {dpd}\n        set remote-gw {cloud}\n        set psksecret ",
        peer = match peer.ikev2 || peer.aggressive {
            true => format!("        set peertype one\n        set peerid \"{cloud_id}\"\n"),
            // In main mode the key is found by the address, before the identity comes.
            false => "        set peertype any\n".to_owned(),
        },
        secs = within(peer.ike_secs, LONGEST, "ike.lifetime_secs", WORDS.name, warnings),
        group = group.unwrap_or_default(),
        dpd = peer.dpd_secs.min(3600),
        cloud = peer.cloud_or_placeholder(),
    );
    match &peer.key {
        // Text that begins with 0x would be read as hex, and quotes and backslashes need escapes: hex needs neither.
        Some(key) => {
            text.push_str("0x");
            text.push_str(&hex(key));
        }
        None => text.push_str(&format!("\"{KEY}\"")),
    }
    text.push_str("\n    next\nend\n");
    Ok(())
}

/// Phase 2: one for each pair of networks.
fn phase2(text: &mut String, peer: &Peer, pairs: &[(Ipv4Net, Ipv4Net)], warnings: &mut Vec<String>) -> Result<(), String> {
    let (proposal, group) = proposal("ipsec", &peer.ipsec)?;
    let secs = within(peer.ipsec_secs, LONGEST, "ipsec.lifetime_secs", WORDS.name, warnings);
    let name = &peer.name.tag;
    text.push_str("config vpn ipsec phase2-interface\n");
    for (place, (own, cloud)) in pairs.iter().enumerate() {
        let _ = writeln!(text, "    edit \"{name}-net{}\"\n        set phase1name \"{name}\"\n        set proposal {proposal}", place + 1);
        match group {
            Some(group) => {
                let _ = writeln!(text, "        set pfs enable\n        set dhgrp {group}");
            }
            None => text.push_str("        set pfs disable\n"),
        }
        match peer.ipsec_kb {
            Some(kb) => {
                let _ = writeln!(text, "        set keylife-type both\n        set keylifekbs {}", kb.clamp(5120, 4_294_967_295));
            }
            None => text.push_str("        set keylife-type seconds\n"),
        }
        let _ = write!(
            text,
            "        set keylifeseconds {secs}\n        set auto-negotiate enable\n        set src-addr-type subnet\n        \
             set dst-addr-type subnet\n        set src-subnet {} {}\n        set dst-subnet {} {}\n    next\n",
            own.network(),
            own.netmask(),
            cloud.network(),
            cloud.netmask()
        );
    }
    text.push_str("end\n");
    Ok(())
}

/// The addresses of the interface that phase 1 makes.
fn interface(text: &mut String, peer: &Peer) {
    let Some(inside) = peer.inside_v4() else { return };
    let _ = writeln!(
        text,
        "config system interface\n    edit \"{}\"\n        set ip {} 255.255.255.255\n        set allowaccess ping",
        peer.name.tag,
        inside.addr()
    );
    if let Some(cloud) = peer.cloud_inside {
        let _ = writeln!(text, "        set remote-ip {cloud} {}", inside.netmask());
    }
    text.push_str("    next\nend\n");
}

/// A policy for each direction; segments of TCP are made to fit.
fn policies(text: &mut String, peer: &Peer) {
    let name = &peer.name.tag;
    text.push_str("config firewall policy\n");
    for (way, from, to) in [("out", "INSIDE-INTERFACE", name.as_str()), ("in", name.as_str(), "INSIDE-INTERFACE")] {
        let _ = write!(
            text,
            "    edit 0\n        set name \"{name}-{way}\"\n        set srcintf \"{from}\"\n        set dstintf \"{to}\"\n        \
             set action accept\n        set srcaddr \"all\"\n        set dstaddr \"all\"\n        set schedule \"always\"\n        \
             set service \"ALL\"\n        set nat disable\n        set tcp-mss-sender {MSS}\n        set tcp-mss-receiver {MSS}\n    next\n"
        );
    }
    text.push_str("end\n");
}

/// The BGP session. The AS number of the device is not touched.
fn bgp(text: &mut String, peer: &Peer) {
    let Some(session) = &peer.bgp else { return };
    text.push_str(&comment(
        "#",
        &format!("FILL IN: if the device has no BGP yet, `set as {}` below `config router bgp`", session.own_as()),
    ));
    let _ = write!(
        text,
        "config router bgp\n    config neighbor\n        edit \"{}\"\n            set remote-as {}\n            set local-as {}\n            \
         set interface \"{name}\"\n            set update-source \"{name}\"\n        next\n    end\n    config network\n",
        session.cloud,
        session.cloud_as(),
        session.own_as(),
        name = peer.name.tag,
    );
    for net in &peer.own_nets {
        let _ = writeln!(text, "        edit 0\n            set prefix {} {}\n        next", net.network(), net.netmask());
    }
    text.push_str("    end\nend\n");
}
