//! All connections of accounts, over providers and regions at once.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use tokio::sync::mpsc::{Sender, channel};

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

/// Pages that a place may read ahead of the one that is printed.
const AHEAD: usize = 8;

/// Reads all connections of these places, of these kinds or of all, and hands on each page, in the order of the places, until `take`
/// returns false. Returns the last failure; earlier ones are printed.
///
/// # Errors
/// When a listing did not end.
pub(in crate::command) async fn gather(
    places: Vec<Place>,
    kinds: &[String],
    context: &Context,
    mut take: impl FnMut(Vec<Connection>) -> bool,
) -> Result<Option<Error>, Error> {
    needed().await;
    let tasks: Vec<_> = places
        .into_iter()
        .map(|place| {
            let (sender, pages) = channel(AHEAD);
            let listing = Listing { kinds: kinds.to_vec(), output: Rc::clone(&context.output), pages: sender, count: 0 };
            (pages, tokio::task::spawn_local(listing.read(place, context.options.clone())))
        })
        .collect();
    let (mut failed, mut seen) = (None, BTreeSet::new());
    for (mut pages, task) in tasks {
        while let Some(mut page) = pages.recv().await {
            // Two words may name the same region.
            page.retain(|connection| seen.insert(connection.reference.clone()));
            if !take(page) {
                return Ok(failed);
            }
        }
        let error = task.await.map_err(|cause| Error::new(exit::FAILED, format!("a listing did not end: {cause}")))?;
        if let Some(error) = error
            && let Some(earlier) = failed.replace(error)
        {
            context.output.error(&earlier);
        }
    }
    Ok(failed)
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

/// The listing of a place.
struct Listing {
    /// The kinds that are wanted; all when empty.
    kinds: Vec<String>,
    output: Rc<Output>,
    /// Where the pages go.
    pages: Sender<Vec<Connection>>,
    /// How many connections so far.
    count: usize,
}

impl Listing {
    /// Reads the place; returns what failed there.
    async fn read(mut self, place: Place, options: Options) -> Option<Error> {
        let client = match connect(place.registration, place.region.as_deref(), &options, &self.output).await {
            Ok(mut client) => client.locate().await.map(|()| client),
            Err(error) => Err(error),
        };
        let client = match client {
            Ok(client) => client,
            Err(error) => return Some(error),
        };
        let wanted = |kind: &&'static Kind| kind.listed && (self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind.name));
        let kinds: Vec<_> = place.registration.kinds.iter().filter(wanted).collect();
        let (mut seen, mut failed) = (HashSet::new(), None);
        for kind in kinds {
            if let Err(error) = self.all_pages(&client, kind, &mut seen).await {
                // An account that may not list one kind may list the others. Any other failure concerns all kinds.
                let refused = error.exit == exit::FAILED;
                if let Some(earlier) = failed.replace(error) {
                    self.output.error(&earlier);
                }
                if !refused {
                    break;
                }
            }
        }
        failed
    }

    /// All pages of a kind. A connection on two pages or in two kinds is taken once.
    async fn all_pages(&mut self, client: &Client, kind: &'static Kind, seen: &mut HashSet<String>) -> Result<(), Error> {
        let doing = || format!("to list the {}s in {}", kind.name, client.region);
        let broken =
            |what: String| Error::new(exit::FAILED, format!("{} {what} {}", client.id(), doing())).state("the list is not complete");
        let (mut after, mut cursors, mut own) = (None::<String>, HashSet::new(), HashSet::new());
        for _ in 0..MOST_PAGES {
            let call = client.provider.list(kind, after.as_deref());
            let page = client.call(&call, Intent::Read).await.map_err(|error| error.of_read(client, &doing()))?;
            let repeats = !page.connections.is_empty()
                && page.connections.iter().filter(|connection| own.insert(connection.reference.id.clone())).count() == 0;
            let mut connections = page.connections;
            connections.retain(|connection| {
                seen.insert(connection.reference.id.clone()) && (self.kinds.is_empty() || self.kinds.contains(&connection.reference.kind))
            });
            self.count += connections.len();
            client.output.progress(&format!("{} {}: {} connections", client.id(), client.region, self.count));
            if self.pages.send(connections).await.is_err() {
                // Nobody reads any more.
                return Ok(());
            }
            let Some(next) = page.next else { return Ok(()) };
            if repeats || !cursors.insert(next.clone()) {
                return Err(broken("returns the same page again".to_owned()));
            }
            after = Some(next);
        }
        Err(broken(format!("has more than {MOST_PAGES} pages")))
    }
}
