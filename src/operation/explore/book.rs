//! The journals of all worlds, as the real [`State`] has them. Worlds share journals: each record is applied once by the real
//! code, and each question is asked of the real table once.
//!
//! The clock of the model stands still and requests get older instead. Of a state, only that counts which the table, the driver
//! or the output depends on; the rest (times, tokens, words, the order of attempts) is made equal.

use std::collections::HashMap;

use super::super::event::{Event, Planned, Proof, Record, Site, Verb, Which};
use super::super::state::{End, Negotiation, Position, State};
use super::super::transition::{Rules, Seen, Step, next};
use super::clock::{VALIDITY, age, now, set_age};
use super::facts::{Facts, facts};
use super::note::{Note, event};
use super::world::{EXPIRED, World, sights};

/// The journals of all worlds, each with its state.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// See [`Book::new`].
    exact: bool,
    states: Vec<State>,
    facts: Vec<Facts>,
    places: HashMap<Vec<u8>, u32>,
    /// The questions asked so far, by state.
    taken: Vec<Vec<(Note, u32)>>,
    settled: Vec<Option<u32>>,
    aged: Vec<[Option<u32>; 2]>,
    steps: Vec<Vec<(u16, Step)>>,
}

impl Book {
    /// An empty book. `exact` keeps attempts apart that no step depends on while all rules hold.
    pub(super) fn new(exact: bool) -> Self {
        Self { exact, ..Self::default() }
    }

    /// The journal with the plan of these ends, and with the keys sealed or not.
    pub(super) fn begin(&mut self, verb: Verb, readable: &[bool], renegotiate: Option<usize>, command: bool, sealed: bool) -> u32 {
        let end = |(place, readable): (usize, &bool)| Planned {
            end: place.to_string(),
            tunnel: None,
            api: String::new(),
            site: Site::default(),
            gateway: None,
            readable: *readable,
            service: String::new(),
            not_before: None,
            validity: VALIDITY,
            reload: None,
        };
        let planned = Event::Planned {
            verb,
            ends: readable.iter().enumerate().map(end).collect(),
            renegotiate,
            renegotiate_with: command.then(String::new),
            before: None,
            change: None,
            way_back: true,
        };
        let key = || Some(String::new());
        let mut records = vec![Record { time: now(), event: planned }];
        if sealed {
            records.push(Record { time: now(), event: Event::Sealed { old: key(), new: key() } });
        }
        self.place(State::of(&records).expect("it begins with its plan"))
    }

    /// The journal with one more record.
    pub(super) fn take(&mut self, place: u32, note: Note) -> u32 {
        for (known, taken) in &self.taken[place as usize] {
            if *known == note {
                return *taken;
            }
        }
        let mut state = self.states[place as usize].clone();
        state.take(&Record { time: now(), event: event(note) });
        let taken = self.place(state);
        self.taken[place as usize].push((note, taken));
        taken
    }

    /// The same journal once no answer is awaited: then it does not matter which attempt was the last.
    pub(super) fn settle(&mut self, place: u32) -> u32 {
        if let Some(known) = self.settled[place as usize] {
            return known;
        }
        let mut state = self.states[place as usize].clone();
        state.ends.iter_mut().for_each(|end| merge(end, self.exact));
        let settled = self.place(state);
        self.settled[place as usize] = Some(settled);
        settled
    }

    /// The journal after half the time for which an end's requests can be executed.
    pub(super) fn age(&mut self, place: u32, end: usize) -> u32 {
        if let Some(known) = self.aged[place as usize][end] {
            return known;
        }
        let mut state = self.states[place as usize].clone();
        for attempt in &mut state.ends[end].attempts {
            set_age(attempt, (age(attempt) + 1).min(EXPIRED));
        }
        let aged = self.place(state);
        self.aged[place as usize][end] = Some(aged);
        aged
    }

    /// The next step by the table.
    pub(super) fn next(&mut self, world: &World, rules: &Rules) -> Step {
        let seen = sights(world.seen, world.negotiated);
        for (known, step) in &self.steps[world.memory as usize] {
            if *known == seen {
                return *step;
            }
        }
        let state = &self.states[world.memory as usize];
        let known = Seen { ends: world.seen[..state.ends.len()].to_vec(), negotiated: world.negotiated, begun: false };
        let step = next(state, &known, now(), rules);
        self.steps[world.memory as usize].push((seen, step));
        step
    }

    pub(super) fn facts(&self, place: u32) -> &Facts {
        &self.facts[place as usize]
    }

    pub(super) fn state(&self, place: u32) -> &State {
        &self.states[place as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    fn place(&mut self, state: State) -> u32 {
        let key = key(&state);
        if let Some(known) = self.places.get(&key) {
            return *known;
        }
        let place = u32::try_from(self.states.len()).unwrap();
        self.places.insert(key, place);
        self.facts.push(facts(&state));
        self.states.push(state);
        self.taken.push(Vec::new());
        self.settled.push(None);
        self.aged.push([None; 2]);
        self.steps.push(Vec::new());
        place
    }
}

/// Everything of a state that anything depends on. A new field of the state must be considered here.
fn key(state: &State) -> Vec<u8> {
    let State { verb, aim, ends, sealed, negotiation, renegotiated, outcome, shredded: false, .. } = state else {
        unreachable!("nothing is shredded here")
    };
    let which = |which: Which| u8::from(which == Which::New);
    let mut key = vec![
        u8::from(*verb == Verb::Rotate) * 2 + which(*aim),
        u8::from(sealed.is_some()) * 2 + u8::from(*renegotiated),
        outcome.map_or(0, |outcome| 1 + outcome as u8),
        match negotiation {
            Negotiation::Due => 0,
            Negotiation::Told(_) => 1,
            // The other proofs only change what is shown of the tunnel.
            Negotiation::Proved(proof, _) => 2 + u8::from(*proof == Proof::Down),
        },
    ];
    for End { position, before, attempts, conflict, allowed, plan: _, evidence: _, request_id: _, since: _ } in ends {
        let place = |position: &Position| match position {
            Position::Holds(key) => which(*key),
            Position::Doubt(key) => 2 + which(*key),
            Position::Taken(key) => 4 + which(*key),
        };
        key.extend([place(position) * 6 + place(before), u8::from(conflict.is_some()) * 2 + u8::from(allowed.is_some())]);
        key.extend(attempts.iter().map(|one| 128 + age(one) * 4 + u8::from(one.acked) * 2 + which(one.key)));
    }
    key
}

/// Keeps one attempt of each kind, in a fixed order. Attempts that no step depends on while the rules hold are kept if `exact`;
/// otherwise only that there were some.
fn merge(end: &mut End, exact: bool) {
    let some = end.attempts.last().cloned();
    if !exact {
        end.attempts.retain(|one| !one.acked && age(one) < EXPIRED);
    }
    end.attempts.sort_by_key(|one| (one.key, one.at, one.acked));
    end.attempts.dedup_by_key(|one| (one.key, one.at, one.acked));
    if let (true, Some(mut one)) = (end.attempts.is_empty(), some) {
        set_age(&mut one, EXPIRED);
        (one.key, one.acked) = (Which::New, true);
        end.attempts.push(one);
    }
    end.before = end.position;
}
