//! The shape of results: what `--output`, `--query` and `--columns` make of a command's document.
//!
//! A command provides its document as JSON, and the name of the member that holds its rows. Every format but the plain table
//! is made from these.

use serde_json::{Value as Json, json};

use super::csv;
use super::gate::{escape, escape_json, scrub};
use super::query::Query;
use super::rows::{at, cells, items, leaves};
use super::table::Table;
use super::version::{VERSION, VERSION_MEMBER, versioned};
use crate::error::{Error, one_line};

pub use super::format::Format;
pub use super::rows::Rows;

/// What becomes of a result.
#[derive(Debug, Default)]
pub struct Shape {
    /// Format.
    pub format: Format,
    /// `--query`.
    query: Option<Query>,
    /// `--columns`.
    columns: Vec<String>,
}

impl Shape {
    /// The shape for these options.
    ///
    /// # Errors
    /// What is wrong with the query.
    pub fn new(format: Format, query: Option<&str>, columns: Vec<String>) -> Result<Self, Error> {
        if !columns.is_empty() && !format.is_table() && format != Format::Csv {
            return Err(Error::usage("--columns is for -o table, wide and csv").next("use --query, such as --query 'connections[].id'"));
        }
        let query = query.map(Query::parse).transpose()?;
        Ok(Self { format, query, columns })
    }

    /// Whether the result is made from the document, and not from the command's own tables.
    #[must_use]
    pub fn is_made_from_json(&self) -> bool {
        !self.format.is_table() || self.query.is_some() || !self.columns.is_empty()
    }

    /// The chosen columns that must be paths of the model; none with a query, whose result has paths of its own.
    #[must_use]
    pub fn model_columns(&self) -> &[String] {
        if self.query.is_some() { &[] } else { &self.columns }
    }

    /// The text of a document, scrubbed and escaped.
    ///
    /// # Errors
    /// When the query does not fit the document.
    pub fn text(&self, document: &Json, rows: Rows, width: usize) -> Result<String, Error> {
        let found;
        let (whole, items) = match &self.query {
            Some(query) => {
                found = query.apply(document)?;
                (&found, items(&found, None))
            }
            None => (document, items(document, Some(rows.member))),
        };
        Ok(match self.format {
            Format::Json => escape_json(&scrub(&format!("{whole:#}\n"))),
            Format::Yaml => yaml(whole),
            Format::JsonLines => items.iter().map(|item| escape_json(&scrub(&format!("{item}\n")))).collect(),
            Format::Csv => scrub(&self.csv(&items, rows)),
            Format::Table | Format::Wide => {
                let table = self.table(whole, &items);
                // Plain values are for the next command, or are copied: they are never wrapped.
                let plain = table.head.is_empty() && table.rows.iter().all(|row| row.len() < 2);
                scrub(&table.render(if plain { usize::MAX } else { width }))
            }
        })
    }

    /// Whether each row can be printed by itself.
    pub(super) fn can_stream(&self, rows: Rows) -> bool {
        let named = || !self.columns.is_empty() || !(rows.columns)().is_empty();
        self.query.is_none()
            && match self.format {
                Format::Json | Format::JsonLines => true,
                Format::Csv => named(),
                Format::Table | Format::Wide | Format::Yaml => false,
            }
    }

    /// Some rows of a document that [`Self::can_stream`]; the first ones bring the beginning of the document.
    pub(super) fn part(&self, items: &[Json], rows: Rows, is_first: bool) -> String {
        match self.format {
            Format::Csv => {
                let text = self.csv(&items.iter().collect::<Vec<_>>(), rows);
                let head = if is_first { String::new() } else { self.csv(&[], rows) };
                scrub(text.strip_prefix(head.as_str()).unwrap_or(&text))
            }
            Format::Json => {
                let begin = if is_first { format!("{{\n  \"{}\": [", rows.member) } else { ",".to_owned() };
                let indented: Vec<String> =
                    items.iter().map(|item| format!("\n    {}", format!("{item:#}").replace('\n', "\n    "))).collect();
                escape_json(&scrub(&(begin + &indented.join(","))))
            }
            _ => items.iter().map(|item| escape_json(&scrub(&format!("{item}\n")))).collect(),
        }
    }

    /// The end of a document that [`Self::can_stream`].
    pub(super) fn end(&self, rows: Rows, begun: bool) -> String {
        match (self.format, begun) {
            (Format::Json, true) => format!("\n  ],\n  \"{VERSION_MEMBER}\": {VERSION}\n}}\n"),
            (Format::Json, false) => format!("{:#}\n", versioned(json!({ rows.member: [] }))),
            (Format::Csv, false) => self.csv(&[], rows),
            _ => String::new(),
        }
    }

    /// The rows as CSV, with a heading line unless the rows are plain values.
    fn csv(&self, items: &[&Json], rows: Rows) -> String {
        let mut columns = self.columns.clone();
        if columns.is_empty() && self.query.is_none() {
            columns.extend((rows.columns)().into_iter().map(str::to_owned));
        }
        if columns.is_empty() {
            columns = leaves(items);
        }
        if columns.is_empty() {
            return items.iter().map(|item| csv::line(&cells(item).iter().map(|cell| csv::text(cell)).collect::<Vec<_>>())).collect();
        }
        let line = |item: &&Json| csv::line(&columns.iter().map(|column| csv::text(at(item, column))).collect::<Vec<_>>());
        // A path can end in a name that a cloud chose, so headings are guarded as well.
        let head = columns.iter().map(|column| csv::text(&Json::from(column.as_str()))).collect::<Vec<_>>();
        std::iter::once(csv::line(&head)).chain(items.iter().map(line)).collect()
    }

    /// The rows as a table.
    fn table(&self, whole: &Json, items: &[&Json]) -> Table {
        if self.columns.is_empty() && whole.is_object() {
            let rows = leaves(&[whole]).into_iter().map(|path| vec![people(at(whole, &path)), path].into_iter().rev().collect());
            return Table { head: vec!["FIELD".to_owned(), "VALUE".to_owned()], rows: rows.collect(), ..Table::default() };
        }
        let columns = if self.columns.is_empty() { leaves(items) } else { self.columns.clone() };
        // One plain value is shown as it is, such as a file's text; among others it must not look like several.
        let alone = items.len() == 1;
        let row = |item: &&Json| match (columns.as_slice(), item) {
            ([], Json::String(text)) if alone => vec![text.clone()],
            ([], item) => cells(item).into_iter().map(people).collect(),
            (columns, item) => columns.iter().map(|column| people(at(item, column))).collect(),
        };
        let head = columns.iter().map(|column| column.to_uppercase()).collect();
        let table = Table { head, rows: items.iter().map(row).collect(), ..Table::default() };
        columns.iter().enumerate().fold(table, |table, (number, column)| match column.as_str() {
            "ref" | "id" => table.keep(number),
            "name" => table.cut(number),
            _ => table,
        })
    }
}

/// A value as text in a table.
fn people(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::Bool(on) => (if *on { "on" } else { "off" }).to_owned(),
        Json::Array(list) => list.iter().map(people).collect::<Vec<_>>().join("\n"),
        other => one_line(&csv::plain(other)),
    }
}

/// The value as YAML. Where the text would need escapes that YAML lacks, it is JSON, which is YAML too.
fn yaml(json: &Json) -> String {
    let text = serde_saphyr::to_string(json).ok().map(|text| scrub(&text)).filter(|text| escape(text) == *text);
    text.unwrap_or_else(|| escape_json(&scrub(&format!("{json:#}\n"))))
}

#[cfg(test)]
mod tests;
