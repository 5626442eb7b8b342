//! Connections as tables: a row for each field, a column for each connection; below, a column for each tunnel.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

use crate::error::one_line;
use crate::model::{Connection, Key, Status, Tunnel};
use crate::print::output::Table;

/// The tables of some connections: one for all of them, then one for each dual-tunnel connection. A field without values
/// gets no row.
#[must_use]
pub fn tables(connections: &[Connection]) -> Vec<Table> {
    let head = |connection: &Connection| one_line(&connection.reference.to_string());
    let all = connections.iter().map(|connection| (head(connection), fields(connection))).collect();
    let dual = connections.iter().filter(|connection| !connection.tunnels.is_empty());
    std::iter::once(side_by_side("FIELD".to_owned(), all)).chain(dual.map(tunnels)).collect()
}

/// The table of a connection's tunnels.
fn tunnels(connection: &Connection) -> Table {
    let column = |(place, tunnel): (usize, &Tunnel)| {
        let name = tunnel.role.clone().unwrap_or_else(|| (place + 1).to_string());
        let mut fields = Vec::new();
        status(&tunnel.status, &mut fields);
        fields.extend(tunnel.gateway_address.iter().map(|address| ("gateway_address".to_owned(), one_line(address))));
        fields.extend(tunnel.settings.iter().map(|(key, value)| (key.path().to_owned(), value.to_string())));
        (format!("{name}\n{}", tunnel.id), fields)
    };
    let columns = connection.tunnels.iter().enumerate().map(column).collect();
    side_by_side(format!("TUNNELS OF\n{}", connection.reference.id), columns)
}

/// The table for columns, each a heading and its fields.
fn side_by_side(corner: String, columns: Vec<(String, Vec<(String, String)>)>) -> Table {
    // Each field stands where the first column that has it puts it, so that related fields stay together.
    let mut names: Vec<&str> = Vec::new();
    let mut known = HashSet::new();
    for (_, column) in &columns {
        let mut place = 0;
        for (name, _) in column {
            if known.insert(name.as_str()) {
                names.insert(place.min(names.len()), name);
                place += 1;
            } else if let Some(found) = position(&names, name, place) {
                place = found + 1;
            }
        }
    }
    // Settings come in the model's order, after what describes the connection and before what is beyond the model.
    names.sort_by_cached_key(|name| rank(name));
    let texts: Vec<HashMap<&str, &str>> = columns
        .iter()
        // The first value counts, if a field occurs twice.
        .map(|(_, column)| column.iter().rev().map(|(name, text)| (name.as_str(), text.as_str())).collect())
        .collect();
    let row = |name: &&str| {
        std::iter::once((*name).to_owned()).chain(texts.iter().map(|column| column.get(name).unwrap_or(&"-").to_string())).collect()
    };
    let rows = names.iter().map(row).collect();
    let head = std::iter::once(corner).chain(columns.iter().map(|(head, _)| head.clone())).collect();
    Table { head, rows, ..Table::default() }.keep_heads()
}

/// The place of a name that is known: usually the one where the column before has it, so it is looked for there first.
fn position(names: &[&str], name: &str, near: usize) -> Option<usize> {
    let after = names.iter().skip(near).position(|known| *known == name).map(|found| near + found);
    after.or_else(|| names.iter().position(|known| *known == name))
}

/// The paths of a connection's JSON that lead to plain values, in the model's order. Those that differ between connections
/// (tunnels, `status.reported`, `extra`) are left out.
#[must_use]
pub fn paths() -> Vec<&'static str> {
    let head = ["ref", "provider", "region", "kind", "id", "gateway", "gateway_address", "status.change", "status.tunnel"];
    let key = |key: &Key| match key {
        Key::Psk => vec!["psk.state", "psk.fingerprint"],
        other => vec![other.path()],
    };
    head.into_iter().chain(["created", "updated"]).chain(Key::ALL.iter().flat_map(key)).collect()
}

/// The order of a field: first what describes the connection, then settings by their key, then extras.
fn rank(name: &str) -> (u8, usize) {
    match Key::ALL.iter().position(|key| key.path() == name) {
        Some(place) => (1, place),
        None if name.starts_with("extra.") => (2, 0),
        None => (0, 0),
    }
}

/// The fields of a connection with their texts, in the model's order.
fn fields(connection: &Connection) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    status(&connection.status, &mut fields);
    for (name, value) in [
        ("gateway", &connection.gateway),
        ("gateway_address", &connection.gateway_address),
        ("created", &connection.created),
        ("updated", &connection.updated),
    ] {
        if let Some(value) = value {
            fields.push((name.to_owned(), one_line(value)));
        }
    }
    for key in Key::ALL {
        if let Some(value) = connection.settings.get(*key) {
            fields.push((key.path().to_owned(), value.to_string()));
        }
    }
    flatten("extra", &connection.extra, &mut fields);
    fields
}

/// Adds the fields of a status.
fn status(status: &Status, fields: &mut Vec<(String, String)>) {
    fields.push(("status.change".to_owned(), status.change.to_string()));
    fields.push(("status.tunnel".to_owned(), status.tunnel.to_string()));
    if !status.reported.is_empty() {
        let words: Vec<String> = status.reported.iter().map(|(field, word)| one_line(&format!("{field} {word}"))).collect();
        fields.push(("status.reported".to_owned(), words.join(", ")));
    }
}

/// Adds the values of a JSON object, under their paths.
fn flatten(prefix: &str, object: &Map<String, Json>, fields: &mut Vec<(String, String)>) {
    for (name, value) in object {
        let name = format!("{prefix}.{}", one_line(name));
        match value {
            Json::Object(inner) => flatten(&name, inner, fields),
            Json::String(text) => fields.push((name, one_line(text))),
            Json::Null => {}
            Json::Array(items) if items.is_empty() => {}
            other => fields.push((name, other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Value};

    #[test]
    fn settings_are_in_the_models_order_whichever_connection_has_them() {
        let connection = |keys: &[Key]| {
            let mut connection = Connection::new(Ref::parse("alibaba/vco-1").unwrap());
            keys.iter().for_each(|key| connection.settings.set(*key, Value::Number(1)));
            connection.extra.insert(format!("Extra{}", keys.len()), "x".into());
            connection
        };
        let table = &tables(&[
            connection(&[Key::IpsecLifetime]),
            connection(&[Key::IpsecLifetime, Key::IpsecLifetimeKb]),
            connection(&[Key::IpsecLifetime, Key::IpsecEncapsulation, Key::IpsecProtocol]),
        ])[0];
        let names: Vec<&str> = table.rows.iter().map(|row| row[0].as_str()).skip_while(|name| *name != "ipsec.lifetime_secs").collect();
        let wanted = ["ipsec.lifetime_secs", "ipsec.lifetime_kb", "ipsec.encapsulation", "ipsec.protocol"];
        assert_eq!(names[..4], wanted);
        assert!(names[4..].iter().all(|name| name.starts_with("extra.")), "{names:?}");
    }

    #[test]
    fn reported_state_is_one_line() {
        let mut connection = Connection::new(Ref::parse("alibaba/vco-1").unwrap());
        connection.status.reported.push(("State".into(), "active\r\n  next:  type this".to_owned()));
        let table = &tables(&[connection])[0];
        assert!(table.rows.contains(&vec!["status.reported".to_owned(), "State active next:  type this".to_owned()]), "{:?}", table.rows);
    }

    #[test]
    fn field_that_only_one_connection_has_is_a_dash_in_the_other() {
        let mut one = Connection::new(Ref::parse("alibaba/vco-1").unwrap());
        one.settings.set(Key::Name, Value::Text("one".into()));
        let mut two = Connection::new(Ref::parse("tencent/vpnx-2").unwrap());
        two.settings.set(Key::IkeLifetime, Value::Number(5));
        let table = &tables(&[one, two])[0];
        assert_eq!(table.head, ["FIELD", "alibaba/vco-1", "tencent/vpnx-2"]);
        assert!(table.rows.contains(&vec!["name".to_owned(), "one".to_owned(), "-".to_owned()]));
        assert!(table.rows.contains(&vec!["ike.lifetime_secs".to_owned(), "-".to_owned(), "5".to_owned()]));
    }
}
