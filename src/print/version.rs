//! The version of the JSON that commands print.
//!
//! It counts up when a member goes away or changes its meaning; new members come without notice.

use serde_json::{Value as Json, json};

/// Version of the JSON.
pub const VERSION: u64 = 2;
/// Where a document says its version.
pub const VERSION_MEMBER: &str = "schema_version";

/// The document with its version.
#[must_use]
pub fn versioned(mut document: Json) -> Json {
    if let Json::Object(object) = &mut document {
        object.insert(VERSION_MEMBER.to_owned(), json!(VERSION));
    }
    document
}
