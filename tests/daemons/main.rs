//! Whether `check` predicts what two real IKE daemons do. `tests/README.md` lists what the tests need.

#![allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
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

/// Whether the daemons can run here; prints the reason if not, and fails if they are required.
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
