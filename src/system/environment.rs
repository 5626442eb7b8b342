//! The home directory and environment variables.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The names of the variables that the user passes on to commands.
static PASSED: Mutex<Vec<String>> = Mutex::new(Vec::new());

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

/// Whether a text can be the name of a variable (POSIX): letters, digits and `_`, not beginning with a digit.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Passes these variables on to the user's commands, from now on.
pub fn pass(names: &[String]) {
    PASSED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(names);
}

/// The environment of a command of the user's: of what is set, the variables with these names, and those that the user passes on.
#[must_use]
pub fn passed(names: &[&str]) -> Vec<(String, OsString)> {
    let passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    let names = names.iter().map(|name| (*name).to_owned()).chain(passed.iter().cloned());
    names.filter_map(|name| std::env::var_os(&name).map(|value| (name, value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_variable_has_letters_digits_and_underscores() {
        assert!(["VAULT_ADDR", "_a1"].into_iter().all(is_name));
        assert!(["", "1A", "A-B", "A=b", "Ä"].into_iter().all(|text| !is_name(text)));
    }
}
