//! Writes an end as Libreswan's `ipsec.conf` and `ipsec.secrets`. Every value is explicit, and the key is in hexadecimal.

use std::fmt::Write;

use ipnet::IpNet;
use tunnelctl::testing::{Address, Algorithm, Encapsulation, End, IdKind, Identity, NONE, Peers, Proposal, Psk, Term};

/// The files for Libreswan.
#[derive(Debug, Clone)]
pub struct Files {
    pub conf: String,
    pub secrets: String,
}

/// The configuration of an end; `None` if Libreswan has no word for an algorithm.
pub fn to_libreswan(end: &End) -> Option<Files> {
    let v1 = end.versions.as_deref() == Some(&[Term::Ikev1]);
    let mut common = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(common, "\t{name}={value}");
    };
    line("type", "tunnel");
    line("authby", "secret");
    line("ikev2", if v1 { "no" } else { "insist" });
    if v1 {
        line("aggressive", if end.mode == Some(Term::Aggressive) { "yes" } else { "no" });
    }
    if let Address::Known(address) | Address::Presumed(address) = end.address {
        line("left", &address.to_string());
    }
    match &end.peers {
        Peers::Listed(nets) => line("right", &nets.first()?.addr().to_string()),
        Peers::Presumed(address) => line("right", &address.to_string()),
        Peers::Any | Peers::Within(_) | Peers::Unknown => line("right", "%any"),
    }
    for (name, id) in [("leftid", end.sends()), ("rightid", end.expects())] {
        if let Some(id) = id {
            line(name, &identity(&id));
        }
    }
    line("ike", &list(&end.ike, true)?);
    line("esp", &list(&end.esp, false)?);
    let pfs = end.esp.iter().any(|proposal| proposal.groups.iter().flatten().any(|group| *group != NONE));
    line("pfs", if pfs { "yes" } else { "no" });
    line("ikelifetime", &format!("{}s", end.ike_lifetime_secs.unwrap_or(86_400)));
    line("salifetime", &format!("{}s", end.child_lifetime_secs.unwrap_or(3600)));
    if end.dpd.enabled == Some(true) {
        line("dpddelay", &end.dpd.interval_secs.unwrap_or(30).to_string());
        if v1 {
            line("dpdtimeout", &end.dpd.timeout_secs.unwrap_or(150).to_string());
        }
        line("dpdaction", "clear");
    }
    line(
        "encapsulation",
        match end.encapsulation {
            Some(Encapsulation::Forced) => "yes",
            Some(Encapsulation::Off) => "no",
            _ => "auto",
        },
    );
    // A failing tunnel should fail soon. The script that sets routes takes half of the time, and the routes exist already.
    line("keyingtries", "1");
    line("retransmit-interval", "500");
    line("retransmit-timeout", "2s");
    line("leftupdown", "%disabled");
    let mut conf = String::from("config setup\n\tikev1-policy=accept\n");
    let mut pairs: Vec<(IpNet, IpNet)> = Vec::new();
    for child in end.children.iter().flatten() {
        // A pair of nets that occurs twice is written once: Libreswan lets two connections with the same nets undo each other.
        let all = child.local.iter().flat_map(|local| child.remote.iter().map(|remote| (local.trunc(), remote.trunc())));
        all.for_each(|pair| {
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        });
    }
    for (place, (local, remote)) in pairs.iter().enumerate() {
        let _ = write!(conf, "\nconn net{}\n{common}\tleftsubnet={local}\n\trightsubnet={remote}\n", place + 1);
    }
    let mut secrets = String::new();
    if let Psk::Known(secret) = &end.psk {
        let hex: String = secret.expose().bytes().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(secrets, ": PSK 0x{hex}");
    }
    Some(Files { conf, secrets })
}

fn identity(id: &Identity) -> String {
    match id.kind {
        IdKind::Any => "%any".to_owned(),
        IdKind::Fqdn => format!("@{}", id.text),
        IdKind::KeyId => format!("@#{}", id.text),
        IdKind::Ip | IdKind::Email | IdKind::Dn | IdKind::Host => id.text.clone(),
    }
}

fn list(proposals: &[Proposal], is_ike: bool) -> Option<String> {
    let one = |proposal: &Proposal| -> Option<String> {
        let ciphers = proposal.encryption.as_ref()?;
        let aead = ciphers.iter().all(Algorithm::is_aead);
        let encryption = join(ciphers.iter().map(|cipher| cipher_word(cipher.name())))?;
        let hashes: Vec<&Algorithm> = proposal.integrity.as_ref()?.iter().filter(|hash| **hash != NONE).collect();
        // With an AEAD cipher the hash is the PRF of an IKE SA, and is not used in a Child SA.
        let integrity =
            if hashes.is_empty() || aead && !is_ike { "null".to_owned() } else { join(hashes.iter().map(|hash| hash_word(hash.name())))? };
        let groups = proposal.groups.as_ref()?.iter().filter(|group| **group != NONE);
        let groups = join(groups.map(|group| group.group().map(|number| format!("dh{number}"))))?;
        Some(if groups.is_empty() { format!("{encryption}-{integrity}") } else { format!("{encryption}-{integrity};{groups}") })
    };
    Some(proposals.iter().map(one).collect::<Option<Vec<_>>>()?.join(","))
}

fn join(words: impl Iterator<Item = Option<String>>) -> Option<String> {
    Some(words.collect::<Option<Vec<_>>>()?.join("+"))
}

fn cipher_word(name: &str) -> Option<String> {
    let word = match name {
        "aes128gcm16" => "aes_gcm128",
        "aes192gcm16" => "aes_gcm192",
        "aes256gcm16" => "aes_gcm256",
        "des" | "3des" | "aes128" | "aes192" | "aes256" | "null" => name,
        _ => return None,
    };
    Some(word.to_owned())
}

fn hash_word(name: &str) -> Option<String> {
    let word = match name {
        "sha256" => "sha2_256",
        "sha384" => "sha2_384",
        "sha512" => "sha2_512",
        "md5" | "sha1" => name,
        _ => return None,
    };
    Some(word.to_owned())
}
