//! Documents that somebody saved: a cloud's replies or requests.

use std::fs::File;
use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

use super::context::Context;
use crate::config::is_region;
use crate::error::Error;
use crate::inspect::{Fault, Inspected, LIMIT, decode, inspect, own, salvage};
use crate::model::fingerprint::install_key;
use crate::model::{Connection, Key, Settings, Value};
use crate::print::gate::watch;
use crate::system::files::{fingerprint_key, state_dir};

/// With more keys than this, none is searched for in what is printed: it would be slow, and keys are hidden by name as well.
const WATCHED: usize = 16;

/// Reads a saved document; standard input when the file is `-`. Of a document that was cut, what is sure is taken.
///
/// # Errors
/// When it cannot be read or recognised.
pub(in crate::command) fn saved(file: &str, context: &Context) -> Result<Vec<Inspected>, Error> {
    let name = if file == "-" { "standard input" } else { file };
    let bytes = read(file, context).map_err(|cause| Error::usage(format!("{name}: {cause}")))?;
    taken(name, bytes, context, salvage)
}

/// Reads a document that is in memory already; `name` is its origin. One that was cut is refused.
///
/// # Errors
/// When it cannot be recognised.
fn held(name: &str, bytes: Zeroizing<Vec<u8>>, context: &Context) -> Result<Vec<Inspected>, Error> {
    taken(name, bytes, context, inspect)
}

/// How documents are taken out of a text.
type Taker = fn(&str) -> Result<Vec<Inspected>, Fault>;

fn taken(name: &str, bytes: Zeroizing<Vec<u8>>, context: &Context, taker: Taker) -> Result<Vec<Inspected>, Error> {
    let wrong = |text: &dyn std::fmt::Display| Error::usage(format!("{name}: {text}"));
    if bytes.len() as u64 > LIMIT {
        return Err(wrong(&format!("it is larger than {} MiB; split it", LIMIT >> 20)));
    }
    let mut all = decode(&bytes).and_then(|text| taker(&text)).map_err(|fault| wrong(&fault))?;
    // It may be large.
    drop(bytes);
    complete(all.iter_mut().flat_map(|one| &mut one.found.connections), context)?;
    guard_keys(all.iter().flat_map(|one| &one.found.connections));
    Ok(all)
}

/// The connections in a document: a cloud's, or one that this program printed. `name` is its origin.
///
/// # Errors
/// When it cannot be recognised, or lacks what an end needs.
pub(in crate::command) fn connections(name: &str, bytes: Zeroizing<Vec<u8>>, context: &Context) -> Result<Vec<Connection>, Error> {
    let found = decode(&bytes).and_then(|text| own(&text)).map_err(|fault| Error::usage(format!("{name}: {fault}")))?;
    let Some(mut found) = found else {
        return Ok(held(name, bytes, context)?.into_iter().flat_map(|one| one.found.connections).collect());
    };
    complete(found.iter_mut(), context)?;
    guard_keys(found.iter());
    Ok(found)
}

/// Takes the region from `--region` where the document has none.
fn complete<'c>(connections: impl Iterator<Item = &'c mut Connection>, context: &Context) -> Result<(), Error> {
    if let Some(region) = context.options.region.as_ref().filter(|region| !is_region(region)) {
        return Err(Error::usage(format!("--region {region:?}: must be lower-case letters, digits and hyphens")));
    }
    for connection in connections {
        let region = &mut connection.reference.region;
        *region = region.take().filter(|region| !region.is_empty()).or_else(|| context.options.region.clone());
    }
    Ok(())
}

fn read(file: &str, context: &Context) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    if file == "-" {
        if io::stdin().is_terminal() {
            context.output.note("reading standard input, up to its end (Ctrl-D)");
        }
        io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes)?;
    } else {
        let source = File::open(file)?;
        let size = source.metadata().map_or(0, |meta| meta.len().min(LIMIT) + 1);
        bytes.reserve_exact(usize::try_from(size).unwrap_or_default());
        source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Makes fingerprints hold for this installation, and hides the keys in everything that is printed.
fn guard_keys<'c>(connections: impl Iterator<Item = &'c Connection>) {
    let settings = connections.flat_map(every_settings);
    let keys = settings.filter_map(|settings| match settings.get(Key::Psk) {
        Some(Value::Secret(key)) if key.is_readable() => Some(key),
        _ => None,
    });
    let keys: Vec<_> = keys.take(WATCHED + 1).collect();
    if !keys.is_empty() {
        own_fingerprints();
    }
    if keys.len() <= WATCHED {
        keys.into_iter().for_each(|key| watch(key));
    }
}

fn every_settings(connection: &Connection) -> impl Iterator<Item = &Settings> {
    std::iter::once(&connection.settings).chain(connection.tunnels.iter().map(|tunnel| &tunnel.settings))
}

/// Makes fingerprints hold for this installation. Without a state directory they hold for this process.
pub(in crate::command) fn own_fingerprints() {
    if let Ok(key) = state_dir().map_err(drop).and_then(|state| fingerprint_key(&state).map_err(drop)) {
        install_key(key);
    }
}
