//! What Alibaba Cloud allows and what may still surprise the user.

use super::rules::Subject;
use super::settings::block;
use crate::model::{Key, Term, Value};
use crate::provider::Findings;

/// Adds the warnings about a change.
pub(super) fn add(subject: &Subject<'_>, findings: &mut Findings) {
    for warning in [key_characters, lifetime_zero, network_type, interruption, incomplete_blocks, weak_algorithms] {
        warning(subject, &mut findings.warnings);
    }
}

fn key_characters(subject: &Subject<'_>, warnings: &mut Vec<String>) {
    if let Some(Value::Secret(secret)) = subject.changed(Key::Psk)
        && secret.expose().contains(['\\', '\''])
    {
        let warning =
            "the key contains a backslash or a single quote; Alibaba's documentation contradicts itself on whether they are allowed";
        warnings.push(warning.to_owned());
    }
}

fn lifetime_zero(subject: &Subject<'_>, warnings: &mut Vec<String>) {
    for key in [Key::IkeLifetime, Key::IpsecLifetime] {
        if subject.changed(key) == Some(&Value::Number(0)) {
            warnings.push(format!("{} 0 is allowed, but Alibaba's documentation does not say what it means", key.named()));
        }
    }
}

fn network_type(subject: &Subject<'_>, warnings: &mut Vec<String>) {
    let Some((new, current)) = subject.changed(Key::NetworkType).zip(subject.current.as_ref()) else { return };
    if current.get(Key::NetworkType) != Some(new) {
        let warning = "Alibaba's documentation says that the gateway type of an existing connection cannot be changed; \
                       the cloud may ignore --network-type";
        warnings.push(warning.to_owned());
    }
}

fn interruption(subject: &Subject<'_>, warnings: &mut Vec<String>) {
    let beyond_name = subject.edit.change.iter().any(|(key, _)| key != Key::Name);
    if beyond_name && subject.new.switch(Key::EffectImmediately) == Some(true) {
        let warning = "traffic is interrupted: with --effect-immediately on, the cloud drops the tunnel and renegotiates at once";
        warnings.push(warning.to_owned());
    }
    if subject.changes(&[Key::CustomerGateway]) {
        warnings.push("traffic is interrupted while the connection moves to another customer gateway".to_owned());
    }
}

/// Without a read, the cloud may reset what a block does not contain to the value of a new connection.
fn incomplete_blocks(subject: &Subject<'_>, warnings: &mut Vec<String>) {
    if subject.connection().is_some() {
        return;
    }
    let fields = subject.edit.target.operation.fields;
    let blocks = ["IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig", "TunnelIkeConfig", "TunnelIpsecConfig", "TunnelBgpConfig"];
    for name in blocks {
        let (given, missing): (Vec<_>, Vec<_>) =
            fields.iter().filter(|field| block(field) == Some(name)).partition(|field| subject.changes(&[field.key]));
        // A missing key needs no warning: building the request fails without it.
        let missing: Vec<String> = missing.iter().filter(|field| field.key != Key::Psk).map(|field| field.key.named()).collect();
        if !given.is_empty() && !missing.is_empty() {
            let missing = missing.join(", ");
            warnings.push(format!(
                "the connection was not read, so {name} is sent incomplete; the cloud may reset these settings to its defaults: {missing}"
            ));
        }
    }
}

fn weak_algorithms(subject: &Subject<'_>, warnings: &mut Vec<String>) {
    use Term::{Des, Group1, Group2, Group5, Md5, Sha1, TripleDes};
    let weak = |value: &Value| [Des, TripleDes, Md5, Sha1, Group1, Group2, Group5].iter().any(|term| *value == Value::term(*term));
    if subject.edit.change.iter().any(|(_, value)| weak(value)) {
        warnings.push("weak algorithm: des, 3des, md5, sha1, group1, group2 and group5 should no longer be used".to_owned());
    }
}
