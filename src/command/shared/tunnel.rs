//! One tunnel of a connection: `#TUNNEL` behind a ref or a file.

use crate::error::{Error, exit};
use crate::model::Connection;

/// A ref or the name of a connection, and the tunnel that is named behind `#`.
///
/// # Errors
/// That the name is missing.
pub(in crate::command) fn split(word: &str) -> Result<(&str, Option<&str>), Error> {
    match word.split_once('#') {
        Some((_, "")) => Err(Error::usage(format!("{word}: the name of a tunnel is missing after #"))),
        Some((name, tunnel)) => Ok((name, Some(tunnel))),
        None => Ok((word, None)),
    }
}

/// The place of the tunnel that is named by its id, role or number.
///
/// # Errors
/// The tunnels that there are.
pub(in crate::command) fn place(connection: &Connection, name: &str) -> Result<usize, Error> {
    let tunnels = &connection.tunnels;
    if tunnels.is_empty() {
        return Err(Error::usage(format!("{} has one tunnel: leave #{name} out", connection.reference)));
    }
    let by_name = || tunnels.iter().position(|tunnel| tunnel.role.as_deref().is_some_and(|role| role.eq_ignore_ascii_case(name)));
    let by_number = || name.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|place| *place < tunnels.len());
    tunnels.iter().position(|tunnel| tunnel.id == name).or_else(by_name).or_else(by_number).ok_or_else(|| {
        let text = format!("{} has no tunnel {name:?}; there are: {}", connection.reference, names(connection).join(", "));
        Error::new(exit::NOT_FOUND, text)
    })
}

/// The tunnels of a connection in one word each.
pub(in crate::command) fn names(connection: &Connection) -> Vec<&str> {
    connection.tunnels.iter().map(|tunnel| tunnel.role.as_deref().unwrap_or(&tunnel.id)).collect()
}
