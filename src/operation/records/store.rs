//! The directory of operations: beginning one, opening one, reading what its journal says.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::super::disk::{Disk, RealDisk};
use super::super::end::Keys;
use super::super::event::{Event, Record, Which};
use super::super::id::OperationId;
use super::super::journal::{self, Journal, Sync};
use super::super::seal::{SealKey, Sealer};
use super::super::state::State;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::system::files::state_dir;

/// The directory of operations.
#[derive(Debug, Clone)]
pub struct Records {
    /// The disk that all files are on.
    pub disk: Rc<dyn Disk>,
    /// The directory of journals and sealed keys.
    pub directory: PathBuf,
    /// The directory of lock files.
    pub locks: PathBuf,
}

/// An operation that was begun or opened, to append to its journal.
#[derive(Debug)]
pub struct Opened {
    /// The id.
    pub id: OperationId,
    /// The journal.
    pub journal: Journal,
    /// What the journal says.
    pub state: State,
}

impl Records {
    /// The operations of this user, in the state directory.
    ///
    /// # Errors
    /// When there is no state directory.
    pub fn of_user() -> Result<Self, Error> {
        let state = state_dir()?;
        Ok(Self::at(Rc::new(RealDisk::default()), &state))
    }

    /// The operations below a state directory.
    #[must_use]
    pub fn at(disk: Rc<dyn Disk>, state: &Path) -> Self {
        Self { disk, directory: state.join("operations"), locks: state.join("locks") }
    }

    /// Makes a new id.
    ///
    /// # Errors
    /// When the system's random generator fails.
    pub fn id(now: DateTime<Utc>) -> Result<OperationId, Error> {
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|cause| Error::new(exit::FAILED, format!("the system's random generator failed: {cause}")))?;
        Ok(OperationId::new(now, random))
    }

    /// Begins an operation: seals its keys, then records its plan. Nothing may be sent before this returns.
    ///
    /// # Errors
    /// When something cannot be written: then nothing has begun.
    pub fn begin(
        &self,
        id: OperationId,
        now: DateTime<Utc>,
        planned: Event,
        keys: &[(Which, &Secret)],
        seal: &Rc<SealKey>,
    ) -> Result<Opened, Error> {
        let named: Vec<(&str, &Secret)> = keys.iter().map(|(which, key)| (which.word(), *key)).collect();
        let mut opened = self.plan(id, now, planned, &named, Some(seal))?;
        opened.journal.flush().map_err(|error| error.state("nothing was sent"))?;
        Ok(opened)
    }

    /// Like [`Records::begin`], with secrets under names: `old` or `new`, alone or followed by a colon and a setting. The plan
    /// is written together with the next record that must last, which announces the first request.
    ///
    /// # Errors
    /// As [`Records::begin`].
    pub fn plan(
        &self,
        id: OperationId,
        now: DateTime<Utc>,
        planned: Event,
        named: &[(&str, &Secret)],
        seal: Option<&Rc<SealKey>>,
    ) -> Result<Opened, Error> {
        let nothing = |error: Error| error.state("nothing was sent");
        self.disk.make_directory(&self.directory).map_err(|cause| {
            nothing(
                Error::new(exit::CREDENTIALS, format!("cannot create {}: {cause}", self.directory.display()))
                    .next("set XDG_STATE_HOME to a writable directory"),
            )
        })?;
        if let Some(seal) = seal.filter(|_| !named.is_empty()) {
            self.sealer(&id, seal).seal(named).map_err(nothing)?;
        }
        let fp = |wanted: Which| {
            let of = |name: &str| name.split(':').next() == Some(wanted.word());
            named.iter().find(|(name, _)| of(name)).map(|(_, key)| fingerprint(key))
        };
        let mut journal = Journal::create(Rc::clone(&self.disk), &self.directory, &id).map_err(nothing)?;
        let records =
            [planned, Event::Sealed { old: fp(Which::Old), new: fp(Which::New) }].map(|event| Record { time: now, event }.scrubbed());
        journal.append(&records[0], Sync::WithNext).map_err(nothing)?;
        journal.append(&records[1], Sync::WithNext).map_err(nothing)?;
        let state = State::of(&records).ok_or_else(|| Error::new(exit::FAILED, "an operation begins with its plan"))?;
        Ok(Opened { id, journal, state })
    }

    /// The sealed keys of an operation.
    #[must_use]
    pub fn sealer(&self, id: &OperationId, seal: &Rc<SealKey>) -> Sealer {
        Sealer::new(Rc::clone(&self.disk), &self.directory, id, Rc::clone(seal))
    }

    /// Opens the keys of a rotation.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn keys(&self, id: &OperationId, state: &State, seal: &Rc<SealKey>) -> Result<Keys, Error> {
        let sealer = self.sealer(id, seal);
        let [old, _] = state.sealed.clone().unwrap_or_default();
        let old = old.map(|_| sealer.open(Which::Old.word())).transpose()?;
        Ok(Keys { old, new: sealer.open(Which::New.word())? })
    }

    /// Opens an operation to resume it. The caller holds its lock.
    ///
    /// # Errors
    /// When there is no such operation, or its journal is damaged.
    pub fn open(&self, id: OperationId) -> Result<Opened, Error> {
        let (records, journal) = Journal::open::<Record>(Rc::clone(&self.disk), &self.directory, &id)?;
        let state = State::of(&records).ok_or_else(|| empty(&id))?;
        Ok(Opened { id, journal, state })
    }

    /// Reads what an operation's journal says, without a lock.
    ///
    /// # Errors
    /// When there is no such operation, or its journal is damaged.
    pub fn peek(&self, id: &OperationId) -> Result<State, Error> {
        match self.known(id)? {
            (_, Some(damage)) => Err(damage),
            (state, None) => state.ok_or_else(|| empty(id)),
        }
    }

    /// Reads what an operation's journal says, up to any damage. There is no state where the journal is there and its plan is
    /// not, or not yet: nothing was done then.
    ///
    /// # Errors
    /// When there is no such operation, or its journal cannot be read.
    pub fn known(&self, id: &OperationId) -> Result<(Option<State>, Option<Error>), Error> {
        self.known_at(id, Utc::now())
    }

    /// [`Records::known`] by a clock of one's own: what was lost of a journal may have been sent until then.
    ///
    /// # Errors
    /// As [`Records::known`].
    pub(super) fn known_at(&self, id: &OperationId, now: DateTime<Utc>) -> Result<(Option<State>, Option<Error>), Error> {
        let reading = journal::peek::<Record>(&*self.disk, &self.directory, id)?;
        let mut state = State::of(&reading.records);
        let lost = reading.cut || reading.damage.is_some();
        if let Some(state) = state.as_mut().filter(|_| lost) {
            state.take(&Record { time: now, event: Event::Cut });
        }
        // Without its plan, a journal that has its end was never used.
        let emptied = (state.is_none() && reading.cut).then(|| emptied(id, &journal::path(&self.directory, id)));
        Ok((state, reading.damage.or(emptied)))
    }

    /// Lists every operation on record, the oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<OperationId>, Error> {
        journal::list(&*self.disk, &self.directory)
    }
}

/// The error of a journal that has neither a plan nor an end.
fn emptied(id: &OperationId, path: &Path) -> Error {
    Error::new(exit::UNKNOWN, format!("the journal of operation {id} is empty, and its end is missing: {}", path.display()))
        .state("it was cut off before its plan was on record, and nothing was sent; or its content was lost, and it is not known what was sent")
        .next(format!("its keys may still be there: tunnelctl operation show {id} --psk-out FILE"))
        .next(format!("check the disk, or restore {} from a backup", path.display()))
        .next(format!("or, once you have checked the ends yourself, set it aside: mv {0} {0}.damaged", path.display()))
}

fn empty(id: &OperationId) -> Error {
    Error::new(exit::FAILED, format!("operation {id} ended before its plan was on record: its journal is empty"))
        .state("nothing was sent")
        .next("nothing needs to be done; tunnelctl operation prune removes it once it is a day old")
}
