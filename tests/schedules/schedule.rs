//! Crash schedules: for every run of an operation, every instant at which the process may end and every way to end there,
//! followed by `resume` or by `rollback`.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use tunnelctl::testing::operation::{Negotiation, Outcome, Proof, Which};

use crate::fork::{FATE_NAMES, Fork, GAP};
use crate::instant::{World, which};
use crate::pair::Pair;
use crate::run::{resume_or_roll_back, rotate, show};

/// Longer than any cloud accepts a request.
const WINDOW: Duration = Duration::from_mins(20);

/// What is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A rotation.
    Forward,
    /// The rollback of a committed one.
    Back,
    /// The rollback of one that was cut at the second end, after that write had been executed.
    PartlyDone,
}

impl Direction {
    pub const ALL: [Self; 3] = [Self::Forward, Self::Back, Self::PartlyDone];

    const fn name(self) -> &'static str {
        match self {
            Self::Forward => "rotation",
            Self::Back => "rollback of a committed one",
            Self::PartlyDone => "rollback of a partly done one",
        }
    }
}

/// The results of schedules.
#[derive(Debug, Default)]
pub struct Tally {
    /// Number of schedules: an instant, a way to end there, and what is run next.
    pub schedules: usize,
    /// How many were run: identical ones are run once.
    pub run: usize,
    /// How they ended.
    pub ends: BTreeMap<String, usize>,
    pub troubles: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.run += other.run;
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
        self.troubles.extend(other.troubles);
    }

    fn trouble(&mut self, schedule: &dyn fmt::Display, world: &World, text: &str) {
        self.troubles.push(format!("{schedule}:\n  {text}\n    {}", world.trace()));
    }

    fn take(&mut self, schedule: &dyn fmt::Display, world: &World) {
        for text in world.troubles() {
            self.trouble(schedule, world, &text);
        }
    }
}

/// The first words of the names of these schedules.
pub fn name(pair: &Pair, direction: Direction) -> String {
    format!("{}, {}", pair.name(), direction.name())
}

/// Runs one operation of a pair in one direction, after `prepare` has set up the world.
fn operate(direction: Direction, pair: &Pair, prepare: impl FnOnce(&World)) -> (Rc<World>, Option<String>) {
    let fresh = World::fresh(pair);
    let world = match direction {
        Direction::Forward => fresh,
        Direction::Back => {
            rotate(&fresh).unwrap();
            World::new(pair, fresh.leave(true))
        }
        Direction::PartlyDone => {
            // The second write is executed and its reply is lost; the process ends there.
            fresh.fate(2, 1);
            let _ = rotate(&fresh);
            let world = World::new(pair, fresh.forks().swap_remove(0));
            world.pass(GAP);
            world
        }
    };
    prepare(&world);
    let failed = match direction {
        Direction::Forward => rotate(&world).err(),
        Direction::Back | Direction::PartlyDone => resume_or_roll_back(&world, Which::Old, false).err(),
    };
    (world, failed.map(|error| error.to_string()))
}

/// Runs all schedules of a pair in one direction; `deep` also cuts the resumed or rolled-back run at each of its instants.
pub fn explore(pair: &Pair, direction: Direction, deep: bool, only: Option<&str>) -> Tally {
    let mut tally = Tally::default();
    let mut runs = vec![(String::from("nothing else"), None)];
    // The first run tells how many writes there are.
    let (world, _) = operate(direction, pair, |_| {});
    for nth in 1..=world.writes() {
        for (which, fate) in FATE_NAMES.iter().enumerate() {
            runs.push((format!("reply {nth} lost, {fate}"), Some((nth, which))));
        }
    }
    for (name, fate) in runs {
        let (world, failed) = operate(direction, pair, |world| match fate {
            Some((nth, which)) => world.fate(nth, which),
            None => world.fork(),
        });
        let name = format!("{}, {name}", self::name(pair, direction));
        if let Some(error) = failed {
            tally.trouble(&name, &world, &format!("the run failed: {error}"));
        }
        let forks = world.forks();
        tally.schedules += 2 * world.instances();
        finished(&world, &name, &mut tally);
        tally.take(&name, &world);
        for fork in forks {
            both(pair, &name, &fork, deep, only, &mut tally);
        }
    }
    tally
}

/// What `show` says of a fork, then `resume` and `rollback` of it.
fn both(pair: &Pair, name: &str, fork: &Fork, deep: bool, only: Option<&str>, tally: &mut Tally) {
    let label = format!("{name}, {}", fork.label);
    let wanted = |label: &str| only.is_none_or(|only| label.starts_with(only) || only.starts_with(label));
    if !wanted(&label) {
        return;
    }
    let world = World::new(pair, fork.copy());
    let turned = shown(&world, &label, tally);
    for (aim, verb) in [(Which::New, "resume"), (Which::Old, "rollback")] {
        let label = format!("{label}, {verb}");
        // Resuming an operation that is being rolled back rolls it back, so this would be the same run.
        if !wanted(&label) || turned && aim == Which::Old {
            continue;
        }
        let world = World::new(pair, fork.copy());
        world.pass(GAP);
        if deep {
            world.fork();
        }
        tally.run += 1;
        if let Err(error) = resume_or_roll_back(&world, aim, false) {
            tally.trouble(&label, &world, &format!("it failed: {error}"));
        }
        let forks = world.forks();
        tally.schedules += 2 * world.instances();
        finished(&world, &label, tally);
        tally.take(&label, &world);
        for fork in forks {
            both(pair, &label, &fork, false, only, tally);
        }
    }
}

/// Checks that what `operation show` says right after a crash covers what is true now and later. Returns whether the operation
/// is being rolled back.
fn shown(world: &Rc<World>, label: &str, tally: &mut Tally) -> bool {
    let state = match show(world) {
        Ok(Some(state)) => state,
        Ok(None) => {
            if world.sent() {
                tally.trouble(&label, world, "something was sent, and nothing is on record");
            }
            return false;
        }
        Err(error) => {
            tally.trouble(&label, world, &format!("it cannot be shown: {error}"));
            return false;
        }
    };
    let now = tunnelctl::testing::Wire::now(&**world);
    for end in &state.ends {
        let possible = end.possible(now);
        let mut check = |when: &str, key: &str| {
            if which(key).is_none_or(|which| !possible.contains(&which)) {
                tally.trouble(&label, world, &format!("{} {when} holds {key}, and {possible:?} is shown", end.plan.end));
            }
        };
        check("now", &world.pair.keys(&world.wire.store().borrow(), &end.plan.end)[0]);
    }
    world.pass(WINDOW);
    for end in &state.ends {
        let key = &world.pair.keys(&world.wire.store().borrow(), &end.plan.end)[0];
        if which(key).is_none_or(|which| !end.possible(now).contains(&which)) {
            tally.trouble(&label, world, &format!("{} later holds {key}, and {:?} is shown", end.plan.end, end.possible(now)));
        }
    }
    state.outcome.is_none() && state.aim == Which::Old
}

/// Checks the outcome that the disk holds after a power cut: it is true now and stays true.
pub fn finished(world: &Rc<World>, label: &str, tally: &mut Tally) {
    // An operation that was found finished is not written again.
    let left = World::new(&world.pair, world.leave(world.instants() > 0));
    let state = match show(&left) {
        Ok(Some(state)) => state,
        Ok(None) => {
            if world.sent() {
                tally.trouble(&label, world, "something was sent, and nothing is on record");
            }
            *tally.ends.entry("nothing begun".to_owned()).or_default() += 1;
            return;
        }
        Err(error) => return tally.trouble(&label, world, &format!("it cannot be read: {error}")),
    };
    let Some(outcome) = state.outcome else {
        return tally.trouble(&label, world, &format!("it has not ended: {}", tunnelctl::testing::operation::report::phase(&state)));
    };
    let proof = if let Negotiation::Proved(proof, _) = state.negotiation { proof.word() } else { "no proof" };
    *tally.ends.entry(format!("{} ({proof})", outcome.word())).or_default() += 1;
    if outcome == Outcome::Closed && world.sent() {
        tally.trouble(&label, world, "it is closed, and something was sent");
    }
    let meant = if outcome == Outcome::Committed { Which::New } else { Which::Old };
    let in_effect = !matches!(state.negotiation, Negotiation::Due | Negotiation::Proved(Proof::Left | Proof::Unknown, _));
    for when in ["at the end", "later"] {
        for end in &state.ends {
            let [configured, used] = left.pair.keys(&left.wire.store().borrow(), &end.plan.end);
            if which(&configured) != Some(meant) || in_effect && which(&used) != Some(meant) {
                let text = format!("{} {when} holds {configured}, and {used} is in effect; it ended {}", end.plan.end, outcome.word());
                tally.trouble(&label, world, &text);
            }
        }
        if !left.pair.is_up(&left.wire.store().borrow()) {
            tally.trouble(&label, world, &format!("the tunnel is down {when}; it ended {} ({proof})", outcome.word()));
        }
        left.pass(WINDOW);
    }
}
