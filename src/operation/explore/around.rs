//! What happens around the program: requests are executed late, time passes, somebody else writes, the program dies, and the
//! user decides what to do next.

use super::super::event::{Outcome, Which};
use super::super::transition::{Sight, Step};
use super::driver::{Driver, NOWHERE, Next};
use super::note::Note;
use super::world::{At, EXPIRED, Value, World};

impl Driver<'_> {
    /// Collects all that can happen.
    pub(super) fn happen(&mut self, world: &World, out: &mut Next) {
        for end in 0..self.setting.count() {
            self.arrive(world, end, out);
            self.edit(world, end, out);
            if let Some(then) = self.wait(world, end) {
                out.push((("time passes", end), then));
            }
        }
        self.give_up(world, out);
        if world.at != At::Dead {
            let dead = self.die(*world);
            out.push((("the program dies", NOWHERE), dead));
        }
    }

    /// `Drive::run`: an error before anything was announced closes the operation.
    fn give_up(&mut self, world: &World, out: &mut Next) {
        let facts = *self.memory(world);
        if world.at == At::Idle && facts.outcome.is_none() && !facts.conflict() && !facts.touched {
            let mut then = *world;
            if facts.aim == Which::New {
                self.record(&mut then, Note::Turned(Which::Old));
            }
            self.record(&mut then, Note::Finished(Outcome::Closed));
            let then = self.die(then);
            out.push((("an error before anything was sent: closed", NOWHERE), then));
        }
    }

    /// A late request is executed.
    fn arrive(&self, world: &World, end: usize, out: &mut Next) {
        for slot in 0..self.setting.flights {
            let mut then = *world;
            let Some(flight) = then.ends[end].flights[slot].take() else { continue };
            then.ends[end].order();
            then.ends[end].execute(flight.value, self.setting.slow);
            out.push((("a late request is executed", end), then));
        }
    }

    /// Half the time for which an end accepts a request passes, or all of it. None where that changes nothing.
    fn wait(&mut self, world: &World, end: usize) -> Option<World> {
        let mut then = *world;
        for _ in 0..if self.setting.ages { 1 } else { EXPIRED } {
            then.memory = self.book.age(then.memory, end);
            then.disk = self.book.age(then.disk, end);
            then.ends[end].age();
        }
        if matches!(then.at, At::Idle | At::Dead) {
            then.memory = self.book.settle(then.memory);
            then.disk = self.book.settle(then.disk);
        }
        (then != *world).then_some(then)
    }

    /// The time passes that the program waits for.
    pub(super) fn waited(&mut self, world: &World) -> Option<World> {
        if world.at != At::Idle {
            return None;
        }
        let Step::Wait(end, _) = self.book.next(world, &self.setting.rules) else { return None };
        self.wait(world, end)
    }

    /// Somebody else writes.
    fn edit(&self, world: &World, end: usize, out: &mut Next) {
        if world.edits == 0 {
            return;
        }
        let mut then = *world;
        then.edits -= 1;
        // A write between a look and the action that follows cannot be noticed.
        let resting = match world.at {
            At::Announced(place) => place == end && self.setting.rules.look,
            At::Asking(..) => true,
            // A look is used up once its result is on record.
            _ => world.seen[end] != Sight::Unseen && !self.memory(world).ends[end].there,
        };
        let truth = &mut then.ends[end];
        truth.settle();
        (truth.holds, truth.unlooked, truth.behind) = (Value::Third, true, resting);
        out.push((("somebody else writes", end), then));
    }

    /// `operation resume` and `operation rollback`, with `--take-over` or not, and forward again.
    pub(super) fn decide(&mut self, world: &World, out: &mut Next) {
        let facts = *self.memory(world);
        let mut then = *world;
        if let Some(outcome) = facts.outcome {
            then.at = At::Idle;
            if !self.setting.modify {
                self.record(&mut then, Note::Reopened);
                out.push((("resume, to renegotiate after all", NOWHERE), then));
            }
            if outcome == Outcome::Committed {
                let mut then = World { at: At::Idle, ..*world };
                self.record(&mut then, Note::Turned(Which::Old));
                out.push((("roll back what was committed", NOWHERE), then));
            }
            return;
        }
        then.at = At::Idle;
        out.push((("resume", NOWHERE), then));
        self.record(&mut then, Note::Turned(facts.aim.other()));
        out.push(((if facts.aim == Which::New { "roll back" } else { "forward again" }, NOWHERE), then));
        for end in (0..self.setting.count()).filter(|end| facts.ends[*end].conflict) {
            let mut then = *world;
            self.record(&mut then, Note::TakenOver(end));
            out.push((("take over", end), then));
        }
        if !self.setting.habits.keep && then.sealed {
            out.push((("prune", NOWHERE), World { sealed: false, ..*world }));
        }
    }
}
