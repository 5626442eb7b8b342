//! Requests of both APIs, in the vendor's spelling.

mod flat;
pub mod v2;
pub mod v3;

pub use flat::flatten;
