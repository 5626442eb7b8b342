//! The connections in what this program printed as JSON: `show`, `list`, `wait`, `modify` and `inspect`, whole, in lines, or
//! what a query left of it.

mod connection;

use serde_json::{Map, Value as Json};

use self::connection::{is_named, read};
use super::fault::Fault;
use crate::model::Connection;
use crate::print::version::{VERSION, VERSION_MEMBER};

/// How many levels inside a document connections are looked for.
const LEVELS: usize = 5;

/// The connections in a text that this program printed, in order; `None` where it is something else.
///
/// # Errors
/// That a document is cut or of a newer version, lacks what an end needs, or that something else stands beside it.
pub fn own(text: &str) -> Result<Option<Vec<Connection>>, Fault> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let (mut all, mut start) = (Vec::new(), 0);
    loop {
        let fault =
            |message: String| Fault::at(text, start + text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start().len()), message);
        match stream.next() {
            None if all.is_empty() => return Ok(None),
            None => return Ok(Some(all)),
            // What cannot be read from the start on is not ours to judge.
            Some(Err(_)) if all.is_empty() => return Ok(None),
            Some(Err(cause)) if cause.is_eof() => return Err(Fault::at(text, text.len(), "the JSON is incomplete")),
            Some(Err(_)) => return Err(fault("this is not JSON, and stands behind documents of tunnelctl".to_owned())),
            Some(Ok(document)) => {
                let known = all.len();
                version(&document).map_err(fault)?;
                collect(&document, LEVELS, &mut all).map_err(fault)?;
                if all.len() == known {
                    if all.is_empty() && !is_empty_list(&document) {
                        return Ok(None);
                    }
                    return Err(fault("there is no connection in this document".to_owned()));
                }
            }
        }
        start = stream.byte_offset();
    }
}

/// Whether a document is a list of connections without one.
fn is_empty_list(document: &Json) -> bool {
    document.get(VERSION_MEMBER).is_some() && document.get("connections").and_then(Json::as_array).is_some_and(Vec::is_empty)
}

/// Refuses documents of a later version. The connections of the earlier ones are spelled as they are today.
fn version(document: &Json) -> Result<(), String> {
    match document.get(VERSION_MEMBER).and_then(Json::as_u64) {
        Some(version) if version > VERSION => {
            Err(format!("it has {VERSION_MEMBER} {version}, and this version of tunnelctl reads 1 to {VERSION}"))
        }
        _ => Ok(()),
    }
}

/// Adds the connections inside a value.
fn collect(value: &Json, levels: usize, all: &mut Vec<Connection>) -> Result<(), String> {
    match value {
        Json::Object(object) if is_named(object) && is_described(object) => all.push(read(object)?),
        Json::Object(object) if levels > 0 => {
            let known = all.len();
            object.values().try_for_each(|inner| collect(inner, levels - 1, all))?;
            // A ref with nothing about it, as a query leaves it.
            if all.len() == known && is_named(object) {
                all.push(read(object)?);
            }
        }
        Json::Array(items) if levels > 0 => items.iter().try_for_each(|inner| collect(inner, levels - 1, all))?,
        _ => {}
    }
    Ok(())
}

/// Whether an object says something about the connection that it names.
fn is_described(object: &Map<String, Json>) -> bool {
    ["ike", "ipsec", "tunnels", "status"].iter().any(|name| object.contains_key(*name))
}

#[cfg(test)]
mod tests;
