//! A change on record, killed at every effect it has on the disk and the network, against the emulator on a clock of its own.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use chrono::TimeZone;
use zeroize::Zeroizing;

use super::*;
use crate::call::transport::Transport;
use crate::emulated::Fault;
use crate::emulator::{InMemory, seeded};
use crate::model::{Ref, Settings};
use crate::operation::disk::{Death, MemoryDisk};
use crate::print::output::Color;
use crate::print::shape::Shape;
use crate::provider::{PROVIDERS, Profile, Registration, Target};
use crate::wire::Credentials;
use crate::wire::Reply;
use crate::wire::{SendError, Wire};

const OLD: &str = "Former-Key-2026-canary-1";
const NEW: &str = "Another-Key-2026-canary-2";

/// The network of a process that can die: a request is an effect, and so is its reply.
#[derive(Debug)]
struct Line {
    clouds: InMemory,
    disk: Rc<MemoryDisk>,
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
        self.clouds.now()
    }
}

struct World {
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
        let world = Self { clouds, disk: Rc::new(MemoryDisk::new()), locks: tempfile::tempdir().unwrap(), registration, reference, target };
        // The key that is there passes every rule, so that it can be sent again.
        world
            .change(&Settings::from_iter([(Key::Psk, Value::secret(OLD)), (Key::Name, Value::Text("former".into()))]), None, false)
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
        let line = Line { clouds: self.clouds.clone(), disk: Rc::clone(&self.disk) };
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
            change: change.clone(),
            violations: Vec::new(),
            advice: Vec::new(),
            psk_generated: false,
            psk_out: None,
            address: Vec::new(),
            yes: true,
            dry_run: false,
            no_read: false,
            no_wait: false,
            exit_code: false,
            guard: None,
            former: None,
            token: uuid::Uuid::new_v4().to_string(),
        }
    }

    fn change(&self, change: &Settings, ledger: Option<&mut Ledger>, no_wait: bool) -> Result<Done, Error> {
        let mut client = self.client();
        let wish = Wish { no_wait, ..self.wish(change) };
        crate::system::runtime::run(super::super::run(&mut client, &wish, ledger)).unwrap()
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
        let mut wish = Wish::again(&id, &state, &self.target, &self.reference, back, without, &secrets, uuid::Uuid::new_v4().to_string())?;
        wish.yes = true;
        if let Some(former) = &mut wish.former {
            former.take_over = take_over;
        }
        let opened = records.open(id.clone()).unwrap();
        let aim = if back { Which::Old } else { Which::New };
        let mut ledger = self.ledger().resume(opened, aim, "asked for".to_owned());
        let mut client = self.client();
        let done = crate::system::runtime::run(super::super::run(&mut client, &wish, Some(&mut ledger))).unwrap()?;
        assert!(done.error.is_none(), "{:?}", done.error);
        drop(ledger);
        Ok(records.peek(&id).unwrap())
    }

    fn hides_key(&self) -> bool {
        self.registration.id == "huawei"
    }

    /// Whether the cloud has taken the new name, in force or not yet.
    fn is_renamed(&self) -> bool {
        self.clouds.run();
        let mut store = self.clouds.store().borrow_mut();
        let thing = store.find_mut(self.registration.id, "connection", &self.reference.id).unwrap();
        let data = thing.pending.as_ref().map_or(&thing.data, |pending| &pending.data);
        serde_json::to_string(data).unwrap().contains("\"renamed\"")
    }

    /// The name and the key that the connection has in the end, once everything has happened that could.
    fn holds(&self) -> (String, String) {
        self.clouds.advance(Duration::from_secs(30 * 60));
        self.clouds.run();
        let mut store = self.clouds.store().borrow_mut();
        let thing = store.find_mut(self.registration.id, "connection", &self.reference.id).unwrap();
        let text = serde_json::to_string(&thing.data).unwrap();
        let name = ["renamed", "former", "third"].into_iter().find(|name| text.contains(&format!("\"{name}\""))).unwrap_or_default();
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

#[test]
fn killed_at_any_effect_a_change_is_finished_or_undone_and_what_the_record_said_was_possible() {
    for reference in REFS {
        let world = World::new(reference);
        let before = world.disk.effects();
        world.modify().unwrap();
        let effects = world.disk.effects() - before;
        assert!(effects > 15, "{effects}");
        let mut schedules = 0;
        for nth in 1..=effects {
            for death in [Death::Kill, Death::Power, Death::Torn(40)] {
                for back in [false, true] {
                    let world = World::new(reference);
                    world.disk.die_at(nth, death);
                    let _ = world.modify();
                    world.disk.revive();
                    let place = format!("{reference} {nth} {death:?} back {back}");
                    let known = world.records().list().unwrap().pop().and_then(|id| world.records().known(&id).unwrap().0);
                    let Some(state) = known else {
                        assert_eq!(world.holds(), pair("former", OLD), "{place}");
                        continue;
                    };
                    schedules += 1;
                    let truth = if world.is_renamed() { Which::New } else { Which::Old };
                    assert!(state.ends[0].possible(world.clouds.now()).contains(&truth), "{place}: {truth:?}, {state:?}");
                    let done = if state.outcome.is_some() && !back { state } else { world.again(back, false).unwrap() };
                    let end = if back { Outcome::RolledBack } else { Outcome::Committed };
                    assert_eq!(done.outcome, Some(end), "{place}");
                    let holds = world.holds();
                    let name = if back { "former" } else { "renamed" };
                    assert_eq!(holds.0, name, "{place}");
                    // Huawei's former key is not known to anybody here.
                    if !(back && world.hides_key()) {
                        assert_eq!(holds.1, if back { OLD } else { NEW }, "{place}");
                    }
                }
            }
        }
        assert!(schedules > 20, "{reference}: {schedules}");
    }
}

#[test]
fn what_is_undone_waits_until_no_late_request_can_do_it_again() {
    for reference in &REFS[..2] {
        let world = World::new(reference);
        let late = |text: &str| world.clouds.store().borrow_mut().faults.push(text.parse::<Fault>().unwrap());
        let operation = "ModifyVpnConnectionAttribute";
        late(&format!("late:200000@{operation}"));
        // The process dies when it is about to read back, so that the record knows of a request without a reply.
        let attempt = (1..).find(|nth| {
            let world = World::new(reference);
            world.disk.die_at(*nth, Death::Kill);
            let _ = world.modify();
            world.disk.revive();
            let id = world.records().list().unwrap().pop();
            let state = id.and_then(|id| world.records().known(&id).unwrap().0);
            state.is_some_and(|state| matches!(state.ends[0].position, Position::Doubt(_)))
        });
        world.disk.die_at(attempt.unwrap() + 2, Death::Kill);
        let _ = world.modify();
        world.disk.revive();
        let began = world.clouds.now();
        let state = world.again(true, false).unwrap();
        assert_eq!(state.outcome, Some(Outcome::RolledBack));
        assert!(world.clouds.now() - began > chrono::TimeDelta::seconds(300), "{reference}");
        assert_eq!(world.holds(), pair("former", OLD), "{reference}");
    }
}

#[test]
fn what_somebody_else_has_set_is_left_alone_and_kept_when_it_is_taken_over() {
    let world = World::new(REFS[0]);
    world.modify().unwrap();
    let third = Settings::from_iter([(Key::Psk, Value::secret("Third-Key-2026-canary-3")), (Key::Name, Value::Text("third".into()))]);
    world.change(&third, None, false).unwrap();
    let error = world.again(true, false).unwrap_err();
    assert!(error.message.contains("name is third; it was former before, and set to renamed"), "{error}");
    assert!(error.next.iter().any(|next| next.contains("--take-over")) && !error.to_string().contains("canary"), "{error}");
    assert_eq!(world.holds(), pair("third", "Third-Key-2026-canary-3"));
    assert_eq!(world.again(true, true).unwrap().outcome, Some(Outcome::RolledBack));
    assert_eq!(world.holds(), pair("former", OLD));
    let records = world.records();
    let id = records.list().unwrap().pop().unwrap();
    let seal = Rc::new(SealKey::new(Zeroizing::new([5; 32]), "/config/seal.key".into()));
    let all = records.sealer(&id, &seal).open_all().unwrap();
    assert!(all.iter().any(|(name, key)| name.starts_with("third-") && key.expose() == "Third-Key-2026-canary-3"));
}

#[test]
fn a_refused_change_is_closed_and_one_that_was_not_waited_for_is_finished_by_resume() {
    for reference in REFS {
        let world = World::new(reference);
        let done = world.change(&asked(), Some(&mut world.ledger()), true).unwrap();
        let id: OperationId = done.report.operation_id.unwrap().parse().unwrap();
        let state = world.records().peek(&id).unwrap();
        assert!(state.outcome.is_none() && matches!(state.ends[0].position, Position::Taken(Which::New)), "{state:?}");
        assert_eq!(world.again(false, false).unwrap().outcome, Some(Outcome::Committed), "{reference}");
        assert_eq!(world.holds(), pair("renamed", NEW));
    }
    let world = World::new(REFS[1]);
    world.clouds.store().borrow_mut().things.retain(|thing| thing.id != world.reference.id);
    let change = Settings::from_iter([(Key::Name, Value::Text("x".into()))]);
    let mut ledger = world.ledger();
    let mut client = world.client();
    let wish = Wish { no_read: true, ..world.wish(&change) };
    let error = crate::system::runtime::run(super::super::run(&mut client, &wish, Some(&mut ledger))).unwrap().unwrap_err();
    let (_, state) = ledger.operation().unwrap();
    assert_eq!((error.exit, state.outcome), (exit::NOT_FOUND, Some(Outcome::Closed)));
    assert!(!state.way_back);
}

#[test]
fn a_change_costs_few_syncs_and_a_disk_that_fails_stops_it_before_anything_is_sent() {
    let name = Settings::from_iter([(Key::Name, Value::Text("renamed".into()))]);
    for (change, no_wait, most) in [(&name, true, 3), (&name, false, 4), (&asked(), true, 5), (&asked(), false, 6)] {
        let world = World::new(REFS[1]);
        let before = world.disk.syncs();
        world.change(change, Some(&mut world.ledger()), no_wait).unwrap();
        assert!(world.disk.syncs() - before <= most, "{} > {most}", world.disk.syncs() - before);
    }
    for nth in 1.. {
        let world = World::new(REFS[1]);
        world.disk.fail_at(nth, std::io::ErrorKind::StorageFull);
        match world.modify() {
            // Effect by effect it reaches the network, and then what comes after the change was taken.
            Ok(_) => break,
            Err(error) if error.exit == exit::CREDENTIALS => {
                assert_eq!(world.holds(), pair("former", OLD), "{nth}");
                assert!(error.to_string().contains("--no-record") && error.state == "nothing was sent", "{error}");
            }
            Err(error) => assert!(error.exit == exit::NETWORK || error.exit == exit::UNKNOWN, "{error}"),
        }
    }
}

#[test]
fn a_late_request_is_feared_where_it_writes_the_same_block() {
    let records = |change: Json| {
        let planned = Event::Planned {
            verb: Verb::Modify,
            ends: Vec::new(),
            renegotiate: None,
            renegotiate_with: None,
            before: Some(json!({})),
            change: Some(change),
            way_back: false,
        };
        State::of(&[Record { time: Utc::now(), event: planned }]).unwrap()
    };
    let theirs = records(json!({ "ike.lifetime_secs": 3600 }));
    assert!(collides(&theirs, &json!({ "ike.dh_group": "group14" })));
    assert!(collides(&theirs, &json!({ "psk": { "state": "set" } })));
    assert!(!collides(&theirs, &json!({ "ipsec.pfs": "group14" })));
    assert!(!collides(&theirs, &json!({ "ike.lifetime_secs": 3600 })));
    assert!(PROVIDERS.len() == 3);
}
