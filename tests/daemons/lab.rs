//! Two daemons, each in a namespace of its own, connected by one cable and nothing else.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use serde_json::Value as Json;
use tunnelctl::testing::Side;

use crate::daemon::{Daemon, Esp, passes};
use crate::namespace::Namespace;
use crate::stage::stage;

/// Why this machine cannot run the daemons.
pub fn missing() -> Result<(), String> {
    for program in ["charon-systemd", "swanctl", "ip", "setpriv"] {
        let there = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].iter().any(|folder| Path::new(folder).join(program).exists());
        if !there {
            return Err(format!("there is no {program}; tests/daemons/install installs it"));
        }
    }
    std::fs::File::options().read(true).write(true).open("/dev/net/tun").map_err(|cause| format!("/dev/net/tun: {cause}"))?;
    Namespace::new().map(drop)
}

/// A pair of nets that an end carries: on its own side, and on the far side.
pub type Pair = (IpNet, IpNet);

/// What the ends are to do.
#[derive(Debug, Clone)]
pub struct Trial {
    pub left: String,
    pub right: String,
    pub starter: Side,
    /// Which of the starter's connections to start.
    pub connection: usize,
    /// What should pass, as the starter sees it: every pair of nets that either end has.
    pub wanted: Vec<Pair>,
}

/// What they did.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The verdict, in the words of `check`.
    pub verdict: &'static str,
    /// The exchange at which it failed.
    pub exchange: &'static str,
    /// Pairs of nets that are cut off, as the starter sees it.
    pub cut: Vec<Pair>,
    /// What both ends logged.
    pub log: String,
}

pub struct Lab {
    left: Daemon,
    right: Daemon,
    inner: [BTreeSet<IpAddr>; 2],
    _folder: tempfile::TempDir,
}

impl Lab {
    pub fn start(outer: (IpAddr, IpAddr)) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let (left, right) = (Namespace::new()?, Namespace::new()?);
        let quiet = || {
            for name in ["all/rp_filter", "default/rp_filter"] {
                // In a process of its own: the process sees the sysctls of the namespace, the thread does not.
                let _ = Command::new("sh").args(["-c", &format!("echo 0 > /proc/sys/net/ipv4/conf/{name}")]).stderr(Stdio::null()).status();
            }
            let _ = Command::new("sh").args(["-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"]).stderr(Stdio::null()).status();
        };
        left.within(quiet);
        right.within(quiet);
        left.ip(format!("link add name wan type veth peer name wan netns {}\n", right.tid))?;
        for (space, own, far) in [(&left, outer.0, outer.1), (&right, outer.1, outer.0)] {
            space.ip(format!("link set lo up\nlink set wan up\naddr add {own} peer {far} dev wan\n"))?;
        }
        let left = Daemon::start(left, folder.path().join("left"), Esp::Daemon)?;
        let right = Daemon::start(right, folder.path().join("right"), Esp::Daemon)?;
        Ok(Self { left, right, inner: [BTreeSet::new(), BTreeSet::new()], _folder: folder })
    }

    pub fn end(&mut self, side: Side) -> &mut Daemon {
        if side == Side::Left { &mut self.left } else { &mut self.right }
    }

    /// Loads, starts, sends, rekeys.
    pub fn attempt(&mut self, trial: &Trial) -> Result<Observed, String> {
        self.left.forget();
        self.right.forget();
        self.hosts(trial)?;
        let starter = trial.starter;
        // The answering end is loaded first: a connection that starts when it is loaded needs the other end ready.
        let starts = [&trial.left, &trial.right].iter().any(|text| text.contains("start_action = start"));
        if starts {
            let text = if starter == Side::Left { &trial.right } else { &trial.left };
            let process = self.end(starter.other()).load(text);
            loaded(process).map_err(|cause| format!("the answering end's configuration: {cause}"))?;
            let text = if starter == Side::Left { &trial.left } else { &trial.right };
            let process = self.end(starter).load(text);
            loaded(process).map_err(|cause| format!("the starting end's configuration: {cause}"))?;
        } else {
            let (one, other) = (self.left.load(&trial.left), self.right.load(&trial.right));
            loaded(one).map_err(|cause| format!("the left configuration: {cause}"))?;
            loaded(other).map_err(|cause| format!("the right configuration: {cause}"))?;
        }
        let connections = self.end(starter).connections();
        let (ike, children) = connections.get(trial.connection).ok_or("nothing is loaded")?.clone();
        self.observe(trial, &ike, &children, starts)
    }

    /// As `attempt`, with files as somebody wrote them: what counts is whether the connection of this name is loaded.
    pub fn attempt_named(&mut self, trial: &Trial, name: &str) -> Result<Observed, String> {
        self.left.forget();
        self.right.forget();
        self.hosts(trial)?;
        self.left.unload();
        self.right.unload();
        let said = [self.left.load(&trial.left), self.right.load(&trial.right)].map(loaded);
        let mut children = Vec::new();
        for (side, said) in [Side::Left, Side::Right].into_iter().zip(said) {
            let Some((_, found)) = self.end(side).connections().into_iter().find(|(found, _)| found == name) else {
                let log = format!("the {} configuration: {}", side.word(), said.err().unwrap_or_default());
                return Ok(Observed { verdict: "down", exchange: "load", cut: Vec::new(), log });
            };
            if side == trial.starter {
                // In the order of the file: the first one comes up with the IKE SA.
                let text = if side == Side::Left { &trial.left } else { &trial.right };
                let place = |name: &String| text.split_whitespace().position(|word| word == name);
                children = found;
                children.sort_by_key(place);
            }
        }
        self.observe(trial, name, &children, false)
    }

    /// Starts, sends, rekeys.
    fn observe(&mut self, trial: &Trial, ike: &str, children: &[String], starts: bool) -> Result<Observed, String> {
        let starter = trial.starter;
        let (mut refused, mut met) = (0, false);
        let until = Instant::now() + Duration::from_secs(8);
        while starts && Instant::now() < until && self.end(starter).children().len() < children.len() {
            std::thread::sleep(Duration::from_millis(10));
        }
        for child in children.iter().filter(|_| !starts) {
            let asked = [("child", child.as_str()), ("ike", ike), ("timeout", "6000"), ("init-limits", "no")];
            let answer = self.end(starter).ask("initiate", &asked);
            let good = answer["success"] == "yes";
            refused += usize::from(!good);
            met |= good || self.end(starter).sas().iter().any(|sa| sa["state"] == "ESTABLISHED");
            if !good && !met {
                break;
            }
        }
        let mut log = self.end(starter).log();
        let own = self.end(starter).children();
        // With IKEv1, the starter is done while its last message is still on its way.
        let until = Instant::now() + Duration::from_secs(2);
        let mut far = self.end(starter.other()).children();
        while far.len() < own.len() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(3));
            far = self.end(starter.other()).children();
        }
        if own.is_empty() || far.is_empty() {
            let exchange = stage(&log);
            log.push_str("---- the other end\n");
            log.push_str(&self.end(starter.other()).log());
            return Ok(Observed { verdict: "down", exchange, cut: Vec::new(), log });
        }
        let carried: Vec<Pair> = own.iter().flat_map(|child| pairs(&nets(&child["local-ts"]), &nets(&child["remote-ts"]))).collect();
        let covered = |pair: &Pair| carried.iter().any(|(local, remote)| local.contains(&pair.0) && remote.contains(&pair.1));
        let cut: Vec<Pair> = trial.wanted.iter().filter(|pair| !covered(pair)).copied().collect();
        let mut verdict = if cut.is_empty() && refused == 0 { "up" } else { "up-narrowed" };
        if !self.passes(trial, &carried) {
            verdict = "up-no-traffic";
        } else {
            // Traffic that is cut off must not arrive.
            for (local, remote) in &cut {
                let (from, to) = (host(*local, starter), host(*remote, starter.other()));
                let inside = carried.iter().any(|(one, other)| one.contains(&from) && other.contains(&to));
                if !inside && self.reaches(starter, from, to, Duration::from_millis(40)) {
                    return Err(format!("{from} reaches {to} outside of the tunnel's nets {carried:?}"));
                }
            }
            let child = own[0]["name"].as_str().unwrap_or_default().to_owned();
            let rekeyed = self.rekeys(starter, "child", &child) && self.rekeys(starter, "ike", ike);
            if !rekeyed || !self.passes(trial, &carried) {
                verdict = "up-fails-at-rekey";
            }
        }
        log.push_str(&self.end(starter).log());
        log.push_str("---- the other end\n");
        log.push_str(&self.end(starter.other()).log());
        Ok(Observed { verdict, exchange: "", cut, log })
    }

    fn passes(&mut self, trial: &Trial, carried: &[Pair]) -> bool {
        let (own, far) = (trial.starter, trial.starter.other());
        carried.iter().all(|(local, remote)| self.reaches(own, host(*local, own), host(*remote, far), Duration::from_secs(2)))
    }

    /// Whether a packet from this end reaches the far one and the answer comes back.
    fn reaches(&mut self, side: Side, from: IpAddr, to: IpAddr, patience: Duration) -> bool {
        let own = self.end(side).socket(from);
        let far = self.end(side.other()).socket(to);
        own.zip(far).is_some_and(|(own, far)| passes(&own, &far, patience))
    }

    /// Puts a host into every net.
    fn hosts(&mut self, trial: &Trial) -> Result<(), String> {
        let mut changed = false;
        for side in [Side::Left, Side::Right] {
            let own = |pair: &Pair| host(if side == trial.starter { pair.0 } else { pair.1 }, side);
            let known = &mut self.inner[usize::from(side == Side::Right)];
            let new: Vec<IpAddr> = trial.wanted.iter().map(own).filter(|address| known.insert(*address)).collect();
            if !new.is_empty() {
                changed = true;
                let lines = new.iter().map(|address| format!("addr replace {address} dev lo\n")).collect();
                self.end(side).space.ip(lines)?;
            }
        }
        if changed {
            // The daemons notice addresses a moment later.
            std::thread::sleep(Duration::from_millis(40));
        }
        Ok(())
    }

    /// Rekeys an SA while it is in use; returns whether both ends have a new one.
    fn rekeys(&mut self, side: Side, what: &str, name: &str) -> bool {
        // The other end may have other names for its children.
        let ids = |daemon: &mut Daemon| -> BTreeSet<String> {
            let id = |sa: &Json| sa["uniqueid"].as_str().unwrap_or_default().to_owned();
            if what == "child" {
                daemon.children().iter().map(id).collect()
            } else {
                daemon.sas().iter().filter(|sa| sa["state"] == "ESTABLISHED").map(id).collect()
            }
        };
        let before = (ids(self.end(side)), ids(self.end(side.other())));
        self.end(side).log();
        self.end(side).ask("rekey", &[(what, name)]);
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            let new =
                ids(self.end(side)).difference(&before.0).count() > 0 && ids(self.end(side.other())).difference(&before.1).count() > 0;
            if new {
                return true;
            }
            let log = self.end(side).log();
            if ["NO_PROPOSAL_CHOSEN", "failed, trying again", "failed to establish CHILD_SA", "giving up after"]
                .iter()
                .any(|text| log.contains(text))
            {
                return false;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        false
    }
}

pub fn pairs(local: &[IpNet], remote: &[IpNet]) -> Vec<Pair> {
    local.iter().flat_map(|one| remote.iter().map(|other| (*one, *other))).collect()
}

pub fn nets(list: &Json) -> Vec<IpNet> {
    list.as_array().into_iter().flatten().filter_map(|net| net.as_str()?.parse().ok()).collect()
}

/// The first host of an end's net; for `0.0.0.0/0`, a host that is in no other net of the tests.
pub fn host(net: IpNet, side: Side) -> IpAddr {
    if net.prefix_len() == 0 {
        return if side == Side::Left { [10, 3, 0, 1] } else { [10, 4, 0, 1] }.into();
    }
    net.hosts().next().unwrap_or_else(|| net.addr())
}

/// Whether `swanctl` loaded a file without a warning.
pub fn loaded(process: Child) -> Result<(), String> {
    let ended = process.wait_with_output().map_err(|cause| cause.to_string())?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
    let bad = |line: &&str| {
        let line = line.to_ascii_lowercase();
        let word = ["fail", "invalid", "unable", "error", "unknown", "unsupp", "warn"].iter().any(|word| line.contains(word));
        word && !line.contains("opening directory") && !line.contains(" 0 failed")
    };
    let bad: Vec<&str> = said.lines().filter(bad).collect();
    if ended.status.success() && bad.is_empty() {
        Ok(())
    } else {
        Err(format!("swanctl: {}", if bad.is_empty() { said.clone() } else { bad.join("; ") }))
    }
}
