//! Libreswan's `ipsec.conf` and `ipsec.secrets`.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::file::{File, beside_the_daemon, head, one_key, sections, without_interface};
use super::peer::Peer;
use super::words::{CLOUD_ADDRESS, KEY, Suite, group_field, hex, is_aead, within, word};
use crate::model::Term;

const NAME: &str = "Libreswan";
/// The longest lifetime of either SA, in seconds.
const LONGEST: u64 = 86_400;

// Libreswan refuses to load DES and groups 1, 2, 22, 23 and 24.
const CIPHERS: &[(Term, &str)] = &[
    (Term::TripleDes, "3des"),
    (Term::Aes128, "aes128"),
    (Term::Aes192, "aes192"),
    (Term::Aes256, "aes256"),
    (Term::Aes128Gcm16, "aes_gcm128"),
    (Term::Aes192Gcm16, "aes_gcm192"),
    (Term::Aes256Gcm16, "aes_gcm256"),
    (Term::Null, "null"),
];

const HASHES: &[(Term, &str)] =
    &[(Term::Md5, "md5"), (Term::Sha1, "sha1"), (Term::Sha256, "sha2_256"), (Term::Sha384, "sha2_384"), (Term::Sha512, "sha2_512")];

const GROUPS: &[(Term, &str)] = &[
    (Term::Group5, "modp1536"),
    (Term::Group14, "modp2048"),
    (Term::Group15, "modp3072"),
    (Term::Group16, "modp4096"),
    (Term::Group19, "dh19"),
    (Term::Group20, "dh20"),
    (Term::Group21, "dh21"),
];

/// Writes `ipsec.conf` and `ipsec.secrets` for all peers.
pub(super) fn write(peers: &[Peer], warnings: &mut Vec<String>) -> Result<Vec<File>, Vec<String>> {
    let first = peers.first().map_or("", |peer| peer.reference.as_str());
    let mut conf = head("#", "ipsec.conf for Libreswan: put it into /etc/ipsec.d", first);
    one_key(peers, NAME, warnings)?;
    without_interface(peers, warnings);
    conf.push_str(&beside_the_daemon(peers));
    if peers.iter().any(|peer| !peer.ikev2) {
        // By default Libreswan silently drops all IKEv1 packets and does not load the connection.
        conf.push_str("\nconfig setup\n\tikev1-policy=accept\n");
        warnings.push(
            "ikev1-policy=accept belongs in the `config setup` of /etc/ipsec.conf: Libreswan may ignore it in files of /etc/ipsec.d"
                .to_owned(),
        );
    }
    let text = sections(conf, peers, |peer, _| connections(peer, warnings).map(Zeroizing::new))?;
    let secrets = head("#", "ipsec.secrets for Libreswan: put it into /etc/ipsec.d", first);
    let secrets = sections(secrets, peers, |peer, _| Ok(secret(peer)))?;
    Ok(vec![File { suffix: "", text }, File { suffix: ".secrets", text: secrets }])
}

fn proposal(phase: &str, suite: &Suite) -> Result<String, String> {
    let cipher = word(CIPHERS, suite.encryption, &format!("{phase}.encryption"), NAME)?;
    let integrity = match suite.integrity {
        Some(integrity) => word(HASHES, integrity, &format!("{phase}.integrity"), NAME)?,
        None => "null",
    };
    let group = suite.group.map(|group| word(GROUPS, group, group_field(phase), NAME)).transpose()?;
    Ok(group.map_or(format!("{cipher}-{integrity}"), |group| format!("{cipher}-{integrity};{group}")))
}

/// One `conn` for each pair of networks: IKEv1 cannot carry more in one SA, and Libreswan does the same with IKEv2.
fn connections(peer: &Peer, warnings: &mut Vec<String>) -> Result<String, String> {
    let (ike, esp) = (proposal("ike", &peer.ike)?, proposal("ipsec", &peer.ipsec)?);
    let curve = matches!(peer.ipsec.group, Some(Term::Group19 | Term::Group20 | Term::Group21));
    if !peer.ikev2 && curve {
        return Err("ipsec.pfs: Libreswan refuses elliptic-curve groups for PFS with IKEv1".to_owned());
    }
    if let (true, Some(pfs), Some(group)) = (peer.ikev2, peer.ipsec.group, peer.ike.group)
        && pfs != group
    {
        warnings.push(format!(
            "ipsec.pfs {pfs}: with IKEv2, Libreswan 4.5 to 4.11 rekeys Child SAs with the group of the IKE SA, here {group}, whatever \
             esp= names: the cloud refuses the first rekey, and traffic stops; use the same group in both phases"
        ));
    }
    let own = peer.address.map_or("%defaultroute".to_owned(), |address| address.to_string());
    let cloud = peer.cloud.map_or(CLOUD_ADDRESS.to_owned(), |address| address.to_string());
    let ike_secs = within(peer.ike_secs, LONGEST, "ike.lifetime_secs", NAME, warnings);
    let ipsec_secs = within(peer.ipsec_secs, LONGEST, "ipsec.lifetime_secs", NAME, warnings);
    let mut text = String::new();
    for (place, (own_net, cloud_net)) in peer.pairs.iter().enumerate() {
        let _ = write!(text, "\nconn {}-net{}\n", peer.name.whole, place + 1);
        if peer.cloud.is_none() {
            text.push_str("\t# FILL IN right: the public address of the cloud's gateway\n");
        }
        let _ = write!(
            text,
            "\ttype=tunnel\n\tphase2=esp\n\tauthby=secret\n\tleft={own}\n\tleftid={}\n\tleftsubnet={own_net}\n\tright={cloud}\n\trightid={}\n\t\
             rightsubnet={cloud_net}\n\tikev2={}\n\taggressive={}\n\tike={ike}\n\tesp={esp}\n\tpfs={}\n\tikelifetime={ike_secs}s\n\t\
             salifetime={ipsec_secs}s\n\trekey=yes\n\tkeyingtries=0\n\tdpddelay={}\n\tdpdaction=restart\n\t\
             encapsulation=auto\n\tfragmentation=yes\n\tmobike=no\n\tcompress=no\n",
            peer.id.daemon(),
            peer.cloud_id.daemon(),
            if peer.ikev2 { "insist" } else { "no" },
            if peer.aggressive { "yes" } else { "no" },
            if peer.ipsec.group.is_some() { "yes" } else { "no" },
            peer.dpd_secs,
        );
        if !peer.ikev2 {
            // In IKEv2 retransmission decides when a peer is dead, and Libreswan warns about this setting.
            let _ = writeln!(text, "\tdpdtimeout={}", peer.dpd_secs * 5);
        }
        if !is_aead(peer.ipsec.encryption) && peer.ipsec.integrity == Some(Term::Sha256) {
            text.push_str("\tsha2-truncbug=no\n");
        }
        if let Some(number) = peer.interface {
            let _ = writeln!(text, "\tipsec-interface={number}");
        }
        text.push_str("\tauto=start\n");
    }
    Ok(text)
}

fn secret(peer: &Peer) -> Zeroizing<String> {
    let mut text = Zeroizing::new(format!("\n{} {} : PSK ", peer.id.daemon(), peer.cloud_id.daemon()));
    match &peer.key {
        Some(key) => {
            text.push_str("0x");
            text.push_str(&hex(key));
        }
        None => text.push_str(&format!("\"{KEY}\"")),
    }
    text.push('\n');
    text
}
