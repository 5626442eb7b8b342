//! Signing vectors, captured from the vendor's SDKs. See `fixtures/README.md`.

use serde_json::Value as Json;

use crate::model::Secret;
use crate::wire::Credentials;

/// The vectors captured from the vendor's SDKs.
pub fn vectors() -> Vec<Json> {
    let file: Json =
        serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signing/tencent/tencent.json"))).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

/// A text of a vector; empty when there is none.
pub fn text<'a>(json: &'a Json, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// The credentials of a vector.
pub fn credentials(vector: &Json) -> Credentials {
    Credentials {
        id: text(vector, "/credentials/secret_id").to_owned(),
        secret: Secret::new(text(vector, "/credentials/secret_key")),
        token: vector["credentials"]["token"].as_str().map(Secret::new),
        bearer: None,
    }
}
