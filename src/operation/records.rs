//! Operations on record: where they lie, how one is begun and opened.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::disk::{Disk, RealDisk};
use super::end::Keys;
use super::event::{Event, Record, Which};
use super::id::OperationId;
use super::journal::{self, Journal, Sync};
use super::seal::{SealKey, Sealer};
use super::state::State;
use crate::error::{Error, exit};
use crate::files::state_dir;
use crate::fingerprint::fingerprint;
use crate::model::Secret;

/// The directory of the operations.
#[derive(Debug, Clone)]
pub struct Records {
    /// All file effects go through it.
    pub disk: Rc<dyn Disk>,
    /// Journals and sealed keys.
    pub directory: PathBuf,
    /// Lock files.
    pub locks: PathBuf,
}

/// An operation that was begun or opened.
#[derive(Debug)]
pub struct Opened {
    /// Its id.
    pub id: OperationId,
    /// Its journal.
    pub journal: Journal,
    /// What the journal says.
    pub state: State,
}

impl Records {
    /// Those of this user, in the state directory.
    ///
    /// # Errors
    /// When there is no state directory.
    pub fn of_user() -> Result<Self, Error> {
        let state = state_dir()?;
        Ok(Self::at(Rc::new(RealDisk::default()), &state))
    }

    /// Those below a directory.
    #[must_use]
    pub fn at(disk: Rc<dyn Disk>, state: &Path) -> Self {
        Self { disk, directory: state.join("operations"), locks: state.join("locks") }
    }

    /// A new id.
    ///
    /// # Errors
    /// When the system's generator does not answer.
    pub fn id(now: DateTime<Utc>) -> Result<OperationId, Error> {
        let mut random = [0; 4];
        getrandom::fill(&mut random)
            .map_err(|cause| Error::new(exit::FAILED, format!("the system's random generator does not answer: {cause}")))?;
        Ok(OperationId::new(now, random))
    }

    /// Begins an operation: its keys are sealed, then its plan is on record. Nothing may be sent before this returns.
    ///
    /// # Errors
    /// When a part of it cannot be written: nothing is begun then.
    pub fn begin(
        &self,
        id: OperationId,
        now: DateTime<Utc>,
        planned: Event,
        keys: &[(Which, &Secret)],
        seal: &Rc<SealKey>,
    ) -> Result<Opened, Error> {
        let nothing = |error: Error| error.state("nothing was sent");
        let named: Vec<(&str, &Secret)> = keys.iter().map(|(which, key)| (which.word(), *key)).collect();
        if !named.is_empty() {
            self.sealer(&id, seal).seal(&named).map_err(nothing)?;
        }
        let fp = |wanted: Which| keys.iter().find(|(which, _)| *which == wanted).map(|(_, key)| fingerprint(key));
        let mut journal = Journal::create(Rc::clone(&self.disk), &self.directory, &id).map_err(nothing)?;
        let records = [planned, Event::Sealed { old: fp(Which::Old), new: fp(Which::New) }].map(|event| Record { time: now, event });
        journal.append(&records[0], Sync::WithNext).map_err(nothing)?;
        journal.append(&records[1], Sync::Now).map_err(nothing)?;
        let state = State::of(&records).ok_or_else(|| Error::new(exit::FAILED, "an operation begins with its plan"))?;
        Ok(Opened { id, journal, state })
    }

    /// The sealed keys of an operation.
    #[must_use]
    pub fn sealer(&self, id: &OperationId, seal: &Rc<SealKey>) -> Sealer {
        Sealer::new(Rc::clone(&self.disk), &self.directory, id, Rc::clone(seal))
    }

    /// The keys of an operation.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn keys(&self, id: &OperationId, state: &State, seal: &Rc<SealKey>) -> Result<Keys, Error> {
        let sealer = self.sealer(id, seal);
        let [old, _] = state.sealed.clone().unwrap_or_default();
        let old = old.map(|_| sealer.open(Which::Old.word())).transpose()?;
        Ok(Keys { old, new: sealer.open(Which::New.word())? })
    }

    /// Opens an operation to go on with it. Its lock must be held.
    ///
    /// # Errors
    /// When there is no such operation, or its journal is damaged.
    pub fn open(&self, id: OperationId) -> Result<Opened, Error> {
        let (records, journal) = Journal::open::<Record>(Rc::clone(&self.disk), &self.directory, &id)?;
        let state = State::of(&records).ok_or_else(|| Self::empty(&id))?;
        Ok(Opened { id, journal, state })
    }

    /// What an operation's journal says, without a lock.
    ///
    /// # Errors
    /// When there is no such operation, or its journal is damaged.
    pub fn peek(&self, id: &OperationId) -> Result<State, Error> {
        let reading = journal::peek::<Record>(&*self.disk, &self.directory, id)?;
        if let Some(damage) = reading.damage {
            return Err(damage);
        }
        State::of(&reading.records).ok_or_else(|| Self::empty(id))
    }

    /// Every operation on record, the oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<OperationId>, Error> {
        journal::list(&*self.disk, &self.directory)
    }

    fn empty(id: &OperationId) -> Error {
        Error::new(exit::FAILED, format!("operation {id} was never planned: its journal is empty")).state("nothing was sent")
    }
}
