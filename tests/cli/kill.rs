//! `kill -9` of the real binary at random moments of a rotation, its resumption and its rollback: what is on record is
//! true, no key is lost, and every operation ends.
//!
//! A run is killed behind a random line of its log, and a random time later: that is where it is, not when, so a slow
//! machine is killed at the same places as a fast one. `TUNNELCTL_KILLS` and `TUNNELCTL_SEED` make other runs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value as Json;
use tunnelctl::testing::Store;
use tunnelctl::testing::{configured_key, key_in_effect};

use crate::emulator::Served;
use crate::harness::{World, finish};

/// Pairs of ends that are both seeded; each is asked for in both orders.
pub const PAIRS: [[&str; 2]; 4] = [
    ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"],
    ["tencent@ap-guangzhou/vpnx-ol6bcqp0", "alibaba@cn-guangzhou/vco-7xvpartnertencent001"],
    ["alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf", "huawei@cn-east-3/1a2b3c4d-0000-4000-8000-00000000aaaa"],
    ["tencent@ap-beijing/vpnx-partnerhw01", "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3"],
];
/// Kills of one run of this test.
const KILLS: usize = 520;
/// Of a hundred kills, those in the emulator inside, where time is virtual: there a rollback can wait for late requests.
const VIRTUAL: usize = 25;
/// Servers at a time, each with every pair.
const SERVERS: usize = 10;

/// Chance by seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        // The mixing step of SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % bound
    }
}

/// Where the clouds are.
enum Clouds<'a> {
    /// Served by another process, whose state lies in this file.
    Served(&'a Served, PathBuf),
    /// Inside each run.
    Inside,
}

impl Clouds<'_> {
    fn command(&self, world: &World, words: &[&str]) -> Command {
        let mut command = world.command();
        command.args(words);
        if let Self::Served(served, _) = self {
            // The one project that is named is of another region than one of the pairs: it is asked for.
            let variables = served.variables.iter().filter(|(name, _)| name != "HUAWEICLOUD_SDK_PROJECT_ID");
            command.envs(variables.map(|(name, value)| (name.as_str(), value.as_str())));
        }
        command
    }

    /// What the clouds hold, now that nothing is running.
    fn store(&self, world: &World) -> Store {
        let path = match self {
            Self::Inside => world.state().join("emulator/state.json"),
            Self::Served(served, path) => {
                written_since(served, path);
                path.clone()
            }
        };
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }
}

/// Waits until a server has saved its state after this was called: it does so a little after every request.
fn written_since(served: &Served, path: &Path) {
    let began = SystemTime::now();
    let address = &served.variables.iter().find(|(name, _)| name == "TUNNELCTL_TENCENT_ENDPOINT").unwrap().1;
    while std::fs::metadata(path).unwrap().modified().unwrap() <= began {
        let mut stream = std::net::TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        std::thread::sleep(Duration::from_millis(20));
        assert!(began.elapsed().unwrap() < Duration::from_secs(30), "the emulator does not save its state");
    }
}

/// One tunnel, and what is done to it until nothing is open any more.
struct Story<'a> {
    clouds: Clouds<'a>,
    world: World,
    ends: [&'a str; 2],
    chance: Chance,
    told: Vec<String>,
}

/// What was met, over all stories.
#[derive(Default)]
struct Tally {
    failed: AtomicBool,
    kills: AtomicUsize,
    rolled_back: AtomicUsize,
    met: Mutex<BTreeMap<String, usize>>,
}

impl Story<'_> {
    /// Runs the words until they end or are killed; true when they were killed.
    fn killed(&mut self, words: &[&str], tally: &Tally) -> bool {
        // The first dozen calls read and write the ends; those behind them watch the tunnel.
        let calls = if self.chance.below(3) == 0 { 36 } else { 13 };
        let (lines, later) = (self.chance.below(calls), Duration::from_micros(self.chance.below(25_000)));
        let mut command = self.clouds.command(&self.world, words);
        let mut child = command.arg("-v").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let reached = lines == 0 || log.by_ref().filter(|line| line.contains(": HTTP ")).nth(usize::try_from(lines).unwrap() - 1).is_some();
        if reached {
            std::thread::sleep(later);
            child.kill().unwrap();
        }
        let rest: Vec<String> = log.collect();
        let status = child.wait().unwrap();
        let killed = status.signal() == Some(9);
        self.told.push(format!("{words:?} killed behind line {lines} and {later:?}: {status}\n{}", rest.join("\n")));
        if killed {
            tally.kills.fetch_add(1, Ordering::Relaxed);
        }
        killed
    }

    fn json(&mut self, words: &[&str], code: i32) -> Json {
        let all: Vec<&str> = words.iter().copied().chain(["-o", "json"]).collect();
        let ran = finish(self.clouds.command(&self.world, &all), "");
        self.told.push(format!("{words:?}: {}\n{}\n{}", ran.code, ran.stdout, ran.stderr));
        assert_eq!(ran.code, code, "{}", self.told.join("\n"));
        ran.json()
    }

    /// Opens a key of an operation; what `operation show` says comes with it.
    fn opened(&mut self, id: &str, which: &str) -> (String, Json) {
        let path = self.world.path().join("opened");
        let _ = std::fs::remove_file(&path);
        let shown = self.json(&["operation", "show", id, "--psk-out", path.to_str().unwrap(), "--which", which], 0);
        (std::fs::read_to_string(path).unwrap().trim_end().to_owned(), shown)
    }

    /// What is on record is among what is true, and no key is lost. Returns the operation, if there is one.
    fn look(&mut self) -> Option<Json> {
        let list = self.json(&["operation", "list"], 0);
        let listed = list["operations"].get(0)?.clone();
        let id = listed["operation"].as_str().unwrap().to_owned();
        let (new, shown) = self.opened(&id, "new");
        for member in ["state", "ends", "next"] {
            assert_eq!(listed[member], shown[member]);
        }
        let store = self.clouds.store(&self.world);
        let mut keys = BTreeMap::from([("new", new)]);
        for end in shown["ends"].as_array().unwrap() {
            let (provider, thing) = parts(end["end"].as_str().unwrap());
            // At Huawei an older key is in force until a reset: it must not be lost either.
            let [held, in_force] = [configured_key, key_in_effect].map(|key| key(&store, provider, thing, None).unwrap());
            if !keys.contains_key("old") && [&held, &in_force].iter().any(|key| **key != keys["new"]) {
                keys.insert("old", self.opened(&id, "old").0);
            }
            let may = end["may_hold"].as_array().unwrap();
            let is_among = may.iter().any(|which| keys.get(which.as_str().unwrap()) == Some(&held));
            assert!(is_among, "{} holds {held}, and may hold {may:?} of {keys:?}\n{}", end["end"], self.told.join("\n"));
            assert!(keys.values().any(|key| *key == in_force), "{in_force} is lost\n{}", self.told.join("\n"));
        }
        Some(shown)
    }

    /// Until it is finished; killed on the way at most `most` times. Returns how often it was.
    fn tell(&mut self, most: usize, tally: &Tally) -> usize {
        let [one, other] = self.ends;
        let inside = matches!(self.clouds, Clouds::Inside);
        let emulated: &[&str] = if inside { &["--emulated"] } else { &[] };
        let mut kills = 0;
        let before = self.clouds_now();
        let mut open = loop {
            if !self.killed(&[["rotate", one, other, "--yes"].as_slice(), emulated].concat(), tally) {
                let open = self.look();
                break open.unwrap_or_else(|| panic!("nothing is on record\n{}", self.told.join("\n")));
            }
            kills += 1;
            if let Some(open) = self.look() {
                break open;
            }
            assert!(before == self.clouds_now(), "something was sent before it was on record\n{}", self.told.join("\n"));
        };
        let id = open["operation"].as_str().unwrap().to_owned();
        loop {
            *tally.met.lock().unwrap().entry(word(&open)).or_default() += 1;
            // A rollback waits until no earlier request can be executed: minutes, where time is real.
            let waits = open["ends"].as_array().unwrap().iter().any(|end| !end["zombie_until"].is_null());
            let back = (inside || !waits) && open["way_back"] == true && self.chance.below(4) == 0;
            let finished = ["committed", "rolled-back", "closed"].contains(&open["state"].as_str().unwrap());
            if finished && !(back && open["state"] == "committed" && kills < most) {
                break;
            }
            let verb = if back { "rollback" } else { "resume" };
            if kills < most {
                kills += usize::from(self.killed(&["operation", verb, &id, "--yes"], tally));
            } else {
                self.json(&["operation", verb, &id, "--yes"], 0);
            }
            open = self.look().unwrap();
        }
        self.ended(&open, tally);
        kills
    }

    fn clouds_now(&self) -> Vec<Option<String>> {
        // The emulator inside has no state before its first run.
        if matches!(self.clouds, Clouds::Inside) && !self.world.state().join("emulator/state.json").exists() {
            finish(self.clouds.command(&self.world, &["list", "tencent@ap-shanghai", "--emulated"]), "").expect(0);
        }
        let store = self.clouds.store(&self.world);
        self.ends.map(|end| configured_key(&store, parts(end).0, parts(end).1, None)).to_vec()
    }

    /// Both ends hold what the operation says, and it is asked for once more in vain.
    fn ended(&mut self, shown: &Json, tally: &Tally) {
        let id = shown["operation"].as_str().unwrap().to_owned();
        let which = if shown["state"] == "committed" { "new" } else { "old" };
        tally.rolled_back.fetch_add(usize::from(shown["state"] == "rolled-back"), Ordering::Relaxed);
        let key = self.opened(&id, which).0;
        assert_eq!(self.clouds_now(), [Some(key.clone()), Some(key)], "{}", self.told.join("\n"));
        self.json(&["operation", "resume", &id, "--yes"], 0);
        // What is readable shows it too.
        let inside = matches!(self.clouds, Clouds::Inside);
        for end in self.ends.into_iter().filter(|end| !end.starts_with("huawei")) {
            let mut words = vec!["show", end];
            words.extend(inside.then_some("--emulated"));
            let connection = &self.json(&words, 0)["connections"][0];
            assert_eq!(connection["psk"]["fingerprint"], shown["keys"][which], "{}", self.told.join("\n"));
        }
    }
}

impl Tally {
    /// Whether another story is wanted: one that failed is the last.
    fn wants(&self, kills: usize) -> bool {
        self.kills.load(Ordering::Relaxed) < kills && !self.failed.load(Ordering::Relaxed)
    }
}

/// Lets the other stories end where one fails.
struct Alarm<'a>(&'a Tally);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Ordering::Relaxed);
        }
    }
}

/// How far an operation was when it was killed, and how much was in doubt.
fn word(shown: &Json) -> String {
    let doubts = shown["ends"].as_array().unwrap().iter().filter(|end| end["may_hold"].as_array().unwrap().len() > 1).count();
    let state = shown["state"].as_str().unwrap();
    if doubts > 0 { format!("{state}, in doubt") } else { state.to_owned() }
}

fn parts(end: &str) -> (&str, &str) {
    let (cloud, path) = end.split_once('/').unwrap();
    (cloud.split('@').next().unwrap(), path.rsplit('/').next().unwrap())
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn after_a_kill_at_any_moment_the_record_is_true_and_the_operation_ends() {
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
                    // A busy machine, too, must see a tunnel go down before it is up again.
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
