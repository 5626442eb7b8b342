//! The rules that one field alone cannot show: field against field, and against what was read.

use super::settings::tunnel_address;
use crate::model::{Connection, Group, Key, PolicyRule, Settings, Term, Value};
use crate::provider::rule::{is_address, overlap};
use crate::provider::{Edit, Findings, Violation};

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
