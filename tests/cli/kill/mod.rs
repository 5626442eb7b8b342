//! `kill -9` of the real binary at random moments of a rotation, its resumption and its rollback: the record is correct,
//! no key is lost, and every operation ends.
//!
//! A run is killed a random time after a random line of its log. The line is a place, not a time, so slow and fast machines
//! are killed at the same places. `TUNNELCTL_KILLS` and `TUNNELCTL_SEED` select other runs.

mod story;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use self::story::{Alarm, Chance, Clouds, Story, Tally};
use crate::emulator::Served;
use crate::harness::World;

/// Pairs of ends that are both seeded; each pair is run in both orders.
pub const PAIRS: [[&str; 2]; 4] = [
    ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"],
    ["tencent@ap-guangzhou/vpnx-ol6bcqp0", "alibaba@cn-guangzhou/vco-7xvpartnertencent001"],
    ["alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf", "huawei@cn-east-3/1a2b3c4d-0000-4000-8000-00000000aaaa"],
    ["tencent@ap-beijing/vpnx-partnerhw01", "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3"],
];
/// Kills of one run of this test.
const KILLS: usize = 520;
/// Of a hundred kills, how many are in the built-in emulator: time is virtual there, so a rollback can wait for late requests.
const VIRTUAL: usize = 25;
/// How many servers run at a time, each with every pair.
const SERVERS: usize = 10;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn after_a_kill_at_any_moment_the_record_is_correct_and_the_operation_ends() {
    let (kills, seed) = (number("TUNNELCTL_KILLS", KILLS), number("TUNNELCTL_SEED", 1));
    let (tally, next, began) = (Tally::default(), AtomicU64::new(u64::try_from(seed).unwrap() << 32), Instant::now());
    let chance = || Chance(next.fetch_add(1, Ordering::Relaxed));
    let virtually = AtomicUsize::new(0);
    let tell = |clouds: Clouds<'_>, ends: [&'static str; 2], mut chance: Chance| {
        let _alarm = Alarm(&tally);
        let ends = if chance.below(2) == 0 { ends } else { [ends[1], ends[0]] };
        let most = 1 + usize::try_from(chance.below(5)).unwrap();
        Story { clouds, world: World::new(), ends, chance, told: Vec::new() }.tell(most, &tally)
    };
    std::thread::scope(|scope| {
        for _ in 0..SERVERS {
            scope.spawn(|| {
                while tally.wants(kills) {
                    let mut chance = chance();
                    let home = World::new();
                    let settle = ["0", "0", "40", "400"][usize::try_from(chance.below(4)).unwrap()];
                    // Even a busy machine must see the tunnel go down before it is up again.
                    let mut store = tunnelctl::testing::seeded();
                    store.negotiate_ms = 1500;
                    home.write("clouds.json", &serde_json::to_string(&store).unwrap());
                    let served = Served::start(&home, &["--settle-ms", settle, "--state", "clouds.json"]);
                    let state = home.path().join("clouds.json");
                    std::thread::scope(|scope| {
                        for ends in PAIRS {
                            let (clouds, chance) = (Clouds::Served(&served, state.clone()), Chance(chance.below(u64::MAX)));
                            let tell = &tell;
                            scope.spawn(move || tell(clouds, ends, chance));
                        }
                    });
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while tally.wants(kills) {
                    if virtually.load(Ordering::Relaxed) * 100 > tally.kills.load(Ordering::Relaxed) * VIRTUAL {
                        std::thread::sleep(Duration::from_millis(50));
                        continue;
                    }
                    let mut chance = chance();
                    let ends = PAIRS[usize::try_from(chance.below(4)).unwrap()];
                    virtually.fetch_add(tell(Clouds::Inside, ends, chance), Ordering::Relaxed);
                }
            });
        }
    });
    let (done, secs) = (tally.kills.into_inner(), began.elapsed().as_secs_f64());
    let met = tally.met.into_inner().unwrap();
    eprintln!(
        "{done} kills in {secs:.1} s, {:.1} a second; {} rolled back; met: {met:?}",
        f64::from(u32::try_from(done).unwrap()) / secs,
        tally.rolled_back.into_inner()
    );
    assert!(done >= kills);
    for state in ["writing", "writing, in doubt", "renegotiating", "committed"] {
        assert!(met.contains_key(state), "never killed in {state:?}: {met:?}");
    }
}
