//! What no single field shows: field against field, and against what was read.

use ipnet::Ipv4Net;

use super::identity;
use crate::error::Violation;
use crate::model::{Connection, Key, Settings, Term, Value};
use crate::provider::rule::{is_address, overlap};
use crate::provider::{Edit, Findings};

/// Settings that are negotiated: changing one drops the tunnel for a moment.
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

const GCM: &[Term] = &[Term::Aes128Gcm16, Term::Aes192Gcm16, Term::Aes256Gcm16];
const WEAK: &[Term] = &[Term::Des, Term::TripleDes, Term::Null, Term::Md5, Term::Sha1, Term::Group1, Term::Group2, Term::Group5];
const ALGORITHMS: &[Key] =
    &[Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup, Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];
/// The three that make a `BgpConfig`, which is sent whole.
pub const BGP: &[Key] = &[Key::BgpTunnelCidr, Key::BgpLocalAddress, Key::BgpPeerAddress];

/// The violations and warnings of a change.
#[must_use]
pub fn rules(edit: &Edit<'_>, is_v2: bool) -> Findings {
    let mut findings = Findings::default();
    let then = edit.current.map_or_else(|| edit.change.clone(), |current| current.settings.with(edit.change));
    if let Err(violations) = identity::complete(edit) {
        findings.violations.extend(violations);
    }
    policy(edit, &then, is_v2, &mut findings);
    dpd(edit, &then, &mut findings);
    bgp(edit, &then, &mut findings);
    health_check(edit, &then, &mut findings);
    algorithms(edit, &then, &mut findings);
    effects(edit, &mut findings);
    findings
}

fn policy(edit: &Edit<'_>, then: &Settings, is_v2: bool, findings: &mut Findings) {
    if let Some(Value::Rules(rules)) = edit.change.get(Key::PolicyRules) {
        for rule in rules {
            if rule.index.is_some() {
                findings.violations.push(Violation::of(Key::PolicyRules, format!("{rule}: policy rules have no numbers at this cloud")));
            }
            let wide = |net: &str| net.parse::<Ipv4Net>().is_ok_and(|net| net.prefix_len() == 0);
            for remote in rule.destinations.iter().filter(|remote| overlap(&rule.source, remote)) {
                if !wide(&rule.source) && !wide(remote) {
                    let text = format!("{} and {remote} overlap; local and remote network of a rule must share no address", rule.source);
                    findings.violations.push(Violation::of(Key::PolicyRules, text));
                }
            }
        }
    }
    if !is_v2 {
        return;
    }
    if edit.change.has(Key::PolicyRules) && edit.change.has(Key::RemoteSubnets) {
        findings.warnings.push("--policy-rule replaces --remote-subnet at API 2.0; give one of them".to_owned());
    }
    if !then.has(Key::PolicyRules) && !then.has(Key::RemoteSubnets) {
        findings
            .warnings
            .push("the page of ModifyVpnConnEx wants policy rules or remote subnets with every change; none are known".to_owned());
    }
}

fn dpd(edit: &Edit<'_>, then: &Settings, findings: &mut Findings) {
    let enabled = then.switch(Key::DpdEnabled);
    for key in [Key::DpdTimeout, Key::DpdAction].into_iter().filter(|key| edit.change.has(*key)) {
        match (enabled, edit.current) {
            (Some(true), _) => {}
            (None, None) => findings.warnings.push(format!("{} counts only while dead peer detection is on", key.named())),
            _ => findings.violations.push(Violation::of(key, "only while dead peer detection is on: give --dpd on too")),
        }
    }
}

fn bgp(edit: &Edit<'_>, then: &Settings, findings: &mut Findings) {
    if !BGP.iter().any(|key| edit.change.has(*key)) {
        return;
    }
    findings.violations.extend(bgp_missing(then));
    let net = then.text(Key::BgpTunnelCidr).and_then(|text| text.parse::<Ipv4Net>().ok());
    let inside = |key: Key| {
        let (net, address) = (net?, then.text(key)?.parse::<std::net::Ipv4Addr>().ok()?);
        let fits = net.contains(&address) && address != net.network() && address != net.broadcast();
        (!fits).then(|| Violation::of(key, format!("{address} must be one of the two host addresses of {net}")))
    };
    findings.violations.extend([Key::BgpLocalAddress, Key::BgpPeerAddress].into_iter().filter_map(inside));
    if then.has(Key::BgpLocalAddress) && then.text(Key::BgpLocalAddress) == then.text(Key::BgpPeerAddress) {
        findings.violations.push(Violation::of(Key::BgpPeerAddress, "must not be the local BGP address"));
    }
    findings.warnings.push("the BGP settings may be ignored: Terraform sets them only when it creates a connection".to_owned());
}

/// What a `BgpConfig` lacks.
#[must_use]
pub fn bgp_missing(then: &Settings) -> Vec<Violation> {
    let rule = "is needed: tunnel network and both BGP addresses are set together";
    BGP.iter().filter(|key| !then.has(**key)).map(|key| Violation::of(*key, rule)).collect()
}

fn health_check(edit: &Edit<'_>, then: &Settings, findings: &mut Findings) {
    let (local, remote) = (then.text(Key::HealthCheckLocal), then.text(Key::HealthCheckRemote));
    let asked = edit.change.has(Key::HealthCheckLocal) || edit.change.has(Key::HealthCheckRemote);
    if asked && local.is_some() && local == remote && local != Some("0.0.0.0") {
        findings.violations.push(Violation::of(Key::HealthCheckRemote, "must not be the address that probes are sent from"));
    }
    if edit.change.switch(Key::HealthCheckEnabled) != Some(true) {
        return;
    }
    let rule = "a connection with policy rules has no health check";
    match edit.current.and_then(|current| current.extra_text("RouteType")) {
        Some(kind) if kind.eq_ignore_ascii_case("Policy") => {
            let rule = format!("{rule}, and this one has the route type {kind}; it needs destination routes (StaticRoute) or BGP");
            findings.violations.push(Violation::of(Key::HealthCheckEnabled, rule));
        }
        Some(kind) if kind.eq_ignore_ascii_case("StaticRoute") || kind.eq_ignore_ascii_case("Bgp") => {}
        _ => findings.warnings.push(format!("{rule}: the cloud may refuse")),
    }
}

fn algorithms(edit: &Edit<'_>, then: &Settings, findings: &mut Findings) {
    let change = edit.change;
    let chosen = |terms: &[Term]| {
        let mut words: Vec<&str> = Vec::new();
        for term in ALGORITHMS.iter().filter_map(|key| change.term(*key)).filter(|term| terms.contains(term)) {
            if !words.contains(&term.word()) {
                words.push(term.word());
            }
        }
        words
    };
    let weak = chosen(WEAK);
    if !weak.is_empty() {
        findings.warnings.push(format!("weak: {}", weak.join(", ")));
    }
    if !chosen(GCM).is_empty() {
        findings.warnings.push("AES-GCM needs a VPN gateway of version 4.0 or later".to_owned());
    }
    if change.has(Key::CustomerGateway) {
        findings.warnings.push("another customer gateway needs a VPN gateway of version 4.0 or later".to_owned());
    }
    let ipsec = (then.term(Key::IpsecEncryption), then.term(Key::IpsecIntegrity));
    let touched = change.has(Key::IpsecEncryption) || change.has(Key::IpsecIntegrity);
    if touched && (ipsec.0 == Some(Term::Sm4)) != (ipsec.1 == Some(Term::Sm3)) && ipsec.0.is_some() && ipsec.1.is_some() {
        findings.warnings.push("sm4 and sm3 belong together in phase 2; peers may not know one without the other".to_owned());
    }
    if change.has(Key::IkeMode) && then.term(Key::IkeVersion) == Some(Term::Ikev2) {
        findings.warnings.push("the exchange mode is ignored: IKEv2 has none".to_owned());
    }
    if change.number(Key::IpsecLifetimeKb).is_some_and(|kb| kb > 604_800) {
        findings.warnings.push("--ipsec-lifetime-kb is above 604800, which the vendor's international pages name as the limit".to_owned());
    }
    for (kind, value) in [(Key::LocalIdType, Key::LocalId), (Key::RemoteIdType, Key::RemoteId)] {
        if then.term(kind) == Some(Term::Fqdn) && change.text(value).is_some_and(is_address) {
            let flag = kind.named();
            findings.warnings.push(format!("{} is an address, sent as a name; give {flag} ip if it is meant as one", value.named()));
        }
    }
}

fn effects(edit: &Edit<'_>, findings: &mut Findings) {
    let differs = |key: &Key| match edit.current {
        Some(Connection { settings, .. }) => edit.change.get(*key).is_some_and(|value| settings.get(*key) != Some(value)),
        None => edit.change.has(*key),
    };
    if NEGOTIATED.iter().any(differs) {
        findings.warnings.push("the tunnel is negotiated anew: traffic may be interrupted".to_owned());
    } else if edit.change.has(Key::Psk) {
        findings.warnings.push(
            "an established IKE SA keeps the old key until it authenticates again; the operation ResetVpnConnection forces that".to_owned(),
        );
    }
    // Its length only, so that the placeholder of a dry run changes nothing but this line.
    if let Some(Value::Secret(secret)) = edit.change.get(Key::Psk)
        && secret.expose().len() > 128
    {
        findings.warnings.push("the pre-shared key is longer than 128 characters, which other clouds do not take".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Settings};
    use crate::provider::field::field;
    use crate::provider::tencent::{PROVIDER, settings};
    use crate::provider::{Profile, Target};

    fn change(rows: &[(Key, &str)]) -> Settings {
        rows.iter()
            .map(|(key, text)| {
                let field = field(settings::V3, *key).unwrap();
                (*key, field.parse(&text.split('|').map(str::to_owned).collect::<Vec<_>>()).unwrap())
            })
            .collect()
    }

    fn current(rows: &[(Key, &str)], route_type: &str) -> Connection {
        let mut connection = Connection::new(Ref::parse("tencent/vpnx-1").unwrap());
        connection.settings = change(rows);
        connection.extra.insert("RouteType".into(), route_type.into());
        connection
    }

    fn findings(api: usize, current: Option<&Connection>, rows: &[(Key, &str)]) -> Findings {
        let kind = &PROVIDER.kinds[0];
        let target = Target { kind, operation: &kind.operations[api], id: "vpnx-1".to_owned() };
        let profile = Profile { region: "ap-guangzhou".into(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
        let change = change(rows);
        (PROVIDER.connect)(profile).rules(&Edit { target: &target, current, change: &change, address: &[], token: "t" })
    }

    fn broken(current: Option<&Connection>, rows: &[(Key, &str)]) -> Vec<String> {
        findings(0, current, rows).violations.iter().map(ToString::to_string).collect()
    }

    fn warned(current: Option<&Connection>, rows: &[(Key, &str)], part: &str) -> bool {
        findings(0, current, rows).warnings.iter().any(|warning| warning.contains(part))
    }

    #[test]
    fn an_identity_fits_its_type() {
        let ip = current(&[(Key::LocalIdType, "ip"), (Key::LocalId, "203.0.113.7")], "STATIC");
        assert_eq!(broken(Some(&ip), &[(Key::LocalId, "203.0.113.8")]), Vec::<String>::new());
        assert!(broken(Some(&ip), &[(Key::LocalId, "idc.test")])[0].starts_with("--local-id idc.test: is no address"));
        assert!(broken(Some(&ip), &[(Key::LocalIdType, "fqdn")])[0].contains("--local-id: must be given"));
        assert!(broken(Some(&ip), &[(Key::LocalIdType, "ip")]).is_empty());
        assert!(broken(None, &[(Key::RemoteIdType, "ip")])[0].contains("--remote-id: must be given"));
        assert!(broken(None, &[(Key::RemoteId, "idc.test")]).is_empty());
        assert!(broken(None, &[(Key::RemoteIdType, "fqdn"), (Key::RemoteId, "idc.test")]).is_empty());
        assert!(warned(None, &[(Key::RemoteIdType, "fqdn"), (Key::RemoteId, "1.2.3.4")], "sent as a name"));
    }

    #[test]
    fn dpd_settings_need_dpd() {
        let off = current(&[(Key::DpdEnabled, "off")], "STATIC");
        let on = current(&[(Key::DpdEnabled, "on")], "STATIC");
        assert_eq!(broken(Some(&off), &[(Key::DpdTimeout, "30"), (Key::DpdAction, "clear")]).len(), 2);
        assert!(broken(Some(&on), &[(Key::DpdTimeout, "30")]).is_empty());
        assert!(broken(Some(&off), &[(Key::DpdEnabled, "on"), (Key::DpdTimeout, "30")]).is_empty());
        assert_eq!(broken(Some(&on), &[(Key::DpdEnabled, "off"), (Key::DpdAction, "clear")]).len(), 1);
        assert!(broken(None, &[(Key::DpdTimeout, "30")]).is_empty());
        assert!(warned(None, &[(Key::DpdTimeout, "30")], "only while"));
    }

    #[test]
    fn bgp_is_set_whole_and_inside_its_network() {
        let all =
            [(Key::BgpTunnelCidr, "169.254.128.0/30"), (Key::BgpLocalAddress, "169.254.128.1"), (Key::BgpPeerAddress, "169.254.128.2")];
        assert!(broken(None, &all).is_empty());
        assert!(warned(None, &all, "Terraform"));
        assert_eq!(broken(None, &all[..1]).len(), 2);
        assert!(broken(Some(&current(&all, "Bgp")), &all[1..2]).is_empty());
        for bad in ["169.254.128.0", "169.254.128.3", "169.254.128.4", "169.254.128.2"] {
            assert_eq!(broken(None, &[all[0], (Key::BgpLocalAddress, bad), all[2]]).len(), 1, "{bad}");
        }
    }

    #[test]
    fn policy_rules_overlap_nowhere_and_have_no_numbers() {
        assert!(broken(None, &[(Key::PolicyRules, "10.0.0.0/8=10.1.0.0/16")])[0].contains("overlap"));
        assert!(broken(None, &[(Key::PolicyRules, "3:10.0.0.0/8=11.0.0.0/16")])[0].contains("no numbers"));
        assert!(broken(None, &[(Key::PolicyRules, "0.0.0.0/0=0.0.0.0/0")]).is_empty());
        assert!(broken(None, &[(Key::PolicyRules, "10.0.0.0/24=10.0.1.0/24,10.0.2.0/24|10.9.0.0/24=10.0.1.0/24")]).is_empty());
    }

    #[test]
    fn a_health_check_needs_routes() {
        let rows = [(Key::HealthCheckEnabled, "on")];
        assert_eq!(broken(Some(&current(&[], "Policy")), &rows).len(), 1);
        assert!(broken(Some(&current(&[], "STATIC")), &rows).is_empty());
        assert!(warned(Some(&current(&[], "STATIC")), &rows, "may refuse"));
        assert!(!warned(Some(&current(&[], "StaticRoute")), &rows, "may refuse"));
        assert_eq!(broken(None, &[(Key::HealthCheckLocal, "1.1.1.1"), (Key::HealthCheckRemote, "1.1.1.1")]).len(), 1);
    }

    #[test]
    fn warnings_name_what_is_weak_or_may_be_refused() {
        assert!(warned(
            None,
            &[(Key::IkeEncryption, "3des"), (Key::IpsecEncryption, "3des"), (Key::IpsecPfs, "group2")],
            "weak: 3des, group2"
        ));
        assert!(!warned(None, &[(Key::IkeEncryption, "aes256")], "weak"));
        assert!(warned(None, &[(Key::IpsecEncryption, "aes256gcm16")], "version 4.0"));
        assert!(warned(None, &[(Key::CustomerGateway, "cgw-1")], "version 4.0"));
        assert!(warned(None, &[(Key::IpsecEncryption, "sm4"), (Key::IpsecIntegrity, "sha256")], "sm4 and sm3"));
        assert!(!warned(None, &[(Key::IpsecEncryption, "sm4"), (Key::IpsecIntegrity, "sm3")], "sm4 and sm3"));
        assert!(warned(None, &[(Key::IpsecLifetimeKb, "604801")], "604800"));
        assert!(!warned(None, &[(Key::IpsecLifetimeKb, "604800")], "604800"));
        assert!(warned(Some(&current(&[(Key::IkeVersion, "ikev2")], "")), &[(Key::IkeMode, "main")], "IKEv2 has none"));
    }

    #[test]
    fn a_key_alone_waits_for_the_next_authentication() {
        assert!(warned(None, &[(Key::Psk, "abc")], "ResetVpnConnection"));
        assert!(warned(None, &[(Key::Psk, "abc"), (Key::IkeLifetime, "60")], "interrupted"));
        assert!(warned(None, &[(Key::Psk, &"x".repeat(129))], "longer than 128"));
        assert!(!warned(None, &[(Key::Psk, &"x".repeat(128))], "longer than 128"));
        let same = current(&[(Key::IkeLifetime, "60")], "");
        assert!(!warned(Some(&same), &[(Key::IkeLifetime, "60")], "interrupted"));
    }

    #[test]
    fn api_2_0_wants_selectors() {
        let warned = |rows: &[(Key, &str)], part: &str| findings(1, None, rows).warnings.iter().any(|text| text.contains(part));
        assert!(warned(&[(Key::Name, "n")], "none are known"));
        assert!(!warned(&[(Key::RemoteSubnets, "10.0.0.0/24")], "none are known"));
        assert!(warned(&[(Key::RemoteSubnets, "10.0.0.0/24"), (Key::PolicyRules, "10.1.0.0/24=10.0.0.0/24")], "give one"));
    }
}
