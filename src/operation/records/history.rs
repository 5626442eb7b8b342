//! What is on record of one connection: the operations that are not finished, and the key that was last set.

use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::super::event::{Verb, Which};
use super::super::id::OperationId;
use super::super::seal::SealKey;
use super::super::state::{End, Position, State};
use super::store::Records;
use crate::error::Error;
use crate::model::{Key, Ref, Secret};
use crate::print::output::Output;

/// The operations on record, of one connection or of many, the oldest first.
#[derive(Debug, Default)]
pub struct History {
    known: Vec<(OperationId, State)>,
    emulated: bool,
}

/// The key of an end, as far as records tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastKey {
    /// No operation on record set it.
    Unknown,
    /// An operation that may have set it is not finished.
    Open(OperationId),
    /// An operation set it, and its sealed keys were deleted.
    Deleted(OperationId),
    /// An operation set it, and it is sealed under this name.
    Kept(Kept),
}

/// A key on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The operation that set it.
    pub id: OperationId,
    /// When it was set.
    pub set: DateTime<Utc>,
    /// The name that it is sealed under.
    name: String,
}

impl History {
    /// The history of one connection.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(records: &Records, reference: &Ref, emulated: bool, output: &Output) -> Result<Self, Error> {
        Ok(Self { known: records.of_connection(reference, emulated, Utc::now(), output)?, emulated })
    }

    /// All operations that are not finished. What cannot be read is left out.
    ///
    /// # Errors
    /// When the records cannot be listed.
    pub fn unfinished(records: &Records, emulated: bool) -> Result<Self, Error> {
        let state = |id: OperationId| records.known(&id).ok().and_then(|(state, _)| Some((id, state?)));
        let known = records.list()?.into_iter().filter_map(state).filter(|(_, state)| state.outcome.is_none()).collect();
        Ok(Self { known, emulated })
    }

    /// The operations on a connection, or on one of its tunnels, that have begun and are not finished.
    pub fn open(&self, reference: &Ref, tunnel: Option<&str>) -> impl Iterator<Item = &OperationId> {
        let meets = move |end: &End| {
            let other = end.plan.tunnel.as_deref();
            self.is_of(end, reference)
                && (tunnel.is_none() || other.is_none() || other == tunnel)
                && (end.is_touched() || end.conflict.is_some())
        };
        self.known.iter().filter(move |(_, state)| state.outcome.is_none() && state.ends.iter().any(meets)).map(|(id, _)| id)
    }

    /// The key that was last set at a connection, or at one of its tunnels.
    #[must_use]
    pub fn last_key(&self, reference: &Ref, tunnel: Option<&str>) -> LastKey {
        for (id, state) in self.known.iter().rev().filter(|(_, state)| sets_key(state)) {
            let of = |end: &&End| self.is_of(end, reference) && end.plan.tunnel.as_deref() == tunnel;
            let Some(end) = state.ends.iter().find(of).filter(|end| end.is_touched() || end.conflict.is_some()) else { continue };
            let (None, Some(_), Position::Holds(which)) = (&end.conflict, state.outcome, end.position) else {
                return LastKey::Open(id.clone());
            };
            if state.shredded {
                return LastKey::Deleted(id.clone());
            }
            // The previous key is on record only where it was known.
            let [old, new] = state.sealed.clone().unwrap_or_default();
            if (if which == Which::Old { old } else { new }).is_none() {
                return LastKey::Unknown;
            }
            let name = match state.verb {
                Verb::Rotate => which.word().to_owned(),
                Verb::Modify => format!("{}:{}", which.word(), Key::Psk.path()),
            };
            return LastKey::Kept(Kept { id: id.clone(), set: end.since, name });
        }
        LastKey::Unknown
    }

    fn is_of(&self, end: &End, reference: &Ref) -> bool {
        let same = |other: Ref| other.provider == reference.provider && other.id == reference.id && other.region == reference.region;
        end.plan.site.emulated == self.emulated && Ref::parse(&end.plan.end).is_ok_and(same)
    }
}

/// Whether an operation sets a key.
fn sets_key(state: &State) -> bool {
    let changes = || state.change.as_ref().and_then(|change| change.get(Key::Psk.path())).is_some_and(|key| !key.is_null());
    state.verb == Verb::Rotate || changes()
}

impl Kept {
    /// Opens the key. From then on it is hidden in all output.
    ///
    /// # Errors
    /// When it cannot be opened with this sealing key.
    pub fn open(&self, records: &Records, seal: &Rc<SealKey>) -> Result<Secret, Error> {
        records.sealer(&self.id, seal).open(&self.name)
    }
}
