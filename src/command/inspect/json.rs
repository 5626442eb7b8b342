//! Inspected documents as JSON.

use serde_json::{Map, Value as Json, json};

use super::words::{class, retry, role, syntax};
use crate::inspect::Inspected;
use crate::provider::recognise::Finding;

/// One document by itself, several under `documents`.
pub(super) fn json(all: Vec<Inspected>) -> Json {
    let single = all.len() == 1;
    let mut documents = all.into_iter().map(document);
    match documents.next() {
        Some(one) if single => one,
        first => json!({ "documents": first.into_iter().chain(documents).collect::<Vec<_>>() }),
    }
}

fn document(one: Inspected) -> Json {
    let found = one.found;
    let text = |text: &str| if text.is_empty() { Json::Null } else { json!(text) };
    let error = found.error.as_ref().map(|error| {
        json!({
            "code": error.code,
            "class": class(error.class),
            "meaning": text(error.meaning),
            "message": text(&error.message),
            "next": text(error.advice),
            "retry": retry(error).0,
        })
    });
    let finding = |finding: &Finding| json!({ "connection": finding.connection, "field": finding.field, "value": finding.value, "rule": finding.rule });
    let mut object = Map::new();
    object.insert(
        "recognised".to_owned(),
        json!({
            "provider": found.provider,
            "operation": text(&found.operation),
            "role": role(found.role),
            "syntax": syntax(&one.syntax),
            "line": one.line,
            "cut": one.cut.as_ref().map(ToString::to_string),
            "told_by": found.told_by,
            "request_id": found.request_id,
        }),
    );
    object.insert("connections".to_owned(), Json::Array(found.connections.into_iter().map(|connection| connection.to_json()).collect()));
    object.insert("error".to_owned(), error.unwrap_or_default());
    object.insert("findings".to_owned(), Json::Array(found.findings.iter().map(finding).collect()));
    object.insert("facts".to_owned(), Json::Object(found.facts));
    Json::Object(object)
}
