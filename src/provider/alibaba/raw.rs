//! The request of the `api` command.

use super::wire;
use crate::provider::{Profile, Raw, by_method, flatten};
use crate::wire::Request;

/// A request of any operation, with the parameters that the user gave.
///
/// # Errors
/// When a body is given, or a method that the request cannot use.
pub(super) fn raw(profile: &Profile, raw: &Raw) -> Result<Request, String> {
    if raw.body.is_some() {
        return Err("--body: Alibaba's operations take key=value parameters, not a body".to_owned());
    }
    let pairs = flatten(&raw.parameters, 1, true);
    let parameters = pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    by_method(wire::request(profile, raw.operation, parameters), raw.method)
}
