//! A client and the emulated clouds in memory, on a clock of their own.

mod faults;
mod keys;
mod time;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::client::{CallError, Client};
use super::transport::Transport;
use crate::emulated::{Chance, Fault, Store, What};
use crate::emulator::{InMemory, configured_key, is_up, key_in_effect};
use crate::error::Class;
use crate::model::{Connection, Key, Ref, Secret, Settings, Value};
use crate::print::output::{Color, Output};
use crate::print::shape::Shape;
use crate::provider::{Accepted, Edit, Profile, Target, registration, seeded};
use crate::wire::{Call, Credentials, Stamp, Wire};

const OLD_V1: &str = "pgw6dy7d1i8in7x5";
const NEW: &str = "Rotated2026KeyAbcdefGhijklMnopqrStuvwxYz01";
/// IKEv1, at a gateway and at Tencent.
const V1: [&str; 2] = ["alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i", "tencent@ap-shanghai/vpnx-partneral01"];
/// IKEv2.
const V2: [&str; 2] = ["huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3", "tencent@ap-beijing/vpnx-partnerhw01"];
const DUAL: &str = "alibaba@cn-beijing/vco-2zedualtunnel00001";
const IKE_LIFETIME: Duration = Duration::from_hours(24);

/// The clouds, on one clock.
struct World {
    wire: InMemory,
}

/// An end, and the client that changes it.
struct Side {
    client: Client,
    target: Target,
    address: Vec<(&'static str, String)>,
    wire: InMemory,
}

impl World {
    fn new(faults: &[&str]) -> Self {
        let mut store = seeded();
        store.faults = faults.iter().map(|text| text.parse().unwrap()).collect();
        Self { wire: InMemory::new(Rc::new(RefCell::new(store)), "2026-11-20T12:00:00Z".parse().unwrap()) }
    }

    fn side(&self, reference: &str) -> Side {
        let reference = Ref::parse(reference).unwrap();
        let registration = registration(&reference.provider).unwrap();
        let kind = registration.kinds.iter().find(|kind| kind.name == reference.kind).unwrap();
        let region = reference.region.clone().unwrap();
        let profile = Profile { region: region.clone(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
        let (id, secret) = registration.emulation.credentials;
        let credentials = Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None };
        let output = Rc::new(Output::new(Shape::default(), Color::Never, true, 0));
        let transport = Transport::Direct(Rc::new(self.wire.clone()));
        let provider = (registration.connect)(profile);
        let mut client = Client::new(provider, region, Rc::new(credentials), transport, Duration::from_hours(1), output);
        block_on(client.locate()).unwrap();
        let target = Target { kind, operation: &kind.operations[0], id: reference.id };
        Side { client, target, address: Vec::new(), wire: self.wire.clone() }
    }

    fn sides(&self, references: [&str; 2]) -> [Side; 2] {
        references.map(|reference| self.side(reference))
    }

    fn pass(&self, by: Duration) {
        self.wire.advance(by);
        self.wire.run();
    }

    fn settle(&self) {
        self.pass(Duration::from_millis(Store::SETTLE_MS.unsigned_abs()));
    }

    fn negotiate(&self) {
        self.pass(Duration::from_millis(Store::NEGOTIATE_MS.unsigned_abs()));
    }
}

type Tried<T> = Result<T, CallError>;

impl Side {
    fn tunnel(&self, current: &Connection) -> Option<usize> {
        self.client.provider.tunnel(&self.address, current)
    }

    fn read(&self) -> Connection {
        self.once(&self.client.provider.show(&self.target), &self.client.stamp()).unwrap()
    }

    fn once<T>(&self, call: &Call<T>, stamp: &Stamp) -> Tried<T> {
        block_on(self.client.once(call, stamp)).map_err(|(error, _)| error)
    }

    fn key_call(&self, current: &Connection, change: &Settings, token: &str) -> Call<Accepted> {
        let edit = Edit { target: &self.target, current: Some(current), change, address: &self.address, token };
        assert_eq!(self.client.provider.rules(&edit).violations, []);
        self.client.provider.modify(&edit).unwrap()
    }

    /// Sends a new key as a rotation does.
    fn key(&self, key: &str) -> Tried<Accepted> {
        let current = self.read();
        let change = self.client.provider.key_change(&current, self.tunnel(&current), &Secret::new(key));
        self.once(&self.key_call(&current, &change, key), &self.client.stamp())
    }

    fn renegotiate(&self) -> Tried<Accepted> {
        let (current, none) = (self.read(), Settings::new());
        let token = uuid::Uuid::new_v4().to_string();
        let edit = Edit { target: &self.target, current: Some(&current), change: &none, address: &self.address, token: &token };
        let call = self.client.provider.renegotiate(&edit).unwrap().unwrap();
        self.once(&call, &self.client.stamp())
    }

    fn in_effect(&self) -> String {
        self.of(key_in_effect)
    }

    fn configured(&self) -> String {
        self.of(configured_key)
    }

    fn of(&self, ask: fn(&Store, &str, &str, Option<usize>) -> Option<String>) -> String {
        self.wire.run();
        ask(&self.wire.store().borrow(), self.client.id(), &self.target.id, None).unwrap()
    }

    fn is_up(&self, tunnel: usize) -> bool {
        self.wire.run();
        let store = self.wire.store().borrow();
        let thing = store.things.iter().find(|thing| thing.provider == self.client.id() && thing.id == self.target.id).unwrap();
        is_up(thing, tunnel).unwrap()
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn up(sides: &[Side; 2]) -> [bool; 2] {
    [sides[0].is_up(0), sides[1].is_up(0)]
}
