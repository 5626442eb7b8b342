//! What a user runs: a rotation, and `operation resume` or `rollback` of one that was interrupted, as the commands do it but
//! without arguments and locks.

use std::rc::Rc;

use tunnelctl::testing::operation::{Drive, End, Event, Keys, Outcome, Planned, Records, Site, State, Sync, Verb, Which, prepare};
use tunnelctl::testing::{Error, Interrupt, exit};

use crate::at_once;
use crate::instant::{World, new_key};
use crate::pair::{connect, output};

/// A rotation of both ends, from their first reading.
pub fn rotate(world: &Rc<World>) -> Result<State, Error> {
    let mut drive = begin(world)?;
    at_once(drive.run()).map(|()| drive.state)
}

/// Begins a rotation: everything up to its sealed keys.
pub fn begin(world: &Rc<World>) -> Result<Drive, Error> {
    let mut ends = world.pair.ends(&world.as_wire());
    let records = world.records();
    let now = ends[0].now();
    for end in &mut ends {
        let End::Cloud(end) = end else { continue };
        at_once(end.read()).map_err(|error| error.harmless(&end.client, "to read"))?;
    }
    let names: Vec<(String, bool)> = ends.iter().map(|end| (end.name(), true)).collect();
    let not_before = records.unfinished(&names, now, &output())?;
    let old = prepare::previous(&ends, world.pair.given())?;
    let new = new_key();
    prepare::check_key(&ends, &new)?;
    let order = prepare::order(&ends);
    let mut slots: Vec<Option<End>> = ends.into_iter().map(Some).collect();
    let ends: Vec<End> = order.iter().filter_map(|place| slots[*place].take()).collect();
    let site = Site { emulated: true, ..Site::default() };
    let mut planned: Vec<Planned> = ends.iter().map(|end| end.plan(&site)).collect();
    for (plan, place) in planned.iter_mut().zip(&order) {
        plan.not_before = not_before[*place];
    }
    let event = Event::Planned {
        verb: Verb::Rotate,
        ends: planned,
        renegotiate: prepare::negotiator(&ends.iter().collect::<Vec<_>>()),
        renegotiate_with: None,
        before: None,
        change: None,
        way_back: old.is_some(),
    };
    let keys = Keys { old, new };
    let sealed: Vec<_> = keys.old.iter().map(|old| (Which::Old, old)).chain([(Which::New, &keys.new)]).collect();
    let opened = records.begin(Records::id(now)?, now, event, &sealed, &world.seal)?;
    Ok(Drive::new(opened.id, opened.journal, opened.state, ends, keys, output(), Interrupt::new()))
}

/// What `operation show` says; `None` if nothing is on record.
pub fn show(world: &Rc<World>) -> Result<Option<State>, Error> {
    let records = world.records();
    let Some(id) = records.list()?.pop() else { return Ok(None) };
    match records.known(&id)? {
        // A power cut before the first sync leaves an empty file. Where something was sent by then, the caller notices.
        (None, Some(_)) => Ok(None),
        (_, Some(damage)) => Err(damage),
        // It ended before its plan was on record.
        (state, None) => Ok(state),
    }
}

/// `operation resume` or `operation rollback` of the latest operation, by `aim`; `take_over` is the flag.
pub fn resume_or_roll_back(world: &Rc<World>, aim: Which, take_over: bool) -> Result<Option<State>, Error> {
    let Some(state) = show(world)? else { return Ok(None) };
    let records = world.records();
    let id = records.list()?.pop().ok_or_else(|| Error::new(exit::FAILED, "gone"))?;
    if let Some(outcome) = state.outcome
        && !(aim == Which::Old && outcome == Outcome::Committed && state.way_back)
    {
        return Ok(Some(state));
    }
    let mut ends = Vec::new();
    for end in &state.ends {
        let reference = world.pair.refs.iter().find(|reference| reference.to_string() == end.plan.end).cloned();
        ends.push(End::Cloud(Box::new(connect(&reference.unwrap(), &world.as_wire()))));
    }
    let keys = records.keys(&id, &state, &world.seal)?;
    let opened = records.open(id.clone())?;
    let mut drive = Drive::new(opened.id, opened.journal, opened.state, ends, keys, output(), Interrupt::new());
    if take_over {
        for place in 0..drive.state.ends.len() {
            if drive.state.ends[place].conflict.is_none() {
                continue;
            }
            at_once(drive.ends[place].look(&drive.keys, None, None, Which::New))?;
            if let Some(key) = drive.ends[place].key() {
                let name = format!("third-{}", tunnelctl::testing::fingerprint(&key));
                records.sealer(&id, &world.seal).seal(&[(&name, &key)])?;
            }
            drive.record(Event::TakenOver { end: place }, Sync::Now)?;
        }
        world.allow();
    }
    if aim == Which::Old {
        drive.turn(Which::Old, "asked for: operation rollback")?;
    }
    let done = at_once(drive.run());
    let state = drive.state;
    done.map(|()| Some(state))
}
