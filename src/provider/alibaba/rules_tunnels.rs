//! Rules of dual-tunnel connections: which tunnel a change is of, and BGP over both.

use super::rules::Subject;
use super::settings::TUNNEL;
use super::tunnels::{WHOLE, can_name, list, named, place};
use super::wire::MODIFY_TUNNEL;
use crate::error::Violation;
use crate::model::{Connection, Key};
use crate::provider::Findings;
use crate::provider::field::field;

fn flag(value: Option<&str>, rule: String) -> Violation {
    Violation { setting: "--tunnel".to_owned(), value: value.map(str::to_owned), rule }
}

/// The settings of a change that are of one tunnel.
fn of_a_tunnel<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = Key> + 'a {
    subject.edit.change.iter().map(|(key, _)| key).filter(|key| !WHOLE.contains(key))
}

/// A tunnel must be named for its own settings, and only for those that a tunnel has.
pub(super) fn tunnel(subject: &Subject<'_>, findings: &mut Findings) {
    let named = named(subject.edit.address);
    let operation = subject.edit.target.operation.name;
    if let Some(name) = named.filter(|name| !can_name(name)) {
        let rule = "must be a tunnel's id such as tun-2zemaster000001, master or slave (or 1 or 2)".to_owned();
        findings.violations.push(flag(Some(name), rule));
        return;
    }
    let has = |key: Key| field(TUNNEL, key).is_some_and(|field| !field.write.is_empty());
    if named.is_some() {
        for key in of_a_tunnel(subject).filter(|key| !has(*key)) {
            let hint = if key == Key::BgpEnabled { "; --tunnels-bgp turns it on or off for both" } else { "" };
            findings.violations.push(Violation::of(key, format!("is no setting of one tunnel{hint}")));
        }
    }
    let Some(current) = subject.current() else { return };
    let wants_one = operation == MODIFY_TUNNEL || named.is_some();
    if current.tunnels.is_empty() {
        if wants_one {
            let rule = format!("{} has a single tunnel; change it by: tunnelctl modify {}", subject.edit.target.id, current.reference);
            findings.violations.push(flag(named, rule));
        }
        for key in [Key::TunnelsBgp, Key::TunnelsBgpCidrs].into_iter().filter(|key| subject.changes(&[*key])) {
            findings.violations.push(Violation::of(key, "is for dual-tunnel connections; this one has a single tunnel: use --bgp"));
        }
        return;
    }
    match named {
        Some(name) if place(current, name).is_none() => {
            findings.violations.push(flag(Some(name), format!("is no tunnel of this connection: there are {}", list(current))));
        }
        None if operation == MODIFY_TUNNEL => {
            findings.violations.push(flag(None, format!("must name one of the two tunnels: {}", list(current))));
        }
        None => {
            let keys: Vec<String> = of_a_tunnel(subject).map(Key::named).collect();
            if !keys.is_empty() {
                let verb = if keys.len() == 1 { "is a setting" } else { "are settings" };
                let rule = format!(
                    "must name one: {} {verb} of each tunnel, and there are {}: {}",
                    keys.join(", "),
                    list(current),
                    command(current)
                );
                findings.violations.push(flag(None, rule));
            }
        }
        Some(_) if operation != MODIFY_TUNNEL && of_a_tunnel(subject).next().is_some() => {
            let warning = "no page of the cloud says that a list of one tunnel leaves the other as it is; it is compared afterwards";
            findings.warnings.push(warning.to_owned());
        }
        Some(_) => {}
    }
}

/// What to type to change one tunnel: a gateway's has an operation of its own, an attachment's has not.
fn command(current: &Connection) -> String {
    let mut reference = current.reference.clone();
    if reference.kind == "connection" {
        "tunnel".clone_into(&mut reference.kind);
    }
    let id = current.tunnels.first().map_or("ID", |tunnel| tunnel.id.as_str());
    format!("tunnelctl modify {reference} --tunnel {id} ...")
}

/// BGP over both tunnels: each has a network of its own, and it is turned on for both at once.
pub(super) fn tunnels_bgp(subject: &Subject<'_>, findings: &mut Findings) {
    let named = named(subject.edit.address);
    let own = [Key::BgpLocalAsn, Key::BgpTunnelCidr, Key::BgpLocalAddress];
    let cidrs = subject.edit.change.list(Key::TunnelsBgpCidrs);
    if !cidrs.is_empty() && cidrs.len() != 2 {
        findings.violations.push(Violation::of(Key::TunnelsBgpCidrs, "must hold two networks, one for each tunnel in their order"));
    }
    if !cidrs.is_empty() && named.is_some() && subject.changes(&[Key::BgpTunnelCidr]) {
        findings.violations.push(Violation::of(Key::BgpTunnelCidr, "and --tunnels-bgp-cidr exclude each other"));
    }
    let Some(current) = subject.current().filter(|current| !current.tunnels.is_empty()) else { return };
    let on = subject.merged.switch(Key::TunnelsBgp) == Some(true);
    if named.is_some() && subject.changes(&own) && !on {
        let rule = format!(
            "needs BGP on for both tunnels first: tunnelctl modify {} --tunnels-bgp on --tunnels-bgp-cidr CIDR,CIDR",
            current.reference
        );
        findings.violations.extend(own.into_iter().filter(|key| subject.changes(&[*key])).map(|key| Violation::of(key, rule.clone())));
    }
    let target = named.and_then(|name| place(current, name));
    let network = |index: usize| {
        let read = current.tunnels.get(index).and_then(|tunnel| tunnel.settings.text(Key::BgpTunnelCidr));
        let given = subject.edit.change.text(Key::BgpTunnelCidr).filter(|_| target == Some(index));
        given.or_else(|| cidrs.get(index).map(String::as_str)).or(read)
    };
    if on && subject.changes(&[Key::TunnelsBgp]) {
        for (index, tunnel) in current.tunnels.iter().enumerate().filter(|(index, _)| network(*index).is_none()) {
            let rule = format!("must be given with BGP on: tunnel {} ({}) has no network yet", index + 1, tunnel.id);
            findings.violations.push(Violation::of(Key::TunnelsBgpCidrs, rule));
        }
    }
    if (subject.changes(&[Key::BgpTunnelCidr]) || !cidrs.is_empty())
        && let (Some(one), Some(other)) = (network(0), network(1))
        && one == other
    {
        let key = if cidrs.is_empty() { Key::BgpTunnelCidr } else { Key::TunnelsBgpCidrs };
        findings.violations.push(Violation::of(key, format!("must differ between the two tunnels; both would have {one}")));
    }
}
