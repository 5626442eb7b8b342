//! The rules that one field alone cannot show: field against field, and against what was read.

use super::settings::tunnel_address;
use crate::error::Violation;
use crate::model::{Connection, Group, Key, PolicyRule, Settings, Term, Value};
use crate::provider::rule::{is_address, overlap};
use crate::provider::{Edit, Findings};

/// All of them, for one change.
#[must_use]
pub fn check(edit: &Edit<'_>) -> Findings {
    let known = Known::new(edit.current);
    let after = edit.current.map_or_else(|| edit.change.clone(), |current| current.settings.with(edit.change));
    let mut rules = Rules { known, change: edit.change, after, findings: Findings::default() };
    rules.status(edit.current);
    rules.style();
    rules.gateway();
    rules.national_crypto();
    rules.tunnel_addresses();
    rules.identities();
    rules.policy();
    super::warnings::add(edit.change, &rules.after, &mut rules.findings.warnings);
    rules.findings
}

/// What was read tells about things that UpdateVpnConnection does not change. `None`: nothing was read.
struct Known {
    style: Option<String>,
    national: Option<bool>,
    /// Customer subnets belong to the enterprise router.
    router: bool,
    ipv6: Option<bool>,
}

impl Known {
    fn new(current: Option<&Connection>) -> Self {
        let Some(current) = current else { return Self { style: None, national: None, router: false, ipv6: None } };
        let settings = &current.settings;
        let style = current.extra_text("style").map(str::to_ascii_uppercase);
        let national =
            settings.term(Key::IkeAuthentication) == Some(Term::DigitalEnvelope) || settings.term(Key::IkeEncryption) == Some(Term::Sm4);
        let (v4, v6) = (
            settings.has(Key::RemoteSubnets) || settings.has(Key::PolicyRules),
            settings.has(Key::RemoteSubnetsV6) || settings.has(Key::PolicyRulesV6),
        );
        let none = !settings.has(Key::RemoteSubnets) && !settings.has(Key::RemoteSubnetsV6);
        let router = none && matches!(style.as_deref(), Some("POLICY" | "BGP"));
        Self { style, national: Some(national), router, ipv6: (v4 != v6).then_some(v6) }
    }
}

struct Rules<'a> {
    known: Known,
    change: &'a Settings,
    /// The settings as they will be, as far as they are known.
    after: Settings,
    findings: Findings,
}

impl Rules<'_> {
    fn forbid(&mut self, key: Key, rule: impl Into<String>) {
        self.findings.violations.push(Violation::of(key, rule));
    }

    fn forbid_each(&mut self, keys: &[Key], rule: &str) {
        for key in keys.iter().filter(|key| self.change.has(**key)).copied().collect::<Vec<_>>() {
            self.forbid(key, rule);
        }
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.findings.warnings.push(text.into());
    }

    fn status(&mut self, current: Option<&Connection>) {
        let reported = current.and_then(|current| current.status.reported.iter().find(|(field, _)| *field == "status"));
        let Some((_, word)) = reported else { return };
        match word.to_ascii_uppercase().as_str() {
            "FREEZED" => self.findings.violations.push(Violation {
                setting: "status".to_owned(),
                value: Some(word.clone()),
                rule: "a frozen connection cannot be updated; settle what froze it (arrears, a policy) first".to_owned(),
            }),
            "ERROR" => self.warn("the connection is in status ERROR; the update may be refused or leave it there"),
            status if status.starts_with("PENDING_") => {
                self.warn(format!("the connection is in status {status}; until that is over, an update is refused"));
            }
            _ => {}
        }
    }

    fn style(&mut self) {
        let Some(style) = self.known.style.clone() else { return };
        if style != "POLICY" {
            let rule = format!("policy rules are for connections of style POLICY; this one is {style}");
            self.forbid_each(&[Key::PolicyRules, Key::PolicyRulesV6], &rule);
        }
        if !matches!(style.as_str(), "STATIC" | "BGP") {
            let rule = format!("tunnel interface addresses are for connections of style STATIC or BGP; this one is {style}");
            self.forbid_each(&[Key::TunnelLocalAddress, Key::TunnelPeerAddress], &rule);
        }
        if style != "BGP" {
            self.forbid_each(&[Key::Hub], &format!("is for connections of style BGP; this one is {style}"));
        }
    }

    fn gateway(&mut self) {
        if self.known.router {
            let style = self.known.style.clone().unwrap_or_default();
            let rule = format!(
                "cannot be set: the connection has style {style} and returns no customer subnets, as on a gateway of an enterprise router"
            );
            self.forbid_each(&[Key::RemoteSubnets, Key::RemoteSubnetsV6], &rule);
            return;
        }
        match self.known.ipv6 {
            Some(true) => self.forbid_each(
                &[Key::RemoteSubnets, Key::PolicyRules],
                "is for IPv4 gateways; this connection has IPv6 networks: use the IPv6 setting",
            ),
            Some(false) => self.forbid_each(
                &[Key::RemoteSubnetsV6, Key::PolicyRulesV6],
                "is for IPv6 gateways; this connection has IPv4 networks: use the IPv4 setting",
            ),
            None => {}
        }
    }

    fn national_crypto(&mut self) {
        const ONLY: &[(Key, Term)] = &[
            (Key::IkeVersion, Term::Ikev1),
            (Key::IkeMode, Term::Main),
            (Key::IkeIntegrity, Term::Sm3),
            (Key::IkeEncryption, Term::Sm4),
            (Key::IpsecIntegrity, Term::Sm3),
            (Key::IpsecEncryption, Term::Sm4),
        ];
        const FIXED: &[Key] = &[Key::IkeDhGroup, Key::LocalIdType, Key::LocalId, Key::RemoteIdType, Key::RemoteId, Key::IpsecPfs];
        if self.known.national == Some(true) {
            for (key, only) in ONLY {
                if self.change.has(*key) && self.change.term(*key) != Some(*only) {
                    self.forbid(*key, format!("can only be {only} on a gateway of flavour GM"));
                }
            }
            self.forbid_each(FIXED, "cannot be modified on a gateway of flavour GM");
            if self.change.has(Key::Psk) {
                self.warn("a gateway of flavour GM authenticates with certificates: the pre-shared key has no use there");
            }
            return;
        }
        for (key, _) in ONLY {
            let Some(term @ (Term::Sm3 | Term::Sm4)) = self.change.term(*key) else { continue };
            if self.known.national == Some(false) {
                self.forbid(*key, format!("{term} is for gateways of flavour GM, and this connection is not on one"));
            } else {
                self.warn(format!("{} {term} is for gateways of flavour GM only", key.named()));
            }
        }
    }

    fn tunnel_addresses(&mut self) {
        let (local, peer) = (Key::TunnelLocalAddress, Key::TunnelPeerAddress);
        let (key, other) = match (self.change.has(local), self.change.has(peer)) {
            (false, false) => return,
            (false, true) => (peer, local),
            _ => (local, peer),
        };
        let address = |key: Key| self.after.text(key).and_then(tunnel_address);
        let (Some(mine), Some(theirs)) = (address(key), address(other)) else {
            self.warn(format!("{} must be the other host of the /30 of {}, which is not known here", key.named(), other.named()));
            return;
        };
        let named = if self.change.has(other) { other.named() } else { format!("the stored {}", other.path()) };
        let shown = self.after.text(other).unwrap_or_default().to_owned();
        if u32::from(mine) / 4 != u32::from(theirs) / 4 {
            self.forbid(key, format!("must be in the same /30 as {named}, {shown}"));
        } else if mine == theirs {
            self.forbid(key, format!("must differ from {named}, {shown}: the other host of that /30"));
        }
    }

    fn identities(&mut self) {
        for (kind, id) in [(Key::LocalIdType, Key::LocalId), (Key::RemoteIdType, Key::RemoteId)] {
            // With type ip the cloud fills an address in; a name that is stored was given by somebody.
            let stored = self.after.text(id).is_some_and(|text| !is_address(text));
            if self.change.term(kind) == Some(Term::Fqdn) && !self.change.has(id) && !stored {
                self.forbid(id, format!("must be given with {} fqdn", kind.named()));
            }
            let Some(text) = self.change.text(id).map(str::to_owned) else { continue };
            match self.after.term(kind) {
                Some(Term::Ip) if text.parse::<std::net::Ipv4Addr>().is_err() => {
                    self.forbid(id, format!("must be an IPv4 address while the type is ip; or give {} fqdn", kind.named()));
                }
                Some(Term::Any) => self.warn(format!("{} has no use while the type is any; give {} as well", id.named(), kind.named())),
                _ => {}
            }
            if text.contains('?') {
                self.warn(format!("{}: newer editions of the vendor's page forbid the question mark", id.named()));
            }
        }
        let asked = [Key::LocalIdType, Key::LocalId, Key::RemoteIdType, Key::RemoteId].iter().any(|key| self.change.has(*key));
        let both_ip = [Key::LocalIdType, Key::RemoteIdType].iter().all(|kind| self.after.term(*kind) == Some(Term::Ip));
        let same = self.after.text(Key::LocalId).is_some_and(|id| self.after.text(Key::RemoteId) == Some(id));
        if asked && both_ip && same {
            let key = if self.change.has(Key::LocalId) { Key::LocalId } else { Key::RemoteId };
            self.forbid(key, "local and remote identity must differ when both are of type ip");
        }
    }

    fn policy(&mut self) {
        for key in [Key::PolicyRules, Key::PolicyRulesV6] {
            let Some(Value::Rules(rules)) = self.change.get(key) else { continue };
            let rules = rules.clone();
            if rules.iter().any(|rule| rule.index.is_some()) {
                self.warn(format!("{}: the vendor advises against giving an index, and renumbers the rules", key.named()));
            }
            if let Some((left, right)) = overlapping(&rules) {
                self.warn(format!("{}: {left} and {right} overlap; tunnels of overlapping rules flap", key.named()));
            }
        }
        let Some(Value::Rules(rules)) = self.after.get(Key::PolicyRules) else { return };
        if !self.change.has(Key::PolicyRules) && !self.change.has(Key::RemoteSubnets) {
            return;
        }
        let covered = |subnet: &&String| rules.iter().flat_map(|rule| &rule.destinations).any(|network| covers(network, subnet));
        let missing: Vec<&str> = self.after.list(Key::RemoteSubnets).iter().filter(|s| !covered(s)).map(String::as_str).collect();
        if !missing.is_empty() {
            let text = format!("no policy rule leads to customer subnet {}; the rules should cover all of them", missing.join(", "));
            self.warn(text);
        }
    }
}

fn covers(network: &str, subnet: &str) -> bool {
    matches!((network.parse::<ipnet::IpNet>(), subnet.parse::<ipnet::IpNet>()), (Ok(network), Ok(subnet)) if network.contains(&subnet.trunc()))
}

fn overlapping(rules: &[PolicyRule]) -> Option<(&PolicyRule, &PolicyRule)> {
    let meet = |left: &PolicyRule, right: &PolicyRule| {
        overlap(&left.source, &right.source) && left.destinations.iter().any(|a| right.destinations.iter().any(|b| overlap(a, b)))
    };
    let pairs = rules.iter().enumerate().flat_map(|(place, left)| rules.iter().skip(place + 1).map(move |right| (left, right)));
    pairs.into_iter().find(|(left, right)| meet(left, right))
}

/// Whether a key belongs to `ikepolicy` or `ipsecpolicy`.
#[must_use]
pub fn is_policy_setting(key: Key) -> bool {
    matches!(key.group(), Group::Ike | Group::Dpd | Group::Ipsec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Status};
    use crate::provider::huawei::testing::{POLICY, settings, target};

    fn connection(style: &str, flags: &[(Key, &str)]) -> Connection {
        let mut connection = Connection::new(Ref::parse(&format!("huawei/{POLICY}")).unwrap());
        connection.settings = settings(flags);
        connection.extra.insert("style".to_owned(), style.into());
        connection
    }

    fn findings(current: Option<&Connection>, flags: &[(Key, &str)]) -> Findings {
        let (target, change) = (target(POLICY), settings(flags));
        check(&Edit { target: &target, current, change: &change, address: &[], token: "t" })
    }

    fn violations(current: Option<&Connection>, flags: &[(Key, &str)]) -> Vec<String> {
        findings(current, flags).violations.iter().map(ToString::to_string).collect()
    }

    fn warnings(current: Option<&Connection>, flags: &[(Key, &str)]) -> String {
        findings(current, flags).warnings.join("\n")
    }

    #[test]
    fn tunnel_addresses_are_the_two_hosts_of_one_30() {
        let (local, peer) = (Key::TunnelLocalAddress, Key::TunnelPeerAddress);
        for (a, b, fine) in [
            ("169.254.76.1/30", "169.254.76.2/30", true),
            ("169.254.76.2/30", "169.254.76.1/30", true),
            ("169.254.76.1/30", "169.254.76.1/30", false),
            ("169.254.76.1/30", "169.254.76.6/30", false),
            ("169.254.76.1/30", "169.254.77.2/30", false),
        ] {
            assert_eq!(violations(None, &[(local, a), (peer, b)]).is_empty(), fine, "{a} {b}");
            for (key, other) in [(local, peer), (peer, local)] {
                let stored = connection("STATIC", &[(other, b)]);
                assert_eq!(violations(Some(&stored), &[(key, a)]).is_empty(), fine, "{a} against stored {b}");
            }
        }
        assert!(warnings(None, &[(local, "169.254.76.1/30")]).contains("not known"));
    }

    #[test]
    fn settings_of_one_style_are_refused_for_another() {
        let rows: &[(Key, &str, &[&str])] = &[
            (Key::PolicyRules, "10.0.0.0/24=192.168.1.0/24", &["POLICY", "policy"]),
            (Key::TunnelLocalAddress, "169.254.76.1/30", &["STATIC", "BGP", "static"]),
            (Key::TunnelPeerAddress, "169.254.76.1/30", &["STATIC", "BGP"]),
            (Key::Hub, "on", &["BGP", "bgp"]),
        ];
        for (key, value, styles) in rows {
            for style in ["POLICY", "STATIC", "BGP", "POLICY-TEMPLATE", "policy", "static", "bgp"] {
                let current = connection(style, &[(Key::RemoteSubnets, "192.168.1.0/24")]);
                let fine = styles.iter().any(|known| known.eq_ignore_ascii_case(style));
                assert_eq!(violations(Some(&current), &[(*key, value)]).is_empty(), fine, "{key:?} {style}");
            }
            assert!(violations(None, &[(*key, value)]).is_empty(), "unknown style");
        }
    }

    #[test]
    fn customer_subnets_cannot_be_set_where_a_router_has_them() {
        let change = [(Key::RemoteSubnets, "10.0.0.0/24")];
        for (style, fine) in [("POLICY", false), ("BGP", false), ("STATIC", true)] {
            assert_eq!(violations(Some(&connection(style, &[])), &change).is_empty(), fine, "{style}");
            assert!(violations(Some(&connection(style, &[(Key::RemoteSubnets, "10.1.0.0/16")])), &change).is_empty(), "{style}");
        }
    }

    #[test]
    fn networks_are_of_the_family_of_the_gateway() {
        let six = connection("STATIC", &[(Key::RemoteSubnetsV6, "fd00::/64")]);
        let four = connection("STATIC", &[(Key::RemoteSubnets, "10.0.0.0/8")]);
        assert!(!violations(Some(&six), &[(Key::RemoteSubnets, "10.0.0.0/8")]).is_empty());
        assert!(!violations(Some(&four), &[(Key::RemoteSubnetsV6, "fd00::/64")]).is_empty());
        assert!(violations(Some(&six), &[(Key::RemoteSubnetsV6, "fd00::/64")]).is_empty());
    }

    #[test]
    fn a_gateway_of_national_crypto_takes_its_own_algorithms_only() {
        let mut gm = connection("STATIC", &[(Key::RemoteSubnets, "10.0.0.0/8")]);
        gm.settings.set(Key::IkeAuthentication, Value::term(Term::DigitalEnvelope));
        let bad: &[(Key, &str)] = &[
            (Key::IkeVersion, "ikev2"),
            (Key::IkeMode, "aggressive"),
            (Key::IkeIntegrity, "sha256"),
            (Key::IkeEncryption, "aes128"),
            (Key::IpsecIntegrity, "sha256"),
            (Key::IpsecEncryption, "aes128"),
            (Key::IkeDhGroup, "group14"),
            (Key::LocalId, "1.2.3.4"),
            (Key::IpsecPfs, "group14"),
        ];
        assert_eq!(violations(Some(&gm), bad).len(), bad.len(), "all at once");
        let good = [(Key::IkeVersion, "ikev1"), (Key::IkeMode, "main"), (Key::IkeIntegrity, "sm3"), (Key::IpsecEncryption, "sm4")];
        assert!(violations(Some(&gm), &good).is_empty());
        assert!(warnings(Some(&gm), &[(Key::Psk, "Canary-1234")]).contains("certificates"));
        let plain = connection("STATIC", &[(Key::IkeEncryption, "aes128")]);
        assert_eq!(violations(Some(&plain), &[(Key::IkeEncryption, "sm4"), (Key::IpsecIntegrity, "sm3")]).len(), 2);
        assert!(warnings(None, &[(Key::IkeEncryption, "sm4")]).contains("flavour GM"));
        let by_cipher = connection("STATIC", &[(Key::IkeEncryption, "sm4")]);
        assert!(!violations(Some(&by_cipher), &[(Key::IkeDhGroup, "group14")]).is_empty());
    }

    #[test]
    fn a_name_as_identity_must_be_given_and_an_address_must_be_one() {
        for (kind, id) in [(Key::LocalIdType, Key::LocalId), (Key::RemoteIdType, Key::RemoteId)] {
            assert_eq!(violations(None, &[(kind, "fqdn")]).len(), 1);
            assert!(violations(None, &[(kind, "fqdn"), (id, "a.example")]).is_empty());
            let by_address = connection("STATIC", &[(kind, "ip"), (id, "1.2.3.4")]);
            assert_eq!(violations(Some(&by_address), &[(kind, "fqdn")]).len(), 1);
            assert_eq!(violations(Some(&by_address), &[(id, "a.example")]).len(), 1);
            assert!(violations(Some(&by_address), &[(id, "4.3.2.1")]).is_empty());
            let by_name = connection("STATIC", &[(kind, "fqdn"), (id, "a.example")]);
            assert!(violations(Some(&by_name), &[(id, "b.example")]).is_empty());
            assert_eq!(violations(None, &[(kind, "ip"), (id, "a.example")]).len(), 1);
            assert!(warnings(None, &[(kind, "fqdn"), (id, "a?b")]).contains("question mark"));
        }
        let same = [(Key::LocalIdType, "ip"), (Key::LocalId, "1.2.3.4"), (Key::RemoteIdType, "ip"), (Key::RemoteId, "1.2.3.4")];
        assert_eq!(violations(None, &same).len(), 1);
    }

    #[test]
    fn a_frozen_connection_is_not_updated_and_a_busy_one_is_pointed_out() {
        let mut current = connection("STATIC", &[]);
        let change = [(Key::Name, "x")];
        for (word, violated, warned) in [("FREEZED", 1, 0), ("freezed", 1, 0), ("ERROR", 0, 1), ("PENDING_UPDATE", 0, 1), ("DOWN", 0, 0)] {
            current.status = Status { reported: vec![("status", word.to_owned())], ..Status::default() };
            let findings = findings(Some(&current), &change);
            assert_eq!((findings.violations.len(), findings.warnings.len()), (violated, warned), "{word}");
        }
    }

    #[test]
    fn policy_rules_that_overlap_or_miss_a_subnet_are_pointed_out() {
        let current = connection("POLICY", &[(Key::RemoteSubnets, "192.168.1.0/24,192.168.2.0/24")]);
        let text = warnings(Some(&current), &[(Key::PolicyRules, "1:10.0.0.0/8=192.168.1.0/24 10.1.0.0/16=192.168.1.0/25")]);
        assert!(text.contains("index") && text.contains("overlap") && text.contains("192.168.2.0/24"), "{text}");
        assert_eq!(warnings(Some(&current), &[(Key::PolicyRules, "10.0.0.0/8=192.168.0.0/16")]), "");
    }
}
