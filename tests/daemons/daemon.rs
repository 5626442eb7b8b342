//! strongSwan's daemon in a namespace, with a configuration, socket and log of its own.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::net::{IpAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::namespace::Namespace;
use crate::vici::Vici;

/// Who makes ESP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Esp {
    /// The daemon, in user space: the same on every machine and kernel.
    Daemon,
    Kernel,
}

pub struct Daemon {
    pub space: Namespace,
    folder: PathBuf,
    process: Child,
    vici: Vici,
    read: u64,
}

impl Daemon {
    pub fn start(space: Namespace, folder: PathBuf, esp: Esp) -> Result<Self, String> {
        fs::create_dir_all(&folder).map_err(|cause| cause.to_string())?;
        let socket = folder.join("vici");
        let (log, conf) = (folder.join("log"), folder.join("strongswan.conf"));
        fs::write(&log, "").map_err(|cause| cause.to_string())?;
        // Short retransmission: a peer that does not answer costs 1.5 s rather than 165 s, and 3 s in the guest, which is slower. The mark keeps IKE out of a
        // tunnel that takes everything.
        let (name, mark, tries) = match esp {
            Esp::Daemon => ("kernel-libipsec kernel-netlink", "0x42", 2),
            Esp::Kernel => ("kernel-netlink", "", 5),
        };
        let marks =
            if mark.is_empty() { [String::new(), String::new()] } else { [format!("fwmark = !{mark}"), format!("fwmark = {mark}")] };
        let text = format!(
            "charon-systemd {{\n  load = random nonce openssl gmp hmac md5 sha1 sha2 aes gcm kdf {name} \
             socket-default vici\n  load_modular = no\n  i_dont_care_about_security_and_use_aggressive_mode_psk = yes\n  \
             dos_protection = no\n  half_open_timeout = 10\n  retransmit_tries = {tries}\n  retransmit_timeout = 0.5\n  retransmit_base = 1.0\n  \
             delete_rekeyed_delay = 1\n  threads = 16\n  plugins {{\n    vici {{\n      socket = unix://{socket}\n    }}\n    kernel-netlink {{\n      \
             roam_events = no\n      {}\n    }}\n    socket-default {{\n      {}\n    }}\n    kernel-libipsec {{\n      load = yes\n      allow_peer_ts = yes\n    }}\n  }}\n  filelog {{\n    test {{\n      path = {log}\n      default = 1\n      \
             cfg = 2\n      flush_line = yes\n    }}\n  }}\n  journal {{\n    default = -1\n  }}\n}}\nswanctl {{\n  load = random openssl\n}}\n",
            marks[0],
            marks[1],
            socket = socket.display(),
            log = log.display(),
        );
        fs::write(&conf, text).map_err(|cause| cause.to_string())?;
        let place = folder.clone();
        let mut process = space.within(move || {
            let out = fs::File::create(place.join("out")).map_err(|cause| cause.to_string())?;
            let errors = out.try_clone().map_err(|cause| cause.to_string())?;
            // It ends with the thread that started it, however that thread ends.
            Command::new("setpriv")
                .args(["--pdeathsig", "KILL", "charon-systemd"])
                .env_clear()
                .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
                .env("STRONGSWAN_CONF", conf)
                .env("SWANCTL_DIR", &place)
                .stdin(Stdio::null())
                .stdout(out)
                .stderr(errors)
                .spawn()
                .map_err(|cause| format!("setpriv: {cause}"))
        })?;
        let until = Instant::now() + Duration::from_secs(15);
        let vici = loop {
            if let Ok(mut vici) = Vici::open(&socket)
                && vici.ask("version", &[]).is_ok()
            {
                break vici;
            }
            let ended = process.try_wait().ok().flatten().is_some();
            if ended || Instant::now() > until {
                let _ = process.kill();
                let said = fs::read_to_string(folder.join("out")).unwrap_or_default() + &fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("charon-systemd does not start: {}", said.trim()));
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Ok(Self { space, folder, process, vici, read: 0 })
    }

    /// Starts to load a configuration with the real `swanctl`, replacing what was loaded.
    pub fn load(&self, text: &str) -> Child {
        let file = self.folder.join("swanctl.conf");
        fs::write(&file, text).unwrap();
        Command::new("swanctl")
            .args(["--load-all", "--clear", "--noprompt", "--file"])
            .arg(&file)
            .arg("--uri")
            .arg(format!("unix://{}", self.folder.join("vici").display()))
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("STRONGSWAN_CONF", self.folder.join("strongswan.conf"))
            .env("SWANCTL_DIR", &self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The configuration that was loaded last, its key included.
    pub fn file(&self) -> PathBuf {
        self.folder.join("swanctl.conf")
    }

    /// A `swanctl` command for this daemon, as a shell line that needs nothing from the environment.
    pub fn line(&self, words: &str) -> String {
        let folder = self.folder.display();
        format!("STRONGSWAN_CONF={folder}/strongswan.conf SWANCTL_DIR={folder} /usr/sbin/swanctl {words} --uri unix://{folder}/vici")
    }

    pub fn ask(&mut self, command: &str, arguments: &[(&str, &str)]) -> Json {
        self.vici.ask(command, arguments).unwrap()
    }

    /// Connections by name, each with the names of its children in order.
    pub fn connections(&mut self) -> Vec<(String, Vec<String>)> {
        let mut found = Vec::new();
        for event in self.vici.stream("list-conns", "list-conn").unwrap() {
            for (name, connection) in event.as_object().unwrap() {
                let mut children: Vec<String> = connection["children"].as_object().unwrap().keys().cloned().collect();
                children.sort_by_key(|name| (name.len(), name.clone()));
                found.push((name.clone(), children));
            }
        }
        found
    }

    /// Drops what is loaded: a file that is refused leaves the former one in place.
    pub fn unload(&mut self) {
        for (name, _) in self.connections() {
            self.ask("unload-conn", &[("name", &name)]);
        }
    }

    /// IKE SAs as charon lists them.
    pub fn sas(&mut self) -> Vec<Json> {
        let events = self.vici.stream("list-sas", "list-sa").unwrap();
        events.into_iter().flat_map(|event| event.as_object().unwrap().values().cloned().collect::<Vec<_>>()).collect()
    }

    /// Child SAs that carry traffic.
    pub fn children(&mut self) -> Vec<Json> {
        let sas = self.sas();
        let children = sas.iter().filter_map(|sa| sa["child-sas"].as_object()).flat_map(|children| children.values());
        children.filter(|child| child["state"] == "INSTALLED").cloned().collect()
    }

    /// Drops all SAs without notifying the other end.
    pub fn forget(&mut self) {
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            let sas = self.sas();
            if sas.is_empty() {
                break;
            }
            assert!(Instant::now() < until, "an SA does not go away: {sas:?}");
            for sa in sas {
                let id = sa["uniqueid"].as_str().unwrap().to_owned();
                self.ask("terminate", &[("ike-id", &id), ("force", "yes"), ("timeout", "-1")]);
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        self.log();
    }

    /// What it has logged since the last call.
    pub fn log(&mut self) -> String {
        let mut file = fs::File::open(self.folder.join("log")).unwrap();
        file.seek(SeekFrom::Start(self.read)).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        self.read += bytes.len() as u64;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A socket at an address of this end.
    pub fn socket(&self, address: IpAddr) -> Option<UdpSocket> {
        self.space.within(move || UdpSocket::bind((address, 0)).ok())
    }
}

/// Whether a packet reaches the far end and the answer comes back.
pub fn passes(own: &UdpSocket, far: &UdpSocket, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    for socket in [own, far] {
        socket.set_read_timeout(Some(Duration::from_millis(40))).unwrap();
    }
    let target = far.local_addr().unwrap();
    let mut buffer = [0; 64];
    while Instant::now() < until {
        // Without a route, sending is refused at once.
        if own.send_to(b"through the tunnel", target).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        } else if let Ok((length, from)) = far.recv_from(&mut buffer)
            && far.send_to(&buffer[..length], from).is_ok()
            && own.recv_from(&mut buffer).is_ok_and(|(_, sender)| sender == target)
        {
            return true;
        }
    }
    false
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
