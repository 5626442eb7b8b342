//! Comma-separated values (RFC 4180 with line feeds), safe to open in a spreadsheet.
//!
//! Names and the like come from clouds: a text that a spreadsheet would take for a formula gets an apostrophe in front,
//! as OWASP advises ("CSV injection"). What must be exact is read as JSON.

use serde_json::Value as Json;

use crate::print::gate::escape;

/// A value as plain text: no text for null, `;` between the entries of a list, policy rules as their flag has them.
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

/// A value as the text of a cell: escaped, and no formula. Numbers and switches are ours, and stay.
#[must_use]
pub fn text(value: &Json) -> String {
    let text = escape(&plain(value));
    let formula = !value.is_number() && text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if formula { format!("'{text}") } else { text }
}

/// A line of cells, quoted where that is needed.
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
    fn a_formula_is_made_text_and_a_number_stays() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\u{ff1d}1"] {
            assert_eq!(text(&json!(formula)), format!("'{formula}"));
        }
        assert_eq!(text(&json!(-1)), "-1");
        // A control character in front is no way around it: it is shown as an escape.
        assert_eq!(text(&json!("\t=1")), "\\u{9}=1");
        assert_eq!(text(&json!(["=1", "a"])), "'=1;a");
    }

    #[test]
    fn cells_are_quoted_where_a_reader_would_go_wrong() {
        let cells = ["plain", "a,b", "a\"b", "a\nb", " a", "a;b", ""].map(str::to_owned);
        assert_eq!(line(&cells), "plain,\"a,b\",\"a\"\"b\",\"a\nb\",\" a\",\"a;b\",\n");
    }

    #[test]
    fn a_policy_rule_reads_as_its_flag() {
        assert_eq!(
            plain(&json!([{ "source": "10.0.0.0/8", "destinations": ["1.0.0.0/8", "2.0.0.0/8"] }])),
            "10.0.0.0/8=1.0.0.0/8,2.0.0.0/8"
        );
    }
}
