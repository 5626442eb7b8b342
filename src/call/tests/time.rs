//! Which time counts: a request's age, and a cloud's wrong clock.

use super::*;

#[test]
fn request_is_fresh_for_its_clouds_validity_on_the_wires_clock() {
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
        // The request was old; no clock is wrong.
        assert!(side.client.offset().num_seconds().abs() < 2);
        side.read();
    }
}

#[test]
fn offset_of_a_clouds_clock_is_learned_from_one_attempt() {
    let world = World::new(&[]);
    world.wire.store().borrow_mut().skew_secs = 3600;
    let side = world.side(V1[0]);
    let show = side.client.provider.show(&side.target);
    let refused = side.once(&show, &side.client.stamp()).unwrap_err();
    assert!(matches!(&refused, CallError::Refused(error) if error.class == Class::Clock), "{refused:?}");
    assert_eq!(side.client.offset().num_seconds(), 3600);
    side.once(&show, &side.client.stamp()).unwrap();
}
