//! Policy rules, and the networks that stand for them at API 2.0.

use ipnet::Ipv4Net;

use crate::error::Violation;
use crate::model::{Key, PolicyRule, Settings, Value};
use crate::provider::rule::overlap;

/// What the policy rules of a change break.
pub(super) fn violations(change: &Settings) -> Vec<Violation> {
    let Some(Value::Rules(rules)) = change.get(Key::PolicyRules) else { return Vec::new() };
    let texts = rules.iter().flat_map(|rule| numbered(rule).into_iter().chain(overlaps(rule)));
    texts.map(|text| Violation::of(Key::PolicyRules, text)).collect()
}

fn numbered(rule: &PolicyRule) -> Option<String> {
    rule.index.is_some().then(|| format!("{rule}: policy rules have no numbers at this cloud"))
}

/// Networks of a rule that share addresses. The network of all addresses may stand on either side.
fn overlaps(rule: &PolicyRule) -> impl Iterator<Item = String> {
    let shared = |remote: &&String| overlap(&rule.source, remote) && !is_all(&rule.source) && !is_all(remote);
    let text = |remote| format!("{} and {remote} overlap; the local and remote networks of a rule must share no address", rule.source);
    rule.destinations.iter().filter(shared).map(text)
}

fn is_all(network: &str) -> bool {
    network.parse::<Ipv4Net>().is_ok_and(|network| network.prefix_len() == 0)
}

/// What the vendor's page of `ModifyVpnConnEx` says about rules and networks.
pub(super) fn warnings_v2(change: &Settings, after: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if change.has(Key::PolicyRules) && change.has(Key::RemoteSubnets) {
        warnings.push("at API 2.0, --policy-rule replaces --remote-subnet; give one of them".to_owned());
    }
    if !after.has(Key::PolicyRules) && !after.has(Key::RemoteSubnets) {
        warnings.push("ModifyVpnConnEx is documented to need policy rules or remote subnets in every change; none are known".to_owned());
    }
    warnings
}
