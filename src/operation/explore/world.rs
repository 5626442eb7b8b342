//! The true state, which nobody knows in full: what the clouds hold, what is under way to them, and where the program is.

use super::super::event::Which;
use super::super::transition::Sight;

/// The most requests that are under way to one end.
pub(super) const FLIGHTS: usize = 3;
/// The age at which no cloud accepts a request any more, in halves of its validity.
pub(super) const EXPIRED: u8 = 2;

/// What an end holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Old,
    New,
    /// Written by somebody else.
    Third,
}

impl From<Which> for Value {
    fn from(which: Which) -> Self {
        if which == Which::Old { Self::Old } else { Self::New }
    }
}

impl Value {
    pub(super) fn is(self, which: Which) -> bool {
        self == Self::from(which)
    }

    const fn code(value: Option<Self>) -> u128 {
        match value {
            None => 0,
            Some(Self::Old) => 1,
            Some(Self::New) => 2,
            Some(Self::Third) => 3,
        }
    }

    const fn decode(code: u128) -> Option<Self> {
        match code {
            0 => None,
            1 => Some(Self::Old),
            2 => Some(Self::New),
            _ => Some(Self::Third),
        }
    }
}

/// A request without a reply that may still be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flight {
    pub(super) value: Value,
    /// Time since it was signed, in halves of its validity.
    pub(super) age: u8,
}

/// The true state of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Truth {
    /// The value that it shows.
    pub(super) holds: Value,
    /// The value that it accepted and that is not in effect yet.
    pub(super) working: Option<Value>,
    /// Sorted, so that equal worlds compare equal.
    pub(super) flights: [Option<Flight>; FLIGHTS],
    /// Whether somebody else wrote after the program last looked, so that it cannot know.
    pub(super) unlooked: bool,
    /// Whether somebody else wrote between a look and the request that follows from it.
    pub(super) behind: bool,
}

impl Truth {
    pub(super) const START: Self = Self { holds: Value::Old, working: None, flights: [None; FLIGHTS], unlooked: false, behind: false };

    /// What was accepted takes effect.
    pub(super) fn settle(&mut self) {
        if let Some(value) = self.working.take() {
            self.holds = value;
        }
    }

    /// A request is executed; the one before it has taken effect by then.
    pub(super) fn execute(&mut self, value: Value, slow: bool) {
        self.settle();
        if value != self.holds {
            self.working = Some(value);
        }
        if !slow {
            self.settle();
        }
    }

    /// Adds a request that is under way; false where there are `most` already.
    pub(super) fn fly(&mut self, flight: Flight, most: usize) -> bool {
        let Some(slot) = self.flights.iter_mut().take(most).find(|slot| slot.is_none()) else { return false };
        *slot = Some(flight);
        self.order();
        true
    }

    /// Half the validity of a request passes.
    pub(super) fn age(&mut self) {
        for slot in &mut self.flights {
            *slot = slot.map(|flight| Flight { age: flight.age + 1, ..flight }).filter(|flight| flight.age < EXPIRED);
        }
        self.order();
    }

    pub(super) fn order(&mut self) {
        self.flights.sort_unstable_by(|a, b| b.cmp(a));
    }
}

/// The answer to a request, as the program sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    Acked,
    Lost,
    /// Not executed, but another attempt may be: busy, too fast, too late, or never sent.
    Again,
    /// Not executed, and never will be.
    Final,
}

/// Where the program is. It can die between any two of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// It is not running.
    Dead,
    /// It asks the table for the next step.
    Idle,
    /// A write is announced.
    Announced(usize),
    /// A write is answered.
    Replied(usize, Reply),
    /// A call to renegotiate is announced at this end, with the value that it carries.
    Asking(usize, Value),
    /// That call is answered.
    Asked(usize, Reply, Value),
    /// The user's command to renegotiate is announced.
    Commanding,
}

/// The true state of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct World {
    /// The journal in memory, by its place in the book.
    pub(super) memory: u32,
    /// The journal on the disk.
    pub(super) disk: u32,
    pub(super) at: At,
    /// What the program has seen since it started.
    pub(super) seen: [Sight; 2],
    pub(super) negotiated: bool,
    pub(super) ends: [Truth; 2],
    /// How many more times somebody else may write.
    pub(super) edits: u8,
    /// Whether the keys are sealed on the disk.
    pub(super) sealed: bool,
    /// Whether the tunnel was judged since an end was written or the aim changed.
    pub(super) proved: bool,
    /// The property that the last step broke; 0 for none.
    pub(super) breach: u8,
}

const REPLIES: [Reply; 4] = [Reply::Acked, Reply::Lost, Reply::Again, Reply::Final];
const SIGHTS: [Sight; 5] = [Sight::Unseen, Sight::Holds(Which::Old), Sight::Holds(Which::New), Sight::Hidden, Sight::Foreign];

fn code(reply: Reply) -> u128 {
    match reply {
        Reply::Acked => 0,
        Reply::Lost => 1,
        Reply::Again => 2,
        Reply::Final => 3,
    }
}

/// What the program has seen, as a number.
pub(super) fn sights(seen: [Sight; 2], negotiated: bool) -> u16 {
    let code = |sight: Sight| match sight {
        Sight::Unseen => 0,
        Sight::Holds(Which::Old) => 1,
        Sight::Holds(Which::New) => 2,
        Sight::Hidden => 3,
        Sight::Foreign => 4,
    };
    code(seen[0]) * 10 + code(seen[1]) * 2 + u16::from(negotiated)
}

impl World {
    /// Packs the world into a number.
    pub(super) fn pack(&self) -> u128 {
        let mut packed = (u128::from(self.memory) << 24) | u128::from(self.disk);
        let mut put = |value: u128, range: u128| packed = packed * range + value;
        let at = match self.at {
            At::Dead => 0,
            At::Idle => 1,
            At::Commanding => 2,
            At::Announced(end) => 4 + end as u128,
            At::Replied(end, reply) => 8 + 2 * code(reply) + end as u128,
            At::Asking(end, value) => 16 + 4 * end as u128 + Value::code(Some(value)),
            At::Asked(end, reply, value) => 24 + 16 * end as u128 + 4 * code(reply) + Value::code(Some(value)),
        };
        put(at, 64);
        put(sights(self.seen, self.negotiated).into(), 50);
        for end in &self.ends {
            put(Value::code(Some(end.holds)), 4);
            put(Value::code(end.working), 4);
            for flight in &end.flights {
                put(flight.map_or(0, |flight| Value::code(Some(flight.value)) * 2 + u128::from(flight.age)), 8);
            }
            put(u128::from(end.unlooked) * 2 + u128::from(end.behind), 4);
        }
        put(u128::from(self.edits) * 4 + u128::from(self.proved) * 2 + u128::from(self.sealed), 16);
        put(u128::from(self.breach), 16);
        packed
    }

    /// Unpacks a number of [`World::pack`].
    pub(super) fn unpack(mut packed: u128) -> Self {
        let mut get = |range: u128| {
            let value = packed % range;
            packed /= range;
            value
        };
        let small = |value: u128| u8::try_from(value).unwrap();
        let breach = small(get(16));
        let rest = get(16);
        let (edits, proved, sealed) = (small(rest / 4), rest / 2 % 2 == 1, rest % 2 == 1);
        let mut ends = [Truth::START; 2];
        for end in ends.iter_mut().rev() {
            let flags = get(4);
            (end.unlooked, end.behind) = (flags / 2 == 1, flags % 2 == 1);
            for flight in end.flights.iter_mut().rev() {
                let code = get(8);
                *flight = Value::decode(code / 2).map(|value| Flight { value, age: small(code % 2) });
            }
            end.working = Value::decode(get(4));
            end.holds = Value::decode(get(4)).unwrap();
        }
        let sights = get(50) as usize;
        let at = get(64) as usize;
        let value = |code: usize| Value::decode(code as u128).unwrap();
        let at = match at {
            0 => At::Dead,
            1 => At::Idle,
            2 => At::Commanding,
            4 | 5 => At::Announced(at - 4),
            8..16 => At::Replied(at % 2, REPLIES[(at - 8) / 2]),
            16..24 => At::Asking((at - 16) / 4, value(at % 4)),
            _ => At::Asked((at - 24) / 16, REPLIES[(at - 24) / 4 % 4], value(at % 4)),
        };
        let disk = u32::try_from(packed & 0xff_ffff).unwrap();
        let memory = u32::try_from(packed >> 24).unwrap();
        let seen = [SIGHTS[sights / 10], SIGHTS[sights / 2 % 5]];
        Self { memory, disk, at, seen, negotiated: sights % 2 == 1, ends, edits, sealed, proved, breach }
    }
}
