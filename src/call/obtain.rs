//! Obtains credentials from their source, which can be a call to the cloud or the machine's metadata service.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::client::{CallError, Client, Intent};
use super::retry::DEADLINE;
use super::transport::{Network, Transport};
use crate::config::hidden::is_malformed;
use crate::credentials::vendor::{Found, Instance, Signer};
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::provider::{Profile, Registration};
use crate::system::runtime::needed;
use crate::wire::{Call, Credentials, Endpoint, ReadError, Reply, Request, SendError};

/// How long the metadata service may take. It is on this very machine, or there is none.
const METADATA: Duration = Duration::from_secs(1);

/// How calls for credentials are made.
#[derive(Debug)]
pub struct Way<'a> {
    /// The cloud.
    pub registration: &'static Registration,
    /// The region of the calls that the credentials are for.
    pub region: &'a str,
    /// The URL of the identity service, if one is given.
    pub identity_endpoint: Option<Endpoint>,
    /// Certificates to trust.
    pub roots: Option<&'a Path>,
    /// The longest to wait in all.
    pub timeout: Option<Duration>,
    /// Where it prints.
    pub output: &'a Rc<Output>,
}

/// Obtains the credentials that were found.
///
/// # Errors
/// When the cloud or the machine does not return them.
pub async fn obtain(found: Found, way: &Way<'_>) -> Result<Credentials, Error> {
    let from = found.from;
    let credentials = match found.signer {
        Signer::Ready(credentials) => credentials,
        Signer::Exchange { base, call, doing } => exchange(base, *call, &doing, &from, way).await?,
        Signer::Instance(instance) => metadata(&instance, way).await.map_err(|cause| {
            Error::new(exit::CREDENTIALS, format!("this machine has no credentials of an instance role: {cause}"))
                .state("nothing was sent to a cloud")
                .next(format!("the source of credentials is set by {from}"))
                .next("run this on a machine with an instance role, or choose another source of credentials")
        })?,
    };
    for value in [&credentials.id, credentials.secret.expose()] {
        if credentials.bearer.is_none() && is_malformed(value) {
            let error = format!("the key pair from {from} has blanks or control characters");
            return Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"));
        }
    }
    guard(&credentials);
    Ok(credentials)
}

/// Exchanges credentials for others with a call to the cloud. `doing` is an infinitive, `from` the source of `base`.
async fn exchange(base: Credentials, mut call: Call<Credentials>, doing: &str, from: &str, way: &Way<'_>) -> Result<Credentials, Error> {
    guard(&base);
    if let Some(endpoint) = &way.identity_endpoint {
        call.request.endpoint = endpoint.clone();
    }
    let transport = Transport::Network(Network::new(way.roots.map(Path::to_owned), call.request.endpoint.is_loopback()));
    let profile = Profile { region: way.region.to_owned(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
    let provider = (way.registration.connect)(profile);
    let deadline = way.timeout.unwrap_or(DEADLINE);
    let client = Client::new(provider, way.region.to_owned(), Rc::new(base), transport, deadline, Rc::clone(way.output));
    client.call(&call, Intent::Read).await.map_err(|error| {
        let refused = matches!(error, CallError::Refused(_));
        let error = error.harmless(&client, doing);
        // Whatever the cloud refused, the result is that there are no credentials.
        let exit = if refused { exit::CREDENTIALS } else { error.exit };
        Error { exit, ..error }.next(format!("these credentials come from {from}"))
    })
}

/// Registers every secret in them with the gate.
pub(super) fn guard(credentials: &Credentials) {
    for secret in [Some(&credentials.secret), credentials.token.as_ref(), credentials.bearer.as_ref()].into_iter().flatten() {
        watch(secret);
    }
}

/// Asks the metadata service for a token, for the role's name unless it is given, and for the credentials.
async fn metadata(instance: &Instance, way: &Way<'_>) -> Result<Credentials, String> {
    needed().await;
    // Never through a proxy: the service belongs to this machine.
    let transport = Transport::Network(Network::new(None, true));
    let send = async |request: &Request| -> Result<Reply, String> {
        let sent = tokio::time::timeout(METADATA, transport.send(way.registration, request, METADATA)).await;
        let reply = sent.map_err(|_| format!("{} does not answer within {} s", request.endpoint, METADATA.as_secs()))?;
        let reply = reply.map_err(|(SendError::NotSent(cause) | SendError::Lost(cause))| format!("{}: {cause}", request.endpoint))?;
        way.output.log(1, || format!("{} {}: HTTP {}, {} bytes", request.operation, request.endpoint, reply.status, reply.body.len()));
        Ok(reply)
    };
    let text = |reply: &Reply| String::from_utf8_lossy(&reply.body).trim().to_owned();
    let token = send(&instance.token).await?;
    let token = match token.status {
        200 => Some(Secret::new(text(&token))),
        _ if instance.without_token => None,
        status => return Err(format!("{} returned no token: HTTP {status}", instance.endpoint)),
    };
    let with_token = |mut request: Request| {
        request.headers.extend(token.iter().map(|token| (instance.token_header.to_owned(), token.expose().to_owned())));
        request
    };
    let role = match &instance.role {
        Some(role) => role.clone(),
        None => {
            let reply = send(&with_token(instance.roles.clone())).await?;
            if reply.status != 200 { String::new() } else { text(&reply).lines().next().unwrap_or_default().to_owned() }
        }
    };
    if role.is_empty() || !role.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Err("no role is attached to it".to_owned());
    }
    let mut request = with_token(instance.roles.clone());
    request.path.push_str(&role);
    let reply = send(&request).await?;
    if reply.status != 200 {
        return Err(format!("role {role}: HTTP {}", reply.status));
    }
    (instance.read)(&reply).map_err(|error| match error {
        ReadError::Missing(what) => format!("{what} is missing"),
        error @ ReadError::Shape(..) => error.to_string(),
    })
}
