//! A command that runs inside: with the emulator's addresses and credentials in its environment.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::error::{Error, exit};
use crate::provider::PROVIDERS;

/// The exit code of a command that does not exist, as of `env` and shells.
const NOT_FOUND: u8 = 127;
/// The exit code of a command that cannot be run.
const CANNOT_RUN: u8 = 126;

/// Runs a command to its end with these variables, and without others that name credentials or projects of a cloud; returns its
/// exit code, or 128 and the number of the signal that ended it. SIGTERM and SIGHUP are passed on to it; what Ctrl-C sends, it gets
/// from the terminal.
///
/// # Errors
/// When it cannot be run, with 127 or 126.
pub(super) async fn run(words: &[OsString], variables: &[(&str, String)]) -> Result<u8, Error> {
    let program = words.first().cloned().unwrap_or_default();
    let failed = |cause: &io::Error| {
        let code = if cause.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_RUN };
        Error::new(code, format!("the command {} cannot be run: {cause}", program.display()))
    };
    let mut command = Command::new(&program);
    command.args(words.iter().skip(1));
    for environment in PROVIDERS.iter().map(|registration| &registration.environment) {
        let groups = [environment.id, environment.secret, environment.token, environment.bearer, environment.region, environment.project];
        for name in groups.into_iter().flatten() {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    // Before it starts: from here on, signals do not end this program.
    let mut signals = Vec::new();
    for (kind, passed_on) in
        [(SignalKind::interrupt(), None), (SignalKind::terminate(), Some(Signal::TERM)), (SignalKind::hangup(), Some(Signal::HUP))]
    {
        signals.push((signal(kind).map_err(|cause| failed(&cause))?, passed_on));
    }
    let mut child = command.spawn().map_err(|cause| failed(&cause))?;
    let pid = Pid::from_child(&child);
    for (mut stream, passed_on) in signals {
        tokio::task::spawn_local(async move {
            while stream.recv().await.is_some() {
                // An error means that it has ended already.
                let _ = passed_on.map(|signal| kill_process(pid, signal));
            }
        });
    }
    let (sender, ended) = oneshot::channel();
    std::thread::spawn(move || drop(sender.send(child.wait())));
    let status = ended.await.unwrap_or_else(|_| Err(io::Error::other("it cannot be waited for"))).map_err(|cause| failed(&cause))?;
    Ok(code(status))
}

/// The exit code that a shell would give.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::FAILED)
}
