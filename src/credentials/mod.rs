//! How the vendors' own files spell credentials.

pub mod ini;
pub mod vendor;
