//! What must hold in every world that can be reached.

use super::super::event::{Outcome, Which};
use super::driver::Driver;
use super::world::{At, Truth, Value, World};

/// The properties in words, by number.
pub(super) const PROPERTIES: [&str; 9] = [
    "",
    "1: what an end holds, or a request that can still be executed, contradicts the outcome",
    "2: what somebody else wrote, and could be seen, is overwritten",
    "3: an end is written before the previous one holds the value",
    "4: an end may hold a key that is not sealed",
    "5: the journal excludes a value that an end holds or may get",
    "6: a request is sent that the journal on the disk does not announce",
    "7: the operation is stuck",
    "8: it ends without a look at the tunnel since an end was written or the aim changed",
];

/// Whether an end holds and will hold the right value. Somebody else's is excused where nobody has looked since.
fn agrees(end: &Truth, meant: Which) -> bool {
    let fits = |value: Value| value.is(meant) || (value == Value::Third && end.unlooked);
    fits(end.holds) && end.working.is_none_or(fits)
}

impl Driver<'_> {
    /// The property that a world breaks; none where all hold.
    pub(super) fn broken(&self, world: &World) -> Option<u8> {
        let (disk, count) = (self.book.facts(world.disk), self.setting.count());
        let (ends, known) = (&world.ends[..count], &disk.ends[..count]);
        if world.breach != 0 {
            return Some(world.breach);
        }
        let meant = match disk.outcome {
            Some(Outcome::Committed) => Some(Which::New),
            Some(Outcome::RolledBack | Outcome::Closed) => Some(Which::Old),
            None => None,
        };
        if let Some(meant) = meant {
            let closed = disk.outcome == Some(Outcome::Closed);
            let foreign = |end: &Truth, value: Value| value == Value::Third && (end.unlooked || closed);
            let late = |end: &Truth| end.flights.iter().flatten().all(|one| one.value.is(meant) || foreign(end, one.value));
            if !ends.iter().all(|end| (agrees(end, meant) || foreign(end, end.holds)) && late(end)) {
                return Some(1);
            }
            // A closed operation never changed anything, so nothing can be under way.
            if closed && (disk.touched || ends.iter().any(|end| end.working.is_some() || end.flights[0].is_some())) {
                return Some(1);
            }
        }
        if disk.outcome.is_none() && disk.touched && !world.sealed {
            return Some(4);
        }
        for (end, known) in ends.iter().zip(known) {
            let counted = |value: Value| match value {
                Value::Old => known.old,
                Value::New => known.new,
                Value::Third => end.unlooked || known.conflict || known.allowed,
            };
            // Between the look that finds the value and its record, the journal cannot be asked.
            let finding = world.at == At::Idle && end.holds == Value::Third;
            let late = end.flights.iter().flatten().filter(|one| one.value != Value::Third).all(|one| counted(one.value));
            if !(finding || counted(end.holds) && end.working.is_none_or(counted)) || !late {
                return Some(5);
            }
        }
        None
    }

    /// The property that sending this value to this end would break; 0 for none.
    pub(super) fn breach(&self, world: &World, place: usize, value: Value, aim: Which) -> u8 {
        let (memory, disk) = (self.book.facts(world.memory), self.book.facts(world.disk));
        let end = &world.ends[place];
        let announced = disk.ends[place].open[usize::from(aim == Which::New)];
        if announced.is_none_or(|age| self.setting.habits.stamp && age > memory.ends[place].last) {
            return 6;
        }
        if !world.sealed {
            return 4;
        }
        let foreign = end.holds == Value::Third && end.working.is_none() && value != Value::Third;
        if foreign && self.setting.readable(place) && !end.behind && !memory.ends[place].allowed {
            return 2;
        }
        let before = |other: &usize| if aim == Which::New { *other < place } else { *other > place };
        if !(0..self.setting.count()).filter(before).all(|other| agrees(&world.ends[other], aim)) {
            return 3;
        }
        0
    }
}
