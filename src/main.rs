//! Parse, run, print the error, exit with its code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    tunnelctl::run(std::env::args_os().collect())
}
