//! The record of a change: before the first request, what it finds and what it sets; before every request, that it is sent;
//! and after each, what became of it.

use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::former::{both, sealed_name};
use super::report::{ACCEPTED, CONFIGURED, DIFFERENT, UNCHANGED, UNVERIFIED};
use super::{Done, Wish};
use crate::call::client::{Client, Witness};
use crate::change::plan::{Plan, Row};
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Secret, Value};
use crate::operation::ends::{connection_lock, gateway_lock, request_sum};
use crate::operation::event::{Event, Evidence, Outcome, Planned, Record, Site, Verb, Which};
use crate::operation::id::OperationId;
use crate::operation::journal::Sync;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::{Opened, Records};
use crate::operation::report::commands;
use crate::operation::seal::SealKey;
use crate::operation::state::{Position, State};
use crate::print::output::Output;
use crate::provider::field::field;
use crate::provider::{Accepted, GATEWAY};
use crate::wire::{Request, Stamp};

/// How long the lock of a gateway is waited for between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// Where the sealing key comes from, asked when there is something to seal.
pub type SealSource = Box<dyn Fn() -> Result<SealKey, Error>>;

/// The record of one change.
pub struct Ledger {
    records: Records,
    site: Site,
    seal: SealSource,
    output: Rc<Output>,
    locks: Vec<Lock>,
    opened: Option<Opened>,
    /// Whether the operation was there before this run.
    resumed: bool,
    /// What the connection is to get: what was asked for, or what it had before.
    aim: Which,
    /// Why it goes back.
    reason: String,
    /// Operations on the connection that were there before this one.
    earlier: Option<Vec<(OperationId, State)>>,
    token: String,
    sum: String,
    /// A record could not be written after something was sent.
    failed: bool,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?}", self.opened.as_ref().map(|opened| &opened.id))
    }
}

/// The error of a change that cannot be put on record.
#[must_use]
pub fn unrecordable(cause: Error) -> Error {
    if cause.exit == exit::HELD {
        return cause;
    }
    let mut error =
        Error::new(exit::CREDENTIALS, format!("the change cannot be put on record: {}", cause.message)).state("nothing was sent");
    let place = "set XDG_STATE_HOME to a directory that you can write to, on a disk with room";
    error.next = cause.next.into_iter().filter(|next| !next.contains("XDG_STATE_HOME")).collect();
    error.next(place).next("or change it without a record and without a way back: --no-record")
}

impl Ledger {
    /// The record of a change that begins.
    #[must_use]
    pub fn new(records: Records, site: Site, seal: SealSource, output: Rc<Output>) -> Self {
        let (token, sum, reason) = (String::new(), String::new(), String::new());
        let (locks, opened, earlier) = (Vec::new(), None, None);
        let (resumed, aim, failed) = (false, Which::New, false);
        Self { records, site, seal, output, locks, opened, resumed, aim, reason, earlier, token, sum, failed }
    }

    /// The record of a change that goes on, forward or back. The operation's lock is held.
    #[must_use]
    pub fn resume(self, opened: Opened, aim: Which, reason: String) -> Self {
        Self { opened: Some(opened), resumed: true, aim, reason, ..self }
    }

    /// The operation, once there is one.
    #[must_use]
    pub fn operation(&self) -> Option<(&OperationId, &State)> {
        self.opened.as_ref().map(|opened| (&opened.id, &opened.state))
    }

    /// Whether the cloud took what the connection is to get, and nobody has seen yet whether that is in force.
    pub(super) fn is_taken(&self) -> bool {
        let end = self.opened.as_ref().and_then(|opened| opened.state.ends.first());
        end.is_some_and(|end| end.position == Position::Taken(self.aim))
    }

    /// Takes the connection's lock, before it is read.
    pub(super) fn lock(&mut self, client: &Client, wish: &Wish) -> Result<(), Error> {
        let service = client.provider.show(&wish.target).request.endpoint.to_string();
        let name = connection_lock(&wish.reference, &wish.target, &service, &self.site);
        let lock = Lock::take(&self.records.locks, &name, &self.holder(client)).map_err(unrecordable)?;
        self.locks.push(lock);
        Ok(())
    }

    /// Takes the lock of the connection's gateway, where that takes one change at a time, and waits for it.
    pub(super) async fn lock_gateway(&mut self, client: &Client, wish: &Wish, current: Option<&Connection>) -> Result<(), Error> {
        if self.locks.len() > 1 || !client.provider.registration().one_writer_a_gateway {
            return Ok(());
        }
        let given = || wish.address.iter().find(|(name, _)| *name == GATEWAY).map(|(_, value)| value.clone());
        let Some(gateway) = current.and_then(|connection| connection.gateway.clone()).or_else(given) else { return Ok(()) };
        let service = client.provider.show(&wish.target).request.endpoint.to_string();
        let name = gateway_lock(&wish.reference, &gateway, &service, &self.site);
        let lock = keep(&self.records, &name, &self.holder(client), &self.output, || !client.remaining().is_zero()).await;
        self.locks.push(lock.map_err(unrecordable)?);
        Ok(())
    }

    fn holder(&self, client: &Client) -> Holder {
        Holder::this(Verb::Modify.word(), self.opened.as_ref().map(|opened| &opened.id), client.now())
    }

    /// Waits until no earlier request without a reply can be executed any more that could undo this change. Whether there
    /// was one: what was read before is stale then.
    pub(super) async fn wait_for_zombies(&mut self, client: &Client, wish: &Wish, plan: &Plan) -> Result<bool, Error> {
        let Some(until) = self.zombies(client, wish, plan)?.filter(|until| *until > client.now()) else { return Ok(false) };
        self.output.note(&format!(
            "an earlier request to {} has no reply and could still be executed until {}; waiting for that before it is written otherwise",
            wish.reference,
            until.format("%H:%M:%S UTC")
        ));
        loop {
            let left = (until - client.now()).to_std().unwrap_or_default();
            if left.is_zero() {
                return Ok(true);
            }
            self.output.progress(&format!(
                "waiting until no earlier request to {} can be executed: {} s",
                wish.reference,
                left.as_secs() + 1
            ));
            tokio::select! {
                () = client.sleep(left.min(Duration::from_secs(1).max(left / 20))) => {}
                () = client.interrupt.received() => {
                    return Err(Error::new(client.interrupt.exit(), "interrupted while waiting").state("nothing was sent by this run"));
                }
            }
        }
    }

    fn zombies(&mut self, client: &Client, wish: &Wish, plan: &Plan) -> Result<Option<DateTime<Utc>>, Error> {
        let (now, aim) = (client.now(), self.aim);
        let own = self.opened.as_ref().and_then(|opened| opened.state.ends.first());
        let own = own.and_then(|end| end.zombies_of(aim.other()).max(end.plan.not_before));
        if self.earlier.is_none() {
            let mut found = self.records.of_connection(&wish.reference, self.site.emulated).map_err(unrecordable)?;
            found.retain(|(id, _)| Some(id) != self.opened.as_ref().map(|opened| &opened.id));
            self.check_earlier(&found, wish, now)?;
            self.earlier = Some(found);
        }
        let (_, change) = both(&plan.rows);
        let earlier = self.earlier.iter().flatten().filter(|(_, state)| collides(state, &change));
        let open = earlier.flat_map(|(_, state)| &state.ends).flat_map(|end| &end.attempts).filter(|attempt| !attempt.acked);
        Ok(open.map(|attempt| attempt.until).max().max(own))
    }

    /// Refuses to go on beside a rotation that is not finished: it would be undone in part. Tells of changes in doubt.
    fn check_earlier(&self, earlier: &[(OperationId, State)], wish: &Wish, now: DateTime<Utc>) -> Result<(), Error> {
        for (id, state) in earlier.iter().filter(|(_, state)| state.outcome.is_none()) {
            let touched = state.ends.iter().any(crate::operation::state::End::is_touched);
            if state.verb == Verb::Rotate && (touched || state.conflict().is_some()) {
                let error = Error::new(exit::FAILED, format!("operation {id} rotates the key of {} and is not finished", wish.reference));
                return Err(commands(id, state, now).into_iter().fold(error.state("nothing was sent"), Error::next));
            }
            if state.ends.iter().any(|end| matches!(end.position, Position::Doubt(_))) {
                let show = format!("tunnelctl operation show {id}");
                self.output.note(&format!("how an earlier change of {} ended is not known: {show}", wish.reference));
            }
        }
        Ok(())
    }

    /// Puts on record what is found and what is to be set; the record waits for the announcement of the first request.
    pub(super) fn begin(
        &mut self,
        client: &Client,
        wish: &Wish,
        current: Option<&Connection>,
        plan: &Plan,
        request: &Request,
    ) -> Result<(), Error> {
        self.token.clone_from(&wish.token);
        self.sum = request_sum(request, &wish.token);
        if self.resumed {
            return self.turn(client, &plan.rows);
        }
        let (before, change) = both(&plan.rows);
        if let Some(opened) = &self.opened {
            if opened.state.before.as_ref() == Some(&before) && opened.state.change.as_ref() == Some(&change) {
                return Ok(());
            }
            // Planned anew, since somebody else was first: nothing of the former plan was executed.
            self.close(client, "planned anew");
            self.opened = None;
        }
        let secrets: Vec<(String, &Secret)> = plan
            .rows
            .iter()
            .flat_map(|row| [(Which::Old, row.now.as_ref()), (Which::New, Some(&row.then))].map(|(which, value)| (which, row.key, value)))
            .filter_map(|(which, key, value)| match value? {
                Value::Secret(secret) if !secret.expose().is_empty() => Some((sealed_name(which, key), &**secret)),
                _ => None,
            })
            .collect();
        let named: Vec<(&str, &Secret)> = secrets.iter().map(|(name, secret)| (name.as_str(), *secret)).collect();
        let seal = if named.is_empty() { None } else { Some(Rc::new((self.seal)().map_err(unrecordable)?)) };
        let way_back = before.as_object().is_some_and(|rows| rows.values().any(|value| !value.is_null()));
        let planned = Event::Planned {
            verb: Verb::Modify,
            ends: vec![self.planned(client, wish, current)],
            renegotiate: None,
            renegotiate_with: None,
            before: Some(before),
            change: Some(change),
            way_back,
        };
        let now = client.now();
        let id = Records::id(now).map_err(unrecordable)?;
        let opened = self.records.plan(id, now, planned, &named, seal.as_ref()).map_err(unrecordable)?;
        self.opened = Some(opened);
        let holder = self.holder(client);
        self.locks.iter().for_each(|lock| lock.say(Some(&holder)));
        Ok(())
    }

    fn planned(&self, client: &Client, wish: &Wish, current: Option<&Connection>) -> Planned {
        let place = |connection: &Connection| Some(connection.tunnels.get(client.provider.tunnel(&wish.address, connection)?)?.id.clone());
        let named = || wish.address.iter().find(|(name, _)| *name == "tunnel").map(|(_, tunnel)| tunnel.clone());
        let registration = client.provider.registration();
        let gateway = current.and_then(|connection| connection.gateway.clone()).filter(|_| registration.one_writer_a_gateway);
        Planned {
            end: wish.reference.to_string(),
            tunnel: current.and_then(place).or_else(named),
            api: wish.target.operation.api.to_owned(),
            site: self.site.clone(),
            service: client.provider.show(&wish.target).request.endpoint.to_string(),
            gateway,
            readable: field(wish.target.operation.fields, Key::Psk).is_none_or(|field| !field.read.is_empty()),
            validity: registration.validity.as_secs().try_into().unwrap_or(i64::MAX / 4),
            not_before: None,
            reload: None,
        }
    }

    /// Goes on with an operation on record: what somebody else has set is kept, and the direction is noted.
    fn turn(&mut self, client: &Client, rows: &[Row]) -> Result<(), Error> {
        self.keep_third(rows)?;
        let Some(opened) = &self.opened else { return Ok(()) };
        let conflict = opened.state.conflict().is_some();
        let turned = opened.state.aim != self.aim || opened.state.outcome.is_some();
        if conflict {
            self.append(client.now(), Event::TakenOver { end: 0 }, Sync::WithNext)?;
        }
        if turned {
            let event = Event::Turned { to: self.aim, reason: self.reason.clone() };
            self.append(client.now(), event, Sync::WithNext)?;
        }
        Ok(())
    }

    /// A key that somebody else has set is sealed before it is overwritten.
    fn keep_third(&self, rows: &[Row]) -> Result<(), Error> {
        let Some(opened) = &self.opened else { return Ok(()) };
        let known = opened.state.sealed.clone().unwrap_or_default();
        for row in rows {
            let Some(Value::Secret(secret)) = &row.now else { continue };
            let fp = crate::model::fingerprint::fingerprint(secret);
            if !secret.expose().is_empty() && !known.iter().flatten().any(|other| *other == fp) {
                let seal = Rc::new((self.seal)().map_err(unrecordable)?);
                let name = format!("third-{fp}:{}", row.key.path());
                self.records.sealer(&opened.id, &seal).seal(&[(&name, secret)]).map_err(unrecordable)?;
            }
        }
        Ok(())
    }

    fn append(&mut self, time: DateTime<Utc>, event: Event, sync: Sync) -> Result<(), Error> {
        let Some(opened) = &mut self.opened else { return Ok(()) };
        let record = Record { time, event };
        opened.journal.append(&record, sync)?;
        opened.state.take(&record);
        Ok(())
    }

    /// Writes down what is true now. Where that fails, what is on record already names it among what may be true.
    fn note(&mut self, client: &Client, event: Event, sync: Sync) {
        if let Err(error) = self.append(client.now(), event, sync)
            && !std::mem::replace(&mut self.failed, true)
        {
            self.output.warn(&format!("the record of the change could not be finished: {}", error.message));
        }
    }

    /// The cloud took the change.
    pub(super) fn acked(&mut self, client: &Client, accepted: &Accepted) {
        let Accepted { request_id, task } = accepted.clone();
        self.note(client, Event::Acked { end: 0, request_id, task }, Sync::Now);
    }

    /// Somebody else has changed what was found or set. An operation that is open says so from then on.
    pub(super) fn met(&mut self, client: &Client, foreign: &[String], mut error: Error) -> Error {
        let Some((id, state)) = self.operation() else { return error };
        let verb = if self.aim == Which::New { "resume" } else { "rollback" };
        error = error.next(format!("tunnelctl operation {verb} {id} --take-over"));
        if state.outcome.is_none() {
            error.exit = exit::HALF_WAY;
            self.conflict(client, &foreign.join("; "));
        }
        error
    }

    /// It is neither as it was nor as asked.
    pub(super) fn conflict(&mut self, client: &Client, seen: &str) {
        self.note(client, Event::Conflict { end: 0, seen: seen.to_owned() }, Sync::Now);
    }

    fn finish(&mut self, client: &Client, outcome: Outcome) {
        self.note(client, Event::Finished { outcome }, Sync::Now);
        if let Some(opened) = &mut self.opened {
            // Nothing but reserved room depends on it.
            let _ = opened.journal.finish();
        }
    }

    /// Ends an operation of which nothing was executed.
    fn close(&mut self, client: &Client, reason: &str) {
        self.note(client, Event::Turned { to: Which::Old, reason: reason.to_owned() }, Sync::WithNext);
        self.finish(client, Outcome::Closed);
    }

    /// The connection has what it is to get.
    fn there(&mut self, client: &Client, by: Evidence) {
        let aim = self.aim;
        let touched = self.opened.as_ref().is_some_and(|opened| opened.state.ends.iter().any(crate::operation::state::End::is_touched));
        self.note(client, Event::Holds { end: 0, key: aim, by }, Sync::WithNext);
        self.finish(
            client,
            match aim {
                Which::New => Outcome::Committed,
                Which::Old if touched => Outcome::RolledBack,
                Which::Old => Outcome::Closed,
            },
        );
    }

    /// Notes how the run ended, and adds to its errors how to go on.
    pub(super) fn conclude(&mut self, client: &Client, done: Result<Done, Error>) -> Result<Done, Error> {
        let Some(opened) = &self.opened else { return done };
        let (aim, open) = (self.aim, opened.state.outcome.is_none());
        match &done {
            Ok(done) if done.report.outcome == UNCHANGED && self.resumed => {
                let by = if done.report.believed { Evidence::Acknowledged } else { Evidence::ReadBack };
                if let Err(error) = self.turn(client, &[]) {
                    self.output.warn(&error.message);
                }
                self.there(client, by);
            }
            Ok(done) if open && done.report.outcome == CONFIGURED => self.there(client, Evidence::ReadBack),
            Ok(done) if open && done.report.outcome == UNVERIFIED => self.there(client, Evidence::Acknowledged),
            // Taken, and not made: nothing is left to undo.
            Ok(done) if open && done.report.outcome == DIFFERENT && done.exit == exit::FAILED && aim == Which::New => {
                let reason = "the cloud took it and did not make it".to_owned();
                self.note(client, Event::Turned { to: Which::Old, reason }, Sync::WithNext);
                self.note(client, Event::Holds { end: 0, key: Which::Old, by: Evidence::ReadBack }, Sync::WithNext);
                self.finish(client, Outcome::Closed);
            }
            Ok(done) if [ACCEPTED, DIFFERENT].contains(&done.report.outcome) => {}
            // Everything else leaves what was executed open, and closes what was not.
            _ if open && !self.is_touched() => {
                let reason = done.as_ref().err().map_or("as asked already", |error| error.message.as_str()).to_owned();
                self.close(client, &reason);
            }
            _ => {}
        }
        let Some(opened) = &self.opened else { return done };
        let next = if opened.state.outcome.is_none() { commands(&opened.id, &opened.state, client.now()) } else { Vec::new() };
        let name = |error: Error| {
            let mut error = next.iter().cloned().fold(error, Error::next);
            if !error.state.is_empty() && !next.is_empty() {
                error.state.push_str(&format!(" (operation {})", opened.id));
            }
            error
        };
        match done {
            Ok(mut done) => {
                done.report.operation_id = Some(opened.id.to_string());
                done.error = done.error.map(name);
                Ok(done)
            }
            Err(error) => Err(name(error)),
        }
    }

    fn is_touched(&self) -> bool {
        self.opened.as_ref().is_some_and(|opened| opened.state.ends.iter().any(crate::operation::state::End::is_touched))
    }
}

impl Witness for Ledger {
    fn announce(&mut self, stamp: &Stamp) -> Result<(), Error> {
        let event = Event::Attempt {
            end: 0,
            key: self.aim,
            token: self.token.clone(),
            request: self.sum.clone(),
            nonce: stamp.nonce.to_string(),
            at: stamp.time,
        };
        let touched = self.is_touched();
        self.append(stamp.time, event, Sync::Now).map_err(|error| {
            // A journal that was not written once is not written again.
            self.failed = true;
            if touched { error } else { unrecordable(error) }
        })
    }

    fn refused(&mut self, code: &str, now: DateTime<Utc>) -> Result<(), Error> {
        self.append(now, Event::Refused { end: 0, code: code.to_owned() }, Sync::WithNext)
    }
}

/// Takes a lock, and waits for it while there is time: another connection of the gateway is no reason to give up.
///
/// # Errors
/// [`exit::HELD`] when it is still another run's then.
pub async fn keep(records: &Records, name: &str, holder: &Holder, output: &Output, time: impl Fn() -> bool) -> Result<Lock, Error> {
    let mut said = false;
    loop {
        match Lock::take(&records.locks, name, holder) {
            Err(error) if error.exit == exit::HELD && time() => {
                if !std::mem::replace(&mut said, true) {
                    output.note(&format!("{}; a gateway takes one change at a time: waiting", error.message));
                }
                crate::system::runtime::needed().await;
                tokio::time::sleep(LOOK).await;
            }
            taken => return taken,
        }
    }
}

/// Whether a late request of another operation could undo this change: clouds replace whole blocks of settings.
fn collides(other: &State, change: &Json) -> bool {
    let key = json!({ "psk": null });
    let theirs = if other.verb == Verb::Modify { other.change.as_ref().unwrap_or(&Json::Null) } else { &key };
    let blocks = |json: &Json| -> Vec<String> { json.as_object().into_iter().flatten().map(|(path, _)| block(path).to_owned()).collect() };
    let (ours, others) = (blocks(change), blocks(theirs));
    theirs != change && ours.iter().any(|block| others.contains(block))
}

/// What is written together with a setting, at one cloud or another.
fn block(path: &str) -> &str {
    match path.split('.').next().unwrap_or(path) {
        "psk" | "negotiation" => "ike",
        "local_subnets" | "remote_subnets" | "policy_rules" | "customer_gateway" => "selectors",
        first => first,
    }
}

#[cfg(test)]
mod tests;
