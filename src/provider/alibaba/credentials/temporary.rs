//! Temporary credentials as the result of a file: those of a role, or of an ECS instance.

use crate::credentials::vendor::{Found, Signer, unusable};
use crate::error::Error;
use crate::provider::alibaba::sts::{self, Role};
use crate::wire::Credentials;

/// The credentials of a role that is assumed with `base`.
pub(super) fn of_role(role: &Role<'_>, base: Credentials, from: &str) -> Result<Found, Error> {
    let call = Box::new(sts::assume_role(role).map_err(|why| unusable(from, &why))?);
    Ok(Found { signer: Signer::Exchange { base, call, doing: format!("to assume the role {}", role.arn) }, from: from.to_owned() })
}

/// The credentials of the instance that this program runs on.
pub(super) fn of_instance(role: Option<&str>, from: String) -> Result<Found, Error> {
    sts::instance(role).map(|instance| Found { signer: Signer::Instance(Box::new(instance)), from })
}
