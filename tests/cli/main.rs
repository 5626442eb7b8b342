//! The whole binary, as a user runs it.

#![allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod audit;
mod bad_records;
mod canary;
mod canary_rotate;
mod cases;
mod config;
mod conformance;
mod emulate;
mod emulator;
mod ends;
mod export;
mod failure;
mod harness;
mod inspect;
mod key_files;
mod kill;
mod locks;
mod masks;
mod outcomes;
mod pages;
mod record;
mod renegotiation;
mod rights;
mod rotate;
mod scale;
mod schema;
mod served;
mod shell;
mod signals;
mod surroundings;
mod transcripts;
mod tunnels;
mod user;
mod vault;
mod vectors;
mod vendor_files;
