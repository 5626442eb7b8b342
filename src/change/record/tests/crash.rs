//! A change that is killed at every effect it has on the disk and the network.

use std::rc::Rc;

use super::{NEW, OLD, REFS, World, asked, pair};
use crate::emulated::Fault;
use crate::error::exit;
use crate::model::{Key, Settings, Value};
use crate::operation::disk::{Death, Disk};
use crate::operation::event::{Outcome, Which};
use crate::operation::state::Position;
use crate::wire::Wire;

#[test]
fn killed_at_any_effect_a_change_can_be_finished_or_rolled_back_and_the_record_names_the_truth() {
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
                        assert_eq!(world.holds(), pair("previous", OLD), "{place}");
                        continue;
                    };
                    schedules += 1;
                    let truth = if world.is_renamed() { Which::New } else { Which::Old };
                    assert!(state.ends[0].possible(world.clouds.now()).contains(&truth), "{place}: {truth:?}, {state:?}");
                    let done = if state.outcome.is_some() && !back { state } else { world.again(back, false).unwrap() };
                    let end = if back { Outcome::RolledBack } else { Outcome::Committed };
                    assert_eq!(done.outcome, Some(end), "{place}");
                    let holds = world.holds();
                    let name = if back { "previous" } else { "renamed" };
                    assert_eq!(holds.0, name, "{place}");
                    // The previous key at Huawei is not known.
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
fn a_rollback_waits_until_no_late_request_can_be_executed() {
    // The clock of this machine is right, or is set forward or back before the rollback, by as much as a cloud accepts.
    for (reference, ahead) in REFS[..2].iter().flat_map(|reference| [0, 290, -290].map(|ahead| (reference, ahead))) {
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
        world.ahead.set(ahead);
        let state = world.again(true, false).unwrap();
        assert_eq!(state.outcome, Some(Outcome::RolledBack));
        let most = world.registration.validity.as_secs() + 120;
        assert!((300..most).contains(&(world.clouds.now() - began).to_std().unwrap().as_secs()), "{reference} {ahead}");
        assert_eq!(world.holds(), pair("previous", OLD), "{reference}");
    }
}

#[test]
fn a_change_costs_few_syncs_and_a_failing_disk_stops_it_before_anything_is_sent() {
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
                assert_eq!(world.holds(), pair("previous", OLD), "{nth}");
                assert!(error.to_string().contains("--no-record") && error.state == "nothing was sent", "{error}");
            }
            Err(error) => assert!(error.exit == exit::NETWORK || error.exit == exit::UNKNOWN, "{error}"),
        }
    }
}

#[test]
fn a_record_that_lost_its_end_is_not_believed() {
    for reference in REFS {
        for undone in [false, true] {
            let world = World::new(reference);
            world.modify().unwrap();
            if undone {
                world.again(true, false).unwrap();
            }
            let id = world.records().list().unwrap().pop().unwrap();
            let path = crate::operation::journal::path(&world.records().directory, &id);
            let bytes = world.disk.read(&path).unwrap();
            let ends: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] == b'\n').map(|place| place + 1).collect();
            for (cut, back) in ends.iter().flat_map(|cut| [(*cut, false), (*cut, true)]) {
                let world = World { disk: Rc::new(world.disk.copy()), clouds: world.copy_of_clouds(), ..World::new(reference) };
                world.disk.truncate(&path, cut as u64).unwrap();
                let place = format!("{reference} undone {undone} cut at {cut} back {back}");
                let known = world.records().peek(&id).unwrap();
                assert!(known.outcome.is_none() && known.ends[0].possible(world.clouds.now()).len() == 2, "{place}: {known:?}");
                let done = world.again(back, false).unwrap();
                assert_eq!(done.outcome, Some(if back { Outcome::RolledBack } else { Outcome::Committed }), "{place}");
                let holds = world.holds();
                assert_eq!(holds.0, if back { "previous" } else { "renamed" }, "{place}");
                if !(world.hides_key() && (back || undone)) {
                    assert_eq!(holds.1, if back { OLD } else { NEW }, "{place}");
                }
            }
        }
    }
}
