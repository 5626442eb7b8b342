//! Calls of any operation, as `tunnelctl api` spells them.

use super::cloud::v2;
use super::{sign, wire};
use crate::provider::{Profile, Raw, by_method};
use crate::wire::{Body, Request};

/// Builds the request.
///
/// # Errors
/// When the body or the method does not fit the API or the signature.
pub fn request(profile: &Profile, raw: &Raw) -> Result<Request, String> {
    let is_v2 = raw.api.as_deref() == Some(v2::API);
    if raw.body.is_some() && (is_v2 || !sign::is_tc3(profile)) {
        return Err("--body works only with API 3.0 and its signature tc3; give key=value instead".to_owned());
    }
    let mut request = if is_v2 {
        wire::v2::request(profile, raw.operation, wire::flatten(&raw.parameters))
    } else {
        wire::v3::request(profile, raw.operation, raw.parameters.clone())
    };
    if let Some(body) = &raw.body {
        request.body = Body::Json(body.clone());
    }
    by_method(request, raw.method)
}
