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
    /// How long after it was signed the cloud still accepts a request.
    pub validity: Duration,
    /// Whether a gateway accepts only one change at a time for all its connections.
    pub one_writer_a_gateway: bool,
    /// Regions known to this version; others are accepted with a note.
    pub regions: &'static [&'static str],
    /// Its calls, as the `api` command makes them.
    pub calls: Calls,
    /// Reads the vendor's own files: the named profile, or the one that they use by default.
    pub files: fn(Option<&str>) -> Result<Vendor, Error>,
    /// Makes the provider for a profile.
    pub connect: fn(Profile) -> Box<dyn Provider>,
    /// Recognises a saved document of this cloud.
    pub recognise: Recognise,
    /// The cloud's part of the emulator.
    pub emulation: Emulation,
}

/// A cloud's calls, as the `api` command makes them.
#[derive(Debug)]
pub struct Calls {
    /// An operation, for messages.
    pub example: &'static str,
    /// Whether the method shows that a call only reads. Where any operation may be called by GET, its name shows it.
    pub read_by_get: bool,
    /// What names the operation and the caller, and carries the signature. The program sets it: as a parameter it could make
    /// another call than the one that was checked.
    pub ours: &'static [&'static str],
    /// Whether a dot in the name of a parameter nests its value.
    pub nested: bool,
}

/// A function that takes the fields out of a document that it recognises, and leaves any other document alone.
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
    /// The reply with which the cloud refuses a request, for injected faults.
    pub refuse: fn(Refusal, &Incoming) -> Reply,
    /// The reply that shows a connection, from its id and data.
    pub envelope: fn(&str, serde_json::Map<String, serde_json::Value>) -> serde_json::Value,
    /// The key in effect, if replies do not contain it.
    pub key: fn(&serde_json::Map<String, serde_json::Value>) -> Option<&str>,
    /// The configured key of a connection, or of its tunnel of this number.
    pub configured: fn(&serde_json::Map<String, serde_json::Value>, usize) -> Option<&str>,
    /// Sets the key of a connection's tunnel of this number, and changes nothing else.
    pub set_key: fn(&mut serde_json::Map<String, serde_json::Value>, usize, &str),
    /// The vendor's name of a request's operation, if the request does not contain it.
    pub operation: fn(&Incoming) -> Option<&'static str>,
    /// Stores whether a connection's tunnel of this number is up.
    pub set_up: fn(&mut serde_json::Map<String, serde_json::Value>, usize, bool),
}
