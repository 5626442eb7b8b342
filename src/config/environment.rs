//! Credentials from the vendors' environment variables.

use super::hidden::is_malformed;
use crate::credentials::vendor::{Found, Signer};
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::provider::Registration;
use crate::system::variable;
use crate::wire::Credentials;

/// The credentials in the vendor's variables: a key pair, or a token that replaces it.
///
/// # Errors
/// When half of a pair is missing, or a value cannot be a key.
pub fn keys(registration: &Registration) -> Result<Option<Found>, Error> {
    let environment = &registration.environment;
    let (id, secret) = (variable(environment.id), variable(environment.secret));
    let first = |names: &[&'static str]| names.first().copied().unwrap_or_default();
    let half = |there: &str, missing: &str| {
        let title = registration.title;
        let error = format!("incomplete credentials for {title}: {there} is set and {missing} is not");
        Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent").next(format!("set {missing}")))
    };
    let (credentials, from) = match (id, secret) {
        (Some((id_name, id)), Some((secret_name, secret))) => {
            for (name, value) in [(id_name, &id), (secret_name, &secret)] {
                if is_malformed(value) {
                    return Err(Error::new(exit::CREDENTIALS, format!("{name} has blanks or control characters"))
                        .next(format!("set {name} without them")));
                }
            }
            let token = variable(environment.token).map(|(_, token)| Secret::new(token));
            (Credentials { id, secret: Secret::new(secret), token, bearer: None }, format!("{id_name} and {secret_name}"))
        }
        (None, None) => match variable(environment.bearer) {
            None => return Ok(None),
            Some((name, token)) => {
                let bearer = Some(Secret::new(token));
                (Credentials { id: String::new(), secret: Secret::new(""), token: None, bearer }, name.to_owned())
            }
        },
        (Some((name, _)), None) => return half(name, first(environment.secret)),
        (None, Some((name, _))) => return half(name, first(environment.id)),
    };
    Ok(Some(Found { signer: Signer::Ready(credentials), from }))
}
