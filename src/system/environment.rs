//! The home directory and environment variables.

use std::path::PathBuf;

/// A file in the home directory.
#[must_use]
pub fn home(file: &str) -> Option<PathBuf> {
    Some(etcetera::home_dir().ok()?.join(file))
}

/// The first of these variables that is set and not empty, with its name.
#[must_use]
pub fn variable(names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()).map(|value| (*name, value)))
}
