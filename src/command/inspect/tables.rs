//! Inspected documents as tables.

use serde_json::Value as Json;

use super::words::{retry, role, syntax};
use crate::command::shared::connections;
use crate::error::ApiError;
use crate::inspect::Inspected;
use crate::model::Connection;
use crate::print::describe;
use crate::print::output::Table;
use crate::provider::recognise::Finding;
use crate::provider::registration;

/// How many connections stand side by side: as many as fit into 80 columns.
const BESIDE: usize = 2;
/// More connections than this are listed instead of described.
const DESCRIBED: usize = 8;
/// The documents for people.
pub(super) fn tables(all: &[Inspected]) -> Vec<Table> {
    let mut tables = match all {
        [one] => vec![summary(one)],
        more => vec![overview(more)],
    };
    let connections: Vec<&Connection> = all.iter().flat_map(|one| &one.found.connections).collect();
    if connections.len() > DESCRIBED {
        tables.push(connections::table(&connections));
    } else {
        tables.extend(connections.chunks(BESIDE).flat_map(described));
    }
    for one in all {
        if let Some(error) = &one.found.error {
            tables.push(error_table(error));
        }
        if !one.found.facts.is_empty() {
            let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let rows = one.found.facts.iter().map(|(name, value)| vec![name.clone(), text(value)]);
            tables.push(Table { head: vec!["FIELD".to_owned(), "VALUE".to_owned()], rows: rows.collect(), ..Table::default() });
        }
    }
    let findings: Vec<&Finding> = all.iter().flat_map(|one| &one.found.findings).collect();
    if !findings.is_empty() {
        tables.push(findings_table(&findings, connections.len() > 1));
    }
    tables
}

fn described(connections: &[&Connection]) -> Vec<Table> {
    let connections: Vec<Connection> = connections.iter().map(|connection| (*connection).clone()).collect();
    let mut tables = describe::tables(&connections);
    for table in &mut tables {
        // A request has no status.
        table.rows.retain(|row| {
            let mut cells = row.iter();
            !cells.next().is_some_and(|name| name.starts_with("status.")) || cells.any(|cell| cell != "unknown" && cell != "-")
        });
    }
    tables
}

fn title(one: &Inspected) -> String {
    registration(one.found.provider).map_or(one.found.provider, |registration| registration.title).to_owned()
}

fn operation(one: &Inspected) -> String {
    match one.found.operation.as_str() {
        "" => role(one.found.role).to_owned(),
        name => format!("{name}, {}", role(one.found.role)),
    }
}

fn summary(one: &Inspected) -> Table {
    let place = format!("{}, line {}", syntax(&one.syntax), one.line);
    let mut rows =
        vec![("recognised", format!("{}: {}", title(one), operation(one))), ("told by", one.found.told_by.clone()), ("written as", place)];
    rows.extend(one.cut.as_ref().map(|cut| ("cut", format!("{cut}; what is complete of it is shown, and no rule was checked"))));
    rows.extend(one.found.request_id.clone().map(|id| ("request id", id)));
    rows.extend((one.found.connections.len() > 1).then(|| ("connections", one.found.connections.len().to_string())));
    plain(rows)
}

fn overview(all: &[Inspected]) -> Table {
    let row = |one: &Inspected| {
        let said = one.found.error.as_ref().map(|error| format!("error {}", error.code));
        let count = || format!("{} connections", one.found.connections.len()).replace("1 connections", "1 connection");
        let cut = one.cut.as_ref().map(|cut| format!(", cut: {cut}")).unwrap_or_default();
        vec![one.line.to_string(), title(one), operation(one), said.unwrap_or_else(count) + &cut]
    };
    Table {
        head: ["LINE", "CLOUD", "RECOGNISED", "HOLDS"].map(str::to_owned).to_vec(),
        rows: all.iter().map(row).collect(),
        ..Table::default()
    }
}

fn error_table(error: &ApiError) -> Table {
    let rows = [
        ("error", error.code.clone()),
        ("meaning", if error.meaning.is_empty() { "not a known code".to_owned() } else { error.meaning.to_owned() }),
        ("cloud says", error.message.clone()),
        ("retry", retry(error).1.to_owned()),
        ("next", error.advice.to_owned()),
    ];
    plain(rows.into_iter().filter(|(_, text)| !text.is_empty()).collect())
}

fn plain(rows: Vec<(&str, String)>) -> Table {
    Table { head: Vec::new(), rows: rows.into_iter().map(|(name, text)| vec![name.to_owned(), text]).collect(), ..Table::default() }
}

fn findings_table(findings: &[&Finding], several: bool) -> Table {
    let row = |finding: &&Finding| {
        let field = if several || finding.connection.contains(' ') {
            format!("{}\n{}", finding.field, finding.connection)
        } else {
            finding.field.clone()
        };
        vec![field, finding.value.clone().unwrap_or_else(|| "(hidden)".to_owned()), finding.rule.clone()]
    };
    Table {
        head: ["BREAKS A RULE", "VALUE", "RULE"].map(str::to_owned).to_vec(),
        rows: findings.iter().map(row).collect(),
        ..Table::default()
    }
    .keep(0)
}
