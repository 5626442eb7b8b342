//! The driver, without clouds: each function does in the model what the function of `drive.rs` or `negotiate.rs` does that its
//! comment names. Every place where the real one writes a record or sends is a place where this one can die.

use super::super::event::{Outcome, Proof, Which};
use super::super::transition::{Rules, Sight, Step};
use super::book::{Book, Facts, Note};
use super::world::{At, EXPIRED, Flight, Reply, Value, World};

/// Rules of the driver. Like those of the table, each is switched off in turn.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub(super) struct Habits {
    /// A request is announced before it is sent.
    pub(super) announce: bool,
    /// The announcement is on the disk before the request is sent.
    pub(super) sync: bool,
    /// The keys are sealed before the journal says so.
    pub(super) seal: bool,
    /// Keys stay sealed until an operation has ended.
    pub(super) keep: bool,
    /// An end is read only once it has settled.
    pub(super) settle: bool,
    /// A request is signed with the time that was announced.
    pub(super) stamp: bool,
    /// A request without a reply counts as one that may have been executed.
    pub(super) doubt: bool,
    /// What was seen at an end is forgotten when a request is sent to it.
    pub(super) forget: bool,
    /// What was seen is forgotten when the direction changes.
    pub(super) turn: bool,
    /// The call to negotiate anew counts as a request that writes.
    pub(super) tell: bool,
    /// The ends are read before they are told to negotiate, each time: what is read may go along with the call.
    pub(super) reread: bool,
}

impl Habits {
    pub(super) const ALL: Self = Self {
        announce: true,
        sync: true,
        seal: true,
        keep: true,
        settle: true,
        stamp: true,
        doubt: true,
        forget: true,
        turn: true,
        tell: true,
        reread: true,
    };
}

/// Who is told to negotiate anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// Nobody: it is left.
    Nobody,
    /// A command of the user's.
    Command,
    /// This end; the call may write the key that was read once more.
    End(usize),
}

/// What is explored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Whether each end returns what it holds; none where there is no such end.
    pub(super) ends: [Option<bool>; 2],
    pub(super) telling: Telling,
    pub(super) modify: bool,
    /// Requests under way to one end.
    pub(super) flights: usize,
    /// Requests of one end get too old one after the other, or all at once.
    pub(super) ages: bool,
    /// See [`Book`].
    pub(super) exact: bool,
    /// What a cloud has accepted is in force only later, or at once.
    pub(super) slow: bool,
    /// Edits by somebody else.
    pub(super) edits: u8,
    pub(super) rules: Rules,
    pub(super) habits: Habits,
}

impl Setting {
    pub(super) fn count(&self) -> usize {
        self.ends.iter().flatten().count()
    }

    pub(super) fn readable(&self, end: usize) -> bool {
        self.ends[end] == Some(true)
    }
}

/// What is done, and where.
pub(super) type Label = (&'static str, usize);
/// No end in particular.
pub(super) const NOWHERE: usize = 9;
pub(super) type Next = Vec<(Label, World)>;

pub(super) struct Driver<'a> {
    pub(super) book: &'a mut Book,
    pub(super) setting: &'a Setting,
}

impl Driver<'_> {
    pub(super) fn memory(&self, world: &World) -> &Facts {
        self.book.facts(world.memory)
    }

    /// `Drive::record`, with `Sync::Now`. What waited goes to the disk with it.
    pub(super) fn record(&mut self, world: &mut World, note: Note) {
        self.record_later(world, note);
        world.disk = world.memory;
    }

    /// `Drive::record`, with `Sync::WithNext`: lost in a crash until something else is written.
    fn record_later(&mut self, world: &mut World, note: Note) {
        match note {
            Note::Proved(_) => world.proved = true,
            Note::Conflict(_) | Note::Attempt(..) | Note::Turned(_) | Note::Renegotiate(_) | Note::Reopened => world.proved = false,
            Note::Finished(Outcome::Committed | Outcome::RolledBack) if !world.proved && !self.setting.modify => world.breach = 8,
            _ => {}
        }
        world.memory = self.book.take(world.memory, note);
    }

    /// No answer is waited for any more.
    fn idle(&mut self, mut world: World) -> World {
        world.memory = self.book.settle(world.memory);
        world.disk = self.book.settle(world.disk);
        world.at = At::Idle;
        let facts = *self.book.facts(world.memory);
        if facts.outcome.is_some() || facts.conflict() {
            // `Drive::run` ends here; both records were written at once.
            return self.die(world);
        }
        world
    }

    /// The program is gone, and what it had not written with it: a kill, a power cut, or an error that ends it.
    pub(super) fn die(&mut self, mut world: World) -> World {
        world.disk = self.book.settle(world.disk);
        world.memory = world.disk;
        world.at = At::Dead;
        (world.seen, world.negotiated, world.proved) = ([Sight::Unseen; 2], false, false);
        let facts = *self.book.facts(world.disk);
        for (end, known) in world.ends.iter_mut().zip(facts.ends) {
            end.behind = false;
            // What was seen and not written down was not seen.
            end.unlooked |= end.holds == Value::Third && !known.conflict && !known.allowed;
        }
        world
    }

    /// What the program does next; where that hangs on others, every possibility, the one without a fault first.
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

    /// `Drive::run`: one turn of its loop.
    fn step(&mut self, world: &World, out: &mut Next) {
        let mut then = *world;
        let aim = self.memory(world).aim;
        let label = match self.book.next(world, &self.setting.rules) {
            Step::Seal => {
                self.record(&mut then, Note::Finished(Outcome::Closed));
                ("nothing was sealed: closed", NOWHERE)
            }
            // Time passes by itself.
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
            Step::Renegotiate => return self.begin(world, out),
            Step::Prove => return self.watch(world, out),
            Step::Finish(outcome) => {
                self.record(&mut then, Note::Finished(outcome));
                (outcome.word(), NOWHERE)
            }
            // Only with `--on-fail rollback`; otherwise it ends here.
            Step::Hold => {
                self.turn(&mut then, Which::Old);
                ("stays down: turn", NOWHERE)
            }
        };
        let then = self.idle(then);
        out.push((label, then));
    }

    /// Not in the real driver, only fewer worlds: nothing hangs on what was seen at an end that holds what it is meant to,
    /// until the direction changes, and then it is forgotten.
    fn known(&self, world: &mut World, end: usize) {
        if self.setting.habits.turn {
            world.seen[end] = Sight::Unseen;
        }
    }

    /// `Drive::turn`.
    fn turn(&mut self, world: &mut World, to: Which) {
        if self.memory(world).aim != to {
            if self.setting.habits.turn {
                (world.seen, world.negotiated) = ([Sight::Unseen; 2], false);
            }
            self.record(world, Note::Turned(to));
        }
    }

    /// `Drive::look`, and `End::look`.
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

    /// The first half of `Drive::send`: the announcement.
    fn announce(&mut self, world: &mut World, end: usize, key: Which) {
        if self.setting.habits.announce {
            self.record_later(world, Note::Attempt(end, key));
            if self.setting.habits.sync {
                world.disk = world.memory;
            }
        }
        if self.setting.habits.forget {
            world.seen[end] = Sight::Unseen;
        }
        world.at = At::Announced(end);
    }

    /// `End::send`, and what the cloud makes of it.
    fn send(&mut self, world: &World, end: usize, out: &mut Next) {
        let facts = *self.memory(world);
        let key = facts.aim;
        let signed = if self.setting.habits.announce { facts.ends[end].last } else { 0 };
        let age = if self.setting.habits.stamp { signed } else { 0 };
        let mut world = *world;
        let then = |mut world: World, reply: Reply| {
            world.at = At::Replied(end, reply);
            world.ends[end].behind = false;
            world
        };
        if age >= EXPIRED {
            out.push((("too late to be sent", end), then(world, Reply::Again)));
            return;
        }
        world.breach = self.breach(&world, end, Value::from(key), key);
        self.deliver(&world, end, Some(key.into()), age, then, out);
        if self.setting.readable(end) {
            out.push((("taken, and ignored", end), then(world, Reply::Acked)));
        }
    }

    /// Everything that can become of one request. Without a value it writes nothing.
    fn deliver(&self, world: &World, end: usize, value: Option<Value>, age: u8, then: impl Fn(World, Reply) -> World, out: &mut Next) {
        let mut executed = *world;
        if let Some(value) = value {
            executed.ends[end].execute(value, self.setting.slow);
        }
        out.push((("executed, acknowledged", end), then(executed, Reply::Acked)));
        out.push((("executed, reply lost", end), then(executed, Reply::Lost)));
        out.push((("lost on the way there", end), then(*world, Reply::Lost)));
        out.push((("refused for now", end), then(*world, Reply::Again)));
        out.push((("refused for good", end), then(*world, Reply::Final)));
        let mut late = *world;
        if value.is_some_and(|value| late.ends[end].fly(Flight { value, age }, self.setting.flights)) {
            out.push((("no reply, still under way", end), then(late, Reply::Lost)));
        }
    }

    /// The second half of `Drive::send`: what is noted of the answer.
    fn replied(&mut self, mut world: World, end: usize, reply: Reply, out: &mut Next) {
        if !self.setting.habits.announce {
            let aim = self.memory(&world).aim;
            self.record(&mut world, Note::Attempt(end, aim));
        }
        match reply {
            Reply::Acked => self.record(&mut world, Note::Acked(end)),
            Reply::Lost if self.setting.habits.doubt => {}
            Reply::Lost | Reply::Again => self.record_later(&mut world, Note::Refused(end)),
            Reply::Final => {
                self.record_later(&mut world, Note::Refused(end));
                return self.refused(world, end, out);
            }
        }
        let world = self.idle(world);
        out.push((("noted", end), world));
    }

    /// `Drive::refused`.
    fn refused(&mut self, mut world: World, end: usize, out: &mut Next) {
        let facts = self.memory(&world);
        if facts.aim == Which::Old || facts.ends[end].doubtful {
            let dead = self.die(world);
            out.push((("ended half-way", end), dead));
            return;
        }
        self.turn(&mut world, Which::Old);
        let world = self.idle(world);
        out.push((("refused: turned round", end), world));
    }

    /// `negotiate::fresh`: the ends are read once more; whether somebody else's value was found, and put on record.
    fn fresh(&mut self, world: &mut World) -> bool {
        for end in (0..self.setting.count()).filter(|end| self.setting.readable(*end)) {
            let truth = &mut world.ends[end];
            (truth.behind, truth.unlooked) = (false, false);
            if truth.holds == Value::Third {
                self.record(world, Note::Conflict(end));
                return true;
            }
        }
        false
    }

    /// `negotiate::begin`: the tunnel is up, or it is not.
    fn begin(&mut self, world: &World, out: &mut Next) {
        let facts = *self.memory(world);
        let mut world = *world;
        if self.setting.habits.reread && self.fresh(&mut world) {
            let world = self.idle(world);
            out.push((("conflict", NOWHERE), world));
            return;
        }
        for up in [true, false] {
            let mut world = world;
            world.negotiated = true;
            if facts.told && !up {
                // It was up before an earlier run told them; if it was, which the model leaves open.
                let world = self.idle(world);
                out.push((("told already, and it shows", NOWHERE), world));
            }
            let note = match self.setting.telling {
                _ if facts.aim == Which::Old && !facts.renegotiated && up => Note::Proved(Proof::Left),
                Telling::Nobody => Note::Proved(Proof::Left),
                Telling::Command => {
                    self.record(&mut world, Note::Renegotiate(None));
                    world.at = At::Commanding;
                    out.push((("announce the command", NOWHERE), world));
                    continue;
                }
                Telling::End(end) => {
                    // It was read just now, whether it has settled or not; what was read goes along.
                    let value = world.ends[end].holds;
                    self.tell(&mut world, end, value);
                    out.push((("announce the call to negotiate", end), world));
                    continue;
                }
            };
            self.record_later(&mut world, note);
            let world = self.idle(world);
            out.push((("left to negotiate by itself", NOWHERE), world));
        }
    }

    fn tell(&mut self, world: &mut World, end: usize, value: Value) {
        self.record(world, Note::Renegotiate(self.setting.habits.tell.then_some(end)));
        world.at = At::Asking(end, value);
    }

    /// `negotiate::tell`: the call, and what the cloud makes of it.
    fn ask(&mut self, world: &World, end: usize, value: Value, out: &mut Next) {
        let facts = *self.memory(world);
        let age = facts.ends[end].last;
        let mut world = *world;
        let then = |mut world: World, reply: Reply| {
            world.at = At::Asked(end, reply, value);
            world.ends[end].behind = false;
            world
        };
        if age >= EXPIRED {
            out.push((("too late to be sent", end), then(world, Reply::Again)));
            return;
        }
        // One that returns no key is reset, which writes nothing.
        let written = self.setting.readable(end).then_some(value);
        if let Some(value) = written.filter(|_| self.setting.habits.tell) {
            world.breach = self.breach(&world, end, value, facts.aim);
        }
        self.deliver(&world, end, written, age, then, out);
    }

    /// `negotiate::tell`: what is noted of the answer.
    fn asked(&mut self, mut world: World, end: usize, reply: Reply, value: Value, out: &mut Next) {
        let told = self.setting.habits.tell.then_some(end);
        match reply {
            Reply::Lost => {}
            Reply::Acked => self.record_later(&mut world, Note::Told(told, false)),
            Reply::Again => {
                self.record_later(&mut world, Note::Told(told, true));
                world = self.idle(world);
                if self.setting.habits.reread && self.fresh(&mut world) {
                    out.push((("conflict", NOWHERE), self.idle(world)));
                    return;
                }
                let value = if self.setting.habits.reread { world.ends[end].holds } else { value };
                self.tell(&mut world, end, value);
                out.push((("announce the call once more", end), world));
                return;
            }
            Reply::Final => {
                self.record_later(&mut world, Note::Told(told, true));
                self.record_later(&mut world, Note::Proved(Proof::Left));
            }
        }
        let world = self.idle(world);
        out.push((("noted", end), world));
        if reply == Reply::Final {
            // Where it was a further one, the tunnel is watched all the same.
            self.watch(&world, out);
        }
    }

    /// `negotiate::begin`: the user's command succeeded, or it failed.
    fn commanded(&mut self, world: &World, out: &mut Next) {
        for failed in [false, true] {
            let mut world = *world;
            self.record_later(&mut world, Note::Told(None, failed));
            if failed {
                self.record_later(&mut world, Note::Proved(Proof::Down));
            }
            let world = self.idle(world);
            out.push(((if failed { "the command failed" } else { "the command succeeded" }, NOWHERE), world));
        }
    }

    /// `Drive::prove`, and `negotiate::watch`: verified, weak, or down; or an end is told as well, or once more.
    fn watch(&mut self, world: &World, out: &mut Next) {
        let mut read = *world;
        if self.setting.habits.reread && self.fresh(&mut read) {
            let world = self.idle(read);
            out.push((("conflict", NOWHERE), world));
            return;
        }
        for (proof, label) in [(Proof::Verified, "verified"), (Proof::Weak, "weak"), (Proof::Down, "down")] {
            let mut world = read;
            self.record_later(&mut world, Note::Proved(proof));
            let world = self.idle(world);
            out.push(((label, NOWHERE), world));
        }
        if matches!(self.setting.telling, Telling::End(_)) {
            for end in 0..self.setting.count() {
                let mut world = read;
                let value = world.ends[end].holds;
                self.tell(&mut world, end, value);
                out.push((("announce a further call to negotiate", end), world));
            }
        }
    }
}
