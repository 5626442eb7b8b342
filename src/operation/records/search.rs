//! Finding the operations on an end.

use chrono::{DateTime, Utc};

use super::super::event::Verb;
use super::super::id::OperationId;
use super::super::journal;
use super::super::state::{End, State};
use super::store::Records;
use crate::error::{Error, exit};
use crate::model::Ref;
use crate::print::output::Output;

impl Records {
    /// Finds the operations on a connection or a part of it, the oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read, or the journal of such an operation is damaged.
    pub fn of_connection(
        &self,
        reference: &Ref,
        emulated: bool,
        now: DateTime<Utc>,
        output: &Output,
    ) -> Result<Vec<(OperationId, State)>, Error> {
        let is_of = |end: &End| {
            let same = |other: Ref| other.provider == reference.provider && other.id == reference.id && other.region == reference.region;
            end.plan.site.emulated == emulated && Ref::parse(&end.plan.end).is_ok_and(same)
        };
        let mark = format!("/{}", reference.id);
        self.concerning(&[mark], is_of, now, output)
    }

    /// Checks that no rotation of one of these ends is unfinished. Returns, for each end, until when a request of an earlier
    /// operation may still be executed.
    ///
    /// # Errors
    /// Names the operation that is not finished.
    pub fn unfinished(&self, ends: &[(String, bool)], now: DateTime<Utc>, output: &Output) -> Result<Vec<Option<DateTime<Utc>>>, Error> {
        let mut until = vec![None; ends.len()];
        let meets = |end: &End| ends.iter().any(|(name, emulated)| is_same(end, name, *emulated));
        let marks: Vec<String> = ends.iter().map(|(name, _)| mark(name)).collect();
        for (id, state) in self.concerning(&marks, meets, now, output)? {
            for (slot, (name, emulated)) in until.iter_mut().zip(ends) {
                let Some(end) = state.ends.iter().find(|end| is_same(end, name, *emulated)) else {
                    continue;
                };
                if state.verb == Verb::Rotate && state.outcome.is_none() && (end.is_touched() || state.conflict().is_some()) {
                    return Err(not_finished(&id, name));
                }
                *slot = (*slot).max(end.open_until(now));
            }
        }
        Ok(until)
    }

    /// The operations of which an end is `meant`; their journals hold one of these marks. One that cannot be read, or whose
    /// plan cannot, stops nothing that it does not name.
    fn concerning(
        &self,
        marks: &[String],
        meant: impl Fn(&End) -> bool,
        now: DateTime<Utc>,
        output: &Output,
    ) -> Result<Vec<(OperationId, State)>, Error> {
        let mut found = Vec::new();
        for id in self.list()? {
            // Most operations are on other ends: searching the bytes is faster than parsing them.
            let bytes = self.disk.read(&journal::path(&self.directory, &id));
            let named = bytes.as_ref().is_ok_and(|bytes| marks.iter().any(|mark| holds(bytes, mark.as_bytes())));
            if !named && bytes.as_ref().is_ok_and(|bytes| journal::begins_well(bytes)) {
                continue;
            }
            match self.known_at(&id, now) {
                Ok((Some(state), damage)) if state.ends.iter().any(&meant) => {
                    damage.map_or(Ok(()), Err)?;
                    found.push((id, state));
                }
                Ok((Some(_), _) | (None, None)) => {}
                Ok((None, Some(error))) if named => return Err(error),
                Ok((None, Some(error))) | Err(error) => {
                    output.warn(&format!("{}. If it is about the same tunnel, a request of it may still be executed", error.message));
                    output.warn(&format!("to mend it: tunnelctl operation show {id}"));
                }
            }
        }
        Ok(found)
    }
}

/// What the journal of an operation on this end holds.
fn mark(name: &str) -> String {
    // A name with characters that JSON escapes reads differently there: every journal may hold it.
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    match name {
        // The journal may name the same key without its section.
        name if name.starts_with("file:") => "file:".to_owned(),
        name if plain => name.to_owned(),
        _ => String::new(),
    }
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    mark.is_empty() || bytes.windows(mark.len()).any(|window| window == mark)
}

fn not_finished(id: &OperationId, name: &str) -> Error {
    Error::new(exit::FAILED, format!("operation {id} on {name} is not finished"))
        .state("nothing was sent")
        .next(format!("tunnelctl operation show {id}"))
        .next(format!("tunnelctl operation resume {id}"))
        .next(format!("tunnelctl operation rollback {id}"))
}

/// Whether an end on record is the one of this name.
fn is_same(end: &End, name: &str, emulated: bool) -> bool {
    same_end(&end.plan.end, name) && (end.plan.site.emulated == emulated || name.starts_with("file:"))
}

/// Whether two names can mean the same end: a file's only key may be named with or without its section.
fn same_end(one: &str, other: &str) -> bool {
    let within = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with(':'));
    one == other || one.starts_with("file:") && (within(one, other) || within(other, one))
}

#[cfg(test)]
mod tests {
    use super::same_end;

    #[test]
    fn key_of_a_file_is_one_end_with_and_without_its_section() {
        assert!(same_end("file:/etc/a.conf", "file:/etc/a.conf:ike-b"));
        assert!(same_end("file:/etc/a.conf:ike-b", "file:/etc/a.conf"));
        assert!(!same_end("file:/etc/a.conf:ike-a", "file:/etc/a.conf:ike-b"));
        assert!(!same_end("file:/etc/a.conf", "file:/etc/a.conf2"));
    }
}
