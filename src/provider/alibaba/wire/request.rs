//! A request of any operation, and how values are written in it.

use serde_json::Value as Json;

use crate::provider::Profile;
use crate::provider::alibaba::cloud::{VERSION, endpoint, uses_acs3};
use crate::wire::{Body, Method, Pairs, Request};

/// A request. Its parameters go in the form, because pre-shared keys must not appear in URLs.
pub(in crate::provider::alibaba) fn request(profile: &Profile, operation: &'static str, parameters: Vec<(&str, String)>) -> Request {
    let owned = |pairs: &[(&str, &str)]| -> Pairs { pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect() };
    let (query, headers) = if uses_acs3(profile) {
        (Vec::new(), owned(&[("x-acs-action", operation), ("x-acs-version", VERSION), ("accept", "application/json")]))
    } else {
        (owned(&[("Action", operation), ("Version", VERSION), ("Format", "JSON")]), Vec::new())
    };
    let mut form = vec![("RegionId".to_owned(), profile.region.clone())];
    form.extend(parameters.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Request { operation, method: Method::Post, endpoint: endpoint(profile), path: "/".to_owned(), query, headers, body: Body::Form(form) }
}

/// A value as a parameter. Blocks such as `IkeConfig` become compact JSON text.
pub(super) fn parameter(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Adds a value as parameters, one for each member at any depth: `prefix.member.member`.
pub(super) fn flatten(prefix: &str, value: &Json, parameters: &mut Pairs) {
    match value {
        Json::Object(members) => members.iter().for_each(|(name, value)| flatten(&format!("{prefix}.{name}"), value, parameters)),
        scalar => parameters.push((prefix.to_owned(), parameter(scalar))),
    }
}
