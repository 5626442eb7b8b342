//! Two ends, each with strongSwan's or Libreswan's daemon, with ESP in the kernel.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tunnelctl::testing::{Daemon as Kind, Side};

use crate::daemon::passes;
use crate::either::{Conf, End};
use crate::lab::{Observed, Pair, host};
use crate::namespace::Namespace;
use crate::pluto::SETUP;
use crate::stage::stage;

/// What the ends are to do.
#[derive(Debug, Clone)]
pub struct Trial {
    pub left: Conf,
    pub right: Conf,
    pub starter: Side,
    /// Which of the starter's children to start.
    pub children: std::ops::Range<usize>,
    /// What should pass, as the starter sees it: every pair of nets that either end has.
    pub wanted: Vec<Pair>,
}

pub struct Lab {
    left: End,
    right: End,
    inner: [BTreeSet<IpAddr>; 2],
    _folder: tempfile::TempDir,
}

impl Lab {
    pub fn start(outer: (IpAddr, IpAddr), kinds: (Kind, Kind)) -> Result<Self, String> {
        Self::start_with(outer, kinds, [SETUP; 2])
    }

    /// With what Libreswan reads at its start alone.
    pub fn start_with(outer: (IpAddr, IpAddr), kinds: (Kind, Kind), setups: [&str; 2]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let (left, right) = (Namespace::new()?, Namespace::new()?);
        left.ip(format!("link add name wan type veth peer name wan netns {}\n", right.tid))?;
        for (space, own, far) in [(&left, outer.0, outer.1), (&right, outer.1, outer.0)] {
            space.ip(format!(
                "link set lo up\nlink set wan up\naddr add {own} peer {far} dev wan\nroute add default via {far} dev wan onlink\n"
            ))?;
            // Traffic that no policy covers is blocked, so a tunnel that is too narrow is noticed.
            space.run("ip xfrm policy setdefault in block fwd block out block")?;
            space.run("for name in all default wan; do echo 0 > /proc/sys/net/ipv4/conf/$name/rp_filter; done")?;
        }
        let left = End::start(kinds.0, left, folder.path().join("left"), setups[0])?;
        let right = End::start(kinds.1, right, folder.path().join("right"), setups[1])?;
        Ok(Self { left, right, inner: [BTreeSet::new(), BTreeSet::new()], _folder: folder })
    }

    const fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }

    /// Loads, starts, sends, rekeys. With `must_load`, an end that refuses its configuration is an error.
    pub fn attempt(&mut self, trial: &Trial, must_load: bool) -> Result<Observed, String> {
        self.left.forget();
        self.right.forget();
        self.hosts(trial)?;
        for (side, conf) in [(Side::Left, &trial.left), (Side::Right, &trial.right)] {
            if let Err(cause) = self.end(side).load(conf) {
                let cause = format!("the {} configuration: {cause}", side.word());
                let log = cause.clone();
                return if must_load { Err(cause) } else { Ok(Observed { verdict: "down", exchange: "load", cut: Vec::new(), log }) };
            }
        }
        let children = self.end(trial.starter).children();
        let children = children.get(trial.children.clone()).ok_or("nothing is loaded")?.to_vec();
        self.observe(trial, &children)
    }

    /// As `attempt`, with files as somebody wrote them: what counts is whether the connection of this name is loaded.
    pub fn attempt_named(&mut self, trial: &Trial, name: &str) -> Result<Observed, String> {
        self.left.forget();
        self.right.forget();
        self.hosts(trial)?;
        for (side, conf) in [(Side::Left, &trial.left), (Side::Right, &trial.right)] {
            if let Err(cause) = self.end(side).load_named(conf, name) {
                let log = format!("the {} configuration: {cause}", side.word());
                return Ok(Observed { verdict: "down", exchange: "load", cut: Vec::new(), log });
            }
        }
        let mut children = self.end(trial.starter).children();
        children.retain(|(ike, _)| ike.split('/').next() == Some(name));
        if let Conf::Strongswan(text) = if trial.starter == Side::Left { &trial.left } else { &trial.right } {
            // In the order of the file: the first one comes up with the IKE SA.
            children.sort_by_key(|(_, child)| text.split_whitespace().position(|word| word == child));
        }
        self.observe(trial, &children)
    }

    /// Starts, sends, rekeys.
    fn observe(&mut self, trial: &Trial, children: &[(String, String)]) -> Result<Observed, String> {
        let (starter, answerer) = (trial.starter, trial.starter.other());
        let (mut log, mut alive) = (String::new(), None);
        for child in children {
            self.end(starter).initiate(child);
            log.push_str(&self.end(starter).log());
            if alive.is_none() && !self.end(starter).carried().is_empty() {
                alive = Some(child);
            }
            // Without an IKE SA, the next child fails too.
            if matches!(stage(&log), "main_mode" | "aggressive_mode" | "ike_sa_init") {
                break;
            }
        }
        // With IKEv1, the starter is done while its last message is still on its way.
        let until = Instant::now() + Duration::from_secs(2);
        let (mut own, mut far) = (self.end(starter).carried(), self.end(answerer).carried());
        while own.len() != far.len() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
            (own, far) = (self.end(starter).carried(), self.end(answerer).carried());
        }
        if own.is_empty() || far.is_empty() {
            let exchange = stage(&log);
            log.push_str("---- the other end\n");
            log.push_str(&self.end(answerer).log());
            return Ok(Observed { verdict: "down", exchange, cut: Vec::new(), log });
        }
        // One end may have installed wider nets than the other.
        let carried: Vec<Pair> =
            own.iter().flat_map(|one| far.iter().filter_map(|other| Some((meet(one.0, other.1)?, meet(one.1, other.0)?)))).collect();
        let covered = |pair: &Pair| carried.iter().any(|(local, remote)| local.contains(&pair.0) && remote.contains(&pair.1));
        let cut: Vec<Pair> = trial.wanted.iter().filter(|pair| !covered(pair)).copied().collect();
        let mut verdict = if cut.is_empty() { "up" } else { "up-narrowed" };
        if !self.all_pass(starter, &carried) {
            verdict = "up-no-traffic";
        } else {
            for (local, remote) in &cut {
                let (from, to) = (host(*local, starter), host(*remote, answerer));
                let inside = carried.iter().any(|(one, other)| one.contains(&from) && other.contains(&to));
                if !inside && self.reaches(starter, from, to, Duration::from_millis(40)) {
                    return Err(format!("{from} reaches {to} outside of the tunnel's nets {carried:?}"));
                }
            }
            // A child that never came up is not rekeyed. The IKE SA belongs to the first child, even if that child failed.
            let child = alive.unwrap_or(&children[0]);
            let rekeyed = self.rekeys_child(starter, &child.1, &mut log) && self.end(starter).rekeys_ike(&children[0], &mut log);
            if !rekeyed || !self.all_pass(starter, &carried) {
                verdict = "up-fails-at-rekey";
            }
        }
        log.push_str(&self.end(starter).log());
        log.push_str("---- the other end\n");
        log.push_str(&self.end(answerer).log());
        Ok(Observed { verdict, exchange: "", cut, log })
    }

    fn all_pass(&mut self, own: Side, carried: &[Pair]) -> bool {
        carried.iter().all(|(local, remote)| self.reaches(own, host(*local, own), host(*remote, own.other()), Duration::from_secs(2)))
    }

    /// Whether a packet from this end reaches the far one and the answer comes back.
    fn reaches(&mut self, side: Side, from: IpAddr, to: IpAddr, patience: Duration) -> bool {
        let socket = |end: &End, address: IpAddr| end.space().within(move || std::net::UdpSocket::bind((address, 0)).ok());
        let own = socket(self.end(side), from);
        let far = socket(self.end(side.other()), to);
        own.zip(far).is_some_and(|(own, far)| passes(&own, &far, patience))
    }

    /// Puts a host into every net.
    fn hosts(&mut self, trial: &Trial) -> Result<(), String> {
        for side in [Side::Left, Side::Right] {
            let own = |pair: &Pair| host(if side == trial.starter { pair.0 } else { pair.1 }, side);
            let known = &mut self.inner[usize::from(side == Side::Right)];
            let new: Vec<IpAddr> = trial.wanted.iter().map(own).filter(|address| known.insert(*address)).collect();
            if !new.is_empty() {
                let lines = new.iter().map(|address| format!("addr replace {address} dev lo\n")).collect();
                self.end(side).space().ip(lines)?;
            }
        }
        Ok(())
    }

    /// Rekeys a Child SA while it is in use: both kernels get a new SA in each direction.
    fn rekeys_child(&mut self, side: Side, child: &str, log: &mut String) -> bool {
        let before = (self.left.spis(), self.right.spis());
        log.push_str(&self.end(side).log());
        self.end(side).rekey_child(child);
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if self.left.spis().difference(&before.0).count() > 1 && self.right.spis().difference(&before.1).count() > 1 {
                return true;
            }
            let new = self.end(side).log();
            log.push_str(&new);
            let signs = ["NO_PROPOSAL_CHOSEN", "failed, trying again", "failed to establish CHILD_SA", "giving up after"];
            if signs.iter().any(|sign| new.contains(sign)) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

/// What two nets have in common.
fn meet(one: IpNet, other: IpNet) -> Option<IpNet> {
    if one.contains(&other) {
        Some(other)
    } else if other.contains(&one) {
        Some(one)
    } else {
        None
    }
}
