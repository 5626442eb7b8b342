//! The record of one change, from its locks to its outcome.

use std::path::PathBuf;
use std::rc::Rc;

use super::entry::Entry;
use super::unrecordable::unrecordable;
use crate::call::client::{Client, Witness};
use crate::error::{Error, exit};
use crate::operation::event::{Event, Site, Verb, Which};
use crate::operation::id::OperationId;
use crate::operation::journal::Sync;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::{Opened, Records};
use crate::operation::seal::SealKey;
use crate::operation::state::{Position, State};
use crate::print::output::Output;
use crate::provider::Accepted;
use crate::wire::Stamp;

/// Where the sealing key comes from; called only when there is something to seal.
pub type SealSource = Box<dyn Fn() -> Result<SealKey, Error>>;

/// The record of one change.
pub struct Ledger {
    pub(super) desk: Desk,
    pub(super) locks: Vec<Lock>,
    pub(super) course: Course,
    pub(super) entry: Entry,
    /// The operations on the same connection that were on record before this one, read when they are first needed.
    pub(super) earlier: Option<Vec<(OperationId, State)>>,
    pub(super) sending: Sending,
}

/// Where a record is written, and with what.
pub(super) struct Desk {
    pub(super) records: Records,
    pub(super) site: Site,
    pub(super) output: Rc<Output>,
    seal: SealSource,
    /// The file with the sealing key, where one was named.
    pub(super) seal_key_file: Option<PathBuf>,
}

impl Desk {
    /// The sealing key.
    pub(super) fn seal(&self) -> Result<Rc<SealKey>, Error> {
        (self.seal)().map(Rc::new).map_err(unrecordable)
    }
}

/// Where a change is heading.
pub(super) struct Course {
    /// Whether the operation was on record before this run.
    pub(super) resumed: bool,
    /// Which values the connection is to get: the new or the previous ones.
    pub(super) aim: Which,
    /// Why the operation was resumed or rolled back.
    pub(super) reason: String,
}

/// The request that is about to be sent.
#[derive(Default)]
pub(super) struct Sending {
    pub(super) token: String,
    pub(super) sum: String,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?}", self.entry.id())
    }
}

impl Ledger {
    /// The record of a change that begins.
    #[must_use]
    pub fn new(records: Records, site: Site, seal: SealSource, output: Rc<Output>) -> Self {
        Self {
            entry: Entry::new(Rc::clone(&output)),
            desk: Desk { records, site, output, seal, seal_key_file: None },
            locks: Vec::new(),
            course: Course { resumed: false, aim: Which::New, reason: String::new() },
            earlier: None,
            sending: Sending::default(),
        }
    }

    /// Puts the file with the sealing key on record.
    #[must_use]
    pub fn sealed_with(mut self, file: Option<PathBuf>) -> Self {
        self.desk.seal_key_file = file;
        self
    }

    /// The record of a change that is resumed or rolled back. The caller holds the operation's lock.
    #[must_use]
    pub fn resume(mut self, opened: Opened, aim: Which, reason: String) -> Self {
        self.entry.opened = Some(opened);
        self.course = Course { resumed: true, aim, reason };
        self
    }

    /// The operation, once there is one.
    #[must_use]
    pub fn operation(&self) -> Option<(&OperationId, &State)> {
        self.entry.opened.as_ref().map(|opened| (&opened.id, &opened.state))
    }

    /// Whether the cloud accepted the change, and nobody has seen yet whether it is in effect.
    pub(in crate::change) fn is_taken(&self) -> bool {
        self.entry.end().is_some_and(|end| end.position == Position::Taken(self.course.aim))
    }

    pub(super) fn holder(&self, client: &Client) -> Holder {
        Holder::this(Verb::Modify.word(), self.entry.id(), client.now())
    }

    /// Notes that the cloud accepted the change.
    pub(in crate::change) fn acked(&mut self, client: &Client, accepted: &Accepted) {
        let Accepted { request_id, task } = accepted.clone();
        self.entry.note(client.now(), Event::Acked { end: 0, request_id, task }, Sync::Now);
    }

    /// Notes that somebody else has changed what was found or set. An operation that is open reports it from then on.
    pub(in crate::change) fn met(&mut self, client: &Client, foreign: &[String], mut error: Error) -> Error {
        let Some((id, state)) = self.operation() else { return error };
        let verb = if self.course.aim == Which::New { "resume" } else { "rollback" };
        error = error.next(format!("tunnelctl operation {verb} {id} --take-over"));
        if state.outcome.is_none() {
            error.exit = exit::HALF_WAY;
            self.conflict(client, &foreign.join("; "));
        }
        error
    }

    /// Notes that the connection is neither as it was nor as asked.
    pub(in crate::change) fn conflict(&mut self, client: &Client, seen: &str) {
        self.entry.note(client.now(), Event::Conflict { end: 0, seen: seen.to_owned() }, Sync::Now);
    }
}

impl Witness for Ledger {
    fn announce(&mut self, stamp: &Stamp) -> Result<(), Error> {
        let event = Event::Attempt {
            end: 0,
            key: self.course.aim,
            token: self.sending.token.clone(),
            request: self.sending.sum.clone(),
            nonce: stamp.nonce.to_string(),
            at: stamp.time,
        };
        let touched = self.entry.is_touched();
        self.entry.append(stamp.time, event, Sync::Now).map_err(|error| {
            // After one failure the journal is not written again.
            self.entry.failed = true;
            if touched { error } else { unrecordable(error) }
        })
    }

    fn refused(&mut self, code: &str, now: chrono::DateTime<chrono::Utc>) -> Result<(), Error> {
        self.entry.append(now, Event::Refused { end: 0, code: code.to_owned() }, Sync::WithNext)
    }
}
