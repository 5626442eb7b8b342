//! The driver's writes: announce, send, record the answer.

use super::super::event::Which;
use super::super::transition::Sight;
use super::driver::{Driver, Next};
use super::note::Note;
use super::world::{At, EXPIRED, Flight, Reply, Value, World};

impl Driver<'_> {
    /// The first half of `Drive::send`: the announcement.
    pub(super) fn announce(&mut self, world: &mut World, end: usize, key: Which) {
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

    /// `End::send`, and what the cloud does with the request.
    pub(super) fn send(&mut self, world: &World, end: usize, out: &mut Next) {
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
            out.push((("accepted, without effect", end), then(world, Reply::Acked)));
        }
    }

    /// Everything that can become of one request; without a value, it writes nothing.
    pub(super) fn deliver(
        &self,
        world: &World,
        end: usize,
        value: Option<Value>,
        age: u8,
        then: impl Fn(World, Reply) -> World,
        out: &mut Next,
    ) {
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

    /// The second half of `Drive::send`: recording the answer.
    pub(super) fn replied(&mut self, mut world: World, end: usize, reply: Reply, out: &mut Next) {
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
        out.push((("recorded", end), world));
    }

    /// `Drive::refused`.
    fn refused(&mut self, mut world: World, end: usize, out: &mut Next) {
        let facts = self.memory(&world);
        if facts.aim == Which::Old || facts.ends[end].doubtful {
            let dead = self.die(world);
            out.push((("ended partly done", end), dead));
            return;
        }
        self.turn(&mut world, Which::Old);
        let world = self.idle(world);
        out.push((("refused: rolling back", end), world));
    }
}
