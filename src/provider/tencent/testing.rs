//! What the tests of several files share.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::kinds::KINDS;
use super::{PROVIDER, emulator};
use crate::emulated::{Incoming, Store};
use crate::error::{ApiError, Violation};
use crate::model::{Connection, Key, Secret, Settings, Term};
use crate::provider::field::field;
use crate::provider::{Accepted, Edit, Profile, Progress, Provider, Target};
use crate::wire::{Credentials, Endpoint, Reply, Request, Stamp};

/// A profile for the cloud's own endpoint, with the default signature.
pub fn profile(region: &str) -> Profile {
    Profile { region: region.to_owned(), endpoint: None, identity_endpoint: None, project_id: None, signature: None }
}

/// A profile for an emulator.
pub fn emulated(region: &str, signature: Option<&'static str>) -> Profile {
    Profile { endpoint: Some(Endpoint::parse("http://127.0.0.1:9").unwrap()), signature, ..profile(region) }
}

/// A connection at one of the two APIs.
pub fn target(api: &str, id: &str) -> Target {
    let kind = &KINDS[0];
    let operation = kind.operations.iter().find(|operation| operation.api == api).unwrap();
    Target { kind, operation, id: id.to_owned() }
}

/// A reply with status 200.
pub fn reply(body: &str) -> Reply {
    Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// A client and its own emulator.
pub struct World {
    /// What the emulator holds.
    pub store: Store,
    /// The client's side of the cloud.
    pub provider: Box<dyn Provider>,
    /// What the client signs with.
    pub credentials: Credentials,
    /// The emulator's time.
    pub now: DateTime<Utc>,
    /// How far the client's clock is off.
    pub skew_secs: i64,
    nonce: u128,
    /// API that the client uses: `v2` or `v3`.
    pub api: &'static str,
}

impl World {
    /// A fresh world, with the client in a region.
    pub fn new(region: &str, api: &'static str, signature: Option<&'static str>) -> Self {
        let mut store = Store::new();
        emulator::seed(&mut store);
        let (id, secret) = emulator::CREDENTIALS;
        Self {
            store,
            provider: (PROVIDER.connect)(emulated(region, signature)),
            credentials: Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None },
            now: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            skew_secs: 0,
            nonce: 7,
            api,
        }
    }

    /// A connection.
    pub fn target(&self, id: &str) -> Target {
        target(self.api, id)
    }

    /// Signs a request, as it arrives at the emulator.
    pub fn arrive(&mut self, request: Request) -> Incoming {
        self.nonce += 1;
        let stamp = Stamp { time: self.now + Duration::seconds(self.skew_secs), nonce: Uuid::from_u128(self.nonce << 40) };
        let signature = self.provider.sign(&request, &self.credentials, &stamp);
        Incoming::from_request(&request.signed(signature), self.now)
    }

    /// Sends a request.
    pub fn send(&mut self, request: Request) -> Result<Reply, ApiError> {
        let incoming = self.arrive(request);
        self.store.begin(self.now);
        let reply = emulator::handle(&incoming, &mut self.store);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
        self.provider.error(&reply).map_or(Ok(reply), Err)
    }

    /// Reads a connection.
    pub fn show(&mut self, id: &str) -> Result<Connection, ApiError> {
        let call = self.provider.show(&self.target(id));
        self.send(call.request).map(|reply| (call.read)(&reply).unwrap())
    }

    /// Checks and sends a change.
    pub fn modify(&mut self, id: &str, change: &Settings, current: Option<&Connection>) -> Result<Accepted, ApiError> {
        let target = self.target(id);
        let edit = Edit { target: &target, current, change, address: &[], token: "t" };
        assert_eq!(self.provider.rules(&edit).violations, Vec::<Violation>::new());
        let call = self.provider.modify(&edit).unwrap();
        self.send(call.request).map(|reply| (call.read)(&reply).unwrap())
    }

    /// Polls a change.
    pub fn progress(&mut self, id: &str, accepted: Option<&Accepted>) -> Progress {
        let call = self.provider.progress(&self.target(id), None, accepted);
        let reply = self.send(call.request).unwrap();
        (call.read)(&reply).unwrap()
    }

    /// A change of these settings, given as flags give them.
    pub fn change(&self, rows: &[(Key, &str)]) -> Settings {
        let fields = self.target("x").operation.fields;
        rows.iter()
            .map(|(key, text)| {
                let texts: Vec<String> = text.split('|').map(str::to_owned).collect();
                (*key, field(fields, *key).unwrap().parse(&texts).unwrap())
            })
            .collect()
    }

    /// Makes a change, waits, reads, and compares the result with the change.
    pub fn round_trip(&mut self, id: &str, rows: &[(Key, &str)]) {
        let change = self.change(rows);
        let before = self.show(id).unwrap();
        let accepted = self.modify(id, &change, Some(&before)).unwrap();
        assert_eq!(self.progress(id, Some(&accepted)).change, Term::Changing);
        let during = self.show(id).unwrap();
        assert_eq!((during.status.change, &during.settings), (Term::Changing, &before.settings));
        self.store.advance(Store::SETTLE_MS);
        assert_eq!(self.progress(id, Some(&accepted)).change, Term::Settled);
        assert_eq!(self.progress(id, None).change, Term::Settled);
        let after = self.show(id).unwrap();
        for (key, value) in change.iter() {
            assert_eq!(after.settings.get(key), Some(value), "{key:?}");
        }
        for (key, value) in before.settings.iter().filter(|(key, _)| !change.has(*key)) {
            let follows = matches!(key, Key::LocalSubnets | Key::RemoteSubnets | Key::PolicyRules | Key::LocalIdType | Key::RemoteIdType);
            assert!(follows || after.settings.get(key) == Some(value), "{key:?} changed too");
        }
    }
}
