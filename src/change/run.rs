//! The steps of a change, in their order; what was planned is planned again whenever somebody else changes the connection.

use super::confirm::{confirm, keep_generated};
use super::dry_run::dry_run;
use super::plan::{Plan, plan};
use super::previous::Previous;
use super::read::{find_gateway, is_same, read_settled};
use super::record::Ledger;
use super::report::{ACCEPTED, Done, Report, UNCHANGED};
use super::send::{Sent, send};
use super::tunnel::up_again;
use super::wait::{Seen, after_change};
use super::wish::Wish;
use crate::call::client::Client;
use crate::error::{Error, Violation, exit};
use crate::model::{Connection, Key, Settings};
use crate::provider::field::field;
use crate::provider::{Accepted, Findings};

/// Makes a change, and keeps a record of it in the ledger where one is given.
///
/// The wish has passed [`check_input`](super::check_input).
///
/// # Errors
/// What failed, and the state that things are in.
pub async fn run(client: &mut Client, wish: &Wish, ledger: Option<&mut Ledger>) -> Result<Done, Error> {
    // A dry run leaves no record.
    let mut ledger = ledger.filter(|_| !wish.flow.dry_run);
    let done = steps(client, wish, ledger.as_deref_mut()).await;
    match ledger {
        Some(ledger) => ledger.conclude(client, done),
        None => done,
    }
}

async fn steps(client: &mut Client, wish: &Wish, ledger: Option<&mut Ledger>) -> Result<Done, Error> {
    // A dry run that reads nothing makes no call: nothing is set up for one.
    if !(wish.flow.dry_run && wish.flow.no_read) || client.provider.locate().is_some() {
        client.locate().await?;
    }
    let mut run = Run::start(client, wish, ledger).await?;
    loop {
        if let Some(done) = run.attempt().await? {
            return Ok(done);
        }
    }
}

/// A change that is being made.
struct Run<'a, 'l> {
    client: &'a Client,
    wish: &'a Wish,
    ledger: Option<&'l mut Ledger>,
    /// The connection as it was read last.
    current: Option<Connection>,
    /// Whether the plan was confirmed.
    confirmed: bool,
    /// Whether a generated key was written and signals are listened to.
    begun: bool,
}

impl<'a, 'l> Run<'a, 'l> {
    /// Takes the locks and reads the connection.
    async fn start(client: &'a Client, wish: &'a Wish, mut ledger: Option<&'l mut Ledger>) -> Result<Self, Error> {
        if let Some(ledger) = &mut ledger {
            ledger.lock(client, wish)?;
            if ledger.is_taken() {
                // Some clouds show the old values for a while before they begin.
                after_change(client, wish, None, None, &wish.asked.change).await?;
            }
        }
        let current = if wish.flow.no_read { None } else { Some(read_settled(client, wish).await?) };
        if let Some(ledger) = &mut ledger {
            ledger.lock_gateway(client, wish, current.as_ref()).await?;
        }
        Ok(Self { client, wish, ledger, current, confirmed: false, begun: false })
    }

    /// Plans and sends once. `None` where the connection has to be planned again, since somebody else changed it.
    async fn attempt(&mut self) -> Result<Option<Done>, Error> {
        let (client, wish) = (self.client, self.wish);
        let mut report = self.plan()?;
        let believed = self.is_believed(&report.plan);
        if report.plan.rows.is_empty() || believed {
            return self.unchanged(report, believed).await;
        }
        // Built before anything is shown: a block that cannot be completed is a fault of the input.
        let change = report.plan.change();
        if let (Some(guard), Some(current)) = (&wish.guard, &self.current) {
            let tunnel = client.provider.tunnel(&wish.address, current);
            report.plan.warnings.extend(guard.judge(current, tunnel, &change)?);
        }
        let call = client.provider.modify(&wish.edit(self.current.as_ref(), &change)).map_err(|violations| self.invalid(&violations))?;
        if wish.flow.dry_run {
            return dry_run(client, wish, self.current.as_ref(), &change, report).await.map(Some);
        }
        self.begin(&report.plan).await?;
        if self.waited_for_late_requests(&report.plan).await? {
            if !wish.flow.no_read {
                let fresh = read_settled(client, wish).await?;
                self.confirmed &= wish.flow.yes || self.current.as_ref().is_some_and(|before| is_same(before, &fresh));
                self.current = Some(fresh);
            }
            return Ok(None);
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.begin(client, wish, self.current.as_ref(), &report.plan, &call.request)?;
        }
        let edit = wish.edit(self.current.as_ref(), &change);
        match send(client, wish, &edit, &call, &mut self.ledger).await? {
            Sent::Taken(accepted) => conclude(client, wish, self.current.as_ref(), &change, accepted, report).await.map(Some),
            Sent::Overtaken => {
                self.read_again().await?;
                Ok(None)
            }
        }
    }

    /// The difference to what is there, checked against the cloud's rules.
    fn plan(&mut self) -> Result<Report, Error> {
        let (client, wish) = (self.client, self.wish);
        let current = self.current.as_ref();
        let Findings { violations, mut warnings } = client.provider.rules(&wish.edit(current, &wish.asked.change));
        warnings.extend(wish.asked.advice.iter().cloned());
        if !violations.is_empty() {
            return Err(self.invalid(&violations));
        }
        let subject = current.map(|current| wish.subject(&*client.provider, current));
        if let (Some(previous), Some(subject)) = (&wish.previous, &subject) {
            let foreign = previous.foreign(subject);
            if !foreign.is_empty() && !previous.take_over {
                let error = Previous::conflict(&wish.reference.to_string(), &foreign);
                return Err(match &mut self.ledger {
                    Some(ledger) => ledger.met(client, &foreign, error),
                    None => error,
                });
            }
        }
        let mut report = Report::new(wish, client, plan(subject.as_ref(), &wish.asked.change, warnings));
        let tunnel = |current: &Connection| Some(current.tunnels.get(client.provider.tunnel(&wish.address, current)?)?.id.clone());
        report.tunnel = current.and_then(tunnel);
        Ok(report)
    }

    /// Every setting is as asked already, unless a late request could still undo that.
    async fn unchanged(&mut self, mut report: Report, believed: bool) -> Result<Option<Done>, Error> {
        if self.waited_for_late_requests(&report.plan).await? {
            self.current = Some(read_settled(self.client, self.wish).await?);
            return Ok(None);
        }
        report.believed = believed;
        report.outcome = UNCHANGED;
        report.overtaken = self.begun;
        report.connection = self.current.take();
        Ok(Some(Done { report, exit: exit::DONE, error: None }))
    }

    /// Confirms the plan, and does once what has to be done before the first request.
    async fn begin(&mut self, plan: &Plan) -> Result<(), Error> {
        if !self.confirmed {
            confirm(self.client, self.wish, plan)?;
            self.confirmed = true;
        }
        if !self.begun {
            keep_generated(self.wish)?;
            self.client.interrupt.listen().await;
            self.begun = true;
        }
        Ok(())
    }

    async fn waited_for_late_requests(&mut self, plan: &Plan) -> Result<bool, Error> {
        match &mut self.ledger {
            Some(ledger) => ledger.wait_for_late_requests(self.client, self.wish, plan).await,
            None => Ok(false),
        }
    }

    /// Reads again after another change: what a block was completed from may be stale.
    async fn read_again(&mut self) -> Result<(), Error> {
        if self.wish.flow.no_read {
            return Ok(());
        }
        let fresh = read_settled(self.client, self.wish).await?;
        if self.current.as_ref().is_some_and(|before| !is_same(before, &fresh)) {
            self.client.output.note(&format!("{} was changed meanwhile; planning again", self.wish.reference));
            self.confirmed = self.wish.flow.yes;
        }
        self.current = Some(fresh);
        Ok(())
    }

    /// Whether all that is left of a change that the cloud accepted is what it never returns: its acknowledgement counts then.
    fn is_believed(&self, plan: &Plan) -> bool {
        let hidden = |key: Key| field(self.wish.target.operation.fields, key).is_some_and(|field| field.read.is_empty());
        !plan.rows.is_empty()
            && self.ledger.as_deref().is_some_and(Ledger::is_taken)
            && plan.rows.iter().all(|row| row.current.is_none() && hidden(row.key))
    }

    /// Broken rules, once the connection may have been read.
    fn invalid(&self, violations: &[Violation]) -> Error {
        self.wish.invalid(violations).state("nothing was changed")
    }
}

/// Waits for a change that the cloud accepted, unless `--no-wait` is given, and judges the result.
async fn conclude(
    client: &Client,
    wish: &Wish,
    current: Option<&Connection>,
    change: &Settings,
    accepted: Option<Accepted>,
    mut report: Report,
) -> Result<Done, Error> {
    report.request_id = accepted.as_ref().and_then(|accepted| accepted.request_id.clone());
    report.task = accepted.as_ref().and_then(|accepted| accepted.task.clone());
    if wish.flow.no_wait {
        report.outcome = ACCEPTED;
        return Ok(Done { report, exit: exit::DONE, error: None });
    }
    let gateway = find_gateway(client, wish, current).await;
    match after_change(client, wish, gateway.as_deref(), accepted.as_ref(), change).await? {
        Seen::Settled(after) => {
            let after = match current {
                Some(before) => up_again(client, wish, change, before, *after).await,
                None => *after,
            };
            Ok(report.judge(wish, current, change, after, client))
        }
        Seen::Denied(why) => {
            report.outcome = ACCEPTED;
            report.denied = Some(why);
            Ok(Done { report, exit: exit::DONE, error: None })
        }
    }
}
