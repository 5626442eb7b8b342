//! The journals of all worlds, as the real [`State`] has them. Worlds share them: each record is taken in once by the real
//! code, and each question is put to the real table once.
//!
//! Time: the clock of the model stands still, and requests get older. Only that of a state is kept on which the table, the
//! driver or what is shown to the user depends; the rest (times, tokens, words, the order of attempts) is made equal.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::event::{Event, Evidence, Outcome, Planned, Proof, Record, Site, Verb, Which};
use super::super::state::{Attempt, End, Negotiation, Position, State};
use super::super::transition::{Rules, Seen, Step, next};
use super::world::{EXPIRED, World, sights};

/// Seconds for which a cloud takes a request; with the margin of the state machine, 900.
const VALIDITY: i64 = 840;
/// Half the time until a request cannot be executed any more.
const HALF: i64 = 450;

/// A record, without what no step depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Note {
    Attempt(usize, Which),
    Acked(usize),
    Refused(usize),
    Holds(usize, Which, bool),
    Conflict(usize),
    TakenOver(usize),
    Turned(Which),
    Renegotiate(Option<usize>),
    Told(Option<usize>, bool),
    Proved(Proof),
    Finished(Outcome),
    Reopened,
}

/// What the model asks of a state, once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) aim: Which,
    pub(super) outcome: Option<Outcome>,
    pub(super) told: bool,
    pub(super) renegotiated: bool,
    pub(super) touched: bool,
    pub(super) ends: [EndFacts; 2],
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EndFacts {
    /// May hold the old, the new value, as `operation show` says.
    pub(super) old: bool,
    pub(super) new: bool,
    /// The latest announced request that is open, by age, that writes the old, the new value.
    pub(super) open: [Option<u8>; 2],
    /// Age of the last attempt.
    pub(super) last: u8,
    pub(super) doubtful: bool,
    /// It was read back, or believed, and nothing was begun since.
    pub(super) there: bool,
    pub(super) conflict: bool,
    pub(super) allowed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    /// Whether attempts are kept apart on which no step hangs, unless a rule is broken.
    exact: bool,
    states: Vec<State>,
    facts: Vec<Facts>,
    places: HashMap<Vec<u8>, u32>,
    /// What was asked already, by state.
    taken: Vec<Vec<(Note, u32)>>,
    settled: Vec<Option<u32>>,
    aged: Vec<[Option<u32>; 2]>,
    steps: Vec<Vec<(u16, Step)>>,
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn age(attempt: &Attempt) -> u8 {
    u8::try_from((now() - attempt.at).num_seconds() / HALF).unwrap_or(EXPIRED).min(EXPIRED)
}

fn set_age(attempt: &mut Attempt, age: u8) {
    let passed = TimeDelta::seconds(HALF * i64::from(age)) - (now() - attempt.at);
    attempt.at -= passed;
    attempt.until -= passed;
}

impl Facts {
    /// Whether somebody else's value was found.
    pub(super) fn conflict(&self) -> bool {
        self.ends.iter().any(|end| end.conflict)
    }
}

impl Book {
    pub(super) fn new(exact: bool) -> Self {
        Self { exact, ..Self::default() }
    }

    /// The plan of these ends; with its keys on record, or not.
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

    /// The same journal once no answer is waited for: nothing hangs on which attempt was the last.
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

    /// The journal when half the time has passed for which an end's requests can be executed.
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

    /// What the table says.
    pub(super) fn next(&mut self, world: &World, rules: &Rules) -> Step {
        let seen = sights(world.seen, world.negotiated);
        for (known, step) in &self.steps[world.memory as usize] {
            if *known == seen {
                return *step;
            }
        }
        let state = &self.states[world.memory as usize];
        let known = Seen { ends: world.seen[..state.ends.len()].to_vec(), negotiated: world.negotiated };
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

/// All of a state on which anything hangs. A field that is added to it has to be thought of here.
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
            // Nothing hangs on the others, only what is shown of the tunnel.
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

/// One attempt of a kind is as good as many, and their order nothing. Where that is `exact`, those that no step hangs on by the
/// rules count as well; otherwise it matters only that there were some.
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

fn facts(state: &State) -> Facts {
    let mut ends = [EndFacts::default(); 2];
    for (facts, end) in ends.iter_mut().zip(&state.ends) {
        let possible = end.possible(now());
        let open = |key: Which| end.attempts.iter().filter(|one| !one.acked && one.key == key && one.until > now()).map(age).min();
        *facts = EndFacts {
            old: possible.contains(&Which::Old),
            new: possible.contains(&Which::New),
            open: [open(Which::Old), open(Which::New)],
            last: end.attempts.last().map_or(0, age),
            there: end.position == Position::Holds(state.aim) && end.allowed.is_none(),
            doubtful: !matches!(end.position, Position::Holds(_)),
            conflict: end.conflict.is_some(),
            allowed: end.allowed.is_some(),
        };
    }
    Facts {
        aim: state.aim,
        outcome: state.outcome,
        told: matches!(state.negotiation, Negotiation::Told(_)),
        renegotiated: state.renegotiated,
        touched: state.ends.iter().any(End::is_touched),
        ends,
    }
}

fn event(note: Note) -> Event {
    let words = String::new;
    match note {
        Note::Attempt(end, key) => Event::Attempt { end, key, token: words(), request: words(), nonce: words(), at: now() },
        Note::Acked(end) => Event::Acked { end, request_id: None, task: None },
        Note::Refused(end) => Event::Refused { end, code: words() },
        Note::Holds(end, key, read) => Event::Holds { end, key, by: if read { Evidence::ReadBack } else { Evidence::Acknowledged } },
        Note::Conflict(end) => Event::Conflict { end, seen: words() },
        Note::TakenOver(end) => Event::TakenOver { end },
        Note::Turned(to) => Event::Turned { to, reason: words() },
        Note::Renegotiate(end) => Event::Renegotiate { end, tunnel: words(), token: words(), at: now() },
        Note::Told(end, refused) => Event::Told { end, refused: refused.then(words) },
        Note::Proved(proof) => Event::Proved { proof, detail: words() },
        Note::Finished(outcome) => Event::Finished { outcome },
        // The same end as before: nothing in the table hangs on it.
        Note::Reopened => Event::Reopened { renegotiate: None },
    }
}
