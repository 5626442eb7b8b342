//! What a change does: read, validate, plan, confirm, send, wait, read, report.

pub mod former;
mod guard;
pub mod plan;
pub mod record;
pub mod report;
mod send;
mod wait;

use std::io::IsTerminal;
use std::path::PathBuf;

use crate::call::settle::settle;
pub use former::Former;
pub use guard::Guard;
pub use record::Ledger;
pub use report::Report;
use send::Sent;
use wait::Seen;

use crate::call::client::{CallError, Client, Intent};
use crate::change::plan::{Plan, plan};
use crate::error::Violation;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Ref, Settings, Term, Value};
use crate::provider::field::field;
use crate::provider::{Accepted, Edit, Findings, GATEWAY, Provider, Target, unsupported};
use crate::system::files::write_new;

/// A change as the user asked for it.
#[derive(Debug)]
pub struct Wish {
    /// What is changed.
    pub target: Target,
    /// The same, as a ref, for messages.
    pub reference: Ref,
    /// The settings that could be read from flags and files.
    pub change: Settings,
    /// What could not.
    pub violations: Vec<Violation>,
    /// What is legal in it and still not wise.
    pub advice: Vec<String>,
    /// Whether the key in it was generated.
    pub psk_generated: bool,
    /// Where a generated key is written before it is sent.
    pub psk_out: Option<PathBuf>,
    /// What the operation wants beside settings.
    pub address: Vec<(&'static str, String)>,
    /// `--yes`.
    pub yes: bool,
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--no-read`.
    pub no_read: bool,
    /// `--no-wait`.
    pub no_wait: bool,
    /// `--exit-code`.
    pub exit_code: bool,
    /// `--check`.
    pub guard: Option<Guard>,
    /// What a change on record found and set, where this goes on with it, or undoes it.
    pub former: Option<Former>,
    /// The token of the change.
    pub token: String,
}

impl Wish {
    /// The wish as the provider takes it.
    #[must_use]
    pub fn edit<'a>(&'a self, current: Option<&'a Connection>, change: &'a Settings) -> Edit<'a> {
        Edit { target: &self.target, current, change, address: &self.address, token: &self.token }
    }

    /// Which tunnel it is of, for messages; nothing where it is of the whole.
    fn tunnel(&self) -> String {
        self.address.iter().find(|(name, _)| *name == "tunnel").map(|(_, tunnel)| format!(", tunnel {tunnel}")).unwrap_or_default()
    }

    /// What a connection shows of the very thing that is changed: of one of its tunnels, where the change is of one.
    #[must_use]
    pub fn subject(&self, provider: &dyn Provider, connection: &Connection) -> Settings {
        connection.seen_from(provider.tunnel(&self.address, connection))
    }

    fn invalid(&self, violations: &[Violation]) -> Error {
        Error::invalid(&self.reference, violations)
            .next(format!("tunnelctl modify {} {} --help lists what is allowed", self.reference.provider, self.target.kind.name))
    }
}

/// What became of a change, and the exit code.
#[derive(Debug)]
pub struct Done {
    /// The report.
    pub report: Report,
    /// Exit code.
    pub exit: u8,
    /// What to say on stderr after the report, when it is not all well.
    pub error: Option<Error>,
}

/// Checks what can be checked without knowing anything of the connection.
///
/// # Errors
/// Every rule that is broken, of the flags and of the fields among each other.
pub fn check_input(provider: &dyn Provider, wish: &Wish) -> Result<(), Error> {
    let mut violations = wish.violations.clone();
    violations.extend(unsupported(&wish.target, &wish.change));
    let known: Settings = wish
        .change
        .iter()
        .filter(|(key, _)| !violations.iter().any(|fault| fault.setting == key.named()))
        .map(|(key, value)| (key, value.clone()))
        .collect();
    // What is said of a setting that has a fault of its own follows from that fault. What is missing may be there already:
    // unless nothing is going to be read, only reading tells.
    let decided = |fault: &Violation| {
        let named = |(key, _): (Key, &Value)| fault.setting == key.named();
        !violations.iter().any(|other| other.setting == fault.setting) && (wish.no_read || known.iter().any(named))
    };
    let further: Vec<Violation> = provider.rules(&wish.edit(None, &known)).violations.into_iter().filter(decided).collect();
    violations.extend(further);
    let returned = field(wish.target.operation.fields, Key::Psk).is_some_and(|field| !field.read.is_empty());
    if wish.psk_generated && wish.psk_out.is_none() && !returned {
        let rule = format!("{} never returns a key: name a new file with --psk-out, or it would be lost", wish.reference.provider);
        violations.push(Violation { setting: "--psk-generate".to_owned(), value: None, rule });
    }
    if !violations.is_empty() {
        return Err(wish.invalid(&violations));
    }
    if wish.change.is_empty() {
        return Err(Error::usage(format!("nothing to change is given for {}", wish.reference))
            .next(format!("tunnelctl modify {} {} --help lists the settings", wish.reference.provider, wish.target.kind.name)));
    }
    Ok(())
}

/// Makes a change, and keeps a record of it in the ledger where one is given.
///
/// The wish has passed [`check_input`].
///
/// # Errors
/// What failed, with the state that things are in.
pub async fn run(client: &mut Client, wish: &Wish, ledger: Option<&mut Ledger>) -> Result<Done, Error> {
    // What is only looked at is on no record.
    let mut ledger = ledger.filter(|_| !wish.dry_run);
    let done = steps(client, wish, &mut ledger).await;
    match ledger {
        Some(ledger) => ledger.conclude(client, done),
        None => done,
    }
}

async fn steps(client: &mut Client, wish: &Wish, ledger: &mut Option<&mut Ledger>) -> Result<Done, Error> {
    // A dry run that reads nothing makes no call: nothing is set up for one.
    if !(wish.dry_run && wish.no_read) || client.provider.locate().is_some() {
        client.locate().await?;
    }
    if let Some(ledger) = ledger {
        ledger.lock(client, wish)?;
        if ledger.is_taken() {
            // It may not have begun yet: some clouds show what was there before for a while.
            wait::after_change(client, wish, None, None, &wish.change).await?;
        }
    }
    let mut current = if wish.no_read { None } else { Some(read_settled(client, wish).await?) };
    if let Some(ledger) = ledger {
        ledger.lock_gateway(client, wish, current.as_ref()).await?;
    }
    let (mut confirmed, mut begun) = (false, false);
    loop {
        let Findings { violations, mut warnings } = client.provider.rules(&wish.edit(current.as_ref(), &wish.change));
        warnings.extend(wish.advice.iter().cloned());
        // From here on something was read: what was not sent is a change.
        let invalid = |violations: &[Violation]| wish.invalid(violations).state("nothing was changed");
        if !violations.is_empty() {
            return Err(invalid(&violations));
        }
        let subject = current.as_ref().map(|current| wish.subject(&*client.provider, current));
        if let (Some(former), Some(current)) = (&wish.former, &current) {
            let foreign = former.foreign(&wish.subject(&*client.provider, current));
            if !foreign.is_empty() && !former.take_over {
                let error = Former::conflict(&wish.reference.to_string(), &foreign);
                return Err(match ledger {
                    Some(ledger) => ledger.met(client, &foreign, error),
                    None => error,
                });
            }
        }
        let mut report = Report::new(wish, client, plan(subject.as_ref(), &wish.change, warnings));
        let place = |current: &Connection| client.provider.tunnel(&wish.address, current);
        report.tunnel = current.as_ref().and_then(|current| current.tunnels.get(place(current)?)).map(|tunnel| tunnel.id.clone());
        let believed = believed(wish, &report.plan, ledger.as_deref());
        if report.plan.rows.is_empty() || believed {
            if let Some(ledger) = ledger
                && ledger.wait_for_zombies(client, wish, &report.plan).await?
            {
                current = Some(read_settled(client, wish).await?);
                continue;
            }
            report.believed = believed;
            report.outcome = report::UNCHANGED;
            report.overtaken = begun;
            report.connection = current;
            return Ok(Done { report, exit: exit::DONE, error: None });
        }
        // Built before anything is shown: a block that cannot be completed is a fault of the input.
        let change = report.plan.change();
        if let (Some(guard), Some(current)) = (&wish.guard, &current) {
            report.plan.warnings.extend(guard.judge(current, place(current), &change)?);
        }
        let edit = wish.edit(current.as_ref(), &change);
        let call = client.provider.modify(&edit).map_err(|violations| invalid(&violations))?;
        if wish.dry_run {
            return dry_run(client, wish, current.as_ref(), &change, report).await;
        }
        if !confirmed {
            confirm(client, wish, &report.plan)?;
            confirmed = true;
        }
        if !begun {
            keep_generated(wish)?;
            client.interrupt.listen().await;
            begun = true;
        }
        if let Some(ledger) = ledger {
            if ledger.wait_for_zombies(client, wish, &report.plan).await? {
                if !wish.no_read {
                    let fresh = read_settled(client, wish).await?;
                    confirmed &= wish.yes || current.as_ref().is_some_and(|before| is_same(before, &fresh));
                    current = Some(fresh);
                }
                continue;
            }
            ledger.begin(client, wish, current.as_ref(), &report.plan, &call.request)?;
        }
        match send::send(client, wish, &edit, &call, ledger).await? {
            Sent::Taken(accepted) => return conclude(client, wish, current.as_ref(), &change, accepted, report).await,
            Sent::Overtaken if wish.no_read => {}
            Sent::Overtaken => {
                // What a block was completed from may be stale now: nothing is sent before it was read again.
                let fresh = read_settled(client, wish).await?;
                if current.as_ref().is_some_and(|before| !is_same(before, &fresh)) {
                    client.output.note(&format!("{} was changed meanwhile; planning again", wish.reference));
                    confirmed = wish.yes;
                }
                current = Some(fresh);
            }
        }
    }
}

/// Whether nothing that can be set differs.
fn is_same(before: &Connection, after: &Connection) -> bool {
    before.settings == after.settings && before.tunnels == after.tunnels
}

/// Whether all that is left of a change that the cloud took is what it never returns: its acknowledgement counts then.
fn believed(wish: &Wish, plan: &Plan, ledger: Option<&Ledger>) -> bool {
    let hidden = |key: Key| field(wish.target.operation.fields, key).is_some_and(|field| field.read.is_empty());
    !plan.rows.is_empty() && ledger.is_some_and(Ledger::is_taken) && plan.rows.iter().all(|row| row.now.is_none() && hidden(row.key))
}

/// Waits for a change that was taken, unless that is not wanted, and judges the result.
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
    if wish.no_wait {
        report.outcome = report::ACCEPTED;
        return Ok(Done { report, exit: exit::DONE, error: None });
    }
    let gateway = find_gateway(client, wish, current).await;
    match wait::after_change(client, wish, gateway.as_deref(), accepted.as_ref(), change).await? {
        Seen::Settled(after) => Ok(report.judge(wish, current, change, *after, client)),
        Seen::Denied(why) => {
            report.outcome = report::ACCEPTED;
            report.denied = Some(why);
            Ok(Done { report, exit: exit::DONE, error: None })
        }
    }
}

/// The gateway whose state may tell how far a change is: as it was read or given, or else as it can be read now.
async fn find_gateway(client: &Client, wish: &Wish, current: Option<&Connection>) -> Option<String> {
    let given = || wish.address.iter().find(|(name, _)| *name == GATEWAY).map(|(_, value)| value.clone());
    let known = current.and_then(|connection| connection.gateway.clone()).or_else(given);
    if known.is_some() || current.is_some() || !wish.target.operation.address.iter().any(|(name, _)| *name == GATEWAY) {
        return known;
    }
    // Where this cannot be read, the wait that follows cannot either, and says so.
    client.call(&client.provider.show(&wish.target), Intent::Read).await.ok()?.gateway
}

/// Reads the connection, once no change of it is being made: a plan is a difference to something that stays.
async fn read_settled(client: &Client, wish: &Wish) -> Result<Connection, Error> {
    let found = read(client, wish).await?;
    if found.status.change != Term::Changing || wish.dry_run {
        return Ok(found);
    }
    client.output.note(&format!("{} is making another change of {}; waiting until it has settled", client.id(), wish.reference));
    settle(client, &wish.target, found.gateway.as_deref(), None)
        .await
        .map_err(|stop| stop.error(client, &wish.reference, &wish.target).state("nothing was changed by this run"))?;
    read(client, wish).await
}

/// Reads the connection.
async fn read(client: &Client, wish: &Wish) -> Result<Connection, Error> {
    let call = client.provider.show(&wish.target);
    client.call(&call, Intent::Read).await.map_err(|error| {
        let error = error.harmless(client, &format!("to read {}", wish.reference));
        if error.exit == exit::FAILED && wish.former.is_none() {
            error.next("an account that may only write can use --no-read")
        } else {
            error
        }
    })
}

async fn dry_run(client: &Client, wish: &Wish, current: Option<&Connection>, change: &Settings, mut report: Report) -> Result<Done, Error> {
    // What is shown is the same request, built from settings without their secrets.
    let shown_current = current.map(Connection::redacted);
    let shown_change = change.redacted();
    let shown =
        client.provider.modify(&wish.edit(shown_current.as_ref(), &shown_change)).map_err(|violations| wish.invalid(&violations))?;
    report.request = Some(shown.request);
    report.outcome = report::PLANNED;
    if let Some(precheck) = client.provider.precheck(&wish.edit(current, change)) {
        client.ready()?;
        client.call(&precheck, Intent::Read).await.map_err(|error| {
            let refused = matches!(error, CallError::Refused(_));
            let error = error.harmless(client, &format!("to dry-run the change of {}", wish.reference));
            error.state(if refused { "nothing was changed; the change would fail as it is" } else { "nothing was changed" })
        })?;
        report.cloud_agrees = true;
    }
    let exit = if wish.exit_code { exit::REPORT } else { exit::DONE };
    Ok(Done { report, exit, error: None })
}

/// Writes a generated key where the user wants it, before any cloud has it.
fn keep_generated(wish: &Wish) -> Result<(), Error> {
    let (Some(path), Some(Value::Secret(key))) = (&wish.psk_out, wish.change.get(Key::Psk)) else { return Ok(()) };
    write_new(path, format!("{}\n", key.expose()).as_bytes()).map_err(|cause| {
        Error::usage(format!("--psk-out {}: {cause}", path.display()))
            .state("nothing was sent")
            .next("name a new file in a directory that you can write to")
    })
}

/// Shows the plan and asks, where there is somebody to ask.
fn confirm(client: &Client, wish: &Wish, plan: &Plan) -> Result<(), Error> {
    let output = &client.output;
    output.note(&report::headline(wish, client));
    output.preview(&plan.table());
    for warning in &plan.warnings {
        output.warn(warning);
    }
    if wish.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage("nobody is there to confirm: standard input is no terminal")
            .state("nothing was changed")
            .next("look with --dry-run, then pass --yes"));
    }
    let count = plan.rows.len();
    let question = format!("Change {count} setting{} of {}{}?", if count == 1 { "" } else { "s" }, wish.reference, wish.tunnel());
    match output.confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(exit::FAILED, "not confirmed").state("nothing was changed")),
        Err(cause) => Err(Error::usage(format!("the answer cannot be read: {cause}")).state("nothing was changed").next("pass --yes")),
    }
}
