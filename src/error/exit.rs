//! Exit codes: one table for all commands.

/// Done, or nothing to do.
pub const DONE: u8 = 0;
/// Refused or failed; the state is as it was before.
pub const FAILED: u8 = 1;
/// Usage or invalid input; nothing was sent.
pub const USAGE: u8 = 2;
/// Credentials or configuration.
pub const CREDENTIALS: u8 = 3;
/// Not found.
pub const NOT_FOUND: u8 = 4;
/// This provider cannot do that.
pub const UNSUPPORTED: u8 = 5;
/// Network or timeout; nothing was changed.
pub const NETWORK: u8 = 6;
/// Another run holds this tunnel, or this operation.
pub const HELD: u8 = 7;
/// Not all that was asked for came true, in a known state: interrupted or partly done, the tunnel down afterwards, or the result
/// not written. The next command is printed.
pub const HALF_WAY: u8 = 8;
/// The outcome is not known; the command that finds out is printed.
pub const UNKNOWN: u8 = 9;
/// There is something to report (`--exit-code`).
pub const REPORT: u8 = 10;
/// Interrupted by SIGINT.
pub const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM.
pub const TERMINATED: u8 = 143;
