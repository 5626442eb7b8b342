//! Policy rules against each other, and against the customer subnets.

use ipnet::IpNet;

use super::case::Case;
use crate::model::{Key, PolicyRule, Value};
use crate::provider::rule::overlap;

/// Warns about rules that are legal and will still cause trouble.
pub(super) fn check(case: &mut Case<'_>) {
    for key in [Key::PolicyRules, Key::PolicyRulesV6] {
        let Some(Value::Rules(rules)) = case.change.get(key) else { continue };
        if rules.iter().any(|rule| rule.index.is_some()) {
            case.warn(format!("{}: the vendor advises against giving an index, and renumbers the rules", key.named()));
        }
        if let Some((left, right)) = overlapping(rules) {
            case.warn(format!("{}: {left} and {right} overlap; overlapping rules make tunnels flap", key.named()));
        }
    }
    coverage(case);
}

/// Each customer subnet should be the destination of a rule.
fn coverage(case: &mut Case<'_>) {
    let Some(Value::Rules(rules)) = case.after.get(Key::PolicyRules) else { return };
    if !case.changes_any(&[Key::PolicyRules, Key::RemoteSubnets]) {
        return;
    }
    let covered = |subnet: &str| rules.iter().flat_map(|rule| &rule.destinations).any(|network| covers(network, subnet));
    let subnets = case.after.list(Key::RemoteSubnets);
    let missing: Vec<&str> = subnets.iter().map(String::as_str).filter(|subnet| !covered(subnet)).collect();
    if !missing.is_empty() {
        let text = format!("no policy rule covers customer subnet {}; the rules should cover every customer subnet", missing.join(", "));
        case.warn(text);
    }
}

fn covers(network: &str, subnet: &str) -> bool {
    matches!((network.parse::<IpNet>(), subnet.parse::<IpNet>()), (Ok(network), Ok(subnet)) if network.contains(&subnet.trunc()))
}

fn overlapping(rules: &[PolicyRule]) -> Option<(&PolicyRule, &PolicyRule)> {
    let meet = |left: &PolicyRule, right: &PolicyRule| {
        overlap(&left.source, &right.source) && left.destinations.iter().any(|a| right.destinations.iter().any(|b| overlap(a, b)))
    };
    let mut pairs = rules.iter().enumerate().flat_map(|(place, left)| rules.iter().skip(place + 1).map(move |right| (left, right)));
    pairs.find(|(left, right)| meet(left, right))
}
