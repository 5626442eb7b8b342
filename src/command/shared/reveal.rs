//! Where a pre-shared key may be shown.

use std::io::IsTerminal;
use std::os::fd::AsFd;

/// Whether standard output is a terminal or a file. A pipe may end in a log.
pub(in crate::command) fn may_reveal() -> bool {
    let stdout = std::io::stdout();
    stdout.is_terminal() || rustix::fs::fstat(stdout.as_fd()).is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file())
}
