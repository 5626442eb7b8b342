//! From flags and environment to a client: region, endpoint, project, credentials.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::client::Client;
use crate::error::{Error, exit};
use crate::files::{fingerprint_key, state_dir};
use crate::fingerprint::install_key;
use crate::http::Endpoint;
use crate::model::Secret;
use crate::output::Output;
use crate::provider::{Credentials, Profile, Registration};
use crate::retry::DEADLINE;
use crate::scrub::watch;
use crate::transport::{Emulated, Network, Transport};

/// The options of every command.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--region`.
    pub region: Option<String>,
    /// `--project-id`.
    pub project_id: Option<String>,
    /// `--endpoint`.
    pub endpoint: Option<String>,
    /// `--ca-file`.
    pub ca_file: Option<PathBuf>,
    /// `--signature`.
    pub signature: Option<String>,
    /// `--emulated`.
    pub emulated: bool,
    /// `--timeout`.
    pub timeout: Option<Duration>,
}

/// The first of these variables that holds something, with its name.
fn variable(names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()).map(|value| (*name, value)))
}

/// Whether there is anything to sign with at a cloud.
#[must_use]
pub fn has_credentials(registration: &Registration) -> bool {
    variable(registration.environment.id).or_else(|| variable(registration.environment.bearer)).is_some()
}

/// Makes the client of a cloud. `region` is the ref's, if it has one.
///
/// # Errors
/// What is missing or wrong, with the variable or flag that mends it.
pub async fn connect(
    registration: &'static Registration,
    region: Option<&str>,
    options: &Options,
    output: &Rc<Output>,
) -> Result<Client, Error> {
    let region = find_region(registration, region, options, output)?;
    let signature = match &options.signature {
        None => None,
        Some(wanted) => {
            Some(registration.signatures.iter().copied().find(|scheme| scheme.eq_ignore_ascii_case(wanted)).ok_or_else(|| {
                Error::usage(format!("--signature {wanted}: {} has {}", registration.title, registration.signatures.join(", ")))
            })?)
        }
    };
    let mut profile = Profile { region: region.clone(), endpoint: None, identity_endpoint: None, project_id: None, signature };
    let (credentials, transport) = if options.emulated {
        if options.endpoint.is_some() {
            return Err(Error::usage("--endpoint and --emulated exclude each other"));
        }
        let (id, secret) = registration.emulation.credentials;
        let transport = Transport::Emulated(Emulated::open(&state_dir()?.join("emulator"))?);
        (Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None }, transport)
    } else {
        let environment = &registration.environment;
        profile.endpoint = find_endpoint("--endpoint", options.endpoint.clone(), &[environment.endpoint], output)?;
        profile.identity_endpoint = find_endpoint("", None, environment.identity_endpoint, output)?;
        let credentials = find_credentials(registration, output)?;
        let loopback = profile.endpoint.as_ref().is_some_and(Endpoint::is_loopback);
        let roots = options.ca_file.clone().or_else(|| variable(&["SSL_CERT_FILE"]).map(|(_, path)| PathBuf::from(path)));
        (credentials, Transport::Network(Network::new(roots, loopback)))
    };
    profile.project_id = options
        .project_id
        .clone()
        .or_else(|| variable(registration.environment.project).map(|(_, value)| value).filter(|_| !options.emulated));
    if let Some(project) =
        profile.project_id.as_deref().filter(|id| id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    {
        return Err(Error::usage(format!("--project-id {project:?}: must be letters, digits and hyphens")));
    }
    for secret in [Some(&credentials.secret), credentials.token.as_ref(), credentials.bearer.as_ref()].into_iter().flatten() {
        watch(secret);
    }
    match state_dir().map_err(|error| error.message).and_then(|state| fingerprint_key(&state).map_err(|cause| cause.to_string())) {
        Ok(key) => install_key(key),
        Err(cause) => output.log(1, || format!("fingerprints hold for this run only: {cause}")),
    }
    let deadline = options.timeout.unwrap_or(DEADLINE);
    Ok(Client::new((registration.connect)(profile), region, credentials, transport, deadline, Rc::clone(output)))
}

fn find_region(registration: &Registration, region: Option<&str>, options: &Options, output: &Output) -> Result<String, Error> {
    if let (Some(one), Some(other)) = (region, options.region.as_deref().filter(|other| Some(*other) != region)) {
        return Err(Error::usage(format!("the ref says region {one} and --region says {other}")));
    }
    let found = region.map(str::to_owned).or_else(|| options.region.clone());
    let found = found.or_else(|| variable(registration.environment.region).map(|(_, value)| value));
    let Some(found) = found else {
        let named = registration.environment.region.first().map(|name| format!(", or set {name}")).unwrap_or_default();
        let example = registration.regions.first().copied().unwrap_or_default();
        return Err(Error::usage(format!("no region is given for {}", registration.title))
            .next(format!("pass --region, such as --region {example}{named}")));
    };
    // The region becomes a part of the host's name.
    if found.len() > 64 || !found.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || found.starts_with('-') {
        return Err(Error::usage(format!("--region {found:?}: must be lower-case letters, digits and hyphens")));
    }
    if !registration.regions.contains(&found.as_str()) {
        output.warn(&format!("{found} is not a region of {} that this version knows", registration.title));
    }
    Ok(found)
}

fn find_endpoint(flag: &'static str, given: Option<String>, names: &[&'static str], output: &Output) -> Result<Option<Endpoint>, Error> {
    let Some((source, text)) = given.map(|text| (flag, text)).or_else(|| variable(names)) else { return Ok(None) };
    let endpoint = Endpoint::parse(&text).map_err(|rule| Error::new(exit::USAGE, format!("{source} {text:?}: {rule}")))?;
    output.log(1, || format!("endpoint {endpoint} from {source}"));
    Ok(Some(endpoint))
}

fn find_credentials(registration: &Registration, output: &Output) -> Result<Credentials, Error> {
    let environment = &registration.environment;
    let (id, secret) = (variable(environment.id), variable(environment.secret));
    let first = |names: &[&'static str]| names.first().copied().unwrap_or_default();
    let secret_of = |found: Option<(&'static str, String)>| found.map(|(_, value)| Secret::new(value));
    match (id, secret) {
        (Some((id_name, id)), Some((secret_name, secret))) => {
            for (name, value) in [(id_name, &id), (secret_name, &secret)] {
                if value.trim() != value || value.chars().any(char::is_control) {
                    return Err(Error::new(exit::CREDENTIALS, format!("{name} has blanks or control characters around or in it"))
                        .next(format!("set {name} afresh, without them")));
                }
            }
            output.log(1, || format!("{} credentials from {id_name} and {secret_name}", registration.id));
            Ok(Credentials { id, secret: Secret::new(secret), token: secret_of(variable(environment.token)), bearer: None })
        }
        (None, None) => {
            if let Some((name, token)) = variable(environment.bearer) {
                output.log(1, || format!("{} token from {name}", registration.id));
                return Ok(Credentials { id: String::new(), secret: Secret::new(""), token: None, bearer: Some(Secret::new(token)) });
            }
            let (id, secret) = (first(environment.id), first(environment.secret));
            Err(Error::new(exit::CREDENTIALS, format!("there are no credentials for {}", registration.title))
                .state("nothing was sent")
                .next(format!("set {id} and {secret}"))
                .next("or try it without an account: --emulated"))
        }
        (Some((name, _)), None) => Err(half(registration, name, first(environment.secret))),
        (None, Some((name, _))) => Err(half(registration, name, first(environment.id))),
    }
}

fn half(registration: &Registration, there: &str, missing: &str) -> Error {
    Error::new(
        exit::CREDENTIALS,
        format!("half of the credentials for {} is missing: {there} is set and {missing} is not", registration.title),
    )
    .state("nothing was sent")
    .next(format!("set {missing}"))
}
