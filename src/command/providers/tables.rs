//! The fields of the clouds as tables.

use crate::command::shared::capability::{Capability, kind_of};
use crate::model::Term;
use crate::print::output::Table;
use crate::provider::field::Shape;

/// A table for each operation.
pub(super) fn tables(all: &[Capability]) -> Vec<Table> {
    let same = |one: &Capability, other: &Capability| std::ptr::eq(one.operation, other.operation) && one.provider.id == other.provider.id;
    all.chunk_by(same).map(table).collect()
}

fn table(rows: &[Capability]) -> Table {
    let title = rows.first().map(|row| {
        let api = if row.operation.api.is_empty() { String::new() } else { format!(" --api {}", row.operation.api) };
        format!("{} {}{api}\n{}", row.provider.id, row.kind.name, row.operation.name)
    });
    let row = |row: &Capability| {
        let name = row.flag().map_or_else(|| format!("({})", row.field.key.path()), |flag| format!("--{flag}"));
        // A long name is broken behind its first block.
        let wire = if row.wire().len() > 30 { row.wire().replacen('.', ".\n    ", 1) } else { row.wire().to_owned() };
        vec![format!("{name}\n  {wire}"), kind_of(&row.field.shape).to_owned(), allowed(row), default(row)]
    };
    let head = vec![title.unwrap_or_default(), "TYPE".to_owned(), "ALLOWED (=THE CLOUD'S WORD)".to_owned(), "DEFAULT".to_owned()];
    Table { head, rows: rows.iter().map(row).collect(), ..Table::default() }
}

/// What is allowed, with the cloud's own word behind ours where the two differ.
fn allowed(row: &Capability) -> String {
    match &row.field.shape {
        Shape::Words(words) => {
            let word = |term: Term| match words.write(term) {
                Some(wire) if !wire.eq_ignore_ascii_case(term.word()) => format!("{term}={wire}"),
                _ => term.word().to_owned(),
            };
            words.terms().map(word).collect::<Vec<_>>().join(", ")
        }
        _ => row.field.allowed(),
    }
}

/// The value that the cloud takes where none is given.
fn default(row: &Capability) -> String {
    Some(row.field.default).filter(|default| !default.is_empty()).unwrap_or("-").to_owned()
}
