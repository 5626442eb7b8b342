//! One tunnel, and everything that happens to it until no operation is open.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;
use tunnelctl::testing::{Store, configured_key, key_in_effect};

use crate::emulator::Served;
use crate::harness::{World, finish};

/// Random numbers from a seed.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // The mixing step of SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % bound
    }
}

/// Where the clouds are.
pub(super) enum Clouds<'a> {
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
            command.envs(served.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
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

/// Waits until a server has saved its state once more; it does so shortly after every request.
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

/// One tunnel, and everything that happens to it until no operation is open.
pub(super) struct Story<'a> {
    pub(super) clouds: Clouds<'a>,
    pub(super) world: World,
    pub(super) ends: [&'a str; 2],
    pub(super) chance: Chance,
    pub(super) told: Vec<String>,
}

/// What all stories met.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) failed: AtomicBool,
    pub(super) kills: AtomicUsize,
    pub(super) rolled_back: AtomicUsize,
    pub(super) met: Mutex<BTreeMap<String, usize>>,
}

impl Story<'_> {
    /// Runs a command until it ends or is killed; true if it was killed.
    fn killed(&mut self, words: &[&str], tally: &Tally) -> bool {
        // The first dozen calls read and write the ends; later ones watch the tunnel.
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
        self.told.push(format!("{words:?} killed {later:?} after line {lines}: {status}\n{}", rest.join("\n")));
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

    /// Opens a key of an operation; also returns what `operation show` prints.
    fn opened(&mut self, id: &str, which: &str) -> (String, Json) {
        let path = self.world.path().join("opened");
        let _ = std::fs::remove_file(&path);
        let shown = self.json(&["operation", "show", id, "--psk-out", path.to_str().unwrap(), "--which", which], 0);
        (std::fs::read_to_string(path).unwrap().trim_end().to_owned(), shown)
    }

    /// Checks that the record covers what is true and that no key is lost. Returns the operation, if there is one.
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
            // At Huawei Cloud an older key is in effect until a reset: it must not be lost either.
            let [held, in_effect] = [configured_key, key_in_effect].map(|key| key(&store, provider, thing, None).unwrap());
            if !keys.contains_key("old") && [&held, &in_effect].iter().any(|key| **key != keys["new"]) {
                keys.insert("old", self.opened(&id, "old").0);
            }
            let may = end["may_hold"].as_array().unwrap();
            let is_among = may.iter().any(|which| keys.get(which.as_str().unwrap()) == Some(&held));
            assert!(is_among, "{} holds {held}, and may hold {may:?} of {keys:?}\n{}", end["end"], self.told.join("\n"));
            assert!(keys.values().any(|key| *key == in_effect), "{in_effect} is lost\n{}", self.told.join("\n"));
        }
        Some(shown)
    }

    /// Runs the story to its end, with at most `most` kills. Returns how many there were.
    pub(super) fn tell(&mut self, most: usize, tally: &Tally) -> usize {
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
            // A rollback waits until no earlier request can be executed any more: minutes in real time.
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
        // The built-in emulator has no state before its first run.
        if matches!(self.clouds, Clouds::Inside) && !self.world.state().join("emulator/state.json").exists() {
            finish(self.clouds.command(&self.world, &["list", "tencent@ap-shanghai", "--emulated"]), "").expect(0);
        }
        let store = self.clouds.store(&self.world);
        self.ends.map(|end| configured_key(&store, parts(end).0, parts(end).1, None)).to_vec()
    }

    /// Checks that both ends hold what the operation says, and that another `resume` has nothing to do.
    fn ended(&mut self, shown: &Json, tally: &Tally) {
        let id = shown["operation"].as_str().unwrap().to_owned();
        let which = if shown["state"] == "committed" { "new" } else { "old" };
        tally.rolled_back.fetch_add(usize::from(shown["state"] == "rolled-back"), Ordering::Relaxed);
        let key = self.opened(&id, which).0;
        assert_eq!(self.clouds_now(), [Some(key.clone()), Some(key)], "{}", self.told.join("\n"));
        self.json(&["operation", "resume", &id, "--yes"], 0);
        // `show` agrees where the key can be read.
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
    /// Whether to start another story: none after a failure.
    pub(super) fn wants(&self, kills: usize) -> bool {
        self.kills.load(Ordering::Relaxed) < kills && !self.failed.load(Ordering::Relaxed)
    }
}

/// Ends the other stories when one fails.
pub(super) struct Alarm<'a>(pub(super) &'a Tally);

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
