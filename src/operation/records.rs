//! Operations on record: where they lie, how one is begun and opened.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::disk::{Disk, RealDisk};
use super::end::Keys;
use super::event::{Event, Record, Verb, Which};
use super::id::OperationId;
use super::journal::{self, Journal, Sync};
use super::seal::{SealKey, Sealer};
use super::state::State;
use crate::error::{Error, exit};
use crate::model::fingerprint::fingerprint;
use crate::model::{Ref, Secret};
use crate::system::files::state_dir;

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
        let named: Vec<(&str, &Secret)> = keys.iter().map(|(which, key)| (which.word(), *key)).collect();
        let mut opened = self.plan(id, now, planned, &named, Some(seal))?;
        opened.journal.flush().map_err(|error| error.state("nothing was sent"))?;
        Ok(opened)
    }

    /// The same with secrets under names of their own: `old` or `new`, or these with a colon and what they are of. The plan
    /// waits for the next record that must last: what is sent first is announced together with it.
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
                Error::new(exit::CREDENTIALS, format!("cannot make {}: {cause}", self.directory.display()))
                    .next("set XDG_STATE_HOME to a directory that you can write to"),
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
        let records = [planned, Event::Sealed { old: fp(Which::Old), new: fp(Which::New) }].map(|event| Record { time: now, event });
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
        match self.known(id)? {
            (_, Some(damage)) => Err(damage),
            (state, None) => state.ok_or_else(|| Self::empty(id)),
        }
    }

    /// What an operation's journal says, up to the damage if there is any. No state is that of an operation that ended, or
    /// has not come, between its journal and its plan: nothing was done.
    ///
    /// # Errors
    /// When there is no such operation, or its journal cannot be read.
    pub fn known(&self, id: &OperationId) -> Result<(Option<State>, Option<Error>), Error> {
        let reading = journal::peek::<Record>(&*self.disk, &self.directory, id)?;
        Ok((State::of(&reading.records), reading.damage))
    }

    /// The operations on a connection, whatever part of it they are of, the oldest first.
    ///
    /// # Errors
    /// When the record cannot be read, or the journal of one of them is damaged.
    pub fn of_connection(&self, reference: &Ref, emulated: bool) -> Result<Vec<(OperationId, State)>, Error> {
        let is_of = |end: &super::state::End| {
            let same = |other: Ref| other.provider == reference.provider && other.id == reference.id && other.region == reference.region;
            end.plan.site.emulated == emulated && Ref::parse(&end.plan.end).is_ok_and(same)
        };
        let mark = format!("/{}\"", reference.id).into_bytes();
        let mut found = Vec::new();
        for id in self.list()? {
            // Most are of other connections, which is seen faster than read.
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

    /// Every operation on record, the oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<OperationId>, Error> {
        journal::list(&*self.disk, &self.directory)
    }

    /// Refuses to begin where an operation on one of these ends is not finished, and notes until when a request of a
    /// finished one could still be executed.
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
            let is_of = |end: &super::state::End, name: &str, emulated: bool| {
                same_end(&end.plan.end, name) && (end.plan.site.emulated == emulated || name.starts_with("file:"))
            };
            let meets = |end: &super::state::End| ends.iter().any(|(name, emulated)| is_of(end, name, *emulated));
            // A damaged journal stops what has to do with its ends, and nothing else.
            if let Some(damage) = damage.filter(|_| state.ends.iter().any(meets)) {
                return Err(damage);
            }
            for (slot, (name, emulated)) in until.iter_mut().zip(ends) {
                let Some(end) = state.ends.iter().find(|end| is_of(end, name, *emulated)) else {
                    continue;
                };
                if state.verb == Verb::Rotate && state.outcome.is_none() && (end.is_touched() || state.conflict().is_some()) {
                    return Err(Error::new(exit::FAILED, format!("operation {id} on {name} is not finished"))
                        .state("nothing was sent")
                        .next(format!("tunnelctl operation show {id}"))
                        .next(format!("tunnelctl operation resume {id}"))
                        .next(format!("tunnelctl operation rollback {id}")));
                }
                let open = end.attempts.iter().filter(|attempt| !attempt.acked && attempt.until > now).map(|attempt| attempt.until).max();
                *slot = (*slot).max(open);
            }
        }
        Ok(until)
    }

    /// Whether a journal can be of one of these ends. Cheap: with thousands on record, nearly all are of others.
    fn mentions(&self, id: &OperationId, ends: &[(String, bool)]) -> bool {
        let Ok(bytes) = self.disk.read(&journal::path(&self.directory, id)) else { return true };
        let stands = |name: &str| {
            // The same key may be named without its section there.
            if name.starts_with("file:") {
                return bytes.windows(5).any(|window| window == b"file:");
            }
            // As JSON has it, which is not as it is where something in it is escaped.
            let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
            !plain || bytes.windows(name.len().max(1)).any(|window| window == name.as_bytes())
        };
        !journal::begins_well(&bytes) || ends.iter().any(|(name, _)| stands(name))
    }

    /// Shreds the keys of a finished operation.
    ///
    /// # Errors
    /// When they cannot be taken away.
    pub fn shred(&self, id: &OperationId, now: DateTime<Utc>) -> Result<(), Error> {
        let mut opened = self.open(id.clone())?;
        self.disk
            .shred(&super::seal::path(&self.directory, id))
            .map_err(|cause| Error::new(exit::FAILED, format!("the keys of operation {id} cannot be taken away: {cause}")))?;
        opened.journal.append(&Record { time: now, event: Event::Shredded }, Sync::Now)?;
        opened.journal.finish()
    }

    /// Removes an operation from the record.
    ///
    /// # Errors
    /// When its files cannot be removed.
    pub fn forget(&self, id: &OperationId) -> Result<(), Error> {
        let failed = |cause: std::io::Error| Error::new(exit::FAILED, format!("operation {id} cannot be removed: {cause}"));
        self.disk.remove(&journal::path(&self.directory, id)).map_err(failed)?;
        self.disk.sync_directory(&self.directory).map_err(failed)
    }

    /// Takes away what no operation came of: sealed keys and a journal without a plan, a day old or more.
    ///
    /// # Errors
    /// When the directory cannot be read, or they cannot be taken away.
    pub fn sweep(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let failed = |cause: std::io::Error| Error::new(exit::FAILED, format!("{} cannot be swept: {cause}", self.directory.display()));
        let mut planned = self.list()?;
        planned.retain(|id| !matches!(self.known(id), Ok((None, None))));
        let names = match self.disk.list(&self.directory) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            names => names.map_err(failed)?,
        };
        for name in names {
            let id = name.to_str().and_then(|name| name.rsplit_once('.')?.0.parse::<OperationId>().ok());
            if let Some(id) = id.filter(|id| !planned.contains(id) && now - id.began() > chrono::TimeDelta::days(1)) {
                self.disk.shred(&super::seal::path(&self.directory, &id)).map_err(failed)?;
                match self.disk.remove(&journal::path(&self.directory, &id)) {
                    Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(cause)),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn empty(id: &OperationId) -> Error {
        Error::new(exit::FAILED, format!("operation {id} ended before its plan was on record: its journal is empty"))
            .state("nothing was sent")
            .next("nothing needs to be done; tunnelctl operation prune takes it away, a day after it began")
    }
}

/// Whether two names can mean one end: the only key of a file may be named with its section or without.
fn same_end(one: &str, other: &str) -> bool {
    let within = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with(':'));
    one == other || one.starts_with("file:") && (within(one, other) || within(other, one))
}

#[cfg(test)]
mod tests {
    use super::same_end;

    #[test]
    fn a_key_of_a_file_is_one_end_with_its_section_and_without() {
        assert!(same_end("file:/etc/a.conf", "file:/etc/a.conf:ike-b"));
        assert!(same_end("file:/etc/a.conf:ike-b", "file:/etc/a.conf"));
        assert!(!same_end("file:/etc/a.conf:ike-a", "file:/etc/a.conf:ike-b"));
        assert!(!same_end("file:/etc/a.conf", "file:/etc/a.conf2"));
    }
}
