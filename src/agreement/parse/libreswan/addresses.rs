//! Outer addresses and identities of a connection, and which side of it is this machine.

use super::file::{Conn, Setting};
use super::settings::Settings;
use crate::agreement::connection::net;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Address, End, IdKind, Identity, Peers};

/// Reads the addresses and identities.
pub(super) fn addresses(end: &mut End, conn: &Conn, settings: &Settings) -> Result<(), Fault> {
    let of = |name: &str| settings.get(name).ok_or_else(|| conn.fault_at(1, format!("the connection has no {name}=")));
    let (left, right) = (of("left")?, of("right")?);
    let is_host = |setting: &Setting| !setting.value.starts_with('%') && net(&setting.value).is_none();
    for setting in [left, right].into_iter().filter(|setting| is_host(setting)) {
        if setting.value.chars().any(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
            return Err(setting.fault(format!("{} must be an address, a host name, %any or %defaultroute", setting.name)));
        }
        end.notes.push(format!("{}={}: host names are not resolved, so this address is not known", setting.name, setting.value));
    }
    end.address = match left.value.parse() {
        Ok(address) => Address::Known(address),
        Err(_) if left.value.starts_with('%') => Address::Any,
        Err(_) => Address::Unknown,
    };
    end.peers = match net(&right.value) {
        Some(address) => Peers::Listed(vec![address]),
        None if right.value.starts_with("%any") => Peers::Any,
        None if right.value.starts_with('%') => return Err(right.fault(format!("{} names no single peer", right.value))),
        None => Peers::Unknown,
    };
    end.local_id = settings.get("leftid").and_then(|setting| identity(setting, &mut end.notes)).filter(|id| id.kind != IdKind::Any);
    end.remote_id = settings.get("rightid").and_then(|setting| identity(setting, &mut end.notes));
    Ok(())
}

/// An identity. A name without `@` is looked up: Libreswan sends the address that it finds.
fn identity(setting: &Setting, notes: &mut Vec<String>) -> Option<Identity> {
    let text = setting.value.as_str();
    if matches!(text, "%fromcert" | "%none" | "%null" | "%myid") {
        return None;
    }
    let id = Identity::parse(text);
    if id.kind == IdKind::Fqdn && !text.starts_with('@') && !text.contains(':') {
        notes.push(format!(
            "{}={text} has no @ before the name, so Libreswan looks up its address and uses that as the identity",
            setting.name
        ));
        return Some(Identity { kind: IdKind::Host, text: text.to_owned() });
    }
    Some(id)
}

/// Whether a side is this machine: `%defaultroute` always is, and `%any` is always the other one.
pub(super) fn is_this(settings: &Settings, side: &str, other: &str) -> bool {
    let is = |name: &str, start: &str| settings.text(name).is_some_and(|value| value.starts_with(start));
    (is(side, "%defaultroute") && !is(other, "%defaultroute")) || (is(other, "%any") && settings.get(side).is_some() && !is(side, "%"))
}
