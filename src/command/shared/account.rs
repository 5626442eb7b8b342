//! All connections of accounts, over providers and regions at once.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::context::Context;
use super::target::provider;
use crate::call::client::{Client, Intent};
use crate::call::session::{connect, has_credentials, regions};
use crate::config::Options;
use crate::error::{Error, exit};
use crate::model::Connection;
use crate::print::output::Output;
use crate::provider::{Kind, PROVIDERS, Registration};
use crate::system::runtime::needed;

/// More pages than this are an error of the cloud: a listing that never ends.
const MOST_PAGES: usize = 10_000;

/// A provider in a region.
pub(in crate::command) struct Place {
    registration: &'static Registration,
    region: Option<String>,
}

/// What a place returned, and what failed there.
struct Found {
    connections: Vec<Connection>,
    error: Option<Error>,
}

/// All connections of these places, of these kinds or of all. Returns the last failure beside what could be listed; earlier
/// failures are printed.
///
/// # Errors
/// When a listing did not end.
pub(in crate::command) async fn gather(
    places: Vec<Place>,
    kinds: &[String],
    context: &Context,
) -> Result<(Vec<Connection>, Option<Error>), Error> {
    needed().await;
    let tasks: Vec<_> = places
        .into_iter()
        .map(|place| tokio::task::spawn_local(read(place, kinds.to_vec(), context.options.clone(), Rc::clone(&context.output))))
        .collect();
    let (mut connections, mut failed, mut seen) = (Vec::new(), None, BTreeSet::new());
    for task in tasks {
        let found = task.await.map_err(|cause| Error::new(exit::FAILED, format!("a listing did not end: {cause}")))?;
        // Two words may name the same region.
        connections.extend(found.connections.into_iter().filter(|connection| seen.insert(connection.reference.clone())));
        if let Some(error) = found.error
            && let Some(earlier) = failed.replace(error)
        {
            context.output.error(&earlier);
        }
    }
    Ok((connections, failed))
}

fn in_regions(registration: &'static Registration, options: &Options) -> Vec<Place> {
    regions(registration, options).into_iter().map(|region| Place { registration, region }).collect()
}

/// The places that these words name (`<provider>[@<region>]`); without words, all with credentials.
///
/// # Errors
/// A name that is no provider's; that there are credentials for none.
pub(in crate::command) fn places<'a>(names: impl Iterator<Item = &'a String>, context: &Context) -> Result<Vec<Place>, Error> {
    // A faulty configuration is reported first.
    context.options.config.file()?;
    let mut places = Vec::new();
    for text in names {
        let (name, region) = text.split_once('@').map_or((text.as_str(), None), |(name, region)| (name, Some(region.to_owned())));
        let registration = provider(name)?;
        match region {
            Some(region) => places.push(Place { registration, region: Some(region) }),
            None => places.extend(in_regions(registration, &context.options)),
        }
    }
    // A place that is named twice is listed once.
    let mut seen = BTreeSet::new();
    places.retain(|place: &Place| seen.insert((place.registration.id, place.region.clone())));
    if places.is_empty() {
        let usable = |registration: &&&'static Registration| context.options.emulated || has_credentials(registration, &context.options);
        places.extend(PROVIDERS.iter().filter(usable).flat_map(|registration| in_regions(registration, &context.options)));
    }
    if places.is_empty() {
        return Err(Error::new(exit::CREDENTIALS, "no provider is given, and there are credentials for none")
            .next("tunnelctl list alibaba@cn-shanghai --emulated"));
    }
    Ok(places)
}

async fn read(place: Place, kinds: Vec<String>, options: Options, output: Rc<Output>) -> Found {
    let mut found = Found { connections: Vec::new(), error: None };
    let client = match connect(place.registration, place.region.as_deref(), &options, &output).await {
        Ok(mut client) => client.locate().await.map(|()| client),
        Err(error) => Err(error),
    };
    let client = match client {
        Ok(client) => client,
        Err(error) => return Found { error: Some(error), ..found },
    };
    let mut seen = BTreeSet::new();
    for kind in place
        .registration
        .kinds
        .iter()
        .filter(|kind| kind.listed)
        .filter(|kind| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind.name))
    {
        if let Err(error) = pages(&client, kind, &mut seen, &mut found.connections).await {
            // An account that may not list one kind may list the others. Any other failure concerns all kinds.
            let refused = error.exit == exit::FAILED;
            if let Some(earlier) = found.error.replace(error) {
                output.error(&earlier);
            }
            if !refused {
                break;
            }
        }
    }
    if !kinds.is_empty() {
        found.connections.retain(|connection| kinds.contains(&connection.reference.kind));
    }
    found
}

/// All pages of a kind. A connection on two pages or in two kinds is taken once.
async fn pages(client: &Client, kind: &'static Kind, seen: &mut BTreeSet<String>, connections: &mut Vec<Connection>) -> Result<(), Error> {
    let doing = || format!("to list the {}s in {}", kind.name, client.region);
    let (mut after, mut cursors) = (None::<String>, BTreeSet::new());
    for _ in 0..MOST_PAGES {
        let call = client.provider.list(kind, after.as_deref());
        let page = client.call(&call, Intent::Read).await.map_err(|error| error.of_read(client, &doing()))?;
        connections.extend(page.connections.into_iter().filter(|connection| seen.insert(connection.reference.id.clone())));
        client.output.progress(&format!("{} {}: {} connections", client.id(), client.region, connections.len()));
        let Some(next) = page.next else { return Ok(()) };
        if !cursors.insert(next.clone()) {
            return Err(Error::new(exit::FAILED, format!("{} points at the same page again {}", client.id(), doing()))
                .state("the list is not complete"));
        }
        after = Some(next);
    }
    Err(Error::new(exit::FAILED, format!("{} has more than {MOST_PAGES} pages {}", client.id(), doing())).state("the list is not complete"))
}
