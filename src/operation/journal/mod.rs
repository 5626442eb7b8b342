//! The journal of an operation: an append-only file that records what was done, and what is about to be done before it is.
//!
//! A line is one write, synced before the next line is begun, so only the last line can be torn:
//!
//! ```text
//! LLLLLLLL CCCCCCCC HHHH...HHHH {json} {json}
//! ```
//!
//! `L` is the length in bytes of what follows the hash, `C` the CRC-32C of all that follows it, `H` the SHA-256 of the whole
//! previous line with its line feed (zeros in the first line); all in lower-case hex. Records that need not last at once wait
//! for the next one that must, and share its line.

mod append;
mod line;
mod read;
#[cfg(test)]
mod tests;

pub use append::{Journal, Sync};
pub use line::begins_well;
pub use read::{list, path, peek};
