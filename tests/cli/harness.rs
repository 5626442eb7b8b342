//! Runs the binary in a world of its own: only the environment that a test gives, its own home, the built-in emulator.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// One user's home.
pub struct World {
    pub home: TempDir,
}

/// What a run printed.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Ran {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

impl World {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let world = Self { home };
        // Fingerprints are keyed with a random key of the installation; here the key is fixed.
        std::fs::create_dir_all(world.state()).unwrap();
        std::fs::write(world.state().join("fingerprint.key"), [7; 32]).unwrap();
        world
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    pub fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/tunnelctl")
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunnelctl"));
        command.env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command
    }

    /// Runs with these arguments; stdin is empty.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, &[], "")
    }

    /// Runs with arguments, variables and an input.
    pub fn run_with(&self, words: &[&str], variables: &[(&str, &str)], input: &str) -> Ran {
        let mut command = self.command();
        command.args(words).envs(variables.iter().copied());
        finish(command, input)
    }

    /// Runs a line in a shell that finds the program on its path.
    pub fn shell(&self, line: &str, input: &str) -> Ran {
        let program = Path::new(env!("CARGO_BIN_EXE_tunnelctl")).parent().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", line]).env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.env("PATH", format!("{}:/usr/bin:/bin", program.display()));
        finish(command, input)
    }

    /// Runs on the built-in emulator.
    pub fn emulated(&self, words: &[&str]) -> Ran {
        let mut all = words.to_vec();
        all.push("--emulated");
        self.run(&all)
    }
}

pub fn finish(mut command: Command, input: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input may close it first.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Ran { stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap(), code: status.code().unwrap_or(-1) }
}
