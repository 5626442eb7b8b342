//! Flat parameters, nested as the operation means them.

use serde_json::{Map, Value as Json};

/// Nests flat names into objects and lists. Every value stays a text.
pub(super) fn nested(pairs: &[(String, String)]) -> Map<String, Json> {
    fn add<'a>(object: &mut Map<String, Json>, name: &str, mut rest: impl Iterator<Item = &'a str>, value: &str) {
        match rest.next() {
            None => {
                object.insert(name.to_owned(), Json::String(value.to_owned()));
            }
            Some(next) => {
                let inner = object.entry(name).or_insert_with(|| Json::Object(Map::new()));
                if let Json::Object(inner) = inner {
                    add(inner, next, rest, value);
                }
            }
        }
    }
    let mut root = Map::new();
    for (name, value) in pairs {
        // No operation nests deeper. A deeper name stays one odd name, and is refused as unknown.
        let mut parts = name.splitn(8, '.');
        if let Some(first) = parts.next() {
            add(&mut root, first, parts, value);
        }
    }
    root.into_iter().map(|(name, value)| (name, lists(value))).collect()
}

/// Turns objects whose names are 0, 1, 2 and so on into lists.
fn lists(value: Json) -> Json {
    let Json::Object(object) = value else { return value };
    let mut rows: Vec<(String, Json)> = object.into_iter().map(|(name, value)| (name, lists(value))).collect();
    rows.sort_by_key(|(name, _)| name.parse::<usize>().unwrap_or(usize::MAX));
    if rows.iter().enumerate().all(|(place, (name, _))| *name == place.to_string()) {
        return Json::Array(rows.into_iter().map(|(_, value)| value).collect());
    }
    Json::Object(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::Pairs;

    #[test]
    fn flat_names_nest_and_indexes_make_lists() {
        let pairs: Pairs = [("A.0.B.0", "x"), ("A.0.B.1", "y"), ("C", "z"), ("D.k", "w"), ("C.0", "lost")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        assert_eq!(Json::Object(nested(&pairs)), json!({ "A": [{ "B": ["x", "y"] }], "C": "z", "D": { "k": "w" } }));
        let deep = [("a.".repeat(500_000), String::new())];
        assert_eq!(nested(&deep).len(), 1);
    }
}
