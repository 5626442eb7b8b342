//! The journal of an operation: an append-only file that records what was done, and what is about to be done before it is.
//!
//! A line is one write, synced before the next line is begun, so only the last line can be torn:
//!
//! ```text
//! LLLLLLLL CCCCCCCC HHHH...HHHH {json} {json}
//! ```
//!
//! `L` is the length in bytes of what follows the hash, `C` the CRC-32C of all that follows it, `H` the SHA-256 of the whole
//! previous line with its line feed (in the first line: the number of the format, 1); all in lower-case hex. Records that need
//! not last at once wait for the next one that must, and share its line.
//!
//! Zero bytes follow the last line: room for the next ones, of which one is left when the journal ends. No line holds a zero
//! byte, so a file that does not end in one has lost its end. A torn line is shorter than it states and has no line feed;
//! any other line that is wrong is damage. Journals of format 0, whose first hash is zero, had no such end.

mod append;
mod line;
mod read;
#[cfg(test)]
mod tests;

pub use append::{Journal, Sync};
pub use line::begins_well;
pub use read::{Reading, list, path, peek};
