//! A request as a dry run shows it, without secrets and signature.

use serde_json::{Map, Value as Json, json};

use crate::print::output::Table;
use crate::wire::{Body, Request};

/// The parameters of a request, each with its place. JSON inside a text value stays text, as it is sent.
fn parameters(request: &Request) -> Vec<(&'static str, String, Json)> {
    let row = |place| move |(name, value): &(String, String)| (place, name.clone(), json!(value));
    let mut rows: Vec<_> = request.query.iter().map(row("query")).collect();
    match &request.body {
        Body::Empty => {}
        Body::Form(pairs) => rows.extend(pairs.iter().map(row("form"))),
        Body::Json(text) => match serde_json::from_str(text) {
            Ok(Json::Object(object)) => rows.extend(object.into_iter().map(|(name, value)| ("body", name, value))),
            Ok(other) => rows.push(("body", String::new(), other)),
            Err(_) => rows.push(("body", String::new(), json!(text))),
        },
    }
    rows
}

/// The request for people.
pub(super) fn table(request: &Request) -> Table {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Object(_) | Json::Array(_) => format!("{value:#}"),
        other => other.to_string(),
    };
    Table {
        head: vec![format!("REQUEST {}", request.operation), format!("{} {}{}", request.method.as_str(), request.endpoint, request.path)],
        rows: parameters(request).into_iter().map(|(place, name, value)| vec![format!("{place} {name}"), text(&value)]).collect(),
        ..Table::default()
    }
}

/// The request as JSON.
pub(super) fn to_json(request: &Request) -> Json {
    let mut places = Map::new();
    for (place, name, value) in parameters(request) {
        if let Json::Object(inner) = places.entry(place).or_insert_with(|| Json::Object(Map::new())) {
            inner.insert(name, value);
        }
    }
    places.insert("operation".to_owned(), json!(request.operation));
    places.insert("method".to_owned(), json!(request.method.as_str()));
    places.insert("url".to_owned(), json!(format!("{}{}", request.endpoint, request.path)));
    Json::Object(places)
}
