//! Libreswan's daemon in a namespace, with a configuration, control socket and log of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::guest::{LIBRESWAN, installed};
use crate::ipsec_conf::Files;
use crate::namespace::Namespace;

/// Without this it drops every IKEv1 packet in silence; only a start reads it.
pub const SETUP: &str = "config setup\n\tikev1-policy=accept\n";

pub struct Pluto {
    pub space: Namespace,
    folder: PathBuf,
    process: Child,
    names: Vec<String>,
    v1: bool,
    read: usize,
}

impl Pluto {
    pub fn start(space: Namespace, folder: PathBuf, setup: &str) -> Result<Self, String> {
        fs::create_dir_all(folder.join("nss")).map_err(|cause| cause.to_string())?;
        fs::write(folder.join("ipsec.secrets"), "").map_err(|cause| cause.to_string())?;
        fs::write(folder.join("ipsec.conf"), setup).map_err(|cause| cause.to_string())?;
        let made = Command::new("certutil")
            .args(["-N", "--empty-password", "-d"])
            .arg(format!("sql:{}", folder.join("nss").display()))
            .stdin(Stdio::null())
            .output()
            .map_err(|cause| format!("certutil: {cause}"))?;
        if !made.status.success() {
            return Err(format!("certutil: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let place = folder.clone();
        let process = space.within(move || {
            let out = fs::File::create(place.join("out")).map_err(|cause| cause.to_string())?;
            let errors = out.try_clone().map_err(|cause| cause.to_string())?;
            let file = |name: &str| place.join(name);
            Command::new("setpriv")
                .args(["--pdeathsig", "KILL", &format!("{LIBRESWAN}/pluto"), "--nofork", "--no-dnssec", "--nhelpers", "1"])
                .arg("--config")
                .arg(file("ipsec.conf"))
                .arg("--secretsfile")
                .arg(file("ipsec.secrets"))
                .arg("--nssdir")
                .arg(file("nss"))
                .arg("--logfile")
                .arg(file("log"))
                .args(["--rundir", "--ipsecdir", "--dumpdir"].into_iter().flat_map(|name| [name.into(), place.clone().into_os_string()]))
                .env_clear()
                // Its scripts call `ipsec`.
                .env("PATH", format!("/usr/sbin:/usr/bin:/sbin:/bin:{}", installed("libreswan/usr/sbin").display()))
                .stdin(Stdio::null())
                .stdout(out)
                .stderr(errors)
                .spawn()
                .map_err(|cause| format!("setpriv: {cause}"))
        })?;
        let mut pluto = Self { space, folder, process, names: Vec::new(), v1: false, read: 0 };
        let until = Instant::now() + Duration::from_secs(20);
        while !pluto.written().contains("loading secrets from") {
            if pluto.process.try_wait().ok().flatten().is_some() || Instant::now() > until {
                let out = fs::read_to_string(pluto.folder.join("out")).unwrap_or_default();
                return Err(format!("pluto does not start: {out}{}", pluto.log()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        pluto.log();
        Ok(pluto)
    }

    /// Loads the connections of a file, replacing what was loaded. A warning is a failure.
    pub fn load(&mut self, files: &Files) -> Result<(), String> {
        let conf = self.folder.join("case.conf");
        fs::write(&conf, &files.conf).unwrap();
        fs::write(self.folder.join("ipsec.secrets"), &files.secrets).unwrap();
        self.log();
        let (_, said) = self.whack(&["--rereadsecrets"], Duration::from_secs(5));
        let usual = |line: &&str| line.contains("loading secrets from") || line.contains("forgetting secrets");
        let mut bad: Vec<String> = said.lines().filter(|line| !usual(line)).map(str::to_owned).collect();
        self.v1 = files.conf.contains("ikev2=no");
        self.names = files.conf.lines().filter_map(|line| line.strip_prefix("conn ")).map(|name| name.trim().to_owned()).collect();
        let mut command = self.command("addconn");
        command.arg("--config").arg(&conf).arg("--ctlsocket").arg(self.folder.join("pluto.ctl")).args(&self.names);
        let (good, said) = ended(command);
        bad.extend(said.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        // It prints nothing on success; the log has the result of each connection.
        let log = self.log();
        let doubt = ["warn", "fail", "error", "ignor", "obsolete", "invalid", "unsupported", "not "];
        // It expects another length of some kernel messages; they have nothing to do with the loaded file.
        let own = |line: &&str| !line.contains("netlink_expire");
        bad.extend(
            log.lines().filter(own).filter(|line| doubt.iter().any(|word| line.to_ascii_lowercase().contains(word))).map(str::to_owned),
        );
        let missing = self.names.iter().filter(|name| !log.contains(&format!("\"{name}\": added IKE")));
        bad.extend(missing.map(|name| format!("{name} is not added")));
        if good && bad.is_empty() { Ok(()) } else { Err(format!("addconn: {}", bad.join("; "))) }
    }

    /// As somebody wrote it: a warning is none of ours as long as the connection is added.
    pub fn load_named(&mut self, files: &Files, name: &str) -> Result<(), String> {
        let conf = self.folder.join("case.conf");
        fs::write(&conf, &files.conf).unwrap();
        fs::write(self.folder.join("ipsec.secrets"), &files.secrets).unwrap();
        self.log();
        self.whack(&["--rereadsecrets"], Duration::from_secs(5));
        let mut command = self.command("addconn");
        command.arg("--config").arg(&conf).arg("--ctlsocket").arg(self.folder.join("pluto.ctl")).arg(name);
        // It looks for the default route where it runs.
        let (_, said) = self.space.within(move || ended(command));
        let log = self.log();
        self.v1 = log.contains("added IKEv1");
        let added = |line: &str| line.split_once("\": added IKE")?.0.rsplit('"').next().map(str::to_owned);
        self.names = log.lines().filter_map(added).collect();
        if self.names.is_empty() { Err(format!("addconn: {said}{log}")) } else { Ok(()) }
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Starts a connection and waits until it is up or has failed.
    pub fn initiate(&self, name: &str) {
        self.whack(&["--initiate", "--name", name], Duration::from_secs(8));
    }

    /// Rekeys a Child SA. With IKEv1, Libreswan cannot be told to rekey; starting the connection again runs another Quick Mode,
    /// as a rekey does.
    pub fn rekey_child(&self, name: &str) {
        let what = if self.v1 { "--initiate" } else { "--rekey-ipsec" };
        self.whack(&[what, "--asynchronous", "--name", name], Duration::from_secs(5));
    }

    /// Rekeys the IKE SA; false with IKEv1, where Libreswan cannot be told to.
    pub fn rekey_ike(&self, name: &str) -> bool {
        if !self.v1 {
            self.whack(&["--rekey-ike", "--asynchronous", "--name", name], Duration::from_secs(5));
        }
        !self.v1
    }

    /// Drops all connections with their SAs.
    pub fn forget(&mut self) {
        for name in std::mem::take(&mut self.names) {
            self.whack(&["--delete", "--name", &name], Duration::from_secs(5));
        }
        self.log();
    }

    fn whack(&self, words: &[&str], patience: Duration) -> (bool, String) {
        let mut command = self.command("timeout");
        command.arg(patience.as_secs().to_string()).arg(format!("{LIBRESWAN}/whack")).arg("--ctlsocket").arg(self.folder.join("pluto.ctl"));
        command.args(words);
        ended(command)
    }

    fn command(&self, name: &str) -> Command {
        let own = Path::new(LIBRESWAN).join(name);
        let mut command = if own.exists() { Command::new(own) } else { Command::new(name) };
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null());
        command
    }

    fn written(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.join("log")).unwrap_or_default()).into_owned()
    }

    /// What it has logged since the last call.
    pub fn log(&mut self) -> String {
        let bytes = fs::read(self.folder.join("log")).unwrap_or_default();
        let new = String::from_utf8_lossy(bytes.get(self.read..).unwrap_or_default()).into_owned();
        self.read = bytes.len();
        new
    }
}

fn ended(mut command: Command) -> (bool, String) {
    let out = command.output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
}

impl Drop for Pluto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
