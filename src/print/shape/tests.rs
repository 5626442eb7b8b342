use serde_json::json;

use super::*;
use crate::print::query::{DEEPEST, LONGEST};

const ROWS: Rows = Rows { member: "connections", columns: || vec!["id", "ike.version", "local_subnets"] };

fn document() -> Json {
    json!({ "connections": [
        { "id": "vco-1", "ike": { "version": "ikev2" }, "local_subnets": ["10.0.0.0/24", "10.0.1.0/24"], "nat_traversal": true },
        { "id": "=1+1", "ike": {}, "name": "a,\"b\"\u{202e}" },
    ], "schema_version": 2 })
}

fn text(format: Format, query: Option<&str>, columns: &[&str]) -> String {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Shape::new(format, query, columns).unwrap().text(&document(), ROWS, 80).unwrap()
}

#[test]
fn csv_has_the_commands_columns_unless_others_are_chosen() {
    assert_eq!(text(Format::Csv, None, &[]), "id,ike.version,local_subnets\nvco-1,ikev2,\"10.0.0.0/24;10.0.1.0/24\"\n'=1+1,,\n");
    assert_eq!(text(Format::Csv, None, &["name", "local_subnets.1"]), "name,local_subnets.1\n,10.0.1.0/24\n\"a,\"\"b\"\"\\u{202e}\",\n");
}

#[test]
fn heading_is_neither_a_formula_nor_a_terminal_sequence() {
    let shape = Shape::new(Format::Csv, Some("extra"), Vec::new()).unwrap();
    let text = shape.text(&json!({ "extra": { "=1+1": 1, "a\u{1b}[31m": 2 } }), ROWS, 80).unwrap();
    assert_eq!(text, "'=1+1,a\\u{1b}[31m\n1,2\n");
}

#[test]
fn json_lines_has_one_line_for_each_row() {
    let lines = text(Format::JsonLines, None, &[]);
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.ends_with("\\u202e\"}\n"), "{lines}");
    assert_eq!(text(Format::JsonLines, Some("length(connections)"), &[]), "2\n");
}

#[test]
fn query_results_of_any_kind_become_tables() {
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
fn chosen_columns_come_in_their_order() {
    assert_eq!(
        text(Format::Table, None, &["nat_traversal", "id"]),
        "NAT_TRAVERSAL  ID\n--------------------\non             vco-1\n-              =1+1\n"
    );
}

#[test]
fn query_that_cannot_be_parsed_or_applied_is_an_error() {
    for query in ["a[", "", "{", "'", "a.b.", "[?", "&", "`", "a[::0]"] {
        let shape = Shape::new(Format::Json, Some(query), Vec::new());
        assert!(shape.is_err() || shape.unwrap().text(&json!({ "a": [1] }), ROWS, 80).is_err(), "{query}");
    }
    assert!(Shape::new(Format::Json, Some(&"a".repeat(LONGEST + 1)), Vec::new()).is_err());
    let unfit = Shape::new(Format::Json, Some("length(connections[0].nat_traversal)"), Vec::new()).unwrap();
    assert!(unfit.text(&document(), ROWS, 80).is_err());
    for query in ["connections[-9223372036854775808]", "connections[9223372036854775807:]", "connections[::-1]", "sort(`[]`)", "max(`[]`)"]
    {
        if let Ok(shape) = Shape::new(Format::Json, Some(query), Vec::new()) {
            let _ = shape.text(&document(), ROWS, 80);
        }
    }
}

#[test]
fn deepest_query_that_is_allowed_fits_the_stack() {
    let (half, deep) = (LONGEST / 2 - 1, DEEPEST);
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
fn columns_are_for_tables_and_csv() {
    assert!(Shape::new(Format::Json, None, vec!["id".to_owned()]).is_err());
    assert!(Shape::new(Format::Csv, None, vec!["id".to_owned()]).is_ok());
}

#[test]
fn chosen_refs_stay_whole_and_names_are_cut() {
    let reference = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
    let document = json!([{ "ref": reference, "name": "Hauptverbindung der Zentrale in 北京" }]);
    let columns = ["name", "ref"].map(str::to_owned).to_vec();
    let text = Shape::new(Format::Table, None, columns).unwrap().text(&document, ROWS, 80).unwrap();
    assert_eq!(text.lines().last(), Some(format!("Hauptverbindung der Zen…  {reference}").as_str()));
}

#[test]
fn document_in_parts_is_the_same_as_the_whole() {
    let whole = document();
    let items = whole["connections"].as_array().unwrap();
    for format in [Format::Json, Format::JsonLines, Format::Csv] {
        let shape = Shape::new(format, None, Vec::new()).unwrap();
        assert!(shape.can_stream(ROWS));
        let text = shape.part(&items[..1], ROWS, true) + &shape.part(&items[1..], ROWS, false) + &shape.end(ROWS, true);
        let version = format!("\"schema_version\": {VERSION}");
        assert_eq!(text.replace(&version, "\"schema_version\": 2"), shape.text(&whole, ROWS, 80).unwrap(), "{format:?}");
        let empty = json!({ "connections": [], "schema_version": VERSION });
        assert_eq!(shape.end(ROWS, false), shape.text(&empty, ROWS, 80).unwrap(), "{format:?}");
    }
}
