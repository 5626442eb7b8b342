//! The provider against the emulator, both without sockets.

mod changes;
mod refusals;
mod replies;
mod roles;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{handle, refuse, seed};
use crate::emulated::{Incoming, Refusal, Store};
use crate::error::{ApiError, Class};
use crate::model::{Connection, Key, Secret, Settings, Term, Value};
use crate::provider::alibaba::PROVIDER;
use crate::provider::alibaba::testing::{profile, settings, target};
use crate::provider::{Accepted, Edit, Provider, Target};
use crate::wire::{Body, Call, Credentials, Method, ReadError, Reply, Request, Stamp};

/// An emulated cloud and a client, with their own clock.
struct World {
    store: Store,
    provider: Box<dyn Provider>,
    credentials: Credentials,
    now: DateTime<Utc>,
    skew: TimeDelta,
}

fn credentials(secret: &str) -> Credentials {
    Credentials { id: PROVIDER.emulation.credentials.0.into(), secret: Secret::new(secret), token: None, bearer: None }
}

#[derive(Debug, PartialEq)]
enum Trouble {
    Api(ApiError),
    Read(ReadError),
}

impl World {
    fn new(region: &str, signature: Option<&'static str>) -> Self {
        let mut store = Store::new();
        seed(&mut store);
        Self {
            store,
            provider: (PROVIDER.connect)(profile(region, signature)),
            credentials: credentials(PROVIDER.emulation.credentials.1),
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            skew: TimeDelta::zero(),
        }
    }

    fn send(&mut self, request: &Request) -> Reply {
        let stamp = Stamp { time: self.now + self.skew, nonce: uuid::Uuid::new_v4() };
        let signature = self.provider.sign(request, &self.credentials, &stamp);
        let incoming = Incoming::from_request(&request.clone().signed(signature), self.now);
        self.store.begin(self.now);
        handle(&incoming, &mut self.store)
    }

    fn call<T>(&mut self, call: &Call<T>) -> Result<T, Trouble> {
        let reply = self.send(&call.request);
        match self.provider.error(&reply) {
            Some(error) => Err(Trouble::Api(error)),
            None => (call.read)(&reply).map_err(Trouble::Read),
        }
    }

    fn code<T: std::fmt::Debug>(&mut self, call: &Call<T>) -> String {
        match self.call(call).unwrap_err() {
            Trouble::Api(error) => error.code,
            Trouble::Read(error) => panic!("{error}"),
        }
    }

    fn show(&mut self, target: &Target) -> Connection {
        let call = self.provider.show(target);
        self.call(&call).unwrap()
    }

    fn modify(&mut self, target: &Target, current: Option<&Connection>, change: &Settings, token: &str) -> Call<Accepted> {
        self.provider.modify(&Edit { target, current, change, address: &[], token }).unwrap()
    }
}

fn shanghai() -> Target {
    target("connection", "vco-bp1bbi27hojx80nck9k1i")
}

fn attachment() -> Target {
    target("attachment", "vco-p0w5112fgnl2ihlmf")
}

fn server() -> Target {
    target("ipsec-server", "iss-bp1bo3xuvcxo7ixll")
}
