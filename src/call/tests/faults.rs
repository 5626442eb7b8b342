//! Requests that arrive late, failed resets, changes by somebody else, random faults.

use super::*;

#[test]
fn late_request_is_accepted_only_while_it_is_fresh() {
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
fn late_change_settles_from_its_arrival_on() {
    let world = World::new(&["late:60000+1"]);
    let side = world.side(V1[0]);
    side.key(NEW).unwrap_err();
    world.pass(Duration::from_millis(60_001));
    assert_eq!((side.in_effect().as_str(), side.configured().as_str()), (OLD_V1, NEW));
    world.settle();
    assert_eq!(side.in_effect(), NEW);
}

#[test]
fn late_copy_reverts_a_newer_change_only_where_no_nonce_prevents_it() {
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
fn failed_reset_leaves_the_tunnel_down_until_the_next_one() {
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
fn somebody_else_changes_the_key_of_the_named_connection() {
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
fn fault_waits_for_its_operation_and_its_connection() {
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
fn same_seed_gives_the_same_outcome() {
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
