//! Reads saved calls: replies and requests of any of the clouds, alone, in a list, or inside a log, however they are written
//! there.
//!
//! Text in, documents out; no network, no credentials. The clouds themselves recognise their documents
//! ([`crate::provider::Registration::recognise`]).

mod decode;
mod fault;
mod form;
mod inside;
mod layer;
mod lines;
mod own;
mod python;
mod read;
mod salvage;
mod scan;
mod search;
mod spelling;
mod unwrap;
mod unwrapped;

use crate::provider::recognise::{Recognised, Syntax};
use search::{Hit, Search};

pub use decode::decode;
pub use fault::Fault;
pub use own::own;

/// The largest text that is read, in bytes: twice the largest reply that a cloud may send. Measured, it takes up to 25 times as
/// much memory.
pub const LIMIT: u64 = 16 << 20;

/// A recognised document.
#[derive(Debug)]
pub struct Inspected {
    /// What it is.
    pub found: Recognised,
    /// Its syntax.
    pub syntax: Syntax,
    /// The line where it starts.
    pub line: usize,
    /// Where it was cut. Then only what is complete of it was read, and no rule was checked.
    pub cut: Option<Fault>,
}

/// All whole documents of the clouds in a text, in order.
///
/// # Errors
/// That there is none, or that one is cut or broken: part of a reply is never taken for the whole.
pub fn inspect(text: &str) -> Result<Vec<Inspected>, Fault> {
    let all = salvage(text)?;
    match all.iter().find_map(|one| one.cut.as_ref().filter(|_| one.syntax != Syntax::Form)) {
        Some(cut) => Err(cut.clone()),
        None => Ok(all),
    }
}

/// The same, with what is sure of documents that were cut.
///
/// # Errors
/// That there is none, that one is broken, or that nothing can be told of one that was cut.
pub fn salvage(text: &str) -> Result<Vec<Inspected>, Fault> {
    let mut search = Search::default();
    search.text(text, "", search::DEPTH, true)?;
    if search.hits.is_empty() {
        search.coded(text);
    }
    if let Some((byte, fault)) = &search.unknown {
        return Err(Fault::at(text, *byte, fault.clone()));
    }
    let mut lines = Lines::default();
    let inspected = |hit: Hit, lines: &mut Lines| Inspected {
        line: lines.of(text, hit.start),
        cut: hit.cut.map(|(byte, fault)| Fault::at(text, byte, fault)),
        found: hit.found,
        syntax: hit.syntax,
    };
    if !search.hits.is_empty() {
        return Ok(search.hits.into_iter().map(|hit| inspected(hit, &mut lines)).collect());
    }
    Err(match (search.strange, search.weak) {
        (_, Some((byte, fault))) => Fault::at(text, byte, fault),
        (Some((start, keys)), None) => {
            let keys = if keys.is_empty() { String::new() } else { format!(" (its fields: {keys})") };
            Fault::at(text, start, format!("this is not a request or reply of a known VPN operation{keys}"))
        }
        (None, None) if text.trim().is_empty() => Fault::new("it is empty"),
        (None, None) => Fault::new("it contains no JSON object, XML document or query of a VPN operation"),
    })
}

/// Counts lines up to places that mostly ascend, so that each line is counted once.
#[derive(Default)]
struct Lines {
    byte: usize,
    line: usize,
}

impl Lines {
    fn of(&mut self, text: &str, byte: usize) -> usize {
        if byte < self.byte {
            *self = Self::default();
        }
        self.line += text.get(self.byte..byte).map_or(0, |part| part.matches('\n').count());
        self.byte = byte;
        self.line + 1
    }
}

#[cfg(test)]
pub(crate) mod tests;
