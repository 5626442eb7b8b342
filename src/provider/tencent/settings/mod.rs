//! Settings of both APIs, one row per setting: place on the wire, shape, bounds, default.

mod v2;
mod v3;
mod values;

pub use v2::V2;
pub use v3::V3;
pub use values::NAME_MAX;

#[cfg(test)]
mod tests;
