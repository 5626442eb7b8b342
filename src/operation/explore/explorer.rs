//! The breadth-first search through all worlds.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::super::event::{Verb, Which};
use super::super::state::State;
use super::super::transition::{Sight, Step};
use super::book::Book;
use super::driver::{Driver, Label, NOWHERE, Next};
use super::properties::PROPERTIES;
use super::setting::{Setting, Telling};
use super::world::{At, Truth, World};

/// The most steps to the end of an operation without further faults.
const STEPS: u32 = 60;

/// Hashes worlds, which are numbers already and need only mixing.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u128(&mut self, number: u128) {
        let mixed = ((number >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (number as u64);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.0 = mixed ^ (mixed >> 29);
    }
}

/// The result of an exploration.
#[derive(Debug)]
pub(super) struct Explored {
    pub(super) worlds: usize,
    pub(super) journals: usize,
    /// The most steps that any world is away from the end, without further faults.
    pub(super) longest: u32,
    /// The property that is broken, and the shortest way there.
    pub(super) broken: Option<(u8, Vec<String>)>,
}

struct Explorer<'a> {
    setting: &'a Setting,
    book: Book,
    worlds: Vec<u128>,
    from: Vec<u32>,
    /// The next world without a fault; the world itself where there is none.
    calm: Vec<u32>,
    places: HashMap<u128, u32, BuildHasherDefault<Mix>>,
}

/// Visits every world, the nearest first. Checks the properties in `only`, or all if it is empty.
pub(super) fn explore(setting: &Setting, only: &[u8]) -> Explored {
    let book = Book::new(setting.exact);
    let mut explorer = Explorer { setting, book, worlds: Vec::new(), from: Vec::new(), calm: Vec::new(), places: HashMap::default() };
    let broken = explorer.run(only);
    let (longest, stuck) = if broken.is_none() { explorer.ends() } else { (0, None) };
    let broken = broken.or_else(|| stuck.filter(|_| only.is_empty() || only.contains(&7)).map(|place| (7, place)));
    let broken = broken.map(|(property, place)| (property, explorer.way(place)));
    Explored { worlds: explorer.worlds.len(), journals: explorer.book.len(), longest, broken }
}

impl Explorer<'_> {
    fn starts(&mut self) -> Vec<World> {
        let setting = self.setting;
        let readable: Vec<bool> = setting.ends.iter().flatten().copied().collect();
        let verb = if setting.modify { Verb::Modify } else { Verb::Rotate };
        let told = if let Telling::End(end) = setting.telling { Some(end) } else { None };
        // `Records::begin` seals the keys, then writes the plan and the seal at once. A journal with the plan alone is not
        // written today, but the table handles it.
        [(true, setting.habits.seal), (false, false)]
            .map(|(recorded, sealed)| {
                let journal = self.book.begin(verb, &readable, told, setting.telling == Telling::Command, recorded);
                World {
                    memory: journal,
                    disk: journal,
                    at: At::Dead,
                    seen: [Sight::Unseen; 2],
                    negotiated: false,
                    ends: [Truth::START; 2],
                    edits: setting.edits,
                    sealed,
                    proved: false,
                    breach: 0,
                }
            })
            .to_vec()
    }

    fn add(&mut self, world: &World, from: u32) -> u32 {
        let packed = world.pack();
        let next = u32::try_from(self.worlds.len()).unwrap();
        let place = *self.places.entry(packed).or_insert(next);
        if place == next {
            self.worlds.push(packed);
            self.from.push(from);
            self.calm.push(next);
        }
        place
    }

    fn run(&mut self, only: &[u8]) -> Option<(u8, u32)> {
        for start in self.starts() {
            let place = u32::try_from(self.worlds.len()).unwrap();
            self.add(&start, place);
        }
        let mut next = Next::new();
        let mut place = 0;
        while let Some(packed) = self.worlds.get(place as usize) {
            let mut world = World::unpack(*packed);
            let mut driver = Driver { book: &mut self.book, setting: self.setting };
            if let Some(property) = driver.broken(&world).filter(|one| only.is_empty() || only.contains(one)) {
                return Some((property, place));
            }
            world.breach = 0;
            let calm = successors(&mut driver, &world, &mut next);
            for (number, (_, then)) in next.iter().enumerate() {
                let found = self.add(then, place);
                if number == 0 && calm == Calm::First {
                    self.calm[place as usize] = found;
                }
            }
            if let Calm::Waits(then) = calm {
                self.calm[place as usize] = self.add(&then, place);
            }
            place += 1;
        }
        None
    }

    /// Whether nothing is left to do without the user's decision.
    fn is_over(book: &Book, world: &World) -> bool {
        let state: &State = book.state(world.memory);
        let ended = state.outcome.is_some() || state.conflict().is_some();
        ended && matches!(world.at, At::Idle | At::Dead)
    }

    /// Follows every world to its end without further faults; returns the longest way, and a world that is stuck.
    fn ends(&mut self) -> (u32, Option<u32>) {
        let mut steps: Vec<u32> = vec![u32::MAX; self.worlds.len()];
        let mut longest = 0;
        for start in 0..self.worlds.len() {
            let mut way = Vec::new();
            let mut place = start;
            while steps[place] == u32::MAX {
                way.push(place);
                let next = self.calm[place] as usize;
                if next == place {
                    let world = World::unpack(self.worlds[place]);
                    if !Self::is_over(&self.book, &world) {
                        return (0, u32::try_from(place).ok());
                    }
                    break;
                }
                if way.len() > STEPS as usize {
                    return (0, u32::try_from(start).ok());
                }
                place = next;
            }
            let rest = if steps[place] == u32::MAX { 0 } else { steps[place] + 1 };
            for (count, one) in (rest..).zip(way.into_iter().rev()) {
                steps[one] = count;
                longest = longest.max(count);
            }
        }
        (longest, None)
    }

    /// Tells how a world is reached.
    fn way(&mut self, place: u32) -> Vec<String> {
        let mut places = vec![place];
        while let Some(last) = places.last().copied().filter(|last| self.from[*last as usize] != *last) {
            places.push(self.from[last as usize]);
        }
        places.reverse();
        let mut told = vec![self.tell(places[0], ("begin", NOWHERE))];
        let mut next = Next::new();
        for pair in places.windows(2) {
            let mut world = World::unpack(self.worlds[pair[0] as usize]);
            world.breach = 0;
            successors(&mut Driver { book: &mut self.book, setting: self.setting }, &world, &mut next);
            let wanted = self.worlds[pair[1] as usize];
            let label = next.iter().find(|(_, then)| then.pack() == wanted).map_or(("time passes", NOWHERE), |(label, _)| *label);
            told.push(self.tell(pair[1], label));
        }
        told
    }

    fn tell(&self, place: u32, (what, end): Label) -> String {
        let world = World::unpack(self.worlds[place as usize]);
        let state = self.book.state(world.disk);
        let who = if end == NOWHERE { String::new() } else { format!(" [{end}]") };
        let ends: Vec<String> = (0..self.setting.count())
            .map(|end| {
                let truth = &world.ends[end];
                let coming: Vec<String> = truth.flights.iter().flatten().map(|one| format!("{:?}", one.value)).collect();
                let working = truth.working.map_or_else(String::new, |value| format!(" then {value:?}"));
                format!("{:?}{working} (late: {}) known as {:?}", truth.holds, coming.join(" "), state.ends[end].position)
            })
            .collect();
        let aim = if state.aim == Which::New { "forward" } else { "back" };
        format!("{what}{who}  -- {:?}, {aim}, {}; outcome {:?}", world.at, ends.join(", "), state.outcome)
    }
}

/// What follows a world without a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Calm {
    /// The first of its successors.
    First,
    /// The world after the time that the program waits.
    Waits(World),
    /// Nothing.
    Not,
}

/// Collects what can follow a world.
fn successors(driver: &mut Driver<'_>, world: &World, next: &mut Next) -> Calm {
    next.clear();
    match world.at {
        At::Dead => driver.decide(world, next),
        // The program may also end here and leave the decision to the user.
        At::Idle if driver.book.next(world, &driver.setting.rules) == Step::Hold => {
            let dead = driver.die(*world);
            next.push((("ended: it stays down", NOWHERE), dead));
            driver.go_on(world, next);
        }
        _ => driver.go_on(world, next),
    }
    let calm = match driver.waited(world) {
        Some(then) => Calm::Waits(then),
        None if next.is_empty() || Explorer::is_over(driver.book, world) => Calm::Not,
        None => Calm::First,
    };
    driver.happen(world, next);
    calm
}

/// Describes the broken property and the way there.
pub(super) fn report(setting: &Setting, explored: &Explored) -> String {
    let Some((property, way)) = &explored.broken else { return String::new() };
    let mut text = format!("{}\nof {setting:?}\n", PROPERTIES[usize::from(*property)]);
    for (number, step) in way.iter().enumerate() {
        text.push_str(&format!("{number:3} {step}\n"));
    }
    text
}
