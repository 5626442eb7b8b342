//! Signatures: `rpc` by default, `acs3` when the profile asks for it.

pub(super) mod acs3;
pub(super) mod rpc;
#[cfg(test)]
pub(super) mod vectors;

use super::cloud::uses_acs3;
use crate::provider::Profile;
use crate::wire::{Credentials, Request, Signature, Stamp};

/// Signs a request by the profile's scheme.
pub(super) fn sign(profile: &Profile, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    if uses_acs3(profile) { acs3::sign(request, credentials, stamp) } else { rpc::sign(request, credentials, stamp) }
}
