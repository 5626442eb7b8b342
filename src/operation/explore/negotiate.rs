//! The driver's renegotiation, and its watch of the tunnel.

use super::super::event::{Proof, Which};
use super::super::transition::Sight;
use super::driver::{Driver, NOWHERE, Next};
use super::note::Note;
use super::setting::Telling;
use super::world::{At, EXPIRED, Reply, Value, World};

impl Driver<'_> {
    /// `negotiate::fresh`: reads the ends again; whether somebody else's value was found and recorded.
    fn fresh(&mut self, world: &mut World) -> bool {
        for end in (0..self.setting.count()).filter(|end| self.setting.readable(*end)) {
            let truth = &mut world.ends[end];
            (truth.behind, truth.unlooked) = (false, false);
            world.seen[end] = match truth.holds {
                Value::Old => Sight::Holds(Which::Old),
                Value::New => Sight::Holds(Which::New),
                Value::Third => Sight::Foreign,
            };
            if truth.holds == Value::Third {
                self.record(world, Note::Conflict(end));
                return true;
            }
        }
        false
    }

    /// `negotiate::begin`, with the tunnel up and with it down.
    pub(super) fn begin(&mut self, world: &World, out: &mut Next) {
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
                // The tunnel may have been up before an earlier run told them: the model leaves that open.
                let world = self.idle(world);
                out.push((("told already, and the tunnel went down", NOWHERE), world));
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
                    // The end was read just now, settled or not; the call carries what was read.
                    let value = world.ends[end].holds;
                    self.tell(&mut world, end, value);
                    out.push((("announce the call to renegotiate", end), world));
                    continue;
                }
            };
            self.record_later(&mut world, note);
            let world = self.idle(world);
            out.push((("renegotiation left for later", NOWHERE), world));
        }
    }

    fn tell(&mut self, world: &mut World, end: usize, value: Value) {
        // A reset writes nothing: it is on record without an end, as one that `writes` nothing.
        self.record(world, Note::Renegotiate((self.setting.habits.tell && self.setting.readable(end)).then_some(end)));
        world.at = At::Asking(end, value);
    }

    /// `negotiate::tell`: the call, and what the cloud does with it.
    pub(super) fn ask(&mut self, world: &World, end: usize, value: Value, out: &mut Next) {
        let facts = *self.memory(world);
        let age = if self.setting.readable(end) { facts.ends[end].last } else { 0 };
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
        // An end that returns no key is reset, which writes nothing.
        let written = self.setting.readable(end).then_some(value);
        if let Some(value) = written.filter(|_| self.setting.habits.tell) {
            world.breach = self.breach(&world, end, value, facts.aim);
        }
        self.deliver(&world, end, written, age, then, out);
    }

    /// `negotiate::tell`: recording the answer.
    pub(super) fn asked(&mut self, mut world: World, end: usize, reply: Reply, value: Value, out: &mut Next) {
        let told = (self.setting.habits.tell && self.setting.readable(end)).then_some(end);
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
                out.push((("announce the call again", end), world));
                return;
            }
            Reply::Final => {
                self.record_later(&mut world, Note::Told(told, true));
                self.record_later(&mut world, Note::Proved(Proof::Left));
            }
        }
        let world = self.idle(world);
        out.push((("recorded", end), world));
        if reply == Reply::Final {
            // If this was a further end, the tunnel is watched anyway.
            self.watch(&world, out);
        }
    }

    /// `negotiate::begin`: the user's command succeeds or fails.
    pub(super) fn commanded(&mut self, world: &World, out: &mut Next) {
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

    /// `watch::watch`: the proof, or another end is told, or one is told again.
    pub(super) fn watch(&mut self, world: &World, out: &mut Next) {
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
                out.push((("announce a further call to renegotiate", end), world));
            }
        }
    }
}
