//! Two real IKE daemons and `check`: whether it says what they do. `tests/README.md` says what they need.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing
)]

mod daemon;
mod either;
mod exported;
mod guest;
#[allow(dead_code)]
#[path = "../cli/harness.rs"]
mod harness;
mod ipsec_conf;
mod lab;
mod libreswan;
mod mixed;
mod namespace;
mod pairs;
mod pluto;
mod random;
mod rotation;
mod stage;
mod verdicts;
mod vici;
mod whole;

/// Whether the daemons can run here; says why not, and fails where they must.
fn can_run(missing: Result<(), String>) -> bool {
    match missing {
        Ok(()) => true,
        Err(cause) => {
            assert!(std::env::var("TUNNELCTL_REQUIRE_DAEMONS").as_deref() != Ok("1"), "the IKE daemons cannot run: {cause}");
            eprintln!("skipped: the IKE daemons cannot run: {cause}");
            false
        }
    }
}
