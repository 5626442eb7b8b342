//! Finding the operations on an end.

use chrono::{DateTime, Utc};

use super::super::event::Verb;
use super::super::id::OperationId;
use super::super::journal;
use super::super::state::{End, State};
use super::store::Records;
use crate::error::{Error, exit};
use crate::model::Ref;

impl Records {
    /// Finds the operations on a connection or a part of it, the oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read, or the journal of such an operation is damaged.
    pub fn of_connection(&self, reference: &Ref, emulated: bool) -> Result<Vec<(OperationId, State)>, Error> {
        let is_of = |end: &End| {
            let same = |other: Ref| other.provider == reference.provider && other.id == reference.id && other.region == reference.region;
            end.plan.site.emulated == emulated && Ref::parse(&end.plan.end).is_ok_and(same)
        };
        let mark = format!("/{}\"", reference.id).into_bytes();
        let mut found = Vec::new();
        for id in self.list()? {
            // Most operations are on other connections: searching the bytes is faster than parsing them.
            let bytes = self.disk.read(&journal::path(&self.directory, &id));
            if bytes.is_ok_and(|bytes| !bytes.windows(mark.len()).any(|window| window == mark)) {
                continue;
            }
            let (state, damage) = self.known(&id)?;
            let state = state.filter(|state| state.ends.iter().any(is_of));
            if let (Some(damage), true) = (damage, state.is_some()) {
                return Err(damage);
            }
            found.extend(state.map(|state| (id, state)));
        }
        Ok(found)
    }

    /// Checks that no rotation of one of these ends is unfinished. Returns, for each end, until when a request of an earlier
    /// operation may still be executed.
    ///
    /// # Errors
    /// Names the operation that is not finished.
    pub fn unfinished(&self, ends: &[(String, bool)], now: DateTime<Utc>) -> Result<Vec<Option<DateTime<Utc>>>, Error> {
        let mut until = vec![None; ends.len()];
        for id in self.list()? {
            if !self.mentions(&id, ends) {
                continue;
            }
            let (state, damage) = self.known(&id)?;
            let Some(state) = state else {
                damage.map_or(Ok(()), Err)?;
                continue;
            };
            let meets = |end: &End| ends.iter().any(|(name, emulated)| is_same(end, name, *emulated));
            // A damaged journal blocks its own ends only.
            if let Some(damage) = damage.filter(|_| state.ends.iter().any(meets)) {
                return Err(damage);
            }
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

    /// Whether a journal may name one of these ends. Cheap: of thousands on record, nearly all name others.
    fn mentions(&self, id: &OperationId, ends: &[(String, bool)]) -> bool {
        let Ok(bytes) = self.disk.read(&journal::path(&self.directory, id)) else { return true };
        let named = |name: &str| {
            // The journal may name the same key without its section.
            if name.starts_with("file:") {
                return bytes.windows(5).any(|window| window == b"file:");
            }
            // A name with characters that JSON escapes reads differently in the journal.
            let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
            !plain || bytes.windows(name.len().max(1)).any(|window| window == name.as_bytes())
        };
        !journal::begins_well(&bytes) || ends.iter().any(|(name, _)| named(name))
    }
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
