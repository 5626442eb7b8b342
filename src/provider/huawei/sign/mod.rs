//! How requests are authenticated: an IAM token, or a signature with a key pair.

use crate::model::Secret;
use crate::wire::{Credentials, Pairs, Request, Signature, Stamp};

pub(super) mod sdk;
pub(super) mod v11;

/// Header of an IAM token.
pub(super) const AUTH_TOKEN: &str = "X-Auth-Token";

/// Authenticates a request. An IAM token takes the place of the signature.
#[must_use]
pub(super) fn sign(request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
    match &credentials.bearer {
        Some(token) => Signature {
            string_to_sign: Secret::new(""),
            query: Pairs::new(),
            form: Pairs::new(),
            headers: vec![(AUTH_TOKEN.to_owned(), token.expose().to_owned())],
        },
        None => sdk::sign(request, credentials, stamp),
    }
}

#[cfg(test)]
mod tests;
