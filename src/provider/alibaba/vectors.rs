//! For tests: the requests that the vendor's SDKs really sent.

use serde_json::Value as Json;

use crate::wire::Pairs;

pub(super) fn vectors(kind: &str) -> Vec<Json> {
    let file: Json =
        serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signing/alibaba/alibaba.json"))).unwrap();
    file["vectors"].as_array().unwrap().iter().filter(|vector| vector["signature_kind"] == kind).cloned().collect()
}

pub(super) fn text<'a>(vector: &'a Json, path: &str) -> &'a str {
    path.split('.').fold(vector, |json, name| &json[name]).as_str().unwrap()
}

pub(super) fn pairs(json: &Json) -> Pairs {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    json.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}
