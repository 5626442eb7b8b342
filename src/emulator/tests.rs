//! The emulator in memory, on a clock of its own: requests that come late, keys in force, negotiations.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::call::client::{CallError, Client};
use crate::call::transport::Transport;
use crate::command::known_kind;
use crate::emulated::Chance;
use crate::error::Class;
use crate::model::{Connection, Key, Ref, Secret, Settings, Value};
use crate::print::output::{Color, Output};
use crate::print::shape::Shape;
use crate::provider::{Accepted, Edit, Profile, Target};
use crate::wire::Stamp;
use crate::wire::Wire;
use crate::wire::{Call, Credentials};

const OLD_V1: &str = "pgw6dy7d1i8in7x5";
const NEW: &str = "Rotated2026KeyAbcdefGhijklMnopqrStuvwxYz01";
/// IKEv1, at a gateway and at Tencent.
const V1: [&str; 2] = ["alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i", "tencent@ap-shanghai/vpnx-partneral01"];
/// IKEv2.
const V2: [&str; 2] = ["huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3", "tencent@ap-beijing/vpnx-partnerhw01"];
const DUAL: &str = "alibaba@cn-beijing/vco-2zedualtunnel00001";
const IKE_LIFETIME: Duration = Duration::from_hours(24);

/// A clock, the clouds, and clients of them.
struct World {
    wire: InMemory,
}

/// An end, with a client of its own.
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
        let (registration, kind) = known_kind(&reference).unwrap();
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

    fn in_force(&self) -> String {
        self.of(key_in_force)
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
        agree::is_up(thing, tunnel).unwrap()
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn up(sides: &[Side; 2]) -> [bool; 2] {
    [sides[0].is_up(0), sides[1].is_up(0)]
}

#[test]
fn a_request_is_fresh_as_long_as_its_cloud_says_by_the_wires_clock() {
    for reference in [V1[0], V1[1], V2[0]] {
        let world = World::new(&[]);
        let side = world.side(reference);
        let (validity, show) = (side.client.provider.registration().validity, side.client.provider.show(&side.target));
        let (early, late) = (side.client.stamp(), side.client.stamp());
        assert_eq!((early.time, early.nonce == late.nonce), (world.wire.now(), false));
        world.pass(validity - Duration::from_mins(1));
        side.once(&show, &early).unwrap();
        world.pass(Duration::from_mins(2));
        let refused = side.once(&show, &late).unwrap_err();
        assert!(matches!(&refused, CallError::Refused(error) if error.class == Class::Clock), "{refused:?}");
        // Nobody's clock is wrong: the request was old.
        assert!(side.client.offset().num_seconds().abs() < 2);
        side.read();
    }
}

#[test]
fn a_clouds_wrong_clock_is_learned_from_one_attempt() {
    let world = World::new(&[]);
    world.wire.store().borrow_mut().skew_secs = 3600;
    let side = world.side(V1[0]);
    let show = side.client.provider.show(&side.target);
    let refused = side.once(&show, &side.client.stamp()).unwrap_err();
    assert!(matches!(&refused, CallError::Refused(error) if error.class == Class::Clock), "{refused:?}");
    assert_eq!(side.client.offset().num_seconds(), 3600);
    side.once(&show, &side.client.stamp()).unwrap();
    let other = world.side(V1[0]);
    other.client.set_offset(side.client.offset());
    other.read();
}

#[test]
fn a_new_key_touches_nothing_that_runs_until_the_ends_negotiate_anew() {
    for references in [V1, V2] {
        let world = World::new(&[]);
        let sides = world.sides(references);
        let before = sides[0].in_force();
        assert_eq!(sides[1].in_force(), before);
        for side in &sides {
            side.key(NEW).unwrap();
            assert_eq!((side.in_force(), side.configured()), (before.clone(), NEW.to_owned()));
            world.settle();
            assert_eq!(side.configured(), NEW);
            assert_eq!(up(&sides), [true, true], "{references:?}");
        }
        sides[0].renegotiate().unwrap();
        world.settle();
        assert_eq!(up(&sides), [false, false], "{references:?}");
        world.negotiate();
        assert_eq!((up(&sides), sides[0].in_force(), sides[1].in_force()), ([true, true], NEW.to_owned(), NEW.to_owned()));
    }
}

#[test]
fn an_ikev2_key_of_huawei_is_in_force_once_the_connection_was_reset() {
    let world = World::new(&[]);
    let [huawei, tencent] = world.sides(V2);
    huawei.key(NEW).unwrap();
    world.settle();
    let old = tencent.in_force();
    assert_eq!((huawei.in_force(), huawei.configured()), (old, NEW.to_owned()));
    huawei.renegotiate().unwrap();
    world.settle();
    world.negotiate();
    assert_eq!((huawei.in_force().as_str(), huawei.is_up(0), tencent.is_up(0)), (NEW, false, false));
}

#[test]
fn different_keys_show_at_the_end_of_the_ike_lifetime_with_ikev1_and_never_with_ikev2() {
    for (references, then) in [(V1, false), (V2, true)] {
        let world = World::new(&[]);
        let sides = world.sides(references);
        sides[1].key(NEW).unwrap();
        world.settle();
        world.pass(IKE_LIFETIME - Duration::from_secs(5));
        assert_eq!(up(&sides), [true, true]);
        world.pass(Duration::from_mins(1));
        assert_eq!(up(&sides), [then, then], "{references:?}");
    }
}

#[test]
fn keys_that_agree_again_in_time_are_never_missed() {
    let world = World::new(&[]);
    let sides = world.sides(V1);
    sides[1].key(NEW).unwrap();
    world.settle();
    sides[0].key(NEW).unwrap();
    world.settle();
    world.pass(IKE_LIFETIME * 10);
    assert_eq!(up(&sides), [true, true]);
}

#[test]
fn after_a_refused_authentication_somebody_has_to_start_unless_an_end_tries_again() {
    for (faults, then) in [(&[][..], false), (&["retry:30000#vpnx-partneral01"], true)] {
        let world = World::new(faults);
        let sides = world.sides(V1);
        sides[0].key(NEW).unwrap();
        world.settle();
        sides[0].renegotiate().unwrap();
        world.pass(Duration::from_mins(1));
        assert_eq!(up(&sides), [false, false]);
        sides[1].key(NEW).unwrap();
        world.settle();
        world.pass(Duration::from_mins(1));
        assert_eq!(up(&sides), [then, then]);
        sides[1].renegotiate().unwrap();
        world.settle();
        world.negotiate();
        assert_eq!(up(&sides), [true, true]);
    }
}

#[test]
fn an_end_without_a_partner_goes_down_and_up_again_when_it_is_reset() {
    let world = World::new(&[]);
    let mut side = world.side("alibaba@cn-beijing/tunnel/vco-2zedualtunnel00001");
    side.address = vec![("tunnel", "slave".to_owned())];
    side.key(NEW).unwrap();
    world.settle();
    assert!(side.is_up(0) && side.is_up(1));
    let keys = [0, 1].map(|tunnel| key_in_force(&world.wire.store().borrow(), "alibaba", &side.target.id, Some(tunnel)).unwrap());
    assert_eq!(keys, ["DualMaster2026key", NEW]);
    side.renegotiate().unwrap();
    world.settle();
    assert!(!side.is_up(0) && !side.is_up(1), "the switch is of both tunnels");
    world.negotiate();
    assert!(side.is_up(0) && side.is_up(1));
}

#[test]
fn every_kind_takes_a_new_key_that_waits_and_a_reset() {
    for reference in [
        V1[0],
        V1[1],
        V2[0],
        DUAL,
        "alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf",
        "alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll",
    ] {
        let world = World::new(&[]);
        let mut side = world.side(reference);
        if reference == DUAL {
            side.address = vec![("tunnel", "master".to_owned())];
        }
        let before = side.read();
        side.key(NEW).unwrap();
        world.settle();
        let after = side.read();
        assert_eq!(side.configured(), NEW, "{reference}");
        let beyond = |connection: &Connection| {
            let seen = connection.seen_from(side.tunnel(connection));
            seen.iter().filter(|(key, _)| *key != Key::Psk).map(|(key, value)| format!("{key:?} {value}")).collect::<Vec<_>>()
        };
        assert_eq!(beyond(&after), beyond(&before), "{reference}");
        side.renegotiate().unwrap();
        world.settle();
        world.negotiate();
        assert_eq!(side.in_force(), NEW, "{reference}");
        // The one thing that a reset of Alibaba leaves is the switch that made it.
        let mut left = beyond(&side.read());
        left.retain(|line| !line.starts_with("EffectImmediately"));
        let mut expected = beyond(&before);
        expected.retain(|line| !line.starts_with("EffectImmediately"));
        assert_eq!(left, expected, "{reference}");
    }
}

#[test]
fn a_late_request_is_taken_while_it_is_fresh_and_not_after() {
    for (ms, taken) in [(240_000, true), (1_000_000, false)] {
        for references in [V1, V2] {
            for reference in references {
                let world = World::new(&[]);
                let side = world.side(reference);
                let before = side.configured();
                let mut fault: Fault = format!("late:{ms}").parse().unwrap();
                fault.id.clone_from(&side.target.id);
                // The read comes first, and arrives.
                fault.skip = 1;
                world.wire.store().borrow_mut().faults.push(fault);
                assert!(matches!(side.key(NEW), Err(CallError::Lost(_))));
                world.pass(Duration::from_secs(230));
                assert_eq!(side.configured(), before);
                // What is on its way survives with the state.
                let saved = serde_json::to_string(&*world.wire.store().borrow()).unwrap();
                *world.wire.store().borrow_mut() = serde_json::from_str(&saved).unwrap();
                world.pass(Duration::from_mins(17));
                assert_eq!(side.configured() == NEW, taken, "{reference} {ms}");
            }
        }
    }
}

#[test]
fn a_late_change_takes_its_settling_time_from_when_it_arrives() {
    let world = World::new(&["late:60000+1"]);
    let side = world.side(V1[0]);
    side.key(NEW).unwrap_err();
    world.pass(Duration::from_millis(60_001));
    assert_eq!((side.in_force().as_str(), side.configured().as_str()), (OLD_V1, NEW));
    world.settle();
    assert_eq!(side.in_force(), NEW);
}

#[test]
fn a_copy_that_comes_later_undoes_a_newer_change_only_where_no_nonce_stops_it() {
    for (reference, undone) in [(V1[0], false), (V1[1], true), (V2[0], true)] {
        let world = World::new(&[]);
        let side = world.side(reference);
        let original = side.configured();
        world.wire.store().borrow_mut().faults = vec![Fault { skip: 1, ms: 30_000, ..Fault::new(What::Echo) }];
        side.key(NEW).unwrap();
        world.settle();
        side.key(&original).unwrap();
        world.settle();
        assert_eq!(side.configured(), original);
        world.pass(Duration::from_mins(1));
        assert_eq!(side.configured() == NEW, undone, "{reference}");
    }
}

#[test]
fn a_reset_that_fails_leaves_the_tunnel_down_until_the_next() {
    for references in [V1, V2] {
        let world = World::new(&["reset-fails"]);
        let sides = world.sides(references);
        sides[0].renegotiate().unwrap();
        world.pass(Duration::from_mins(5));
        assert_eq!(up(&sides), [false, false], "{references:?}");
        sides[0].renegotiate().unwrap();
        world.pass(Duration::from_mins(5));
        assert_eq!(up(&sides), [true, true], "{references:?}");
    }
}

#[test]
fn somebody_else_changes_the_key_of_the_connection_that_is_named() {
    for reference in [V1[0], V1[1], V2[0]] {
        let id = Ref::parse(reference).unwrap().id;
        let world = World::new(&[&format!("edit:20000@{id}")]);
        let side = world.side(reference);
        let before = side.configured();
        side.read();
        world.pass(Duration::from_secs(19));
        assert_eq!(side.configured(), before);
        world.pass(Duration::from_secs(2));
        assert!(side.configured().starts_with("Third-Party-Key-"), "{reference}");
    }
}

#[test]
fn a_fault_waits_for_its_operation_and_its_connection() {
    let world = World::new(&["internal@ModifyVpnConnectionAttribute#vpnx-partnerhw01", "cut@UpdateVpnConnection", "throttle#vpnx-partner"]);
    let [alibaba, tencent] = world.sides(V1);
    let [huawei, partner] = world.sides(V2);
    alibaba.key(NEW).unwrap();
    tencent.key(NEW).unwrap();
    assert!(matches!(huawei.key(NEW), Err(CallError::Lost(_))));
    assert!(matches!(partner.key(NEW), Err(CallError::Lost(_))));
    assert_eq!(partner.read().settings.get(Key::Psk), Some(&Value::secret("Huawei-Seed-2022")));
    assert_eq!(world.wire.store().borrow().faults.len(), 1, "an id is a whole word");
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let run = |seed| {
        let world = World::new(&[]);
        let side = world.side(V1[1]);
        world.wire.store().borrow_mut().chance = Some(Chance::new(seed, 50));
        for key in 0..20 {
            let current = side.once(&side.client.provider.show(&side.target), &side.client.stamp());
            if let Ok(current) = current {
                let change = side.client.provider.key_change(&current, None, &Secret::new(format!("Key-{key:04}-Abcd")));
                let _ = side.once(&side.key_call(&current, &change, "t"), &side.client.stamp());
            }
            world.pass(Duration::from_secs(30));
        }
        world.pass(Duration::from_mins(30));
        side.configured()
    };
    assert_eq!(run(3), run(3));
    assert!((0..10).map(run).collect::<std::collections::BTreeSet<_>>().len() > 1);
}
