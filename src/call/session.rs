//! From options and configuration to a client: region, endpoint, project, credentials.

use std::rc::Rc;

use super::client::Client;
use super::obtain::{Way, guard, obtain};
use super::retry::DEADLINE;
use super::transport::{Network, Transport};
use crate::config::Options;
use crate::config::lookup::Lookup;
use crate::credentials::vendor::Sourced;
use crate::emulator::Emulated;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::install_key;
use crate::print::output::Output;
use crate::provider::{Profile, Registration};
use crate::system::files::{fingerprint_key, state_dir};
use crate::wire::{Credentials, Endpoint};

/// Whether there are credentials for a cloud, usable or not.
#[must_use]
pub fn has_credentials(registration: &'static Registration, options: &Options) -> bool {
    Lookup::new(registration, options).map_or(true, |lookup| lookup.has_credentials())
}

/// The regions of a listing that names none: those of the profile, or the region of a single call (`None`); for the emulator
/// without a configured region, all that it holds.
#[must_use]
pub fn regions(registration: &'static Registration, options: &Options) -> Vec<Option<String>> {
    // Errors in the configuration or the state are reported when the listing connects.
    let lookup = Lookup::new(registration, options).ok();
    if let Some(regions) = lookup.as_ref().and_then(Lookup::regions) {
        return regions.value.into_iter().map(Some).collect();
    }
    if options.emulated && lookup.is_some_and(|lookup| lookup.region(None).is_ok_and(|region| region.is_none())) {
        let emulated = state_dir().and_then(|state| Emulated::open(&state.join("emulator")));
        let regions = emulated.and_then(|emulated| emulated.regions(registration.id)).unwrap_or_default();
        if !regions.is_empty() {
            return regions.into_iter().map(Some).collect();
        }
    }
    vec![None]
}

/// Makes a client for a cloud. `region` is the ref's, if it has one.
///
/// # Errors
/// What is missing or wrong, with the variable or flag that fixes it.
pub async fn connect(
    registration: &'static Registration,
    region: Option<&str>,
    options: &Options,
    output: &Rc<Output>,
) -> Result<Client, Error> {
    let mut lookup = Lookup::new(registration, options)?;
    if let Some(profile) = lookup.profile() {
        output.log(2, || format!("profile {} from {}", profile.value, profile.from));
    }
    let region = find_region(registration, region, &lookup, output)?;
    let signature = lookup.signature()?.map(|found| found.value);
    let mut profile = Profile { region: region.clone(), endpoint: None, identity_endpoint: None, project_id: None, signature };
    let (credentials, transport) = if options.emulated {
        if options.endpoint.is_some() {
            return Err(Error::usage("--endpoint and --emulated exclude each other"));
        }
        let (id, secret) = registration.emulation.credentials;
        let transport = Transport::Direct(Rc::new(Emulated::open(&state_dir()?.join("emulator"))?));
        (Rc::new(Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None }), transport)
    } else {
        profile.endpoint = said(lookup.endpoint()?, output);
        let roots = lookup.roots().map(|found| found.value);
        let ready = options.config.ready(registration.id);
        let timeout = options.timeout;
        let credentials = ready
            .get_or_try_init(async || {
                let found = lookup.credentials(output)?.ok_or_else(|| none(registration))?;
                output.log(1, || format!("{} credentials from {}", registration.id, found.from));
                let identity_endpoint = lookup.identity_endpoint()?.map(|found| found.value);
                let way = Way { registration, region: &region, identity_endpoint, roots: roots.as_deref(), timeout, output };
                Ok(Rc::new(obtain(found, &way).await?))
            })
            .await?;
        profile.identity_endpoint = said(lookup.identity_endpoint()?, output);
        let loopback = profile.endpoint.as_ref().is_some_and(Endpoint::is_loopback);
        (Rc::clone(credentials), Transport::Network(Network::new(roots, loopback)))
    };
    profile.project_id = lookup.project_id()?.map(|found| found.value);
    guard(&credentials);
    match state_dir().map_err(|error| error.message).and_then(|state| fingerprint_key(&state).map_err(|cause| cause.to_string())) {
        Ok(key) => install_key(key),
        Err(cause) => output.log(1, || format!("fingerprints are valid for this run only: {cause}")),
    }
    let deadline = options.timeout.unwrap_or(DEADLINE);
    let mut client = Client::new((registration.connect)(profile), region, credentials, transport, deadline, Rc::clone(output))
        .strictly(options.timeout.is_some());
    client.again = options.again();
    Ok(client)
}

/// The region of calls.
fn find_region(registration: &Registration, region: Option<&str>, lookup: &Lookup<'_>, output: &Output) -> Result<String, Error> {
    let Some(found) = lookup.region(region)? else {
        let named = registration.environment.region.first().map(|name| format!(", or set {name}")).unwrap_or_default();
        let example = registration.regions.first().copied().unwrap_or_default();
        return Err(Error::usage(format!("no region is given for {}", registration.title))
            .next(format!("pass --region, such as --region {example}{named}")));
    };
    output.log(2, || format!("{} region {} from {}", registration.id, found.value, found.from));
    if !registration.regions.contains(&found.value.as_str()) {
        output.warn(&format!("{} is not a region of {} that this version knows", found.value, registration.title));
    }
    Ok(found.value)
}

/// Logs an endpoint.
fn said(endpoint: Option<Sourced<Endpoint>>, output: &Output) -> Option<Endpoint> {
    let endpoint = endpoint?;
    output.log(1, || format!("endpoint {} from {}", endpoint.value, endpoint.from));
    Some(endpoint.value)
}

/// The error for missing credentials.
fn none(registration: &Registration) -> Error {
    let first = |names: &[&'static str]| names.first().copied().unwrap_or_default();
    let (id, secret) = (first(registration.environment.id), first(registration.environment.secret));
    Error::new(exit::CREDENTIALS, format!("there are no credentials for {}", registration.title))
        .state("nothing was sent")
        .next(format!("set {id} and {secret}"))
        .next(format!("or see where tunnelctl looks for them: tunnelctl config show {}", registration.id))
        .next("or try it without an account: add --emulated")
}
