//! Connections as a table: one row a tunnel, the ref whole in its first line.

use crate::error::one_line;
use crate::model::{Connection, Key, Settings, Status};
use crate::print::output::Table;
use crate::provider::field::field;
use crate::provider::{Kind, registration};

/// What the signs of the table mean, for help.
pub(in crate::command) const LEGEND: &str = "In the table, - means that there is no value, and ? that the cloud did not return it.";

/// There is no value.
const NOTHING: &str = "-";
/// There may be a value, and the reply does not have it.
const NOT_READ: &str = "?";

/// What a row is of: a connection, or one of its tunnels.
struct Line<'a> {
    connection: &'a Connection,
    kind: Option<&'static Kind>,
    /// Which tunnel: its id and role.
    tunnel: Option<String>,
    status: &'a Status,
    gateway_address: Option<&'a String>,
    settings: Settings,
}

/// The rows of a connection: one for each tunnel.
fn lines(connection: &Connection) -> Vec<Line<'_>> {
    let reference = &connection.reference;
    let kind =
        registration(&reference.provider).and_then(|registration| registration.kinds.iter().find(|kind| kind.name == reference.kind));
    let line = |tunnel, status, gateway_address, settings| Line { connection, kind, tunnel, status, gateway_address, settings };
    if connection.tunnels.is_empty() {
        return vec![line(None, &connection.status, connection.gateway_address.as_ref(), connection.settings.clone())];
    }
    let tunnels = connection.tunnels.iter().enumerate();
    tunnels
        .map(|(place, tunnel)| {
            let role = tunnel.role.as_ref().map(|role| format!(" {role}")).unwrap_or_default();
            let address = tunnel.gateway_address.as_ref().or(connection.gateway_address.as_ref());
            line(Some(format!("#{}{role}", tunnel.id)), &tunnel.status, address, connection.seen_from(Some(place)))
        })
        .collect()
}

impl Line<'_> {
    /// The value of a setting that a connection may be without.
    fn optional(&self, key: Key) -> String {
        self.settings.get(key).map(ToString::to_string).filter(|text| !text.is_empty()).unwrap_or_else(|| NOTHING.to_owned())
    }

    /// The value of a setting that every connection has: where it is missing, the reply left it out, unless this kind has none.
    fn required(&self, key: Key) -> String {
        let value = self.settings.get(key).map(ToString::to_string).filter(|text| !text.is_empty());
        value.unwrap_or_else(|| if self.has(key) { NOT_READ } else { NOTHING }.to_owned())
    }

    /// Whether connections of this kind have the setting.
    fn has(&self, key: Key) -> bool {
        self.kind.is_none_or(|kind| kind.operations.iter().any(|operation| field(operation.fields, key).is_some()))
    }

    fn peer(&self) -> String {
        let keys = [Key::RemoteId, Key::CustomerGateway];
        let known = keys.iter().find(|key| self.settings.get(**key).is_some_and(|value| !value.to_string().is_empty()));
        match known {
            Some(key) => one_line(&self.required(*key)),
            None if keys.iter().any(|key| self.has(*key)) => NOT_READ.to_owned(),
            None => NOTHING.to_owned(),
        }
    }

    /// Settings side by side; one sign where there is none of them.
    fn suite(&self, keys: &[Key]) -> String {
        let words: Vec<String> = keys.iter().map(|key| self.required(*key)).collect();
        match words.first() {
            Some(first) if words.iter().all(|word| word == first) && [NOTHING, NOT_READ].contains(&first.as_str()) => first.clone(),
            _ => words.join(" "),
        }
    }

    fn ike(&self) -> String {
        self.suite(&[Key::IkeVersion, Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup])
    }

    fn ipsec(&self) -> String {
        self.suite(&[Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs])
    }

    /// The cells of the table, two lines each; a tunnel takes a line more in the first.
    fn cells(&self, room: usize) -> Vec<String> {
        let mut first = vec![one_line(&self.connection.reference.to_string())];
        first.extend(self.tunnel.iter().map(|tunnel| format!("  {}", one_line(tunnel))));
        let (ike, ipsec) = (self.ike(), self.ipsec());
        let suites = format!("  {ike}; {ipsec}");
        // Suites that are longer than the refs would take room from everything else.
        if suites.len() > room {
            first.extend([format!("  {ike};"), format!("  {ipsec}")])
        } else {
            first.push(suites)
        }
        vec![
            first.join("\n"),
            format!("{}\n{}", self.status.tunnel, self.status.change),
            format!("{}\n{}", one_line(&self.optional(Key::Name)), self.peer()),
        ]
    }

    /// What the wide table has beside it.
    fn more(&self) -> Vec<String> {
        let unit = |key, unit: &str| {
            self.settings
                .number(key)
                .map_or_else(|| if self.has(key) { NOT_READ } else { NOTHING }.to_owned(), |number| format!("{number} {unit}"))
        };
        let text = |value: Option<&String>| value.map_or_else(|| NOTHING.to_owned(), |value| one_line(value));
        let dpd = match self.settings.number(Key::DpdTimeout) {
            Some(secs) if self.has(Key::DpdEnabled) => format!("{} {secs} s", self.required(Key::DpdEnabled)),
            Some(secs) => format!("{secs} s"),
            None => self.required(Key::DpdEnabled),
        };
        vec![
            format!("{}\n{}", text(self.connection.gateway.as_ref()), text(self.gateway_address)),
            self.optional(Key::LocalSubnets),
            self.optional(Key::RemoteSubnets),
            format!("{}\n{}", unit(Key::IkeLifetime, "s"), unit(Key::IpsecLifetime, "s")),
            format!("{dpd}\n{}", self.optional(Key::DpdAction)),
            text(self.connection.created.as_ref()),
        ]
    }
}

const HEAD: [&str; 3] = ["REF\n  IKE; IPSEC, PFS", "TUNNEL\nCHANGE", "NAME\nPEER"];
/// The place of the gateway, whose id is copied as a ref is.
const GATEWAY: usize = HEAD.len();
const MORE: [&str; 6] = ["GATEWAY\nADDRESS", "LOCAL", "REMOTE", "IKE LIFE\nIPSEC LIFE", "DPD\nACTION", "CREATED"];

/// The connections in a table that fits into 80 columns.
pub(in crate::command) fn table(connections: &[&Connection]) -> Table {
    build(connections, &HEAD, |line, room| line.cells(room))
}

/// The same with more columns, for a terminal of 160 columns.
pub(in crate::command) fn wide_table(connections: &[&Connection]) -> Table {
    let head: Vec<&str> = HEAD.into_iter().chain(MORE).collect();
    build(connections, &head, |line, room| line.cells(room).into_iter().chain(line.more()).collect()).keep(GATEWAY)
}

fn build(connections: &[&Connection], head: &[&str], cells: impl Fn(&Line<'_>, usize) -> Vec<String>) -> Table {
    let lines: Vec<Line<'_>> = connections.iter().flat_map(|connection| lines(connection)).collect();
    let room = connections.iter().map(|connection| connection.reference.to_string().len()).max().unwrap_or_default();
    let rows = lines.iter().map(|line| cells(line, room)).collect();
    Table { head: head.iter().map(|&name| name.to_owned()).collect(), rows, ..Table::default() }.keep(0).keep(1).cut(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Tunnel, Value};

    fn connection(reference: &str) -> Connection {
        Connection::new(Ref::parse(reference).unwrap())
    }

    #[test]
    fn a_name_with_a_line_break_does_not_displace_the_peer() {
        let mut connection = connection("alibaba/vco-1");
        connection.settings.set(Key::Name, Value::Text("hq\n203.0.113.9".into()));
        assert_eq!(table(&[&connection]).rows[0][2], "hq 203.0.113.9\n?");
    }

    #[test]
    fn every_tunnel_is_a_row_with_the_whole_ref() {
        let mut connection = connection("alibaba@cn-beijing/vco-1");
        for (id, role) in [("tun-1", "master"), ("tun-2", "slave")] {
            connection.tunnels.push(Tunnel {
                id: id.into(),
                role: Some(role.into()),
                gateway_address: None,
                settings: Settings::new(),
                status: Status::default(),
            });
        }
        let rows = table(&[&connection]).rows;
        assert_eq!(rows.len(), 2);
        assert!(rows[1][0].starts_with("alibaba@cn-beijing/vco-1\n  #tun-2 slave\n"), "{rows:?}");
    }

    #[test]
    fn no_cell_is_empty() {
        for wide in [false, true] {
            let connections = [connection("alibaba/vco-1"), connection("alibaba/ipsec-server/iss-1"), connection("huawei/1")];
            let all: Vec<&Connection> = connections.iter().collect();
            let rows = if wide { wide_table(&all) } else { table(&all) }.rows;
            assert!(
                rows.iter().flatten().all(|cell| cell.lines().count() > 0 && cell.lines().all(|line| !line.trim().is_empty())),
                "{rows:?}"
            );
        }
    }

    #[test]
    fn a_ref_and_a_peer_are_whole_at_80_columns_and_a_wide_name_is_cut() {
        let reference = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
        let mut connection = connection(reference);
        connection.settings.set(Key::Name, Value::Text("上海总部到北京分部的隧道".into()));
        connection.settings.set(Key::RemoteId, Value::Text("198.51.100.164".into()));
        let text = table(&[&connection]).render(80);
        assert!(text.contains(&format!("{reference}  unknown  上海总部")) && text.contains('\u{2026}'), "{text}");
        assert!(text.contains("198.51.100.164"), "{text}");
    }
}
