//! Signatures: TC3-HMAC-SHA256 for API 3.0, and signatures over parameters for both APIs.

pub mod tc3;
pub mod v2;
#[cfg(test)]
pub mod vectors;

use super::cloud;
use crate::provider::Profile;
use crate::wire::{Credentials, Request, Signature, Stamp};

/// Names of the schemes, the default first.
pub const SCHEMES: &[&str] = &["tc3", "hmac-sha256", "hmac-sha1"];

/// Signs a request with the profile's scheme.
#[must_use]
pub fn sign(profile: &Profile, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    if request.path != cloud::v2::PATH && is_tc3(profile) {
        return tc3::sign(request, credentials, stamp);
    }
    // API 2.0 does not support TC3. There, the stronger hash is used unless the profile asks for the other.
    let algorithm = if profile.signature == Some("hmac-sha1") { v2::Algorithm::Sha1 } else { v2::Algorithm::Sha256 };
    v2::sign(request, credentials, stamp, algorithm)
}

/// Whether the profile signs API 3.0 with TC3-HMAC-SHA256.
#[must_use]
pub fn is_tc3(profile: &Profile) -> bool {
    profile.signature.is_none_or(|scheme| scheme == "tc3")
}
