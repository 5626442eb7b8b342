//! Signing vectors for tests: requests captured from the vendor's SDKs.

use serde_json::Value as Json;

use crate::wire::Pairs;

/// The vectors of one signature kind.
pub(in crate::provider::alibaba) fn vectors(kind: &str) -> Vec<Json> {
    let file: Json =
        serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signing/alibaba/alibaba.json"))).unwrap();
    file["vectors"].as_array().unwrap().iter().filter(|vector| vector["signature_kind"] == kind).cloned().collect()
}

/// The text at a dotted path.
pub(in crate::provider::alibaba) fn text<'a>(vector: &'a Json, path: &str) -> &'a str {
    path.split('.').fold(vector, |json, name| &json[name]).as_str().unwrap()
}

/// A list of `[name, value]` as pairs.
pub(in crate::provider::alibaba) fn pairs(json: &Json) -> Pairs {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    json.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}
