//! What the tests of this folder share: a provider in front of an emulated cloud.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value as Json;

use super::{PROVIDER, emulator, settings::FIELDS};
use crate::emulated::{Incoming, Store};
use crate::error::ApiError;
use crate::model::{Connection, Key, Secret, Settings};
use crate::provider::{Edit, Profile, Provider, Target, field::field};
use crate::wire::{Body, Call, Credentials, Endpoint, Method, ReadError, Reply, Request, Stamp};

pub(super) const POLICY: &str = "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
pub(super) const BGP: &str = "1a2b3c4d-0000-4000-8000-00000000bbbb";
pub(super) const STATIC: &str = "1a2b3c4d-0000-4000-8000-00000000cccc";
pub(super) const MIRROR: &str = "1a2b3c4d-0000-4000-8000-00000000aaaa";
pub(super) const PROJECT: &str = "0123456789abcdef0123456789abcdef";

pub(super) fn profile(region: &str) -> Profile {
    Profile { region: region.to_owned(), endpoint: None, identity_endpoint: None, project_id: Some(PROJECT.to_owned()), signature: None }
}

pub(super) fn target(id: &str) -> Target {
    let kind = &PROVIDER.kinds[0];
    Target { kind, operation: &kind.operations[0], id: id.to_owned() }
}

/// Settings from flags. Blanks separate several values of one flag.
pub(super) fn settings(flags: &[(Key, &str)]) -> Settings {
    let value = |key: Key, text: &str| {
        let texts: Vec<String> = if key == Key::Psk { vec![text.to_owned()] } else { text.split(' ').map(str::to_owned).collect() };
        field(FIELDS, key).unwrap().parse(&texts).unwrap()
    };
    flags.iter().map(|(key, text)| (*key, value(*key, text))).collect()
}

#[derive(Debug)]
pub(super) enum Failed {
    Api(ApiError),
    Read(ReadError),
}

/// A provider and the emulated cloud that it talks to.
pub(super) struct World {
    pub(super) store: Store,
    pub(super) provider: Box<dyn Provider>,
    pub(super) credentials: Credentials,
    pub(super) skew: i64,
    pub(super) now: DateTime<Utc>,
}

impl World {
    pub(super) fn new() -> Self {
        let mut store = Store::new();
        emulator::seed(&mut store);
        let (id, secret) = emulator::CREDENTIALS;
        let credentials = Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None };
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05Z").unwrap().to_utc();
        Self { store, provider: (PROVIDER.connect)(profile("cn-north-4")), credentials, skew: 0, now }
    }

    /// The reply to a request, signed as the client signs it.
    pub(super) fn reply<T>(&mut self, call: &Call<T>) -> Reply {
        let stamp = Stamp { time: self.now + TimeDelta::seconds(self.skew), nonce: uuid::Uuid::nil() };
        let signature = self.provider.sign(&call.request, &self.credentials, &stamp);
        let incoming = Incoming::from_request(&call.request.clone().signed(signature), self.now);
        self.handle(&incoming)
    }

    pub(super) fn handle(&mut self, incoming: &Incoming) -> Reply {
        self.store.begin(self.now);
        emulator::handle(incoming, &mut self.store)
    }

    pub(super) fn call<T>(&mut self, call: &Call<T>) -> Result<T, Failed> {
        let reply = self.reply(call);
        match self.provider.error(&reply) {
            Some(error) => Err(Failed::Api(error)),
            None => (call.read)(&reply).map_err(Failed::Read),
        }
    }

    pub(super) fn show(&mut self, id: &str) -> Connection {
        let call = self.provider.show(&target(id));
        self.call(&call).unwrap()
    }

    pub(super) fn modify(&mut self, id: &str, change: &Settings) -> Result<(), Failed> {
        let target = target(id);
        let edit = Edit { target: &target, current: None, change, address: &[], token: "t" };
        let call = self.provider.modify(&edit).unwrap();
        self.call(&call).map(drop)
    }

    /// The error that a change is refused with.
    pub(super) fn refused(&mut self, id: &str, flags: &[(Key, &str)]) -> ApiError {
        match self.modify(id, &settings(flags)) {
            Err(Failed::Api(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn settle(&mut self) {
        self.store.advance(Store::SETTLE_MS);
    }
}

/// A path of the project.
pub(super) fn own(tail: &str) -> String {
    format!("/v5/{PROJECT}/{tail}")
}

pub(super) fn get(path: &str, query: &[(&str, &str)]) -> Call<Json> {
    request(Method::Get, path, query, Body::Empty)
}

pub(super) fn reset(id: &str) -> Call<Json> {
    request(Method::Post, &own(&format!("vpn-connection/{id}/reset")), &[], Body::Empty)
}

/// Any request; its reply is read as JSON.
pub(super) fn request(method: Method, path: &str, query: &[(&str, &str)], body: Body) -> Call<Json> {
    let request = Request {
        operation: "Test",
        method,
        endpoint: Endpoint::parse("http://127.0.0.1:8080").unwrap(),
        path: path.to_owned(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        headers: Vec::new(),
        body,
    };
    Call { request, read: Box::new(|reply| reply.json().ok_or_else(|| ReadError::Missing(String::new()))) }
}

/// The error that the cloud returned.
pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T, Failed>) -> ApiError {
    match result {
        Err(Failed::Api(error)) => error,
        other => panic!("{other:?}"),
    }
}
