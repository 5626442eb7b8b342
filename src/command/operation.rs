//! `operation`: changes on record. What is true, what may be, and the way on and back.

use std::path::PathBuf;
use std::rc::Rc;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value as Json, json};

use super::{Context, resolve};
use crate::change::record::keep;
use crate::config;
use crate::error::{Error, exit};
use crate::model::Ref;
use crate::operation::drive::{Drive, OnFail};
use crate::operation::end::CloudEnd;
use crate::operation::ends::End;
use crate::operation::event::{Event, Site, Verb, Which};
use crate::operation::file_end::FileEnd;
use crate::operation::id::OperationId;
use crate::operation::journal::Sync;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::operation::report;
use crate::operation::seal::{self, SealKey};
use crate::operation::state::State;
use crate::print::output::{Output, Rows, Table};
use crate::system::files::write_new;
use crate::system::interrupt::Interrupt;

/// The heading of what decides how a command goes about it.
pub(super) const FLOW: &str = "Flow";
/// How long the keys of a finished operation are kept, unless told otherwise.
const GRACE: TimeDelta = TimeDelta::days(7);

/// The flag that names the sealing key.
pub(super) fn seal_argument() -> Arg {
    Arg::new("seal-key-file")
        .long("seal-key-file")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Seal the keys on record under this key instead of this installation's own [env: TUNNELCTL_SEAL_KEY_FILE]")
}

/// The sealing key that the flag or the environment names, or this installation's own.
pub(super) fn seal_key(matches: &ArgMatches, make: bool) -> Result<SealKey, Error> {
    let named = matches.get_one::<PathBuf>("seal-key-file").cloned();
    if let Some(path) = named.or_else(|| std::env::var_os(seal::VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)) {
        return SealKey::from_file(&path);
    }
    let path = config::path().ok_or_else(|| {
        Error::new(exit::CREDENTIALS, "there is no home directory to keep the sealing key in")
            .next("set XDG_CONFIG_HOME, or name a key file: --seal-key-file")
    })?;
    let directory = path.parent().map(std::path::Path::to_owned).unwrap_or_default();
    if make {
        SealKey::own_or_new(&directory)
    } else {
        SealKey::own(&directory)?.ok_or_else(|| {
            Error::new(exit::CREDENTIALS, format!("there is no sealing key in {}", directory.display()))
                .next("name the key file that the operation was begun with: --seal-key-file FILE")
        })
    }
}

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let id = || {
        Arg::new("id").value_name("OPERATION").required(true).value_parser(OperationId::from_str).help("Its id, as operation list shows it")
    };
    let switch = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let on = |command: Command| {
        command
            .arg(id())
            .arg(switch("yes", "Do not ask").short('y'))
            .arg(switch("take-over", "Write an end all the same that somebody else has changed"))
            .arg(
                Arg::new("reload")
                    .long("reload")
                    .value_name("COMMAND")
                    .help("Of a rotation: run this for its file: ends instead of the reload command on record"),
            )
            .arg(seal_argument())
    };
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("list")
                .about("List the operations on record, the latest first")
                .after_help("Example:\n  tunnelctl operation list --open --limit 5")
                .arg(switch("open", "Only those that are not finished"))
                .arg(Arg::new("limit").long("limit").value_name("N").value_parser(value_parser!(usize)).help("At most this many")),
        )
        .subcommand(
            Command::new("show")
                .about("Show what is true or may be true at each end, since when, and what to type")
                .after_help("Example:\n  tunnelctl operation show 20261121-023159-k7f2")
                .arg(id())
                .arg(
                    Arg::new("psk-out")
                        .long("psk-out")
                        .value_name("FILE")
                        .value_parser(value_parser!(PathBuf))
                        .help("Write a key of the operation to this new file"),
                )
                .arg(
                    Arg::new("which")
                        .long("which")
                        .value_name("KEY")
                        .value_parser(["new", "old"])
                        .default_value("new")
                        .help("Which key --psk-out writes"),
                )
                .arg(seal_argument()),
        )
        .subcommand(
            on(Command::new("resume")
                .about("Go on with an operation from where it stands")
                .after_help("Example:\n  tunnelctl operation resume 20261121-023159-k7f2"))
            .arg(switch("renegotiate", "Negotiate anew a finished rotation that left it for later")),
        )
        .subcommand(
            on(Command::new("rollback")
                .about("Give every end back what it had before")
                .after_help("Example:\n  tunnelctl operation rollback 20261121-023159-k7f2"))
            .arg(
                Arg::new("without")
                    .long("without")
                    .value_name("FIELD")
                    .value_delimiter(',')
                    .action(ArgAction::Append)
                    .help("Of a modify: leave this field as it is now, such as one whose former value is not known"),
            ),
        )
        .subcommand(
            Command::new("prune")
                .about("Shred the keys of operations that finished more than 7 days ago")
                .after_help("Example:\n  tunnelctl operation prune --days 30 --forget")
                .arg(
                    Arg::new("days")
                        .long("days")
                        .value_name("N")
                        .value_parser(value_parser!(i64).range(0..))
                        .help("Keep keys for this many days instead [default: 7]"),
                )
                .arg(switch("forget", "Remove those operations from the record as well")),
        )
        .after_help("Example:\n  tunnelctl operation list --open\n\nNothing but resume and rollback asks a cloud.")
}

/// Runs the command.
///
/// # Errors
/// When the record cannot be read, or the operation stopped again.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let records = Records::of_user()?;
    match matches.subcommand() {
        Some(("list", matches)) => list(matches, &records, &context.output),
        Some(("show", matches)) => show(matches, &records, &context.output),
        Some(("resume", matches)) => go_on(matches, &records, context, Which::New).await,
        Some(("rollback", matches)) => go_on(matches, &records, context, Which::Old).await,
        Some(("prune", matches)) => prune(matches, &records, &context.output),
        _ => Err(Error::usage("no command is given").next("tunnelctl operation --help")),
    }
}

fn named(matches: &ArgMatches) -> Result<OperationId, Error> {
    matches.get_one::<OperationId>("id").cloned().ok_or_else(|| Error::usage("no operation is named").next("tunnelctl operation list"))
}

fn list(matches: &ArgMatches, records: &Records, output: &Output) -> Result<u8, Error> {
    let now = Utc::now();
    let mut found: Vec<(OperationId, State)> = Vec::new();
    let mut damaged = None;
    let limit = matches.get_one::<usize>("limit").copied().unwrap_or(usize::MAX);
    for id in records.list()?.into_iter().rev() {
        // Those of one second are told apart by when they were planned, not by their names.
        if found.len() >= limit && found.last().is_none_or(|(last, _)| last.began() != id.began()) {
            break;
        }
        let (state, damage) = match records.known(&id) {
            Ok(known) => known,
            Err(error) => (None, Some(error)),
        };
        if let Some(error) = damage {
            output.warn(&error.message);
            damaged = Some(error);
        } else if let Some(state) = state.filter(|state| state.outcome.is_none() || !matches.get_flag("open")) {
            found.push((id, state));
        }
    }
    found.sort_by_key(|(_, state)| std::cmp::Reverse(state.started));
    found.truncate(limit);
    let row = |(id, state): &(OperationId, State)| {
        let ends: Vec<String> = state.ends.iter().map(|end| end.plan.end.clone()).collect();
        vec![
            id.to_string(),
            state.verb.word().to_owned(),
            report::phase(state).to_owned(),
            report::age(now - state.changed),
            ends.join("\n"),
        ]
    };
    output.rows(
        Rows { member: "operations", columns: || vec!["operation", "verb", "state", "changed"] },
        || {
            vec![Table {
                head: ["OPERATION", "VERB", "STATE", "CHANGED", "ENDS"].map(str::to_owned).to_vec(),
                rows: found.iter().map(row).collect(),
                ..Table::default()
            }]
        },
        || json!({ "operations": found.iter().map(|(id, state)| report::to_json(id, state, now)).collect::<Vec<Json>>() }),
    );
    damaged.map_or(Ok(exit::DONE), Err)
}

fn show(matches: &ArgMatches, records: &Records, output: &Output) -> Result<u8, Error> {
    let id = named(matches)?;
    let (state, damage) = records.known(&id)?;
    // The keys can be had whatever became of the journal.
    if let Some(path) = matches.get_one::<PathBuf>("psk-out") {
        let seal = Rc::new(seal_key(matches, false)?);
        let which = matches.get_one::<String>("which").map_or("new", String::as_str);
        // A modify's key is one of the settings that it set.
        let modify = state.as_ref().is_some_and(|state| state.verb == Verb::Modify);
        let name = if modify { format!("{which}:psk") } else { which.to_owned() };
        let key = records.sealer(&id, &seal).open(&name)?;
        write_new(path, format!("{}\n", key.expose()).as_bytes()).map_err(|cause| {
            Error::usage(format!("--psk-out {}: {cause}", path.display())).next("name a new file in a directory that you can write to")
        })?;
    }
    match (state, damage) {
        (Some(state), damage) => {
            present(&id, &state, Utc::now(), output);
            damage.map_or(Ok(exit::DONE), Err)
        }
        (None, Some(damage)) => Err(damage),
        // With its words for this.
        (None, None) => records.peek(&id).map(|_| exit::DONE),
    }
}

/// Prints where an operation stands.
pub(super) fn present(id: &OperationId, state: &State, now: DateTime<Utc>, output: &Output) {
    output.result(|| report::tables(id, state, now), || report::to_json(id, state, now));
}

/// Takes the locks of gateways that have one writer at a time, and waits for them: another connection of the gateway is
/// no reason to give up.
pub(super) async fn keep_locks(records: &Records, ends: &[End], site: &Site, locks: &mut Vec<Lock>, output: &Output) -> Result<(), Error> {
    let mut names: Vec<String> = ends.iter().filter_map(|end| end.gateway_lock(site)).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let holder = Holder::this("rotate", None, Utc::now());
        locks.push(keep(records, &name, &holder, output, || ends.iter().all(|end| !end.remaining().is_zero())).await?);
    }
    Ok(())
}

/// Goes on with an operation, forward or back.
async fn go_on(matches: &ArgMatches, records: &Records, context: &Context, aim: Which) -> Result<u8, Error> {
    let output = &context.output;
    let id = named(matches)?;
    let operation = Lock::take(&records.locks, &format!("operation {id}"), &Holder::this("operation", Some(&id), Utc::now()))?;
    let state = records.peek(&id)?;
    if state.verb == Verb::Modify {
        if matches.contains_id("reload") {
            return Err(Error::usage(format!("--reload: operation {id} is a modify")).state("nothing was sent"));
        }
        if aim == Which::New && matches.get_flag("renegotiate") {
            return Err(Error::usage(format!("--renegotiate: operation {id} is a modify")).state("nothing was sent"));
        }
        return super::modify::go_on(matches, records, &id, &state, aim, context).await;
    }
    if matches.try_get_many::<String>("without").ok().flatten().is_some() {
        return Err(Error::usage(format!("--without: operation {id} is a rotation")).state("nothing was sent"));
    }
    if matches.contains_id("reload") && !state.ends.iter().any(|end| end.plan.end.starts_with("file:")) {
        return Err(Error::usage(format!("--reload: operation {id} has no file: end")).state("nothing was sent"));
    }
    let later = aim == Which::New && matches.get_flag("renegotiate");
    if let Some(outcome) = state.outcome
        && !(later || aim == Which::Old && outcome == crate::operation::event::Outcome::Committed && state.way_back && !state.shredded)
    {
        present(&id, &state, Utc::now(), output);
        let why = if aim == Which::Old && outcome == crate::operation::event::Outcome::Committed {
            ": its former key is not kept any more"
        } else {
            ""
        };
        output.note(&format!("operation {id} is {} already{why}; nothing was sent", outcome.word()));
        return Ok(if why.is_empty() { exit::DONE } else { exit::FAILED });
    }
    if aim == Which::Old && !state.way_back {
        return Err(Error::new(exit::FAILED, format!("operation {id} has no way back: the former key is not known"))
            .state("nothing was sent")
            .next(format!("tunnelctl operation resume {id}")));
    }
    let seal = Rc::new(seal_key(matches, false)?);
    let interrupt = Interrupt::new();
    let mut ends = Vec::new();
    for end in &state.ends {
        let mut plan = end.plan.clone();
        // A command with a slip in it would fail again each time.
        if let Some(command) = matches.get_one::<String>("reload") {
            plan.reload = Some(command.clone());
        }
        ends.push(open_end(&plan, context, &interrupt).await?);
    }
    let names: Vec<String> = ends.iter().zip(&state.ends).map(|(end, state)| end.lock_name(&state.plan.site)).collect();
    let mut locks = Lock::take_all(
        &records.locks,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
        &Holder::this("operation", Some(&id), Utc::now()),
    )?;
    if let Some(first) = state.ends.first() {
        keep_locks(records, &ends, &first.plan.site, &mut locks, output).await?;
    }
    let now = Utc::now();
    state.ends.iter().for_each(|end| output.note(&format!("{}: {}", end.plan.end, report::holds(&state, end, now))));
    // What is finished works: to undo it interrupts traffic once more, which somebody should want.
    if aim == Which::Old && state.outcome.is_some() && !matches.get_flag("yes") {
        ask(&format!("Give {} the former key again?", names.join(" and ")), output)?;
    }
    interrupt.listen().await;
    let keys = records.keys(&id, &state, &seal)?;
    let opened = records.open(id.clone())?;
    let mut drive = Drive::new(opened.id, opened.journal, opened.state, ends, keys, Rc::clone(output), interrupt);
    drive.on_fail = OnFail::Hold;
    if matches.get_flag("take-over") {
        for place in 0..drive.state.ends.len() {
            if drive.state.ends.get(place).is_some_and(|end| end.conflict.is_some()) {
                keep_third(&mut drive, records, &seal, place).await?;
                drive.record(Event::TakenOver { end: place }, Sync::Now)?;
            }
        }
    }
    if later && drive.state.outcome.is_some() {
        drive.reopen()?;
    }
    let why = if aim == Which::Old { "asked for: operation rollback" } else { "asked for: operation resume" };
    // An operation that was turned round goes on the way it was turned, unless somebody says otherwise.
    if aim == Which::Old {
        drive.turn(Which::Old, why)?;
    }
    let done = drive.run().await;
    present(&drive.id, &drive.state, drive.now(), output);
    drop((locks, operation));
    done.map(|()| exit::DONE)
}

/// Asks, where there is somebody to ask.
pub(super) fn ask(question: &str, output: &Output) -> Result<(), Error> {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage("nobody is there to confirm: standard input is no terminal")
            .state("nothing was sent")
            .next("look with --dry-run where the command has it, then pass --yes"));
    }
    match output.confirm(question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(exit::FAILED, "not confirmed").state("nothing was sent")),
        Err(cause) => Err(Error::usage(format!("the answer cannot be read: {cause}")).state("nothing was sent").next("pass --yes")),
    }
}

/// What somebody else wrote is kept, sealed, before it is overwritten.
async fn keep_third(drive: &mut Drive, records: &Records, seal: &Rc<SealKey>, place: usize) -> Result<(), Error> {
    let Some(end) = drive.ends.get_mut(place) else { return Ok(()) };
    end.look(&drive.keys, None, None, Which::New).await?;
    let Some(key) = end.key() else { return Ok(()) };
    records.sealer(&drive.id, seal).seal(&[(&format!("third-{}", crate::model::fingerprint::fingerprint(&key)), &key)])
}

/// Opens an end of an operation on record.
async fn open_end(plan: &crate::operation::event::Planned, context: &Context, interrupt: &Interrupt) -> Result<End, Error> {
    if plan.end.starts_with("file:") {
        return Ok(End::File(Box::new(FileEnd::open(&plan.end, plan.reload.clone(), &context.output)?)));
    }
    let reference = Ref::parse(&plan.end).map_err(|wrong| Error::new(exit::FAILED, wrong.to_string()))?;
    let api = Some(plan.api.as_str()).filter(|api| !api.is_empty());
    let (registration, target) = resolve(&reference, api)?;
    let options = plan.site.options(&context.options);
    let mut end = CloudEnd::connect(registration, reference, target, plan.tunnel.as_deref(), &options, &context.output).await?;
    end.client.interrupt = interrupt.clone();
    let service = end.service();
    if service != plan.service {
        return Err(elsewhere(plan, &service));
    }
    Ok(End::Cloud(Box::new(end)))
}

/// The error of an end whose calls would go to another service than when the operation was begun.
pub(super) fn elsewhere(plan: &crate::operation::event::Planned, service: &str) -> Error {
    Error::new(
        exit::CREDENTIALS,
        format!("{} was at {} when the operation was begun, and calls would go to {service} now", plan.end, plan.service),
    )
    .state("nothing was sent")
    .next("use the endpoint, region and project that it was begun with")
}

fn prune(matches: &ArgMatches, records: &Records, output: &Output) -> Result<u8, Error> {
    let now = Utc::now();
    let grace = matches.get_one::<i64>("days").map_or(GRACE, |days| TimeDelta::try_days(*days).unwrap_or(TimeDelta::MAX));
    let (mut shredded, mut forgotten) = (0, 0);
    for id in records.list()? {
        let Ok(state) = records.peek(&id) else { continue };
        // A clock that was ahead, as the emulator's is, makes none younger than new.
        if state.outcome.is_none() || (now - state.changed).max(TimeDelta::zero()) < grace {
            continue;
        }
        // Whoever works on it keeps it.
        let Ok(lock) = Lock::take(&records.locks, &format!("operation {id}"), &Holder::this("prune", Some(&id), now)) else { continue };
        if !state.shredded && state.sealed.iter().flatten().any(Option::is_some) {
            records.shred(&id, now)?;
            shredded += 1;
        }
        if matches.get_flag("forget") {
            records.forget(&id)?;
            forgotten += 1;
            lock.remove();
        }
    }
    records.sweep(now)?;
    output.result(
        || {
            vec![Table {
                head: Vec::new(),
                rows: vec![
                    vec!["keys shredded".to_owned(), shredded.to_string()],
                    vec!["operations forgotten".to_owned(), forgotten.to_string()],
                ],
                ..Table::default()
            }]
        },
        || json!({ "shredded": shredded, "forgotten": forgotten }),
    );
    Ok(exit::DONE)
}
