//! The driver without clouds: each function does in the model what the function of `operation/drive` does that its comment
//! names. Wherever the real driver writes a record or sends a request, this one can die.

use super::super::event::{Outcome, Which};
use super::super::transition::{Sight, Step};
use super::book::Book;
use super::facts::Facts;
use super::note::Note;
use super::setting::Setting;
use super::world::{At, Value, World};

/// What happens, and at which end.
pub(super) type Label = (&'static str, usize);
/// No end in particular.
pub(super) const NOWHERE: usize = 9;
pub(super) type Next = Vec<(Label, World)>;

pub(super) struct Driver<'a> {
    pub(super) book: &'a mut Book,
    pub(super) setting: &'a Setting,
}

impl Driver<'_> {
    /// What the program's own journal says.
    pub(super) fn memory(&self, world: &World) -> &Facts {
        self.book.facts(world.memory)
    }

    /// `Drive::record` with `Sync::Now`, which also writes the records that waited.
    pub(super) fn record(&mut self, world: &mut World, note: Note) {
        self.record_later(world, note);
        world.disk = world.memory;
    }

    /// `Drive::record` with `Sync::WithNext`: lost in a crash until another record is written.
    pub(super) fn record_later(&mut self, world: &mut World, note: Note) {
        match note {
            Note::Proved(_) => world.proved = true,
            Note::Conflict(_) | Note::Attempt(..) | Note::Turned(_) | Note::Renegotiate(_) | Note::Reopened => world.proved = false,
            Note::Finished(Outcome::Committed | Outcome::RolledBack) if !world.proved && !self.setting.modify => world.breach = 8,
            _ => {}
        }
        world.memory = self.book.take(world.memory, note);
    }

    /// No answer is awaited any more.
    pub(super) fn idle(&mut self, mut world: World) -> World {
        world.memory = self.book.settle(world.memory);
        world.disk = self.book.settle(world.disk);
        world.at = At::Idle;
        let facts = *self.book.facts(world.memory);
        let ends = facts.outcome.is_some() || facts.conflict() && self.book.next(&world, &self.setting.rules) == Step::Nothing;
        // `Drive::run` ends here; both records were written with `Sync::Now`.
        if ends { self.die(world) } else { world }
    }

    /// The program ends by a kill, a power cut or an error; what it had not written is lost.
    pub(super) fn die(&mut self, mut world: World) -> World {
        world.disk = self.book.settle(world.disk);
        world.memory = world.disk;
        world.at = At::Dead;
        (world.seen, world.negotiated, world.proved) = ([Sight::Unseen; 2], false, false);
        let facts = *self.book.facts(world.disk);
        for (end, known) in world.ends.iter_mut().zip(facts.ends) {
            end.behind = false;
            // What was seen but not recorded counts as not seen.
            end.unlooked |= end.holds == Value::Third && !known.conflict && !known.allowed;
        }
        world
    }

    /// What the program does next. Where that depends on others: every possibility, the one without a fault first.
    pub(super) fn go_on(&mut self, world: &World, out: &mut Next) {
        match world.at {
            At::Dead => {}
            At::Idle => self.step(world, out),
            At::Announced(end) => self.send(world, end, out),
            At::Replied(end, reply) => self.replied(*world, end, reply, out),
            At::Asking(end, value) => self.ask(world, end, value, out),
            At::Asked(end, reply, value) => self.asked(*world, end, reply, value, out),
            At::Commanding => self.commanded(world, out),
        }
    }

    /// `Drive::run`: one step of its loop.
    fn step(&mut self, world: &World, out: &mut Next) {
        let mut then = *world;
        let aim = self.memory(world).aim;
        let label = match self.book.next(world, &self.setting.rules) {
            Step::Seal => {
                self.record(&mut then, Note::Finished(Outcome::Closed));
                ("nothing was sealed: closed", NOWHERE)
            }
            // Time passes elsewhere.
            Step::Wait(..) | Step::Nothing => return,
            Step::Look(end) => {
                self.look(&mut then, end);
                ("look", end)
            }
            Step::Confirm(end) => {
                self.record(&mut then, Note::Holds(end, aim, true));
                self.known(&mut then, end);
                ("confirmed", end)
            }
            Step::Believe(end) => {
                self.record(&mut then, Note::Holds(end, aim, false));
                self.known(&mut then, end);
                ("believed", end)
            }
            Step::Send(end) => {
                self.announce(&mut then, end, aim);
                out.push((("announce", end), then));
                return;
            }
            Step::Conflict(end) => {
                self.record(&mut then, Note::Conflict(end));
                ("conflict", end)
            }
            Step::Resolve(end) => {
                self.record(&mut then, Note::Resolved(end));
                ("no conflict any more", end)
            }
            Step::Renegotiate => return self.begin(world, out),
            Step::Prove => return self.watch(world, out),
            Step::Finish(outcome) => {
                self.record(&mut then, Note::Finished(outcome));
                (outcome.word(), NOWHERE)
            }
            // With `--on-fail rollback` only; otherwise the program ends here.
            Step::Hold => {
                self.turn(&mut then, Which::Old);
                ("stays down: turn", NOWHERE)
            }
        };
        let then = self.idle(then);
        out.push((label, then));
    }

    /// Not in the real driver; it only makes fewer worlds. What was seen at an end that holds the right value does not matter
    /// until the aim changes, and is forgotten then.
    fn known(&self, world: &mut World, end: usize) {
        if self.setting.habits.turn {
            world.seen[end] = Sight::Unseen;
        }
    }

    /// `Drive::turn`.
    pub(super) fn turn(&mut self, world: &mut World, to: Which) {
        if self.memory(world).aim != to {
            if self.setting.habits.turn {
                (world.seen, world.negotiated) = ([Sight::Unseen; 2], false);
            }
            self.record(world, Note::Turned(to));
        }
    }

    /// `Drive::look` and `End::look`.
    fn look(&mut self, world: &mut World, place: usize) {
        let facts = *self.memory(world);
        let end = &mut world.ends[place];
        if self.setting.habits.settle {
            end.settle();
        }
        let readable = self.setting.ends[place] == Some(true);
        let sight = match end.holds {
            _ if !readable => Sight::Hidden,
            Value::Old => Sight::Holds(Which::Old),
            Value::New => Sight::Holds(Which::New),
            Value::Third if facts.ends[place].allowed => Sight::Holds(facts.aim.other()),
            Value::Third => Sight::Foreign,
        };
        end.behind = false;
        end.unlooked &= !readable;
        world.seen[place] = sight;
    }
}
