//! The clouds of `tunnelctl emulate`, for tests that need a real socket.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::harness::{Ran, World, finish};

/// The emulated project of Huawei Cloud's region cn-north-4.
pub const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// A running `tunnelctl emulate`.
pub struct Served {
    child: Child,
    pub variables: Vec<(String, String)>,
}

impl Served {
    /// Starts it, and waits until it has printed its addresses.
    pub fn start(world: &World, words: &[&str]) -> Self {
        let mut child =
            world.command().arg("emulate").args(words).stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut variables = Vec::new();
        for line in lines {
            let line = line.unwrap();
            let (name, value) = line.split_once('=').unwrap();
            variables.push((name.to_owned(), value.to_owned()));
            if name == "TENCENTCLOUD_SECRET_KEY" {
                break;
            }
        }
        Self { child, variables }
    }

    /// Stops it gracefully, so that its state is saved.
    pub fn stop(mut self) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// Runs the program against it, with variables set beside its own.
    pub fn run(&self, world: &World, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = world.command();
        command
            .args(words)
            .envs(self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .envs(variables.iter().copied());
        finish(command, "")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
