//! How a change ends that somebody else interferes with, that is refused, or that is not waited for.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::{NEW, OLD, REFS, World, asked, pair};
use crate::change::run;
use crate::error::exit;
use crate::model::{Key, Settings, Value};
use crate::operation::event::{Outcome, Which};
use crate::operation::id::OperationId;
use crate::operation::seal::SealKey;
use crate::operation::state::Position;
use crate::system::runtime;

#[test]
fn a_foreign_value_is_left_alone_and_sealed_when_it_is_taken_over() {
    let world = World::new(REFS[0]);
    world.modify().unwrap();
    let third = Settings::from_iter([(Key::Psk, Value::secret("Third-Key-2026-canary-3")), (Key::Name, Value::Text("third".into()))]);
    world.change(&third, None, false).unwrap();
    let error = world.again(true, false).unwrap_err();
    assert!(error.message.contains("name is third; it was previous before, and set to renamed"), "{error}");
    assert!(error.next.iter().any(|next| next.contains("--take-over")) && !error.to_string().contains("canary"), "{error}");
    assert_eq!(world.holds(), pair("third", "Third-Key-2026-canary-3"));
    assert_eq!(world.again(true, true).unwrap().outcome, Some(Outcome::RolledBack));
    assert_eq!(world.holds(), pair("previous", OLD));
    let records = world.records();
    let id = records.list().unwrap().pop().unwrap();
    let seal = Rc::new(SealKey::new(Zeroizing::new([5; 32]), "/config/seal.key".into()));
    let all = records.sealer(&id, &seal).open_all().unwrap();
    assert!(all.iter().any(|(name, key)| name.starts_with("third-") && key.expose() == "Third-Key-2026-canary-3"));
}

#[test]
fn a_refused_change_is_closed_and_one_without_a_wait_is_finished_by_resume() {
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
    let mut wish = world.wish(&change);
    wish.flow.no_read = true;
    let error = runtime::run(run(&mut client, &wish, Some(&mut ledger))).unwrap().unwrap_err();
    let (_, state) = ledger.operation().unwrap();
    assert_eq!((error.exit, state.outcome), (exit::NOT_FOUND, Some(Outcome::Closed)));
    assert!(!state.way_back);
}
