//! Whose `ipsec.conf` it is: Libreswan's, or that of strongSwan's old `ipsec` command, which has the same form.

use super::file::{File, Setting};
use crate::agreement::parse::fault::Fault;

/// Settings of a connection that only strongSwan has.
const STRONGSWAN: &[&str] = &[
    "closeaction",
    "installpolicy",
    "leftfirewall",
    "rightfirewall",
    "lefthostaccess",
    "righthostaccess",
    "leftallowany",
    "rightallowany",
    "leftauth2",
    "rightauth2",
    "leftcert2",
    "rightcert2",
    "leftid2",
    "rightid2",
    "leftca2",
    "rightca2",
    "leftcertpolicy",
    "rightcertpolicy",
    "leftgroups",
    "rightgroups",
    "leftgroups2",
    "rightgroups2",
    "leftdns",
    "rightdns",
    "leftsigkey",
    "rightsigkey",
    "aaa_identity",
    "eap_identity",
    "xauth_identity",
    "eap",
    "xauth",
    "modeconfig",
    "margintime",
    "marginbytes",
    "marginpackets",
    "lifebytes",
    "lifepackets",
    "inactivity",
    "ikedscp",
    "mediation",
    "mediated_by",
    "me_peerid",
    "mark_in",
    "mark_out",
    "replay_window",
    "pfsgroup",
    "interface",
];

/// Settings of `config setup` that only strongSwan has.
const STRONGSWAN_SETUP: &[&str] = &["charondebug", "charonstart", "plutostart", "strictcrlpolicy", "cachecrls"];

/// Settings of a connection that only Libreswan and its forebears have.
const LIBRESWAN: &[&str] = &[
    "ikev2",
    "salifetime",
    "ipsec-lifetime",
    "phase2",
    "phase2alg",
    "phase2-alg",
    "leftsubnets",
    "rightsubnets",
    "leftrsasigkey",
    "rightrsasigkey",
    "leftecdsakey",
    "rightecdsakey",
    "leftpubkey",
    "rightpubkey",
    "leftckaid",
    "rightckaid",
    "leftmodecfgclient",
    "rightmodecfgclient",
    "leftmodecfgserver",
    "rightmodecfgserver",
    "leftxauthclient",
    "leftxauthserver",
    "rightxauthclient",
    "rightxauthserver",
    "leftaddresspool",
    "rightaddresspool",
    "sha2-truncbug",
    "encapsulation",
    "narrowing",
    "nat-keepalive",
    "initial-contact",
    "vti-interface",
    "ipsec-interface",
    "connalias",
    "ikepad",
    "retransmit-timeout",
    "retransmit-interval",
    "replay-window",
    "mark-in",
    "mark-out",
    "esn",
    "alsoflip",
    "pfs",
    "aggrmode",
    "decap-dscp",
    "ppk",
    "fake-strongswan",
];

/// Settings of `config setup` that only Libreswan and its forebears have.
const LIBRESWAN_SETUP: &[&str] =
    &["ikev1-policy", "virtual-private", "virtual_private", "protostack", "plutodebug", "logfile", "nat_traversal", "oe", "dumpdir"];

/// Refuses a file that is strongSwan's, by that name.
///
/// # Errors
/// That it is strongSwan's, at the first setting that shows it, and what to do.
pub(super) fn refuse_strongswans(file: &File) -> Result<(), Fault> {
    let settings = || file.conns.iter().flat_map(|conn| &conn.settings);
    if settings().any(is_libreswans) || file.setup.iter().any(|setting| LIBRESWAN_SETUP.contains(&setting.name.as_str())) {
        return Ok(());
    }
    let in_setup = file.setup.iter().find(|setting| STRONGSWAN_SETUP.contains(&setting.name.as_str()));
    let in_conn = settings().find(|setting| is_strongswans(setting));
    let shown = [in_setup, in_conn].into_iter().flatten().map(|setting| {
        let text = if setting.name == "leftauth" || !is_named(&setting.name) {
            format!("{}={}", setting.name, setting.value)
        } else {
            setting.name.clone()
        };
        (setting.line, setting.start, text)
    });
    let section = file.foreign.iter().map(|(line, text)| (*line, 1, text.clone()));
    match shown.chain(section).min() {
        None => Ok(()),
        Some((line, column, text)) => Err(Fault::new(
            line,
            column,
            format!(
                "this is strongSwan's ipsec.conf, not Libreswan's ({text}), and that form is not read: give the connection as \
                 swanctl.conf, or describe this end in TOML"
            ),
        )),
    }
}

/// Whether only strongSwan has a setting of this name.
pub(super) fn is_named(name: &str) -> bool {
    STRONGSWAN.contains(&name) || STRONGSWAN_SETUP.contains(&name)
}

fn is_strongswans(setting: &Setting) -> bool {
    let value = setting.value.as_str();
    match setting.name.as_str() {
        // The strict flag, and words that are joined in strongSwan's way.
        "ike" | "esp" | "ah" => value.ends_with('!') || value.contains("prfsha") || value.contains("gcm16") || value.contains("gcm128-"),
        // Libreswan 4 takes only `ike`; later ones also have `ikev2=`.
        "keyexchange" => matches!(value, "ikev1" | "ikev2"),
        "authby" => matches!(value, "psk" | "pubkey" | "ecdsasig" | "xauthpsk" | "xauthrsasig" | "eap"),
        "leftauth" | "rightauth" => ["psk", "pubkey", "eap-", "xauth"].iter().any(|word| value.starts_with(word)) || value == "eap",
        "leftsubnet" | "rightsubnet" => value.contains(','),
        "dpdaction" => value == "none",
        name => is_named(name),
    }
}

fn is_libreswans(setting: &Setting) -> bool {
    let value = setting.value.as_str();
    match setting.name.as_str() {
        "ike" | "esp" | "ah" => value.contains(';') || value.contains("sha2_") || value.contains("aes_"),
        "authby" => value.starts_with("rsa-") || value.contains(','),
        "left" | "right" => value == "%defaultroute",
        name => LIBRESWAN.contains(&name),
    }
}
