//! Credentials in the vendors' own files.

pub mod ini;
pub mod vendor;
