//! An end with strongSwan's or Libreswan's daemon. The nets that it carries are read from the kernel, the same way for both.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tunnelctl::testing::Daemon as Kind;

use crate::daemon::{Daemon, Esp};
use crate::ipsec_conf::Files;
use crate::lab::{Pair, loaded};
use crate::namespace::Namespace;
use crate::pluto::Pluto;

/// The configuration of an end; it must be of the end's kind.
#[derive(Debug, Clone)]
pub enum Conf {
    Strongswan(String),
    Libreswan(Files),
}

impl Conf {
    /// How many children (strongSwan) or connections (Libreswan) it makes.
    pub fn children(&self) -> usize {
        match self {
            Self::Strongswan(text) => text.matches("local_ts = ").count(),
            Self::Libreswan(files) => files.conf.matches("\nconn ").count(),
        }
    }
}

/// An end.
pub enum End {
    Strongswan(Box<Daemon>),
    Libreswan(Pluto),
}

impl End {
    pub fn start(kind: Kind, space: Namespace, folder: PathBuf, setup: &str) -> Result<Self, String> {
        Ok(match kind {
            Kind::Strongswan => Self::Strongswan(Box::new(Daemon::start(space, folder, Esp::Kernel)?)),
            Kind::Libreswan => Self::Libreswan(Pluto::start(space, folder, setup)?),
        })
    }

    pub fn space(&self) -> &Namespace {
        match self {
            Self::Strongswan(daemon) => &daemon.space,
            Self::Libreswan(pluto) => &pluto.space,
        }
    }

    pub fn forget(&mut self) {
        match self {
            Self::Strongswan(daemon) => daemon.forget(),
            Self::Libreswan(pluto) => pluto.forget(),
        }
    }

    pub fn load(&mut self, conf: &Conf) -> Result<(), String> {
        match (self, conf) {
            (Self::Strongswan(daemon), Conf::Strongswan(text)) => loaded(daemon.load(text)),
            (Self::Libreswan(pluto), Conf::Libreswan(files)) => pluto.load(files),
            _ => panic!("a configuration of the other kind"),
        }
    }

    /// As somebody wrote it: what counts is whether the connection of this name is loaded.
    pub fn load_named(&mut self, conf: &Conf, name: &str) -> Result<(), String> {
        match (self, conf) {
            (Self::Strongswan(daemon), Conf::Strongswan(text)) => {
                daemon.unload();
                let said = loaded(daemon.load(text));
                let there = daemon.connections().iter().any(|(found, _)| found == name);
                if there { Ok(()) } else { said.and_then(|()| Err("it is not loaded".to_owned())) }
            }
            (Self::Libreswan(pluto), Conf::Libreswan(files)) => pluto.load_named(files, name),
            _ => panic!("a configuration of the other kind"),
        }
    }

    /// Its children, each with the name of its connection.
    pub fn children(&mut self) -> Vec<(String, String)> {
        match self {
            Self::Strongswan(daemon) => {
                let connections = daemon.connections().into_iter();
                connections.flat_map(|(ike, children)| children.into_iter().map(move |child| (ike.clone(), child))).collect()
            }
            Self::Libreswan(pluto) => pluto.names().iter().map(|name| (name.clone(), name.clone())).collect(),
        }
    }

    /// Starts a child and waits until it is up or has failed.
    pub fn initiate(&mut self, (ike, child): &(String, String)) {
        match self {
            Self::Strongswan(daemon) => {
                daemon.ask("initiate", &[("child", child), ("ike", ike), ("timeout", "6000"), ("init-limits", "no")]);
            }
            Self::Libreswan(pluto) => pluto.initiate(child),
        }
    }

    pub fn rekey_child(&mut self, child: &str) {
        match self {
            Self::Strongswan(daemon) => drop(daemon.ask("rekey", &[("child", child)])),
            Self::Libreswan(pluto) => pluto.rekey_child(child),
        }
    }

    /// Rekeys the IKE SA.
    pub fn rekeys_ike(&mut self, (ike, child): &(String, String), log: &mut String) -> bool {
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

    pub fn log(&mut self) -> String {
        match self {
            Self::Strongswan(daemon) => daemon.log(),
            Self::Libreswan(pluto) => pluto.log(),
        }
    }

    /// Pairs of nets that the kernel sends through ESP.
    pub fn carried(&self) -> Vec<Pair> {
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

    /// The SPIs of all ESP SAs in the kernel, in both directions.
    pub fn spis(&self) -> BTreeSet<String> {
        let text = self.space().xfrm("state");
        let spi = |line: &str| line.trim().strip_prefix("proto esp spi ")?.split_whitespace().next().map(str::to_owned);
        text.lines().filter_map(spi).collect()
    }
}

fn net(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
