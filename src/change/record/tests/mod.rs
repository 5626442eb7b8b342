//! Changes on record, against the emulator on a clock of its own.

mod crash;
mod outcome;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use zeroize::Zeroizing;

use super::{Ledger, ledger::SealSource};
use crate::call::client::Client;
use crate::call::transport::Transport;
use crate::change::report::Done;
use crate::change::{Again, Asked, Flow, Wish, run};
use crate::emulator::InMemory;
use crate::error::Error;
use crate::model::{Key, Ref, Secret, Settings, Value};
use crate::operation::disk::MemoryDisk;
use crate::operation::event::{Site, Which};
use crate::operation::records::Records;
use crate::operation::seal::SealKey;
use crate::operation::state::State;
use crate::print::output::{Color, Output};
use crate::print::shape::Shape;
use crate::provider::{Profile, Registration, Target, seeded};
use crate::system::runtime;
use crate::wire::{Credentials, Reply, Request, SendError, Wire};

const OLD: &str = "Former-Key-2026-canary-1";
const NEW: &str = "Another-Key-2026-canary-2";

/// The network of a process that can die: a request is an effect, and so is its reply.
#[derive(Debug)]
struct Line {
    clouds: InMemory,
    disk: Rc<MemoryDisk>,
    /// Seconds by which this machine's clock is ahead of the clouds'.
    ahead: i64,
}

impl Wire for Line {
    fn send(&self, provider: &'static str, request: &Request) -> Result<Reply, SendError> {
        self.disk.step().map_err(|cause| SendError::NotSent(cause.to_string()))?;
        let reply = self.clouds.send(provider, request);
        self.disk.step().map_err(|cause| SendError::Lost(cause.to_string()))?;
        reply
    }

    fn advance(&self, by: Duration) {
        if !self.disk.dead().get() {
            self.clouds.advance(by);
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clouds.now() + chrono::TimeDelta::seconds(self.ahead)
    }
}

struct World {
    /// Seconds by which this machine's clock is ahead of the clouds'.
    ahead: Cell<i64>,
    clouds: InMemory,
    disk: Rc<MemoryDisk>,
    locks: tempfile::TempDir,
    registration: &'static Registration,
    reference: Ref,
    target: Target,
}

const REFS: [&str; 3] = [
    "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i",
    "tencent@ap-guangzhou/vpnx-ol6bcqp0",
    "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
];

impl World {
    fn new(reference: &str) -> Self {
        let reference = Ref::parse(reference).unwrap();
        let registration = crate::provider::registration(&reference.provider).unwrap();
        let kind = registration.kinds.first().unwrap();
        let target = Target { kind, operation: &kind.operations[0], id: reference.id.clone() };
        let clouds = InMemory::new(Rc::new(RefCell::new(seeded())), Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).unwrap());
        let world = Self {
            clouds,
            disk: Rc::new(MemoryDisk::new()),
            ahead: Cell::new(0),
            locks: tempfile::tempdir().unwrap(),
            registration,
            reference,
            target,
        };
        // The key that is there passes every rule, so that it can be sent again.
        world
            .change(&Settings::from_iter([(Key::Psk, Value::secret(OLD)), (Key::Name, Value::Text("previous".into()))]), None, false)
            .unwrap();
        world
    }

    fn client(&self) -> Client {
        let profile = Profile {
            region: self.reference.region.clone().unwrap(),
            endpoint: None,
            identity_endpoint: None,
            project_id: None,
            signature: None,
        };
        let (id, secret) = self.registration.emulation.credentials;
        let credentials = Rc::new(Credentials { id: id.to_owned(), secret: Secret::new(secret), token: None, bearer: None });
        let line = Line { clouds: self.clouds.clone(), disk: Rc::clone(&self.disk), ahead: self.ahead.get() };
        let output = Rc::new(Output::new(Shape::default(), Color::Never, true, 0));
        let mut client = Client::new(
            (self.registration.connect)(profile),
            self.reference.region.clone().unwrap(),
            credentials,
            Transport::Direct(Rc::new(line)),
            Duration::from_secs(600),
            output,
        );
        client.again = String::new();
        client
    }

    fn records(&self) -> Records {
        let records = Records::at(Rc::clone(&self.disk) as Rc<dyn crate::operation::disk::Disk>, Path::new("/state"));
        Records { locks: self.locks.path().to_owned(), ..records }
    }

    fn ledger(&self) -> Ledger {
        let seal: SealSource = Box::new(|| Ok(SealKey::new(Zeroizing::new([5; 32]), "/config/seal.key".into())));
        let output = Rc::new(Output::new(Shape::default(), Color::Never, true, 0));
        Ledger::new(self.records(), Site { emulated: true, ..Site::default() }, seal, output)
    }

    fn wish(&self, change: &Settings) -> Wish {
        Wish {
            target: self.target.clone(),
            reference: self.reference.clone(),
            address: Vec::new(),
            asked: Asked { change: change.clone(), ..Asked::default() },
            flow: Flow { yes: true, ..Flow::default() },
            guard: None,
            previous: None,
            token: uuid::Uuid::new_v4().to_string(),
        }
    }

    fn change(&self, change: &Settings, ledger: Option<&mut Ledger>, no_wait: bool) -> Result<Done, Error> {
        let mut client = self.client();
        let mut wish = self.wish(change);
        wish.flow.no_wait = no_wait;
        runtime::run(run(&mut client, &wish, ledger)).unwrap()
    }

    /// A change of name and key, on record.
    fn modify(&self) -> Result<Done, Error> {
        self.change(&asked(), Some(&mut self.ledger()), false)
    }

    fn again(&self, back: bool, take_over: bool) -> Result<State, Error> {
        let records = self.records();
        let id = records.list().unwrap().pop().unwrap();
        let state = records.peek(&id).unwrap();
        let seal = Rc::new(SealKey::new(Zeroizing::new([5; 32]), "/config/seal.key".into()));
        let secrets = records.sealer(&id, &seal).open_all().unwrap();
        let without: &[&str] = if back && self.hides_key() { &["psk"] } else { &[] };
        let again = Again { id: &id, state: &state, target: &self.target, reference: &self.reference, secrets: &secrets };
        let token = uuid::Uuid::new_v4().to_string();
        let mut wish = if back { again.roll_back(without, token)? } else { again.resume(token)? };
        wish.flow.yes = true;
        if let Some(previous) = &mut wish.previous {
            previous.take_over = take_over;
        }
        let opened = records.open(id.clone()).unwrap();
        let aim = if back { Which::Old } else { Which::New };
        let mut ledger = self.ledger().resume(opened, aim, "asked for".to_owned());
        let mut client = self.client();
        let done = runtime::run(run(&mut client, &wish, Some(&mut ledger))).unwrap()?;
        assert!(done.error.is_none(), "{:?}", done.error);
        drop(ledger);
        Ok(records.peek(&id).unwrap())
    }

    /// The clouds as they are now, to go another way from here.
    fn copy_of_clouds(&self) -> InMemory {
        let store = self.clouds.store().borrow().clone();
        InMemory::new(Rc::new(RefCell::new(store)), Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).unwrap())
    }

    fn hides_key(&self) -> bool {
        self.registration.id == "huawei"
    }

    /// Whether the cloud accepted the new name, in effect or not yet.
    fn is_renamed(&self) -> bool {
        self.clouds.run();
        let mut store = self.clouds.store().borrow_mut();
        let thing = store.find_mut(self.registration.id, "connection", &self.reference.id).unwrap();
        let data = thing.pending.as_ref().map_or(&thing.data, |pending| &pending.data);
        serde_json::to_string(data).unwrap().contains("\"renamed\"")
    }

    /// The name and the key that the connection has in the end, after every late request.
    fn holds(&self) -> (String, String) {
        self.clouds.advance(Duration::from_secs(30 * 60));
        self.clouds.run();
        let mut store = self.clouds.store().borrow_mut();
        let thing = store.find_mut(self.registration.id, "connection", &self.reference.id).unwrap();
        let text = serde_json::to_string(&thing.data).unwrap();
        let name = ["renamed", "previous", "third"].into_iter().find(|name| text.contains(&format!("\"{name}\""))).unwrap_or_default();
        let key = (self.registration.emulation.configured)(&thing.data, 0).unwrap_or_default().to_owned();
        (name.to_owned(), key)
    }
}

fn asked() -> Settings {
    Settings::from_iter([(Key::Psk, Value::secret(NEW)), (Key::Name, Value::Text("renamed".into()))])
}

fn pair(name: &str, key: &str) -> (String, String) {
    (name.to_owned(), key.to_owned())
}
