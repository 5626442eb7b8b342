//! Two ends, each with strongSwan's or Libreswan's daemon, over the ESP of a kernel. What came of it is read from the
//! kernel, which is the same for both.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tunnelctl::agreement::{Daemon as Kind, Side};

use crate::daemon::{Daemon, Esp, passes};
use crate::ipsec_conf::Files;
use crate::lab::{Observed, Pair, host, loaded, stage};
use crate::namespace::Namespace;
use crate::pluto::Pluto;

/// What an end is given; it must be of the end's kind.
#[derive(Debug, Clone)]
pub enum Conf {
    Strongswan(String),
    Libreswan(Files),
}

impl Conf {
    /// How many children strongSwan has of it, or connections Libreswan.
    pub fn children(&self) -> usize {
        match self {
            Self::Strongswan(text) => text.matches("local_ts = ").count(),
            Self::Libreswan(files) => files.conf.matches("\nconn ").count(),
        }
    }
}

/// What the ends are to do.
#[derive(Debug, Clone)]
pub struct Trial {
    pub left: Conf,
    pub right: Conf,
    pub starter: Side,
    /// Which of the starter's children are meant.
    pub children: std::ops::Range<usize>,
    /// What should pass, as the starter sees it: every pair of nets that either end has.
    pub wanted: Vec<Pair>,
}

enum End {
    Strongswan(Box<Daemon>),
    Libreswan(Pluto),
}

impl End {
    fn start(kind: Kind, space: Namespace, folder: PathBuf) -> Result<Self, String> {
        Ok(match kind {
            Kind::Strongswan => Self::Strongswan(Box::new(Daemon::start(space, folder, Esp::Kernel)?)),
            Kind::Libreswan => Self::Libreswan(Pluto::start(space, folder)?),
        })
    }

    fn space(&self) -> &Namespace {
        match self {
            Self::Strongswan(daemon) => &daemon.space,
            Self::Libreswan(pluto) => &pluto.space,
        }
    }

    fn forget(&mut self) {
        match self {
            Self::Strongswan(daemon) => daemon.forget(),
            Self::Libreswan(pluto) => pluto.forget(),
        }
    }

    fn load(&mut self, conf: &Conf) -> Result<(), String> {
        match (self, conf) {
            (Self::Strongswan(daemon), Conf::Strongswan(text)) => loaded(daemon.load(text)),
            (Self::Libreswan(pluto), Conf::Libreswan(files)) => pluto.load(files),
            _ => panic!("a configuration of the other kind"),
        }
    }

    /// Its children, each with the name of its connection.
    fn children(&mut self) -> Vec<(String, String)> {
        match self {
            Self::Strongswan(daemon) => {
                let connections = daemon.connections().into_iter();
                connections.flat_map(|(ike, children)| children.into_iter().map(move |child| (ike.clone(), child))).collect()
            }
            Self::Libreswan(pluto) => pluto.names().iter().map(|name| (name.clone(), name.clone())).collect(),
        }
    }

    /// Starts a child and waits until it is up, or is given up.
    fn initiate(&mut self, (ike, child): &(String, String)) {
        match self {
            Self::Strongswan(daemon) => {
                daemon.ask("initiate", &[("child", child), ("ike", ike), ("timeout", "6000"), ("init-limits", "no")]);
            }
            Self::Libreswan(pluto) => pluto.initiate(child),
        }
    }

    fn rekey_child(&mut self, child: &str) {
        match self {
            Self::Strongswan(daemon) => drop(daemon.ask("rekey", &[("child", child)])),
            Self::Libreswan(pluto) => pluto.rekey_child(child),
        }
    }

    /// Makes the IKE SA anew.
    fn rekeys_ike(&mut self, (ike, child): &(String, String), log: &mut String) -> bool {
        let until = Instant::now() + Duration::from_secs(5);
        match self {
            Self::Strongswan(daemon) => {
                let ids = |daemon: &mut Daemon| -> BTreeSet<String> {
                    let sas = daemon.sas();
                    let established = sas.iter().filter(|sa| sa["state"] == "ESTABLISHED");
                    established.map(|sa| sa["uniqueid"].as_str().unwrap_or_default().to_owned()).collect()
                };
                let before = ids(daemon);
                daemon.ask("rekey", &[("ike", ike)]);
                while ids(daemon).difference(&before).count() == 0 {
                    if Instant::now() > until {
                        return false;
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
                true
            }
            Self::Libreswan(pluto) => {
                pluto.log();
                if !pluto.rekey_ike(child) {
                    return true;
                }
                loop {
                    let new = pluto.log();
                    log.push_str(&new);
                    if new.contains("initiator rekeyed IKE SA") {
                        return true;
                    }
                    if Instant::now() > until {
                        return false;
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        }
    }

    fn log(&mut self) -> String {
        match self {
            Self::Strongswan(daemon) => daemon.log(),
            Self::Libreswan(pluto) => pluto.log(),
        }
    }

    /// Pairs of nets that the kernel sends through ESP.
    fn carried(&self) -> Vec<Pair> {
        let text = self.space().xfrm("policy");
        let mut found = Vec::new();
        let (mut nets, mut outward): (Option<Pair>, bool) = (None, false);
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["src", local, "dst", remote, ..] if !line.starts_with(char::is_whitespace) => nets = net(local).zip(net(remote)),
                ["dir", way, ..] => outward = *way == "out",
                ["proto", "esp", ..] if outward => found.extend(nets.take()),
                _ => {}
            }
        }
        found
    }

    /// The marks of all ESP SAs of the kernel, of either direction.
    fn spis(&self) -> BTreeSet<String> {
        let text = self.space().xfrm("state");
        let spi = |line: &str| line.trim().strip_prefix("proto esp spi ")?.split_whitespace().next().map(str::to_owned);
        text.lines().filter_map(spi).collect()
    }
}

fn net(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

pub struct Lab {
    left: End,
    right: End,
    inner: [BTreeSet<IpAddr>; 2],
    _folder: tempfile::TempDir,
}

impl Lab {
    pub fn start(outer: (IpAddr, IpAddr), kinds: (Kind, Kind)) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let (left, right) = (Namespace::new()?, Namespace::new()?);
        left.ip(format!("link add name wan type veth peer name wan netns {}\n", right.tid))?;
        for (space, own, far) in [(&left, outer.0, outer.1), (&right, outer.1, outer.0)] {
            space.ip(format!(
                "link set lo up\nlink set wan up\naddr add {own} peer {far} dev wan\nroute add default via {far} dev wan onlink\n"
            ))?;
            // Whatever no policy covers does not pass: a tunnel that is narrower than it should be shows.
            space.run("ip xfrm policy setdefault in block fwd block out block")?;
            space.run("for name in all default wan; do echo 0 > /proc/sys/net/ipv4/conf/$name/rp_filter; done")?;
        }
        let left = End::start(kinds.0, left, folder.path().join("left"))?;
        let right = End::start(kinds.1, right, folder.path().join("right"))?;
        Ok(Self { left, right, inner: [BTreeSet::new(), BTreeSet::new()], _folder: folder })
    }

    const fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }

    /// Loads, starts, sends, rekeys. An end's refusal of its configuration is an error only where `must_load`.
    pub fn attempt(&mut self, trial: &Trial, must_load: bool) -> Result<Observed, String> {
        let (starter, answerer) = (trial.starter, trial.starter.other());
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
        let children = self.end(starter).children();
        let children = children.get(trial.children.clone()).ok_or("nothing is loaded")?.to_vec();
        let (mut log, mut alive) = (String::new(), None);
        for child in &children {
            self.end(starter).initiate(child);
            log.push_str(&self.end(starter).log());
            if alive.is_none() && !self.end(starter).carried().is_empty() {
                alive = Some(child);
            }
            // Without an IKE SA the next child has no better fate.
            if matches!(stage(&log), "main_mode" | "aggressive_mode" | "ike_sa_init") {
                break;
            }
        }
        // In IKEv1 the starter is done when its last message is on its way.
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
        // An end may believe in more than the other.
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
            // What failed from the start needs no rekey to fail.
            let child = alive.unwrap_or(&children[0]);
            let rekeyed = self.rekeys_child(starter, &child.1, &mut log) && self.end(starter).rekeys_ike(child, &mut log);
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

    /// Whether a packet from this end passes to the far one, and the answer back.
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

    /// Makes a Child SA anew while it is in use: both kernels get one of each direction.
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
