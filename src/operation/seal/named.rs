//! The sealing key file that a flag of this run names: the commands to type next repeat it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::key::FLAG;
use crate::system::shell::quoted;

/// What the flag named. One process runs one command.
static NAMED: OnceLock<PathBuf> = OnceLock::new();

/// Notes the file that a flag of this run names. A variable of the environment is still there for the next command.
pub fn name(path: &Path) {
    let _ = NAMED.set(path.to_owned());
}

/// The flag as the end of a command; empty where this run was given none.
#[must_use]
pub fn again() -> String {
    NAMED.get().map(|path| format!(" {FLAG} {}", quoted(&path.display().to_string()))).unwrap_or_default()
}
