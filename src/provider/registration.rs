//! What is known about a cloud before anything is connected: data only.

use std::time::Duration;

use super::call::Profile;
use super::interface::Provider;
use super::kind::Kind;
use super::recognise;
use crate::credentials::vendor::Vendor;
use crate::emulated::{Incoming, Refusal, Store};
use crate::error::Error;
use crate::wire::Reply;

/// What is known about a cloud before anything is connected: data only. Help, configuration and emulator read it.
#[derive(Debug)]
pub struct Registration {
    /// Its id in refs and commands.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What can be modified, the default kind first.
    pub kinds: &'static [Kind],
    /// Environment variables.
    pub environment: Environment,
    /// Signature schemes, the default first.
    pub signatures: &'static [&'static str],
    /// How long after its signing time a request may still be taken.
    pub validity: Duration,
    /// Whether a gateway takes one change at a time of all its connections.
    pub one_writer_a_gateway: bool,
    /// Regions known when this version was made; others are let through with a note.
    pub regions: &'static [&'static str],
    /// What the vendor's own files say, of a profile of theirs or of the one that they take by default.
    pub files: fn(Option<&str>) -> Result<Vendor, Error>,
    /// Makes the provider for a profile.
    pub connect: fn(Profile) -> Box<dyn Provider>,
    /// Says whether a saved document is this cloud's, and what it holds.
    pub recognise: Recognise,
    /// The cloud's part of the emulator.
    pub emulation: Emulation,
}

/// A function that takes a document's fields when it knows the document, and leaves it alone otherwise.
pub type Recognise = fn(&mut recognise::Document<'_>) -> Option<recognise::Recognised>;

/// Names of environment variables, those of the vendor's own SDK first.
#[derive(Debug)]
pub struct Environment {
    /// Access key id.
    pub id: &'static [&'static str],
    /// Secret key.
    pub secret: &'static [&'static str],
    /// Token of temporary credentials.
    pub token: &'static [&'static str],
    /// Token that replaces the key pair (Huawei IAM); empty elsewhere.
    pub bearer: &'static [&'static str],
    /// Region.
    pub region: &'static [&'static str],
    /// Project id; empty where the cloud has none.
    pub project: &'static [&'static str],
    /// URL of the identity service; empty where none is asked.
    pub identity_endpoint: &'static [&'static str],
    /// Our own variable for the endpoint.
    pub endpoint: &'static str,
}

/// The cloud's part of the emulator.
#[derive(Debug, Clone, Copy)]
pub struct Emulation {
    /// The fake key pair that it accepts, `(id, secret)`.
    pub credentials: (&'static str, &'static str),
    /// Fills an empty store.
    pub seed: fn(&mut Store),
    /// Adds this many generated connections to the first region that is seeded.
    pub scale: fn(&mut Store, usize),
    /// Answers a request: signature and time first, then the operation.
    pub handle: fn(&Incoming, &mut Store) -> Reply,
    /// The cloud's own way to refuse a request, for faults on demand.
    pub refuse: fn(Refusal, &Incoming) -> Reply,
    /// The reply that shows a connection, from its id and data.
    pub envelope: fn(&str, serde_json::Map<String, serde_json::Value>) -> serde_json::Value,
    /// The key in force, where replies do not hold it.
    pub key: fn(&serde_json::Map<String, serde_json::Value>) -> Option<&str>,
    /// The key that a connection, or one of its tunnels by number, was given.
    pub configured: fn(&serde_json::Map<String, serde_json::Value>, usize) -> Option<&str>,
    /// Gives a connection's tunnel of this number another key, as an update of nothing else does.
    pub set_key: fn(&mut serde_json::Map<String, serde_json::Value>, usize, &str),
    /// The vendor's name of the operation that a request is of, where the request does not hold it.
    pub operation: fn(&Incoming) -> Option<&'static str>,
    /// Writes into a connection's data whether its tunnel of this number is up.
    pub set_up: fn(&mut serde_json::Map<String, serde_json::Value>, usize, bool),
}
