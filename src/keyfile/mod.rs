//! Local files that hold a pre-shared key: an end of a rotation that is not at a cloud.
//!
//! The format of a file follows from its content: a `swanctl.conf` (or a file with only its `secrets`), an
//! `ipsec.secrets`, or one line that is the key. Reading and changing a text is pure; [`Place`] is the file on disk.

mod candidate;
mod disk;
mod form;
mod ipsec_secrets;
mod key_file;
mod place;
mod plain;
mod swanctl;

pub use disk::{Opened, Written};
pub use place::Place;
