//! The JSON Schema of every command's JSON (draft 2020-12), built from the tables that the JSON is built from.

use serde_json::{Map, Value as Json, json};

use super::shape::reference;
use super::{change, model, read};
use crate::error::Error;
use crate::print::version::VERSION;

/// A command that prints JSON: its name, the shape of its document, and the member that holds the rows.
pub(super) type Document = (&'static str, fn() -> Json, &'static str);

/// The commands that print JSON.
pub(super) const COMMANDS: &[Document] = &[
    ("audit", read::audit, "findings"),
    ("check", read::check, "checks"),
    ("config", read::config, ""),
    ("export", read::export, "files"),
    ("inspect", read::inspect, ""),
    ("list", read::connections, "connections"),
    ("modify", change::modify, ""),
    ("operation", change::operation, "operations"),
    ("providers", read::providers, "fields"),
    ("rotate", change::rotate, ""),
    ("show", read::connections, "connections"),
    ("wait", read::wait, ""),
];

/// A shape under its name.
type Named = (&'static str, fn() -> Json);

/// The shapes that documents share.
const SHARED: [Named; 5] = [
    ("connection", model::connection),
    ("tunnel", model::tunnel),
    ("status", model::status),
    ("field", read::field),
    ("record", change::record),
];

/// The names of the commands that print JSON.
pub fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _, _)| *name)
}

/// The schema of a command's document; without a name, of any command's.
///
/// # Errors
/// The commands there are, when this is none.
pub fn schema(command: Option<&str>) -> Result<Json, Error> {
    let mut definitions = Map::new();
    let mut documents = Vec::new();
    for (name, document, _) in COMMANDS.iter().filter(|(name, _, _)| command.is_none_or(|command| command == *name)) {
        definitions.insert((*name).to_owned(), document());
        documents.push(reference(name));
    }
    if documents.is_empty() {
        let names: Vec<&str> = commands().collect();
        return Err(Error::usage(format!("{:?} prints no JSON; expected one of {}", command.unwrap_or_default(), names.join(", "))));
    }
    for (name, shape) in SHARED {
        definitions.insert(name.to_owned(), shape());
    }
    prune(&mut definitions, &documents);
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".to_owned(), json!(format!("urn:tunnelctl:{}:{VERSION}", command.unwrap_or("any"))));
    root.insert("$defs".to_owned(), Json::Object(definitions));
    match documents.as_slice() {
        [one] => root.extend(one.as_object().cloned().unwrap_or_default()),
        _ => drop(root.insert("anyOf".to_owned(), Json::Array(documents))),
    }
    Ok(Json::Object(root))
}

/// Removes the definitions that no document refers to.
fn prune(definitions: &mut Map<String, Json>, documents: &[Json]) {
    fn names(json: &Json, found: &mut Vec<String>) {
        match json {
            Json::Object(object) => {
                if let Some(name) = object.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
                    found.push(name.to_owned());
                }
                object.values().for_each(|value| names(value, found));
            }
            Json::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let (mut kept, mut open) = (Vec::new(), Vec::new());
    documents.iter().for_each(|document| names(document, &mut open));
    while let Some(name) = open.pop() {
        if !kept.contains(&name) {
            definitions.get(&name).into_iter().for_each(|shape| names(shape, &mut open));
            kept.push(name);
        }
    }
    definitions.retain(|name, _| kept.contains(name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_holds_what_it_refers_to_and_no_more() {
        let schema = schema(Some("wait")).unwrap();
        let names: Vec<&String> = schema["$defs"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["connection", "status", "tunnel", "wait"]);
        assert!(super::schema(Some("emulate")).is_err());
    }
}
