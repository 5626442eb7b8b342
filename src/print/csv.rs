//! Comma-separated values (RFC 4180 with line feeds), safe to open in a spreadsheet.
//!
//! Names and the like come from clouds, so a text that a spreadsheet would take for a formula gets an apostrophe in front, as
//! OWASP advises ("CSV injection"). Programs that need the exact text read JSON.

use serde_json::Value as Json;

use super::gate::escape;

/// A value as plain text: null is empty, `;` separates the items of a list, policy rules are written as for their flag.
#[must_use]
pub fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(";"),
        Json::Object(object) => match (object.get("source"), object.get("destinations")) {
            (Some(Json::String(source)), Some(Json::Array(destinations))) => {
                format!("{source}={}", destinations.iter().map(plain).collect::<Vec<_>>().join(","))
            }
            _ => value.to_string(),
        },
        Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

/// A value as the text of a cell: escaped, and never a formula. Numbers are unchanged.
#[must_use]
pub fn text(value: &Json) -> String {
    let text = escape(&plain(value));
    let formula = !value.is_number() && text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if formula { format!("'{text}") } else { text }
}

/// A line of cells, quoted where necessary.
#[must_use]
pub fn line(cells: &[String]) -> String {
    let quote = |cell: &String| {
        let plain = !cell.contains([',', '"', '\n', '\r', ';']) && cell.trim() == cell.as_str();
        if plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.iter().map(quote).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formula_becomes_text_and_number_is_unchanged() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\u{ff1d}1"] {
            assert_eq!(text(&json!(formula)), format!("'{formula}"));
        }
        assert_eq!(text(&json!(-1)), "-1");
        // A control character in front does not help: it is escaped.
        assert_eq!(text(&json!("\t=1")), "\\u{9}=1");
        assert_eq!(text(&json!(["=1", "a"])), "'=1;a");
    }

    #[test]
    fn cells_are_quoted_where_a_reader_would_misread_them() {
        let cells = ["plain", "a,b", "a\"b", "a\nb", " a", "a;b", ""].map(str::to_owned);
        assert_eq!(line(&cells), "plain,\"a,b\",\"a\"\"b\",\"a\nb\",\" a\",\"a;b\",\n");
    }

    #[test]
    fn policy_rule_is_written_as_for_its_flag() {
        assert_eq!(
            plain(&json!([{ "source": "10.0.0.0/8", "destinations": ["1.0.0.0/8", "2.0.0.0/8"] }])),
            "10.0.0.0/8=1.0.0.0/8,2.0.0.0/8"
        );
    }
}
