//! Alibaba's rules of field against field, and of a change against what was read.

use super::settings::block;
use super::{rules_tunnels, tunnels};
use crate::error::Violation;
use crate::model::{Connection, Key, Settings, Term, Value};
use crate::provider::rule::{is_address, overlap};
use crate::provider::{Edit, Findings};

/// Everything that the rules say about a change.
#[must_use]
pub fn rules(edit: &Edit<'_>) -> Findings {
    let place = |current| tunnels::place(current, tunnels::named(edit.address)?);
    let now = edit.current.map(|current| current.seen_from(place(current)));
    let merged = now.as_ref().map_or_else(|| edit.change.clone(), |now| now.with(edit.change));
    let subject = Subject { edit, now, merged };
    let mut findings = Findings::default();
    for rule in [
        kind,
        rules_tunnels::tunnel,
        rules_tunnels::tunnels_bgp,
        sm_algorithms,
        selectors,
        identities,
        bgp,
        health_check,
        client_pool,
        keys,
        effects,
        completeness,
    ] {
        rule(&subject, &mut findings);
    }
    if edit.change.iter().any(|(_, value)| weak(value)) {
        findings.warnings.push("weak algorithm: des, 3des, md5, sha1, group1, group2 and group5 should no longer be used".to_owned());
    }
    findings
}

/// A change, with the settings that it comes from and those that it leads to, as far as they are known: those of the
/// connection, and over them those of the tunnel that is named.
pub(super) struct Subject<'a> {
    pub(super) edit: &'a Edit<'a>,
    pub(super) now: Option<Settings>,
    pub(super) merged: Settings,
}

impl Subject<'_> {
    pub(super) fn changes(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.edit.change.has(*key))
    }

    pub(super) fn changed(&self, key: Key) -> Option<&Value> {
        self.edit.change.get(key)
    }

    pub(super) fn current(&self) -> Option<&Connection> {
        self.edit.current
    }
}

fn weak(value: &Value) -> bool {
    use Term::{Des, Group1, Group2, Group5, Md5, Sha1, TripleDes};
    [Des, TripleDes, Md5, Sha1, Group1, Group2, Group5].iter().any(|term| *value == Value::term(*term))
}

/// Two operations serve one kind of id; which one, the connection's `AttachType` tells.
fn kind(subject: &Subject<'_>, findings: &mut Findings) {
    let target = subject.edit.target;
    let Some(attach) = subject.current().and_then(|current| current.extra_text("AttachType")) else { return };
    let right = match attach.to_ascii_uppercase().as_str() {
        "VPNGW" => "connection",
        "CEN" | "NO_ASSOCIATED" => "attachment",
        _ => return,
    };
    let serves = |kind: &str| kind == right || (kind == "tunnel" && right == "connection");
    if !serves(target.kind.name) && target.kind.name != "ipsec-server" {
        let owner = if right == "connection" { "a VPN gateway" } else { "a transit router, or to nothing" };
        let rule = format!("belongs to {owner} (AttachType {attach}); use `alibaba {right} {}`", target.id);
        findings.violations.push(Violation { setting: target.kind.name.to_owned(), value: Some(target.id.clone()), rule });
    }
    if attach.eq_ignore_ascii_case("NO_ASSOCIATED") && subject.changes(&[Key::CustomerGateway]) {
        findings.warnings.push("the page of 2024 says that an unbound connection cannot change its customer gateway".to_owned());
    }
}

/// ShangMi gateways know one proposal; no other gateway knows it.
fn sm_algorithms(subject: &Subject<'_>, findings: &mut Findings) {
    const ONLY: [(Key, Term); 6] = [
        (Key::IkeVersion, Term::Ikev1),
        (Key::IkeMode, Term::Main),
        (Key::IkeEncryption, Term::Sm4),
        (Key::IkeIntegrity, Term::Sm3),
        (Key::IpsecEncryption, Term::Sm4),
        (Key::IpsecIntegrity, Term::Sm3),
    ];
    let is_sm = |settings: &Settings| settings.term(Key::IkeEncryption) == Some(Term::Sm4) || settings.has(Key::RemoteCa);
    let sm_word = |value: &Value| *value == Value::term(Term::Sm4) || *value == Value::term(Term::Sm3);
    // Without a read, the change itself tells which kind of gateway is meant.
    let sm = subject.now.as_ref().map_or_else(|| is_sm(subject.edit.change), is_sm);
    for (key, term) in ONLY {
        let Some(value) = subject.changed(key) else { continue };
        if sm && *value != Value::term(term) {
            findings.violations.push(Violation::of(key, format!("must be {term}: a ShangMi gateway takes ikev1, main, sm4 and sm3 only")));
        }
        if !sm && sm_word(value) {
            findings.violations.push(Violation::of(key, "sm4 and sm3 are for ShangMi gateways only; this is none, as far as is known"));
        }
    }
    if !sm && subject.changes(&[Key::RemoteCa]) {
        findings.warnings.push("the cloud ignores a CA certificate on a gateway that is not ShangMi".to_owned());
    }
}

fn selectors(subject: &Subject<'_>, findings: &mut Findings) {
    for key in [Key::LocalSubnets, Key::RemoteSubnets] {
        let count = subject.merged.list(key).len();
        if count > 5 && subject.changes(&[key]) {
            findings.warnings.push(format!("{} holds {count} networks; older pages of the cloud allow 5", key.named()));
        }
        // IPsec servers negotiate with clients, not with a peer's networks.
        let concerned = subject.edit.target.kind.name != "ipsec-server" && subject.changes(&[key, Key::IkeVersion]);
        // A network of the whole is one of each tunnel: where none is named, one with ikev1 decides.
        let of_tunnels = || {
            let mut tunnels = subject.current()?.tunnels.iter();
            tunnels.any(|tunnel| tunnel.settings.term(Key::IkeVersion) == Some(Term::Ikev1)).then_some(Term::Ikev1)
        };
        let ikev1 = |settings: &Settings| settings.term(Key::IkeVersion).or_else(of_tunnels) == Some(Term::Ikev1);
        if !ikev1(&subject.merged) || count < 2 || !concerned {
            continue;
        }
        let rule = format!("holds {count} networks, and ikev1 takes one on each side; use ikev2 for several");
        let already = subject.now.as_ref().is_some_and(|now| now.list(key).len() > 1 && ikev1(now));
        if already {
            findings.warnings.push(format!("{} {rule}", key.named()));
        } else {
            findings.violations.push(Violation::of(key, rule));
        }
    }
}

fn identities(subject: &Subject<'_>, findings: &mut Findings) {
    let merged = &subject.merged;
    let main = merged.term(Key::IkeVersion) == Some(Term::Ikev1) && merged.term(Key::IkeMode) == Some(Term::Main);
    for key in [Key::LocalId, Key::RemoteId] {
        let concerned = subject.changes(&[key, Key::IkeVersion, Key::IkeMode]);
        if main && concerned && merged.text(key).is_some_and(|id| !is_address(id)) {
            findings
                .violations
                .push(Violation::of(key, "must be an IP address with ikev1 in main mode; a name wants aggressive mode or ikev2"));
        }
    }
    if merged.term(Key::IkeVersion) == Some(Term::Ikev2) && subject.changes(&[Key::IkeMode]) {
        findings.warnings.push("--ike-mode has no effect with ikev2".to_owned());
    }
}

fn bgp(subject: &Subject<'_>, findings: &mut Findings) {
    let merged = &subject.merged;
    if !subject.changes(&[Key::BgpEnabled, Key::BgpLocalAsn, Key::BgpTunnelCidr, Key::BgpLocalAddress]) {
        return;
    }
    let network = merged.text(Key::BgpTunnelCidr);
    let address = merged.text(Key::BgpLocalAddress);
    if merged.switch(Key::BgpEnabled) == Some(true) {
        if network.is_none() {
            findings.violations.push(Violation::of(Key::BgpTunnelCidr, "must be given with BGP on: a /30 inside 169.254.0.0/16"));
        }
        if subject.now.as_ref().is_some_and(|now| !now.has(Key::BgpPeerAsn)) {
            findings.warnings.push("BGP needs an AS number at the customer gateway; the cloud refuses the change without one".to_owned());
        }
    }
    if let (Some(network), Some(address)) = (network, address)
        && !tunnels::inside(network, address)
    {
        let rule = format!("must be an address inside the tunnel's network {network}");
        findings.violations.push(Violation { setting: Key::BgpLocalAddress.named(), value: Some(address.to_owned()), rule });
    }
}

fn health_check(subject: &Subject<'_>, findings: &mut Findings) {
    use Key::{HealthCheckEnabled, HealthCheckInterval, HealthCheckLocal, HealthCheckPolicy, HealthCheckRemote, HealthCheckRetries};
    let parts = [HealthCheckRemote, HealthCheckLocal, HealthCheckInterval, HealthCheckRetries];
    if !subject.changes(&parts) && !subject.changes(&[HealthCheckEnabled, HealthCheckPolicy]) {
        return;
    }
    if subject.merged.switch(HealthCheckEnabled) != Some(true) {
        if subject.changed(HealthCheckEnabled).is_none() {
            findings
                .warnings
                .push("the health check is off, or not known to be on; its settings have no effect before --health-check on".to_owned());
        }
        return;
    }
    for key in parts.into_iter().filter(|key| !subject.merged.has(*key)) {
        findings
            .violations
            .push(Violation::of(key, "must be given with the health check on: it needs both addresses, interval and retries"));
    }
}

fn client_pool(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(pool) = subject.merged.text(Key::ClientPool) else { return };
    let clash = subject.merged.list(Key::LocalSubnets).iter().find(|network| overlap(pool, network));
    if let Some(network) = clash.filter(|_| subject.changes(&[Key::ClientPool, Key::LocalSubnets])) {
        let rule = format!("must not overlap the local network {network}");
        findings.violations.push(Violation { setting: Key::ClientPool.named(), value: Some(pool.to_owned()), rule });
    }
}

fn keys(subject: &Subject<'_>, findings: &mut Findings) {
    if let Some(Value::Secret(secret)) = subject.changed(Key::Psk)
        && secret.expose().contains(['\\', '\''])
    {
        findings
            .warnings
            .push("the key holds a backslash or a single quote; the cloud's pages do not agree on whether they are allowed".to_owned());
    }
    if subject.changed(Key::PskEnabled) == Some(&Value::Switch(false)) {
        findings.violations.push(Violation::of(Key::PskEnabled, "can only be on: the cloud has no way to turn it off here"));
    }
}

fn effects(subject: &Subject<'_>, findings: &mut Findings) {
    for key in [Key::IkeLifetime, Key::IpsecLifetime] {
        if subject.changed(key) == Some(&Value::Number(0)) {
            findings.warnings.push(format!("{} 0 is within the cloud's bounds, but no page says what it means", key.named()));
        }
    }
    if subject
        .changed(Key::NetworkType)
        .is_some_and(|value| subject.now.as_ref().is_some_and(|now| now.get(Key::NetworkType) != Some(value)))
    {
        findings.warnings.push(
            "the cloud says that the gateway type of an existing connection cannot be changed; it may ignore --network-type".to_owned(),
        );
    }
    let beyond_name = subject.edit.change.iter().any(|(key, _)| key != Key::Name);
    if beyond_name && subject.merged.switch(Key::EffectImmediately) == Some(true) {
        findings
            .warnings
            .push("traffic is interrupted: with --effect-immediately on, the cloud drops the tunnel and negotiates at once".to_owned());
    }
    if subject.changes(&[Key::CustomerGateway]) {
        findings.warnings.push("traffic is interrupted while the connection moves to another customer gateway".to_owned());
    }
}

/// Without a read, what is not given inside a block may fall back to what a new connection has.
fn completeness(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.current().is_some() {
        return;
    }
    let fields = subject.edit.target.operation.fields;
    let blocks = ["IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig", "TunnelIkeConfig", "TunnelIpsecConfig", "TunnelBgpConfig"];
    for name in blocks {
        let (given, missing): (Vec<_>, Vec<_>) =
            fields.iter().filter(|field| block(field) == Some(name)).partition(|field| subject.changes(&[field.key]));
        // A missing key is no warning: it is refused when the request is built.
        let missing: Vec<String> = missing.iter().filter(|field| field.key != Key::Psk).map(|field| field.key.named()).collect();
        if !given.is_empty() && !missing.is_empty() {
            findings.warnings.push(format!(
                "nothing was read, so {name} is sent incomplete; the cloud may set these back to its defaults: {}",
                missing.join(", ")
            ));
        }
    }
}

#[cfg(test)]
mod tests;
