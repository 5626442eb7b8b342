//! Writes an end as `swanctl.conf`. The tests load it into real daemons, and read it back.
//!
//! Every value is explicit, and the key is written as hex.

use std::fmt::Write;

use super::address::{Address, Peers};
use super::algorithm::{Algorithm, NONE, Transform};
use super::beside::Start;
use super::end::{Child, Encapsulation, End, Psk};
use super::identity::{IdKind, Identity};
use super::parse::words;
use super::proposal::Proposal;
use crate::model::{Term, hex};

/// The configuration of an end, its key included; `None` where strongSwan has no word for an algorithm.
#[must_use]
pub fn to_swanctl(end: &End) -> Option<String> {
    let mut text = String::from("connections {\n    tunnel {\n");
    let mut line = |depth: usize, name: &str, value: &str| {
        let _ = writeln!(text, "{}{name} = {value}", "    ".repeat(depth));
    };
    let version = match end.versions.as_deref() {
        Some([Term::Ikev1]) => "1",
        Some([Term::Ikev2]) => "2",
        _ => "0",
    };
    line(2, "version", version);
    if end.mode == Some(Term::Aggressive) {
        line(2, "aggressive", "yes");
    }
    if let Address::Known(address) | Address::Presumed(address) = end.address {
        line(2, "local_addrs", &address.to_string());
    }
    match &end.peers {
        Peers::Listed(nets) | Peers::Within(nets) => {
            let shown =
                |net: &ipnet::IpNet| if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() };
            line(2, "remote_addrs", &nets.iter().map(shown).collect::<Vec<_>>().join(","));
        }
        Peers::Presumed(address) => line(2, "remote_addrs", &address.to_string()),
        Peers::Any | Peers::Unknown => {}
    }
    line(2, "proposals", &list(&end.ike, true)?);
    if end.encapsulation == Some(Encapsulation::Forced) {
        line(2, "encap", "yes");
    }
    if end.dpd.enabled == Some(true) {
        line(2, "dpd_delay", &format!("{}s", end.dpd.interval_secs.unwrap_or(30)));
        line(2, "dpd_timeout", &format!("{}s", end.dpd.timeout_secs.unwrap_or(150)));
    }
    let ike = end.ike_lifetime_secs.unwrap_or(86_400);
    line(2, if end.reauth { "reauth_time" } else { "rekey_time" }, &format!("{}s", ike * 9 / 10));
    line(2, "over_time", &format!("{}s", ike / 10));
    line(2, "rand_time", &format!("{}s", ike / 20));
    for (name, id) in [("local", end.sends()), ("remote", end.expects())] {
        let _ = writeln!(text, "        {name} {{\n            auth = psk");
        if let Some(id) = id {
            let _ = writeln!(text, "            id = {}", identity(&id));
        }
        text.push_str("        }\n");
    }
    text.push_str("        children {\n");
    for (place, child) in end.children.iter().flatten().enumerate() {
        one_child(&mut text, place, child, end)?;
    }
    text.push_str("        }\n    }\n}\n");
    if let Psk::Known(secret) = &end.psk {
        let _ = write!(text, "secrets {{\n    ike-tunnel {{\n        secret = 0x{}\n    }}\n}}\n", hex(secret.expose().as_bytes()));
    }
    Some(text)
}

fn one_child(text: &mut String, place: usize, child: &Child, end: &End) -> Option<()> {
    let _ = writeln!(text, "            net{} {{", place + 1);
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "                {name} = {value}");
    };
    let nets = |nets: &[ipnet::IpNet]| nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    line("local_ts", &nets(&child.local));
    line("remote_ts", &nets(&child.remote));
    line("esp_proposals", &list(if child.esp.is_empty() { &end.esp } else { &child.esp }, false)?);
    if child.transport {
        line("mode", "transport");
    }
    let life = end.child_lifetime_secs.unwrap_or(3600);
    line("life_time", &format!("{life}s"));
    line("rekey_time", &format!("{}s", life * 9 / 10));
    line("rand_time", &format!("{}s", life / 20));
    let action = match end.dpd.action {
        Some(Term::Restart) => "restart",
        Some(Term::OnTraffic) => "trap",
        _ => "clear",
    };
    line("dpd_action", action);
    match end.start {
        Some(Start::Always) => line("start_action", "start"),
        Some(Start::OnTraffic) => line("start_action", "trap"),
        _ => {}
    }
    if end.truncates_sha256 {
        line("sha256_96", "yes");
    }
    if end.compress {
        line("ipcomp", "yes");
    }
    text.push_str("            }\n");
    Some(())
}

/// An identity in quotes, with a prefix that forces its type.
pub(super) fn identity(id: &Identity) -> String {
    let prefix = match id.kind {
        IdKind::Any => return "%any".to_owned(),
        // strongSwan accepts a pattern only without a prefix.
        IdKind::Fqdn if id.text.starts_with('*') => "",
        IdKind::Fqdn => "fqdn:",
        IdKind::Email => "email:",
        IdKind::KeyId => "keyid:",
        IdKind::Ip | IdKind::Dn | IdKind::Host => "",
    };
    format!("\"{prefix}{}\"", id.text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Proposals in strongSwan's words; `None` where it has none for an algorithm.
pub(super) fn list(proposals: &[Proposal], is_ike: bool) -> Option<String> {
    let one = |proposal: &Proposal| -> Option<String> {
        let mut parts = Vec::new();
        for cipher in proposal.encryption.as_ref()? {
            parts.push(words::write(Transform::Encryption, cipher)?);
        }
        let aead = proposal.encryption.iter().flatten().all(Algorithm::is_aead);
        for hash in proposal.integrity.as_ref()?.iter().filter(|hash| **hash != NONE) {
            if !aead {
                parts.push(words::write(Transform::Integrity, hash)?);
            } else if is_ike && proposal.prf.is_empty() {
                parts.push(words::write(Transform::Prf, hash)?);
            }
        }
        for prf in &proposal.prf {
            parts.push(words::write(Transform::Prf, prf)?);
        }
        let groups = proposal.groups.as_ref()?;
        for group in groups.iter().filter(|group| **group != NONE || groups.len() > 1) {
            parts.push(words::write(Transform::Group, group)?);
        }
        for esn in &proposal.esn {
            parts.push(words::write(Transform::Esn, esn)?);
        }
        Some(parts.join("-"))
    };
    Some(proposals.iter().map(one).collect::<Option<Vec<_>>>()?.join(","))
}
