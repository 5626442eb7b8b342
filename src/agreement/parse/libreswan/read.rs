//! A whole file.

use std::collections::HashMap;

use super::conn::{end, templates};
use super::dialect::refuse_strongswans;
use super::file::file as lines;
use super::keys::Secrets;
use crate::agreement::parse::Connections;
use crate::agreement::parse::fault::Fault;

/// The text of the file of secrets beside an `ipsec.conf`, and its name.
#[derive(Clone, Copy)]
pub struct Beside<'t> {
    /// The text.
    pub text: &'t str,
    /// The name of the file, for messages.
    pub file: &'t str,
}

/// Reads the connections of a file, each with its name and what stops it from being read. Templates are left out. Libreswan
/// finds out by its addresses which side it is; here this end is `left`, unless `right` is `%defaultroute`.
///
/// # Errors
/// What stops the whole file from being read, and where.
pub fn read(text: &str, file: &str, secrets: Option<Beside<'_>>) -> Result<Connections, Fault> {
    let all = lines(text)?;
    refuse_strongswans(&all)?;
    let secrets = secrets.map(|beside| Secrets::of(beside.text, beside.file));
    let templates = templates(&all);
    let mut ends = Connections::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for conn in all.conns.iter().filter(|conn| conn.name != "%default" && !templates.contains(conn.name.as_str())) {
        match places.get(conn.name.as_str()).and_then(|place| ends.get_mut(*place)) {
            Some((_, known)) => *known = Err(Fault::new(conn.line, 6, format!("there is more than one connection {:?}", conn.name))),
            None => {
                places.insert(conn.name.as_str(), ends.len());
                ends.push((conn.name.clone(), end(conn, &all, file, secrets.as_ref())));
            }
        }
    }
    for (line, what) in &all.includes {
        let note = format!("line {line}: include {what} is not followed");
        ends.iter_mut().filter_map(|(_, read)| read.as_mut().ok()).for_each(|end| end.notes.push(note.clone()));
    }
    Ok(ends)
}
