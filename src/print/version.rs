//! The version of the JSON that commands print.
//!
//! It increases when a member is removed or changes its meaning, not when one is added.

use serde_json::{Value as Json, json};

/// Version of the JSON.
pub const VERSION: u64 = 3;
/// The member that holds the version.
pub const VERSION_MEMBER: &str = "schema_version";

/// The document with its version.
#[must_use]
pub fn versioned(mut document: Json) -> Json {
    if let Json::Object(object) = &mut document {
        object.insert(VERSION_MEMBER.to_owned(), json!(VERSION));
    }
    document
}
