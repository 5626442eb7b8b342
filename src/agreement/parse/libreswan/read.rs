//! A whole file.

use std::collections::HashMap;

use super::conn::{end, templates};
use super::dialect::refuse_strongswans;
use super::file::file as lines;
use super::keys::Secrets;
use crate::agreement::parse::Connections;
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::include::{Followed, nothing};

/// The text of the file of secrets beside an `ipsec.conf`, and its name.
#[derive(Clone, Copy)]
pub struct Beside<'t> {
    /// The text.
    pub text: &'t str,
    /// The name of the file, for messages.
    pub file: &'t str,
}

/// Reads the connections of a text that includes no files.
///
/// # Errors
/// What stops the whole file from being read, and where.
pub fn read(text: &str, file: &str, secrets: Option<Beside<'_>>) -> Result<Connections, Fault> {
    read_with(text, file, secrets, &|_, from, pattern| nothing(from, pattern))
}

/// Reads the files that a pattern names: those of the configuration, or (`true`) those of the keys.
pub type FollowEither<'f> = &'f dyn Fn(bool, &str, &str) -> Option<Followed>;

/// Reads the connections of a file and of what it includes, each with its name and what stops it from being read. Templates are
/// left out. Libreswan finds out by its addresses which side it is; here this end is `left`, unless the file tells otherwise.
///
/// # Errors
/// What stops the whole file from being read, and where.
pub fn read_with(text: &str, file: &str, secrets: Option<Beside<'_>>, follow: FollowEither<'_>) -> Result<Connections, Fault> {
    let all = lines(text, &|from, pattern| follow(false, from, pattern))?;
    refuse_strongswans(&all)?;
    let secrets = secrets.map(|beside| Secrets::of(beside.text, beside.file, &|from, pattern| follow(true, from, pattern)));
    let templates = templates(&all);
    let mut ends = Connections::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for conn in all.conns.iter().filter(|conn| conn.name != "%default" && !templates.contains(conn.name.as_str())) {
        match places.get(conn.name.as_str()).and_then(|place| ends.get_mut(*place)) {
            Some((_, known)) => *known = Err(conn.fault_at(6, format!("there is more than one connection {:?}", conn.name))),
            None => {
                places.insert(conn.name.as_str(), ends.len());
                ends.push((conn.name.clone(), end(conn, &all, file, secrets.as_ref())));
            }
        }
    }
    for (_, read) in &mut ends {
        read.iter_mut().for_each(|end| end.notes.extend(all.notes.iter().cloned()));
    }
    Ok(ends)
}
