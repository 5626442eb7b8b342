//! The key of V11-HMAC-SHA256, derived for one day, region and service. All else is as in SDK-HMAC-SHA256.
//!
//! This program signs with SDK-HMAC-SHA256; the emulator accepts what the vendor's SDKs sign either way.

use super::sdk::hmac;
use crate::model::hex;

/// Name of the scheme.
pub const V11: &str = "V11-HMAC-SHA256";

/// The first half of HKDF (RFC 5869): the access key id is the salt.
#[must_use]
pub fn pseudo_random_key(id: &str, secret: &str) -> Vec<u8> {
    hmac(id.as_bytes(), secret.as_bytes())
}

/// The signing key for a scope `YYYYMMDD/region/service`: one block of HKDF, as hex text.
#[must_use]
pub fn derived_key(id: &str, secret: &str, scope: &str) -> String {
    hex(&hmac(&pseudo_random_key(id, secret), &[scope.as_bytes(), &[1]].concat()))
}
