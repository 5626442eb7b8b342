//! Warnings: settings that are weak, ignored or not supported everywhere, and what a change does to traffic.

use crate::model::{Connection, Key, Settings, Term, Value};
use crate::provider::Edit;
use crate::provider::rule::is_address;

/// Settings that the two ends negotiate: a change of one of them interrupts the tunnel.
const NEGOTIATED: &[Key] = &[
    Key::CustomerGateway,
    Key::RemoteSubnets,
    Key::PolicyRules,
    Key::IkeVersion,
    Key::IkeMode,
    Key::IkeEncryption,
    Key::IkeIntegrity,
    Key::IkeDhGroup,
    Key::IkeLifetime,
    Key::LocalIdType,
    Key::LocalId,
    Key::RemoteIdType,
    Key::RemoteId,
    Key::IpsecEncryption,
    Key::IpsecIntegrity,
    Key::IpsecPfs,
    Key::IpsecLifetime,
    Key::IpsecLifetimeKb,
];

const ALGORITHMS: &[Key] =
    &[Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup, Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];
const GCM: &[Term] = &[Term::Aes128Gcm16, Term::Aes192Gcm16, Term::Aes256Gcm16];
const WEAK: &[Term] = &[Term::Des, Term::TripleDes, Term::Null, Term::Md5, Term::Sha1, Term::Group1, Term::Group2, Term::Group5];

/// Warnings about values: weak, ignored, or not accepted by every gateway and peer.
pub fn values(change: &Settings, after: &Settings) -> Vec<String> {
    let single = [
        weak(change),
        gcm(change),
        customer_gateway(change),
        sm4_without_sm3(change, after),
        ignored_mode(change, after),
        large_lifetime(change),
    ];
    single.into_iter().flatten().chain(addresses_as_names(change, after)).collect()
}

/// The algorithms of a change that are in a list, each once.
fn chosen(change: &Settings, terms: &[Term]) -> Vec<&'static str> {
    let mut words: Vec<&str> = Vec::new();
    for term in ALGORITHMS.iter().filter_map(|key| change.term(*key)).filter(|term| terms.contains(term)) {
        if !words.contains(&term.word()) {
            words.push(term.word());
        }
    }
    words
}

fn weak(change: &Settings) -> Option<String> {
    let words = chosen(change, WEAK);
    (!words.is_empty()).then(|| format!("weak: {}", words.join(", ")))
}

fn gcm(change: &Settings) -> Option<String> {
    (!chosen(change, GCM).is_empty()).then(|| "AES-GCM needs a VPN gateway of version 4.0 or later".to_owned())
}

fn customer_gateway(change: &Settings) -> Option<String> {
    change.has(Key::CustomerGateway).then(|| "a change of the customer gateway needs a VPN gateway of version 4.0 or later".to_owned())
}

fn sm4_without_sm3(change: &Settings, after: &Settings) -> Option<String> {
    let touched = change.has(Key::IpsecEncryption) || change.has(Key::IpsecIntegrity);
    let (encryption, integrity) = (after.term(Key::IpsecEncryption)?, after.term(Key::IpsecIntegrity)?);
    (touched && (encryption == Term::Sm4) != (integrity == Term::Sm3))
        .then(|| "in phase 2, sm4 and sm3 belong together; peers may not support one without the other".to_owned())
}

fn ignored_mode(change: &Settings, after: &Settings) -> Option<String> {
    (change.has(Key::IkeMode) && after.term(Key::IkeVersion) == Some(Term::Ikev2))
        .then(|| "the exchange mode is ignored: IKEv2 has none".to_owned())
}

fn large_lifetime(change: &Settings) -> Option<String> {
    change
        .number(Key::IpsecLifetimeKb)
        .is_some_and(|kb| kb > 604_800)
        .then(|| "--ipsec-lifetime-kb is above 604800, the limit that the vendor's international pages give".to_owned())
}

fn addresses_as_names(change: &Settings, after: &Settings) -> impl Iterator<Item = String> {
    [(Key::LocalIdType, Key::LocalId), (Key::RemoteIdType, Key::RemoteId)]
        .into_iter()
        .filter(|(kind, value)| after.term(*kind) == Some(Term::Fqdn) && change.text(*value).is_some_and(is_address))
        .map(|(kind, value)| {
            format!("{} is an address but is sent as a name; to send it as an address, give {} ip", value.named(), kind.named())
        })
}

/// Warnings about what a change does to traffic and to the key in use.
pub fn effects(edit: &Edit<'_>) -> Vec<String> {
    let differs = |key: &Key| match edit.current {
        Some(Connection { settings, .. }) => edit.change.get(*key).is_some_and(|value| settings.get(*key) != Some(value)),
        None => edit.change.has(*key),
    };
    let mut warnings = Vec::new();
    if NEGOTIATED.iter().any(differs) {
        warnings.push("this change renegotiates the tunnel; traffic may be interrupted".to_owned());
    } else if edit.change.has(Key::Psk) {
        let text =
            "an established IKE SA keeps the previous key until it authenticates again; the operation ResetVpnConnection forces that";
        warnings.push(text.to_owned());
    }
    // Only the length counts: a dry run has a placeholder for the key, and nothing but this warning may depend on that.
    if let Some(Value::Secret(secret)) = edit.change.get(Key::Psk)
        && secret.expose().len() > 128
    {
        warnings.push("the pre-shared key is longer than 128 characters, which other clouds do not accept".to_owned());
    }
    warnings
}
