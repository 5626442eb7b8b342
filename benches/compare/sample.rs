//! Runs one command and measures what it used.

use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

// One command.

/// What one run of a command used.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Processor time, user and system, in microseconds.
    pub cpu_us: i64,
    /// Most memory, in KiB.
    pub rss_kib: i64,
}

/// Runs a command and prints what it used. This needs a process of its own, because the kernel counts all children together.
pub fn sample(program: &str, words: &[&str]) {
    let quiet = || Stdio::null();
    let status = Command::new(program).args(words).stdin(quiet()).stdout(quiet()).stderr(quiet()).status().unwrap();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let cpu_us: i64 = [usage.user_time(), usage.system_time()].iter().map(|time| time.tv_sec() * 1_000_000 + time.tv_usec()).sum();
    println!("{cpu_us} {} {}", usage.max_rss(), status.code().unwrap_or(-1));
}
