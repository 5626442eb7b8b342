//! When a new key takes effect, and when a tunnel goes down and up.

use super::*;

#[test]
fn new_key_leaves_the_tunnel_up_until_the_ends_renegotiate() {
    for references in [V1, V2] {
        let world = World::new(&[]);
        let sides = world.sides(references);
        let before = sides[0].in_effect();
        assert_eq!(sides[1].in_effect(), before);
        for side in &sides {
            side.key(NEW).unwrap();
            assert_eq!((side.in_effect(), side.configured()), (before.clone(), NEW.to_owned()));
            world.settle();
            assert_eq!(side.configured(), NEW);
            assert_eq!(up(&sides), [true, true], "{references:?}");
        }
        sides[0].renegotiate().unwrap();
        world.settle();
        assert_eq!(up(&sides), [false, false], "{references:?}");
        world.negotiate();
        assert_eq!((up(&sides), sides[0].in_effect(), sides[1].in_effect()), ([true, true], NEW.to_owned(), NEW.to_owned()));
    }
}

#[test]
fn ikev2_key_of_huawei_takes_effect_at_the_next_reset() {
    let world = World::new(&[]);
    let [huawei, tencent] = world.sides(V2);
    huawei.key(NEW).unwrap();
    world.settle();
    let old = tencent.in_effect();
    assert_eq!((huawei.in_effect(), huawei.configured()), (old, NEW.to_owned()));
    huawei.renegotiate().unwrap();
    world.settle();
    world.negotiate();
    assert_eq!((huawei.in_effect().as_str(), huawei.is_up(0), tencent.is_up(0)), (NEW, false, false));
}

#[test]
fn different_keys_fail_at_the_end_of_the_ike_lifetime_in_ikev1_and_never_in_ikev2() {
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
fn keys_that_agree_again_in_time_do_no_harm() {
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
fn tunnel_stays_down_after_a_refused_authentication_unless_an_end_tries_again() {
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
fn end_without_an_emulated_peer_goes_down_and_up_at_a_reset() {
    let world = World::new(&[]);
    let mut side = world.side("alibaba@cn-beijing/tunnel/vco-2zedualtunnel00001");
    side.address = vec![("tunnel", "slave".to_owned())];
    side.key(NEW).unwrap();
    world.settle();
    assert!(side.is_up(0) && side.is_up(1));
    let keys = [0, 1].map(|tunnel| key_in_effect(&world.wire.store().borrow(), "alibaba", &side.target.id, Some(tunnel)).unwrap());
    assert_eq!(keys, ["DualMaster2026key", NEW]);
    side.renegotiate().unwrap();
    world.settle();
    assert!(!side.is_up(0) && !side.is_up(1), "the switch resets both tunnels");
    world.negotiate();
    assert!(side.is_up(0) && side.is_up(1));
}

#[test]
fn every_kind_accepts_a_new_key_and_a_reset_that_makes_it_take_effect() {
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
        assert_eq!(side.in_effect(), NEW, "{reference}");
        // The one thing that a reset of Alibaba leaves is the switch that made it.
        let mut left = beyond(&side.read());
        left.retain(|line| !line.starts_with("EffectImmediately"));
        let mut expected = beyond(&before);
        expected.retain(|line| !line.starts_with("EffectImmediately"));
        assert_eq!(left, expected, "{reference}");
    }
}
