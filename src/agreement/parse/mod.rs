//! Ends from files: `swanctl.conf`, Libreswan's `ipsec.conf`, descriptions in TOML. Pure: text in, ends out.
//!
//! Anything written wrong is refused with its line and column. A message never contains a secret.

mod fault;
mod include;
pub mod libreswan;
pub mod swanctl;
mod text;
pub mod toml;
pub mod words;

pub use super::form::Form;
pub use fault::Fault;
pub use include::{Follow, Followed};
pub use text::{LIMIT, text};

use super::End;

/// The connections of a file: each name, and the end or what stops it from being read.
pub type Connections = Vec<(String, Result<End, Fault>)>;

/// Guesses the format of a text from the file's name and its first line.
#[must_use]
pub fn form(name: &str, text: &str) -> Form {
    if name.ends_with(".toml") {
        return Form::Toml;
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    if first.starts_with(['{', '[', '<']) {
        Form::Reply
    } else if text.lines().any(is_ipsec_conf) {
        Form::Libreswan
    } else {
        Form::Swanctl
    }
}

/// Whether a line starts a section of an `ipsec.conf`.
fn is_ipsec_conf(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let start = (words.next(), words.next());
    line.starts_with(|c: char| !c.is_whitespace())
        && !line.contains(['{', '}'])
        && matches!(start, (Some("conn" | "ca"), Some(_)) | (Some("config"), Some("setup")))
}

/// The connections of a file: the wanted one, or all. There is at least one. A connection that cannot be read stops only
/// those who want it.
///
/// # Errors
/// That there is no such connection, with the names that there are; what is wrong with a wanted one.
pub fn choose(mut ends: Connections, wanted: Option<&str>) -> Result<Vec<End>, String> {
    let names = || ends.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    match wanted {
        _ if ends.is_empty() => Err("there is no connection in it".to_owned()),
        Some(wanted) => match ends.iter().position(|(name, _)| name == wanted) {
            Some(place) => ends.swap_remove(place).1.map(|end| vec![end]).map_err(|fault| fault.to_string()),
            None => Err(format!("there is no connection {wanted:?} in it; there are: {}", names())),
        },
        None => {
            let more =
                if ends.len() > 1 { format!("; name another one behind a colon, or mend this one: {}", names()) } else { String::new() };
            ends.into_iter().map(|(_, end)| end.map_err(|fault| format!("{fault}{more}"))).collect()
        }
    }
}

#[cfg(test)]
mod tests;
