//! Dual-tunnel connections: which tunnel a change concerns.

use super::Subject;
use crate::error::Violation;
use crate::model::{Connection, Key};
use crate::provider::Findings;
use crate::provider::alibaba::cloud::MODIFY_TUNNEL;
use crate::provider::alibaba::settings::TUNNEL;
use crate::provider::alibaba::tunnels::{FLAG, SHARED, can_name, list, named, place};
use crate::provider::field::field;

/// A tunnel must be named for its own settings, and only for settings that a tunnel has.
pub(super) fn tunnels(subject: &Subject<'_>, findings: &mut Findings) {
    let named = named(subject.edit.address);
    if let Some(name) = named.filter(|name| !can_name(name)) {
        let rule = "must be a tunnel id such as tun-2zemaster000001, or master or slave (or 1 or 2)".to_owned();
        findings.violations.push(violation(Some(name), rule));
        return;
    }
    if named.is_some() {
        foreign_settings(subject, findings);
    }
    match subject.connection() {
        None => {}
        Some(connection) if connection.tunnels.is_empty() => single(subject, connection, named, findings),
        Some(connection) => dual(subject, connection, named, findings),
    }
}

fn violation(value: Option<&str>, rule: String) -> Violation {
    Violation { setting: FLAG.to_owned(), value: value.map(str::to_owned), rule }
}

/// The settings of a change that belong to one tunnel.
fn of_a_tunnel<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = Key> + 'a {
    subject.edit.change.iter().map(|(key, _)| key).filter(|key| !SHARED.contains(key))
}

/// A tunnel is named, and a setting is not one of a tunnel.
fn foreign_settings(subject: &Subject<'_>, findings: &mut Findings) {
    let has = |key: Key| field(TUNNEL, key).is_some_and(|field| !field.write.is_empty());
    for key in of_a_tunnel(subject).filter(|key| !has(*key)) {
        let hint = if key == Key::BgpEnabled { "; --tunnels-bgp turns it on or off for both" } else { "" };
        findings.violations.push(Violation::of(key, format!("is not a setting of one tunnel{hint}")));
    }
}

fn single(subject: &Subject<'_>, connection: &Connection, named: Option<&str>, findings: &mut Findings) {
    if subject.edit.target.operation.name == MODIFY_TUNNEL || named.is_some() {
        let id = &subject.edit.target.id;
        let rule = format!("{id} has a single tunnel; change it with: tunnelctl modify {}", connection.reference);
        findings.violations.push(violation(named, rule));
    }
    for key in [Key::TunnelsBgp, Key::TunnelsBgpCidrs].into_iter().filter(|key| subject.changes(&[*key])) {
        findings.violations.push(Violation::of(key, "is for dual-tunnel connections; this one has a single tunnel: use --bgp"));
    }
}

fn dual(subject: &Subject<'_>, connection: &Connection, named: Option<&str>, findings: &mut Findings) {
    let one_by_operation = subject.edit.target.operation.name == MODIFY_TUNNEL;
    match named {
        Some(name) if place(connection, name).is_none() => {
            let rule = format!("is not a tunnel of this connection: there are {}", list(connection));
            findings.violations.push(violation(Some(name), rule));
        }
        None if one_by_operation => {
            findings.violations.push(violation(None, format!("must name one of the two tunnels: {}", list(connection))));
        }
        None => unnamed(subject, connection, findings),
        Some(_) if !one_by_operation && of_a_tunnel(subject).next().is_some() => {
            let warning = "Alibaba's documentation does not say that a list of one tunnel leaves the other tunnel unchanged; \
                           tunnelctl compares it afterwards";
            findings.warnings.push(warning.to_owned());
        }
        Some(_) => {}
    }
}

/// No tunnel is named, and some settings belong to one.
fn unnamed(subject: &Subject<'_>, connection: &Connection, findings: &mut Findings) {
    let keys: Vec<String> = of_a_tunnel(subject).map(Key::named).collect();
    if keys.is_empty() {
        return;
    }
    let verb = if keys.len() == 1 { "is a setting" } else { "are settings" };
    let (keys, tunnels, command) = (keys.join(", "), list(connection), command(connection));
    findings.violations.push(violation(None, format!("must name one: {keys} {verb} of each tunnel, and there are {tunnels}: {command}")));
}

/// The command that changes one tunnel. Only a gateway's tunnels have an operation of their own.
fn command(connection: &Connection) -> String {
    let mut reference = connection.reference.clone();
    if reference.kind == "connection" {
        "tunnel".clone_into(&mut reference.kind);
    }
    let id = connection.tunnels.first().map_or("ID", |tunnel| tunnel.id.as_str());
    format!("tunnelctl modify {reference} {FLAG} {id} ...")
}
