//! A guest of User-Mode Linux: a kernel of its own with ESP, which the machine's kernel may lack.
//!
//! Its only task is the tests' own program, on the machine's files, read-only. The program's output and exit code become
//! those of the test.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LINUX: &str = "/usr/bin/linux.uml";
const MODULES: &str = "/usr/lib/uml/modules";
/// The directory in which Libreswan's programs look for each other.
pub const LIBRESWAN: &str = "/usr/libexec/ipsec";
/// This variable is set in the guest.
const MARK: &str = "TUNNELCTL_GUEST";

/// The path of something that `install` installed.
pub fn installed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("daemons").join(name)
}

/// Why this machine cannot run the guest.
fn missing() -> Result<(), String> {
    let needed = [LINUX, MODULES, "/usr/bin/certutil", "/sbin/modprobe", "/usr/sbin/charon-systemd"].map(PathBuf::from);
    let built = ["libreswan/usr/libexec/ipsec/pluto", "ptrace.so"].map(installed);
    match needed.iter().chain(&built).find(|path| !path.exists()) {
        Some(path) => Err(format!("there is no {}; tests/daemons/install installs it", path.display())),
        None => Ok(()),
    }
}

/// True in the guest. Outside of it, starts the guest, which runs this very test, and returns false: nothing is left to do.
pub fn is_inside(test: &str, limit: Duration) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    if crate::can_run(missing()) {
        let said = run(test, limit).unwrap_or_else(|said| panic!("in the guest: {said}"));
        eprintln!("{said}");
    }
    false
}

fn run(test: &str, limit: Duration) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
    let place = |name: &str| folder.path().join(name);
    let read = |name: &str| String::from_utf8_lossy(&fs::read(place(name)).unwrap_or_default()).into_owned();
    fs::write(place("init"), init(test, folder.path())).map_err(|cause| cause.to_string())?;
    let console = fs::File::create(place("console")).map_err(|cause| cause.to_string())?;
    let errors = console.try_clone().map_err(|cause| cause.to_string())?;
    // Each process of the guest is a process of the machine, and there are helpers besides. In a PID namespace of their own they
    // all end with its first process, which ends with the test, however that ends.
    let mut guest = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", "\"$@\"; exit $?", "sh"])
        .args([LINUX, "mem=768M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet"])
        .arg("init=/bin/sh")
        .args(["con0=fd:0,fd:1", "con=null"])
        .arg(format!("uml_dir={}", folder.path().display()))
        .arg("--")
        .arg(place("init"))
        .env("LD_PRELOAD", installed("ptrace.so"))
        .stdin(Stdio::null())
        .stdout(console)
        .stderr(errors)
        .spawn()
        .map_err(|cause| format!("setpriv: {cause}"))?;
    let until = Instant::now() + limit;
    let ended = loop {
        let code = read("code");
        if code.ends_with('\n') {
            break Some(code.trim().to_owned());
        }
        if guest.try_wait().ok().flatten().is_some() || Instant::now() > until {
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let _ = guest.kill();
    let _ = guest.wait();
    match ended.as_deref() {
        Some("0") => Ok(read("said")),
        Some(_) => Err(read("said")),
        None => Err(format!("it did not finish within {} s\n{}\n{}", limit.as_secs(), read("said"), read("console"))),
    }
}

/// The guest's first process.
fn init(test: &str, folder: &Path) -> String {
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
    let mut text = String::from(
        "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/tmp TMPDIR=/run/tmp\n\
         mount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t tmpfs tmpfs /run\nmount -t tmpfs tmpfs /usr/libexec\n\
         mkdir -p /run/tmp /run/lib /run/out\n",
    );
    let programs = installed("libreswan/usr/libexec/ipsec");
    let _ = writeln!(text, "ln -s {} {LIBRESWAN}\nln -s {MODULES} /run/lib/modules", quoted(&programs));
    let _ = writeln!(text, "mount -t hostfs none /run/out -o {}", folder.display());
    // Load all modules of ESP at once: loaded one by one on demand, they cost each tunnel a second.
    text.push_str(
        "/sbin/modprobe -q -a -d /run xfrm_user esp4 veth authenc authencesn echainiv seqiv cbc ctr gcm ghash-generic hmac des_generic \
         sha512_generic drbg jitterentropy_rng\necho > /proc/sys/kernel/modprobe\n",
    );
    let _ = writeln!(text, "export {MARK}=1 RUST_BACKTRACE=0");
    for (name, value) in std::env::vars().filter(|(name, _)| name.starts_with("TUNNELCTL_") && name != MARK) {
        let _ = writeln!(text, "export {name}={}", quoted(Path::new(&value)));
    }
    let program = std::env::current_exe().unwrap();
    let _ = writeln!(text, "cd {}", quoted(Path::new(env!("CARGO_MANIFEST_DIR"))));
    let _ = writeln!(text, "{} --exact {test} --nocapture > /run/out/said 2>&1 < /dev/null", quoted(&program));
    text.push_str("code=$?\nsync\necho $code > /run/out/code\nsync\nwhile :; do sleep 60; done\n");
    text
}
