//! Everything configured outside the command line: the configuration file, the environment, the vendors' own files.
//!
//! Nothing is read before it is needed, and each file is read once.

mod environment;
mod file;
pub mod hidden;
mod lazy;
pub mod lookup;
mod options;
mod profile;
mod read;
mod rules;

pub use file::{Config, Hidden, Own, path};
pub use lazy::Lazy;
pub use options::Options;
pub(crate) use rules::is_region;
