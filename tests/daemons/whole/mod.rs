//! Pairs of whole configuration files, valid and odd: whether `check` says of them what the daemons do.

mod blame;
mod libreswan;
mod libreswan_text;
mod said;
mod secrets;
mod swanctl;
mod swanctl_text;
mod tally;
mod tunnel;
mod words;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tunnelctl::testing::{Daemon, Side};

use crate::daemon::Esp;
use crate::either::Conf;
use crate::harness::World;
use crate::ipsec_conf::Files;
use crate::lab::{self, Observed};
use crate::mixed;
use crate::pairs::{LEFT, RIGHT};
use crate::random::Random;
use crate::verdicts::{SEED, from_environment};
use said::said;
use tally::Tally;
use tunnel::{File, NAME, Odd, tunnel};

/// Pairs of an ordinary run: of strongSwan's files, and with Libreswan's.
const PAIRS: usize = 80;
const LIBRESWAN_PAIRS: usize = 21;

/// The pair of a number.
fn files(seed: u64, number: usize, kinds: (Daemon, Daemon), esp: Esp) -> (File, File) {
    let mut random = Random(seed ^ (number as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let v1 = random.one_in(4);
    let view = tunnel(&mut random, v1, esp == Esp::Kernel);
    // One end is odd; the other is plain, odd in the same, or in something else.
    let first = random.pick(&[Side::Left, Side::Right]);
    let kind = |side: Side| if side == Side::Left { kinds.0 } else { kinds.1 };
    let odd = match kinds {
        // Between two daemons of strongSwan the kernel's ESP makes a difference to the mode alone.
        (Daemon::Strongswan, Daemon::Strongswan) if esp == Esp::Kernel => Odd::Transport,
        _ => Odd::asked().unwrap_or_else(|| Odd::any(&mut random, kind(first))),
    };
    let other = match random.below(4) {
        0 | 1 => Odd::Nothing,
        2 if kinds.0 == kinds.1 => odd,
        _ => Odd::any(&mut random, kind(first.other())),
    };
    let mut write = |side: Side, odd: Odd| {
        let view = view.of(side);
        if kind(side) == Daemon::Strongswan { swanctl::file(&mut random, &view, odd) } else { libreswan::file(&mut random, &view, odd) }
    };
    let (one, two) = (write(first, odd), write(first.other(), other));
    if first == Side::Left { (one, two) } else { (two, one) }
}

/// Puts the files that each end includes where `check` and the daemons find them.
fn place(world: &World, files: [&mut File; 2]) {
    for (name, file) in ["left.parts", "right.parts"].into_iter().zip(files) {
        file.place(&world.path().join(name));
    }
}

/// What both ends want to carry, as the starter sees it.
fn wanted(starter: &File, answerer: &File) -> Vec<lab::Pair> {
    let mut pairs: Vec<lab::Pair> = Vec::new();
    for (file, mine) in [(starter, true), (answerer, false)] {
        for (own, far) in file.nets.iter().flat_map(|(own, far)| own.iter().flat_map(move |own| far.iter().map(move |far| (own, far)))) {
            let pair = if mine { (own.parse().unwrap(), far.parse().unwrap()) } else { (far.parse().unwrap(), own.parse().unwrap()) };
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// The numbers that are to be tried.
fn numbers(count: usize) -> std::ops::Range<usize> {
    let only: Option<usize> = std::env::var("TUNNELCTL_PAIR").ok().and_then(|text| text.parse().ok());
    only.map_or(0..count, |only| only..only + 1)
}

#[test]
fn check_says_what_two_daemons_do_with_whole_files() {
    if !crate::can_run(lab::missing()) {
        return;
    }
    let numbers = numbers(from_environment("TUNNELCTL_PAIRS", PAIRS));
    let seed = from_environment("TUNNELCTL_SEED", SEED);
    let next = AtomicUsize::new(numbers.start);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..from_environment("TUNNELCTL_LABS", 2_usize) {
            scope.spawn(|| {
                let world = World::new();
                let mut lab: Option<lab::Lab> = None;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if !numbers.contains(&number) {
                        break;
                    }
                    let (mut left, mut right) = files(seed, number, (Daemon::Strongswan, Daemon::Strongswan), Esp::Daemon);
                    place(&world, [&mut left, &mut right]);
                    let said = said(&world, [&left, &right]);
                    for starter in [Side::Left, Side::Right] {
                        let (one, other) = if starter == Side::Left { (&left, &right) } else { (&right, &left) };
                        let trial = lab::Trial {
                            left: left.text.clone(),
                            right: right.text.clone(),
                            starter,
                            connection: 0,
                            wanted: wanted(one, other),
                        };
                        let mut look = || lab.get_or_insert_with(|| lab::Lab::start((LEFT, RIGHT)).unwrap()).attempt_named(&trial, NAME);
                        let seen = twice(&mut look, |seen| said.differs(starter, seen).is_some());
                        if !matches!(&seen, Ok(seen) if said.differs(starter, seen).is_none()) {
                            // The next one gets daemons that remember nothing.
                            lab = None;
                        }
                        tally.lock().unwrap().add(number, [&left, &right], starter, &said, seen);
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap().finish(seed);
}

/// Looks once more where an answer may have come too late.
fn twice(look: &mut dyn FnMut() -> Result<Observed, String>, is_odd: impl Fn(&Observed) -> bool) -> Result<Observed, String> {
    let seen = look();
    if matches!(&seen, Ok(seen) if !is_odd(seen)) { seen } else { look() }
}

/// Whose daemon each end has, by the number of a pair.
const KINDS: [(Daemon, Daemon); 7] = {
    use Daemon::{Libreswan as L, Strongswan as S};
    [(S, L), (L, S), (L, L), (S, L), (L, S), (L, L), (S, S)]
};

#[test]
fn check_says_what_libreswan_does_with_whole_files() {
    if !crate::guest::is_inside("whole::check_says_what_libreswan_does_with_whole_files", Duration::from_secs(7200)) {
        return;
    }
    let numbers = numbers(from_environment("TUNNELCTL_LIBRESWAN_PAIRS", LIBRESWAN_PAIRS));
    let seed = from_environment("TUNNELCTL_SEED", SEED);
    let world = World::new();
    let mut labs: BTreeMap<(Option<usize>, &str, &str), mixed::Lab> = BTreeMap::new();
    let mut tally = Tally::default();
    for number in numbers {
        let kinds = KINDS[number % KINDS.len()];
        let (mut left, mut right) = files(seed, number, kinds, Esp::Kernel);
        place(&world, [&mut left, &mut right]);
        let said = said(&world, [&left, &right]);
        let conf = |file: &File| match file.kind {
            Daemon::Strongswan => Conf::Strongswan(file.text.clone()),
            Daemon::Libreswan => Conf::Libreswan(Files { conf: file.text.clone(), secrets: file.secrets.clone() }),
        };
        for starter in [Side::Left, Side::Right] {
            let (one, other) = if starter == Side::Left { (&left, &right) } else { (&right, &left) };
            let trial = mixed::Trial { left: conf(&left), right: conf(&right), starter, children: 0..0, wanted: wanted(one, other) };
            let key = (KINDS.iter().position(|known| *known == kinds), left.setup, right.setup);
            let mut look = || {
                let started = Instant::now();
                let lab =
                    labs.entry(key).or_insert_with(|| mixed::Lab::start_with((LEFT, RIGHT), kinds, [left.setup, right.setup]).unwrap());
                let seen = lab.attempt_named(&trial, NAME);
                if started.elapsed() > Duration::from_secs(20) || seen.is_err() {
                    labs.remove(&key);
                }
                seen
            };
            let seen = twice(&mut look, |seen| said.differs(starter, seen).is_some());
            if !matches!(&seen, Ok(seen) if said.differs(starter, seen).is_none()) {
                labs.remove(&key);
            }
            tally.add(number, [&left, &right], starter, &said, seen);
        }
        // Each has daemons of its own: they are not to pile up.
        if labs.len() > 6 {
            labs.clear();
        }
    }
    tally.finish(seed);
}
