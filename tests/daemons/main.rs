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
mod exported;
#[allow(dead_code)]
#[path = "../cli/harness.rs"]
mod harness;
mod lab;
mod namespace;
mod pairs;
mod random;
mod rotation;
mod verdicts;
mod vici;

/// Whether the daemons can run here; says why not, and fails where they must.
fn can_run() -> bool {
    match lab::missing() {
        Ok(()) => true,
        Err(cause) => {
            assert!(std::env::var("TUNNELCTL_REQUIRE_DAEMONS").as_deref() != Ok("1"), "the IKE daemons cannot run: {cause}");
            eprintln!("skipped: the IKE daemons cannot run: {cause}");
            false
        }
    }
}
