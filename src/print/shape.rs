//! The shape of results: what `--output`, `--query` and `--columns` make of a command's document.
//!
//! A command hands its document over once, as JSON with the name of the member that holds its rows; every format but
//! the plain table is made from that.

use jmespath::Expression;
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::print::csv;
use crate::print::gate::{escape, escape_json, scrub};
use crate::print::table::Table;

/// A longer query is a mistake, and so is one with more brackets and negations: it could nest deeper than the stack.
const LONGEST_QUERY: usize = 1024;
const DEEPEST_QUERY: usize = 200;

/// Format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// The table with more columns.
    Wide,
    /// JSON.
    Json,
    /// JSON, a row a line.
    JsonLines,
    /// YAML.
    Yaml,
    /// Comma-separated values with a heading line.
    Csv,
}

impl Format {
    /// The words of `--output`.
    pub const WORDS: [&str; 6] = ["table", "wide", "json", "jsonl", "yaml", "csv"];

    /// The format of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "wide" => Self::Wide,
            "json" => Self::Json,
            "jsonl" => Self::JsonLines,
            "yaml" => Self::Yaml,
            "csv" => Self::Csv,
            _ => Self::Table,
        }
    }

    /// Whether it is laid out for the eye.
    #[must_use]
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }
}

/// What is to be made of a result.
#[derive(Debug, Default)]
pub struct Shape {
    /// Format.
    pub format: Format,
    query: Option<Expression<'static>>,
    columns: Vec<String>,
}

/// Where the rows of a document are.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// The member that holds them; empty for the one member that is a list, or else the document itself.
    pub member: &'static str,
    /// The columns of CSV; none for every path that a row has.
    pub columns: fn() -> Vec<&'static str>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { member: "", columns: Vec::new }
    }
}

impl Shape {
    /// The shape for these options.
    ///
    /// # Errors
    /// What is wrong with the query, before anything is done.
    pub fn new(format: Format, query: Option<&str>, columns: Vec<String>) -> Result<Self, Error> {
        if !columns.is_empty() && !format.is_table() && format != Format::Csv {
            return Err(Error::usage("--columns is for -o table, wide and csv").next("use --query, such as --query 'connections[].id'"));
        }
        let query = match query {
            None => None,
            Some(text) if text.len() > LONGEST_QUERY => {
                return Err(Error::usage(format!("--query is longer than {LONGEST_QUERY} characters")));
            }
            Some(text) if text.matches(['(', '[', '{', '!', '&']).count() > DEEPEST_QUERY => {
                return Err(Error::usage(format!("--query has more than {DEEPEST_QUERY} brackets")));
            }
            Some(text) => Some(jmespath::compile(text).map_err(|cause| {
                Error::usage(format!("--query is no JMESPath: {}", cause.to_string().trim_end()))
                    .next("an example: --query 'connections[].id'; the language: https://jmespath.org")
            })?),
        };
        Ok(Self { format, query, columns })
    }

    /// Whether the format is made from the document alone, and not from the command's own tables.
    #[must_use]
    pub fn is_made_from_json(&self) -> bool {
        !self.format.is_table() || self.query.is_some() || !self.columns.is_empty()
    }

    /// The paths that must be the model's, because they do not name what a query made.
    #[must_use]
    pub fn model_columns(&self) -> &[String] {
        if self.query.is_some() { &[] } else { &self.columns }
    }

    /// The text of a document, scrubbed and escaped.
    ///
    /// # Errors
    /// When the query cannot be applied to what there is.
    pub fn text(&self, document: &Json, rows: Rows, width: usize) -> Result<String, Error> {
        let found;
        let (whole, items) = match &self.query {
            Some(query) => {
                found = search(query, document)?;
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
                // Plain values are for the next command or for copying: they are never wrapped.
                let plain = table.head.is_empty() && table.rows.iter().all(|row| row.len() < 2);
                scrub(&table.render(if plain { usize::MAX } else { width }))
            }
        })
    }

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
        // A path can end in a name that a cloud made up.
        let head = columns.iter().map(|column| csv::text(&Json::from(column.as_str()))).collect::<Vec<_>>();
        std::iter::once(csv::line(&head)).chain(items.iter().map(line)).collect()
    }

    fn table(&self, whole: &Json, items: &[&Json]) -> Table {
        if self.columns.is_empty() && whole.is_object() {
            let rows = leaves(&[whole]).into_iter().map(|path| vec![people(at(whole, &path)), path].into_iter().rev().collect());
            return Table { head: vec!["FIELD".to_owned(), "VALUE".to_owned()], rows: rows.collect(), ..Table::default() };
        }
        let columns = if self.columns.is_empty() { leaves(items) } else { self.columns.clone() };
        let row = |item: &&Json| match columns.as_slice() {
            [] => cells(item).into_iter().map(people).collect(),
            columns => columns.iter().map(|column| people(at(item, column))).collect(),
        };
        Table {
            head: columns.iter().map(|column| column.to_uppercase()).collect(),
            rows: items.iter().map(row).collect(),
            ..Table::default()
        }
    }
}

fn search(query: &Expression<'static>, document: &Json) -> Result<Json, Error> {
    let found = query.search(document).map_err(|cause| cause.to_string());
    found.and_then(|found| serde_json::to_value(&*found).map_err(|cause| cause.to_string())).map_err(|cause| {
        Error::new(crate::error::exit::FAILED, format!("--query cannot be applied to the result: {}", cause.trim_end()))
            .state("the command itself is done; only its result is not shown")
            .next("leave --query out to see the whole result")
    })
}

/// The rows of a value: the named member, its only list, or the value itself.
fn items<'a>(value: &'a Json, member: Option<&str>) -> Vec<&'a Json> {
    let list = match (value, member) {
        (Json::Array(list), _) => Some(list),
        (Json::Object(object), Some("")) => only_list(object),
        (Json::Object(object), Some(member)) => object.get(member).and_then(Json::as_array),
        _ => None,
    };
    match (list, value) {
        (Some(list), _) => list.iter().collect(),
        (None, Json::Null) => Vec::new(),
        (None, value) => vec![value],
    }
}

fn only_list(object: &Map<String, Json>) -> Option<&Vec<Json>> {
    let mut members = object.iter().filter(|(name, _)| *name != super::version::VERSION_MEMBER);
    match (members.next(), members.next()) {
        (Some((_, Json::Array(list))), None) => Some(list),
        _ => None,
    }
}

/// The cells of a row that is no object.
fn cells(item: &Json) -> Vec<&Json> {
    item.as_array().map_or_else(|| vec![item], |cells| cells.iter().collect())
}

/// Every path to something that is no object, over all rows, in the order in which they are met.
fn leaves(items: &[&Json]) -> Vec<String> {
    fn walk(prefix: &str, object: &Map<String, Json>, paths: &mut Vec<String>) {
        for (name, value) in object {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Json::Object(inner) if !inner.is_empty() => walk(&path, inner, paths),
                _ if paths.contains(&path) => {}
                _ => paths.push(path),
            }
        }
    }
    let mut paths = Vec::new();
    for object in items.iter().filter_map(|item| item.as_object()) {
        walk("", object, &mut paths);
    }
    paths
}

/// The value at a dotted path; a number chooses out of a list.
fn at<'a>(item: &'a Json, path: &str) -> &'a Json {
    let step = |json: &'a Json, name: &str| match json {
        Json::Array(list) => list.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    };
    path.split('.').try_fold(item, step).unwrap_or(&Json::Null)
}

/// A value as tables show it.
fn people(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::Bool(on) => (if *on { "on" } else { "off" }).to_owned(),
        Json::Array(list) => list.iter().map(people).collect::<Vec<_>>().join("\n"),
        other => csv::plain(other),
    }
}

/// JSON is YAML, and has an escape for what must not reach a terminal as it is: it stands in where YAML has none.
fn yaml(json: &Json) -> String {
    let text = serde_saphyr::to_string(json).ok().map(|text| scrub(&text)).filter(|text| escape(text) == *text);
    text.unwrap_or_else(|| escape_json(&scrub(&format!("{json:#}\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ROWS: Rows = Rows { member: "connections", columns: || vec!["id", "ike.version", "local_subnets"] };

    fn document() -> Json {
        json!({ "connections": [
            { "id": "vco-1", "ike": { "version": "ikev2" }, "local_subnets": ["10.0.0.0/24", "10.0.1.0/24"], "nat_traversal": true },
            { "id": "=1+1", "ike": {}, "name": "a,\"b\"\u{202e}" },
        ], "schema_version": 1 })
    }

    fn text(format: Format, query: Option<&str>, columns: &[&str]) -> String {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Shape::new(format, query, columns).unwrap().text(&document(), ROWS, 80).unwrap()
    }

    #[test]
    fn csv_has_the_commands_columns_unless_others_are_chosen() {
        assert_eq!(text(Format::Csv, None, &[]), "id,ike.version,local_subnets\nvco-1,ikev2,\"10.0.0.0/24;10.0.1.0/24\"\n'=1+1,,\n");
        assert_eq!(
            text(Format::Csv, None, &["name", "local_subnets.1"]),
            "name,local_subnets.1\n,10.0.1.0/24\n\"a,\"\"b\"\"\\u{202e}\",\n"
        );
    }

    #[test]
    fn a_heading_is_no_formula_and_acts_on_no_terminal() {
        let shape = Shape::new(Format::Csv, Some("extra"), Vec::new()).unwrap();
        let text = shape.text(&json!({ "extra": { "=1+1": 1, "a\u{1b}[31m": 2 } }), ROWS, 80).unwrap();
        assert_eq!(text, "'=1+1,a\\u{1b}[31m\n1,2\n");
    }

    #[test]
    fn json_lines_has_a_row_a_line() {
        let lines = text(Format::JsonLines, None, &[]);
        assert_eq!(lines.lines().count(), 2);
        assert!(lines.ends_with("\\u202e\"}\n"), "{lines}");
        assert_eq!(text(Format::JsonLines, Some("length(connections)"), &[]), "2\n");
    }

    #[test]
    fn a_query_makes_objects_lists_and_scalars_into_tables() {
        assert_eq!(text(Format::Table, Some("connections[].id"), &[]), "vco-1\n=1+1\n");
        assert_eq!(text(Format::Table, Some("connections[0].id"), &[]), "vco-1\n");
        assert_eq!(text(Format::Table, Some("connections[].[id, ike.version]"), &[]), "vco-1  ikev2\n=1+1   -\n");
        let objects = text(Format::Table, Some("connections[].{ID: id, NAT: nat_traversal}"), &[]);
        assert_eq!(objects, "ID     NAT\n----------\nvco-1  on\n=1+1   -\n");
        assert_eq!(text(Format::Table, Some("connections[0].ike"), &[]), "FIELD    VALUE\n--------------\nversion  ikev2\n");
        assert_eq!(text(Format::Table, Some("nothing"), &[]), "");
        assert_eq!(text(Format::Json, Some("nothing"), &[]), "null\n");
        assert_eq!(text(Format::Yaml, Some("connections[].id"), &[]), "- vco-1\n- =1+1\n");
        assert_eq!(text(Format::Csv, Some("connections[].[id]"), &[]), "vco-1\n'=1+1\n");
    }

    #[test]
    fn chosen_columns_are_a_table_in_their_order() {
        assert_eq!(
            text(Format::Table, None, &["nat_traversal", "id"]),
            "NAT_TRAVERSAL  ID\n--------------------\non             vco-1\n-              =1+1\n"
        );
    }

    #[test]
    fn a_query_that_cannot_be_read_or_applied_is_an_error() {
        for query in ["a[", "", "{", "'", "a.b.", "[?", "&", "`", "a[::0]"] {
            let shape = Shape::new(Format::Json, Some(query), Vec::new());
            assert!(shape.is_err() || shape.unwrap().text(&json!({ "a": [1] }), ROWS, 80).is_err(), "{query}");
        }
        assert!(Shape::new(Format::Json, Some(&"a".repeat(LONGEST_QUERY + 1)), Vec::new()).is_err());
        let unfit = Shape::new(Format::Json, Some("length(connections[0].nat_traversal)"), Vec::new()).unwrap();
        assert!(unfit.text(&document(), ROWS, 80).is_err());
        for query in
            ["connections[-9223372036854775808]", "connections[9223372036854775807:]", "connections[::-1]", "sort(`[]`)", "max(`[]`)"]
        {
            if let Ok(shape) = Shape::new(Format::Json, Some(query), Vec::new()) {
                let _ = shape.text(&document(), ROWS, 80);
            }
        }
    }

    #[test]
    fn a_query_as_deep_as_its_length_allows_fits_the_stack() {
        let (half, deep) = (LONGEST_QUERY / 2 - 1, DEEPEST_QUERY);
        let queries = [
            "(".repeat(deep),
            format!("{}a{}", "(".repeat(deep), ")".repeat(deep)),
            format!("{}a{}", "[".repeat(deep), "]".repeat(deep)),
            "!".repeat(deep) + "a",
            "a.".repeat(half) + "a",
            "a|".repeat(half) + "a",
            "[]".repeat(deep),
            "[]".repeat(half),
        ];
        // The main thread has 8 MiB, a thread of a test 2.
        let run = move || {
            for query in queries {
                if let Ok(shape) = Shape::new(Format::Json, Some(&query), Vec::new()) {
                    let _ = shape.text(&document(), ROWS, 80);
                }
            }
        };
        std::thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap().join().unwrap();
    }

    #[test]
    fn columns_belong_to_tables_and_csv() {
        assert!(Shape::new(Format::Json, None, vec!["id".to_owned()]).is_err());
        assert!(Shape::new(Format::Csv, None, vec!["id".to_owned()]).is_ok());
    }
}
