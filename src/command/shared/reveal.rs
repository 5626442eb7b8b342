//! Where a pre-shared key may be shown.

use std::io::IsTerminal;
use std::os::fd::AsFd;

/// Whether standard output is a terminal, or a file that only its owner can read; such a file is made private. A pipe may end
/// in a log.
pub(in crate::command) fn may_reveal() -> bool {
    let stdout = std::io::stdout();
    if stdout.is_terminal() {
        return true;
    }
    let Ok(stat) = rustix::fs::fstat(stdout.as_fd()) else { return false };
    let private =
        || stat.st_mode & 0o077 == 0 || rustix::fs::fchmod(stdout.as_fd(), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).is_ok();
    rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() && private()
}
