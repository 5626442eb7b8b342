//! `modify`: change settings.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::rc::Rc;

use chrono::Utc;
use clap::builder::{PossibleValue, StringValueParser, StyledStr, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use uuid::Uuid;

use super::operation::{self, seal_argument, seal_key};
use super::{Context, ends, psk, target};
use crate::call::session::connect;
use crate::change::record::unrecordable;
use crate::change::{self, Ledger, Wish, report};
use crate::config::Options;
use crate::error::Violation;
use crate::error::{Error, exit};
use crate::model::{Group, Key, Ref, Secret, Settings, Term, Value};
use crate::operation::event::{Outcome, Site, Which};
use crate::operation::id::OperationId;
use crate::operation::records::Records;
use crate::operation::state::State;
use crate::print::output::{Output, Rows};
use crate::provider::field::{Field, Shape, field};
use crate::provider::{CLIENT_TOKEN, Kind, PROVIDERS, Profile, Registration, registration};
use crate::system::files::read_small;

const FLOW: &str = "Flow";
const CERTIFICATE_LIMIT: u64 = 64 << 10;

/// A subcommand for each provider, built when it is used.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let command = command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("PROVIDER|REF")
        .subcommand_help_heading("Providers")
        .after_help("Example:\n  tunnelctl modify tencent@ap-guangzhou/vpnx-ol6bcqp0 --ike-lifetime 8h --dry-run");
    let named = named_kind(&command);
    PROVIDERS.iter().fold(command, |command, registration| {
        let provider = Command::new(registration.id).about(format!("Change something at {}", registration.title));
        command.subcommand(name_kind(provider, named).defer(provider_arguments))
    })
}

/// Notes which kind the words name, so that the settings of no other are built. What is deferred is a plain function and
/// sees its command only: the note stands where an author would, which no help shows.
pub(super) fn name_kind(command: Command, kind: Option<&'static str>) -> Command {
    command.author(kind)
}

fn named_kind(command: &Command) -> Option<&'static str> {
    let name = command.get_author()?;
    PROVIDERS.iter().flat_map(|registration| registration.kinds).map(|kind| kind.name).find(|kind| *kind == name)
}

/// The kinds of a provider, and the settings of the default kind for when none is named.
fn provider_arguments(command: Command) -> Command {
    let Some(registration) = registration(command.get_name()) else { return command };
    let Some(default) = registration.kinds.first() else { return command };
    let command = command
        .arg_required_else_help(true)
        .subcommand_precedence_over_arg(true)
        .subcommand_value_name("KIND")
        .subcommand_help_heading("Kinds");
    let named = named_kind(&command);
    let command = registration.kinds.iter().fold(command, |command, kind| {
        let leaf = Command::new(kind.name).about(kind.about).arg_required_else_help(true);
        let wanted = named.is_none_or(|name| name == kind.name);
        command.subcommand(if wanted { kind_arguments(leaf, kind, true) } else { leaf })
    });
    if named.is_none() { kind_arguments(command, default, false) } else { command }
}

fn kind_arguments(command: Command, kind: &'static Kind, leaf: bool) -> Command {
    let id = Arg::new("id").value_name("ID").required(leaf).help(StyledStr::from(format!("Id, such as {}", kind.id_example)));
    let mut command = command.arg(id).after_help(StyledStr::from(format!("Example:\n  tunnelctl {}", kind.example)));
    for key in Key::ALL {
        if *key == Key::Psk && writable(kind, Key::Psk).is_some() {
            command = psk::arguments(command, Group::Connection.title(), psk::Default::None);
        } else if let Some(field) = writable(kind, *key) {
            command = command.arg(setting(field));
        }
    }
    let flow = |name: &'static str| Arg::new(name).long(name).help_heading(FLOW);
    let flag = |name: &'static str| flow(name).action(ArgAction::SetTrue);
    if kind.operations.len() > 1 {
        let apis: Vec<&'static str> = kind.operations.iter().map(|operation| operation.api).collect();
        command = command.arg(flow("api").value_name("API").value_parser(apis).help("API of the cloud; the first is the default"));
    }
    for (name, help) in kind.operations.iter().flat_map(|operation| operation.address) {
        command = command.arg(flow(name).value_name(if *name == CLIENT_TOKEN { "TOKEN" } else { "ID" }).help(*help));
    }
    command
        .arg(flag("yes").short('y').help("Do not ask"))
        .arg(flag("dry-run").help("Show the plan and the request, and send no change"))
        .arg(flag("exit-code").requires("dry-run").help("With --dry-run: exit with 10 where something would change"))
        .arg(flag("no-read").help("Do not read the connection first (for accounts that may only write)"))
        .arg(flag("no-wait").help("Return when the cloud has taken the change"))
        .arg(flag("no-record").help("Keep no record of the change: it cannot be undone or gone on with (where nothing can be written)"))
        .arg(seal_argument().help_heading(FLOW))
        .arg(
            flow("check")
                .value_name("END")
                .conflicts_with("no-read")
                .help("The other end (ref or file): refuse a change after which the tunnel does not stay up"),
        )
        .arg(flag("allow-down").requires("check").help("With --check: make it all the same, and warn"))
}

/// The field of a key in any of the kind's operations that can set it.
fn writable(kind: &Kind, key: Key) -> Option<&'static Field> {
    kind.operations.iter().find_map(|operation| field(operation.fields, key).filter(|field| !field.write.is_empty()))
}

fn setting(field: &'static Field) -> Arg {
    let key = field.key;
    let arg = Arg::new(key.flag()).long(key.flag()).help_heading(key.group().title());
    let help = StyledStr::from(format!("{} [{}]", key.help(), field.allowed()));
    let (name, action) = match field.shape {
        Shape::Words(_) => ("WORD", ArgAction::Set),
        Shape::Number { .. } => ("NUMBER", ArgAction::Set),
        Shape::Duration { .. } => ("TIME", ArgAction::Set),
        Shape::Switch(_) => ("on|off", ArgAction::Set),
        Shape::List { .. } => ("CIDR,...", ArgAction::Append),
        Shape::Rules { .. } => ("RULE", ArgAction::Append),
        Shape::Asn(_) => ("ASN", ArgAction::Set),
        Shape::Certificate => ("FILE", ArgAction::Set),
        Shape::Text(_) | Shape::Secret(_) => ("TEXT", ArgAction::Set),
    };
    let arg = match field.shape {
        Shape::Words(words) => arg.value_parser(Words(words.terms().map(Term::word).collect())).hide_possible_values(true),
        Shape::Switch(_) => arg.value_parser(Words(vec!["on", "off"])).hide_possible_values(true),
        Shape::Certificate => arg.value_hint(ValueHint::FilePath),
        _ => arg,
    };
    // A value may begin with a dash: it is judged by its rule, not taken for a flag.
    arg.value_name(name).action(action).help(help).allow_hyphen_values(matches!(field.shape, Shape::Text(_)))
}

/// Words that a shell offers. Whether a word is right is judged later, with everything else that is wrong.
#[derive(Debug, Clone)]
struct Words(Vec<&'static str>);

impl TypedValueParser for Words {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|word| PossibleValue::new(*word))))
    }
}

/// Runs the command.
///
/// # Errors
/// What failed, with the state that things are in.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let (registration, matches) = matches
        .subcommand()
        .and_then(|(name, matches)| Some((registration(name)?, matches)))
        .ok_or_else(|| Error::usage(format!("no provider is given: there are {}", crate::command::line::provider_names())))?;
    let (kind, matches) = match matches.subcommand() {
        Some((name, leaf)) => {
            if let Some(stray) = Key::ALL.iter().find(|key| !key.flag().is_empty() && matches.try_contains_id(key.flag()).unwrap_or(false))
            {
                return Err(Error::usage(format!("--{} stands before the kind {name}: put settings after the id", stray.flag())));
            }
            (registration.kinds.iter().find(|kind| kind.name == name), leaf)
        }
        None => (registration.kinds.first(), matches),
    };
    let kind = kind.ok_or_else(|| Error::usage("no kind is given"))?;
    let mut wish = wish(registration, kind, matches, context)?;
    let nowhere = Profile { region: String::new(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
    change::check_input(&*(registration.connect)(nowhere), &wish)?;
    let mut client = connect(registration, None, &context.options, &context.output).await?;
    wish.reference.region = Some(client.region.clone());
    if let Some(name) = matches.get_one::<String>("check") {
        let ends = ends::read_other(name, context).await?;
        wish.guard = Some(change::Guard { name: name.clone(), ends, allow_down: matches.get_flag("allow-down") });
    }
    let output = &context.output;
    let recorded = !wish.dry_run && !matches.get_flag("no-record");
    let mut ledger =
        if recorded { Some(ledger(Records::of_user().map_err(unrecordable)?, matches, &context.options, output)) } else { None };
    let done = change::run(&mut client, &wish, ledger.as_mut()).await?;
    if done.report.is_plan() {
        for warning in &done.report.plan.warnings {
            output.warn(warning);
        }
    }
    let rows = Rows { member: "", columns: || report::COLUMNS.to_vec() };
    output.rows(rows, || done.report.tables(), || done.report.to_json());
    match done.error {
        Some(error) => Err(error),
        None => {
            output.note(&done.report.sentence());
            if let Some((id, state)) = ledger.as_ref().and_then(Ledger::operation) {
                let next = crate::operation::report::commands(id, state, client.now());
                // An operation that is over and cannot be undone is no news.
                if let Some(next) = next.first() {
                    output.note(&format!("operation {id}; {}: {next}", if state.outcome.is_some() { "undo it" } else { "go on with it" }));
                }
            }
            Ok(done.exit)
        }
    }
}

/// The record of a change at this site.
fn ledger(records: Records, matches: &ArgMatches, options: &Options, output: &Rc<Output>) -> Ledger {
    let matches = matches.clone();
    Ledger::new(records, Site::of(options), Box::new(move || seal_key(&matches, true)), Rc::clone(output))
}

/// What the flags ask for.
fn wish(registration: &'static Registration, kind: &'static Kind, matches: &ArgMatches, context: &Context) -> Result<Wish, Error> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten();
    let id = text("id").ok_or_else(|| Error::usage(format!("no id is given, such as {}", kind.id_example)))?;
    let target = target(kind, id, text("api").map(String::as_str))?;
    let region = context.options.region.clone();
    let reference = Ref { provider: registration.id.to_owned(), region, kind: kind.name.to_owned(), id: id.clone() };
    let (mut change, mut violations) = (Settings::new(), Vec::new());
    for key in Key::ALL.iter().filter(|key| !key.flag().is_empty()) {
        let Ok(Some(values)) = matches.try_get_many::<String>(key.flag()) else { continue };
        let Some(field) = field(target.operation.fields, *key).or_else(|| writable(kind, *key)) else { continue };
        let mut texts: Vec<String> = values.cloned().collect();
        if matches!(field.shape, Shape::Certificate) {
            let path = PathBuf::from(texts.concat());
            match read_small(&path, CERTIFICATE_LIMIT) {
                Ok(file) => texts = vec![file.text.to_string()],
                Err(cause) => {
                    violations.push(Violation { setting: key.named(), value: Some(path.display().to_string()), rule: cause });
                    continue;
                }
            }
        }
        match field.parse(&texts) {
            Ok(value) => change.set(*key, value),
            Err(violation) => violations.push(violation),
        }
    }
    let mut advice = Vec::new();
    if let Some(field) = writable(kind, Key::Psk) {
        match psk::read(matches, &context.output) {
            Ok(None) => {}
            Ok(Some(key)) => {
                advice = psk::advice(&key);
                match field.parse(std::slice::from_ref(&key)) {
                    Ok(_) => change.set(Key::Psk, Value::secret(key)),
                    Err(violation) => violations.push(violation),
                }
            }
            Err(violation) => violations.push(violation),
        }
    }
    let address = target.operation.address.iter().filter_map(|(name, _)| text(name).map(|value| (*name, value.clone()))).collect();
    for (name, _) in kind.operations.iter().flat_map(|operation| operation.address) {
        if text(name).is_some() && !target.operation.address.iter().any(|(known, _)| known == name) {
            violations.push(Violation {
                setting: format!("--{name}"),
                value: None,
                rule: format!("is not used by {}", target.operation.name),
            });
        }
    }
    let token = text(CLIENT_TOKEN).cloned().unwrap_or_else(|| Uuid::new_v4().to_string());
    if token.is_empty() || token.len() > 64 || !token.bytes().all(|b| b.is_ascii_graphic()) {
        let rule = "must be 1 to 64 ASCII characters without blanks".to_owned();
        violations.push(Violation { setting: format!("--{CLIENT_TOKEN}"), value: None, rule });
    }
    let flag = |name: &str| matches.get_flag(name);
    Ok(Wish {
        target,
        reference,
        change,
        violations,
        advice,
        address,
        psk_generated: matches.try_get_one::<bool>("psk-generate").ok().flatten().copied().unwrap_or(false),
        psk_out: matches.try_get_one::<PathBuf>("psk-out").ok().flatten().cloned(),
        yes: flag("yes"),
        dry_run: flag("dry-run"),
        no_read: flag("no-read"),
        no_wait: flag("no-wait"),
        exit_code: flag("exit-code"),
        guard: None,
        former: None,
        token,
    })
}

/// Goes on with a modify on record, forward or back. The operation's lock is held.
///
/// # Errors
/// Why it cannot go on, or how it stopped again.
pub(super) async fn go_on(
    matches: &ArgMatches,
    records: &Records,
    id: &OperationId,
    state: &State,
    aim: Which,
    context: &Context,
) -> Result<u8, Error> {
    let output = &context.output;
    // One that was turned round goes on the way it was turned.
    let back = aim == Which::Old || state.aim == Which::Old;
    let aim = if back { Which::Old } else { Which::New };
    if let Some(outcome) = state.outcome.filter(|outcome| !(back && *outcome == Outcome::Committed)) {
        operation::present(id, state, Utc::now(), output);
        output.note(&format!("operation {id} is {} already; nothing was sent", outcome.word()));
        return Ok(exit::DONE);
    }
    let Some(end) = state.ends.first() else { return Err(Error::usage(format!("operation {id} has no end"))) };
    let reference = Ref::parse(&end.plan.end).map_err(|wrong| Error::new(exit::FAILED, wrong.to_string()))?;
    let api = Some(end.plan.api.as_str()).filter(|api| !api.is_empty());
    let (registration, target) = super::resolve(&reference, api)?;
    let without = matches.try_get_many::<String>("without").ok().flatten().into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
    let secrets = secrets(matches, records, id, state)?;
    let token = Uuid::new_v4().to_string();
    let mut wish = Wish::again(id, state, &target, &reference, back, &without, &secrets, token)?;
    // What is open was confirmed when it was begun; to undo it is a new decision.
    wish.yes = matches.get_flag("yes") || !back;
    if let Some(former) = &mut wish.former {
        former.take_over = matches.get_flag("take-over");
    }

    let options = end.plan.site.options(&context.options);
    let mut client = connect(registration, reference.region.as_deref(), &options, output).await?;
    client.locate().await?;
    let service = client.provider.show(&target).request.endpoint.to_string();
    if service != end.plan.service {
        return Err(operation::elsewhere(&end.plan, &service));
    }
    let mut reason = format!("asked for: operation {}", if back { "rollback" } else { "resume" });
    if back && !without.is_empty() {
        reason.push_str(&format!(", which leaves {} as it is", without.join(", ")));
    }
    let opened = records.open(id.clone())?;
    let mut ledger = ledger(records.clone(), matches, &options, output).resume(opened, aim, reason);
    let done = change::run(&mut client, &wish, Some(&mut ledger)).await;
    if let Some((id, state)) = ledger.operation() {
        operation::present(id, state, client.now(), output);
    }
    let done = done?;
    match done.error {
        Some(error) => Err(error),
        None => {
            output.note(&done.report.sentence());
            Ok(done.exit)
        }
    }
}

/// The secrets of an operation, by the names that they are sealed under.
fn secrets(matches: &ArgMatches, records: &Records, id: &OperationId, state: &State) -> Result<Vec<(String, Secret)>, Error> {
    if state.shredded || !state.sealed.iter().flatten().any(Option::is_some) {
        return Ok(Vec::new());
    }
    records.sealer(id, &Rc::new(seal_key(matches, false)?)).open_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_down_to_every_leaf() {
        for line in ["tunnelctl", "tunnelctl modify alibaba attachment"] {
            let mut command = crate::command::line::cli(&line.split(' ').map(Into::into).collect::<Vec<_>>(), true);
            command.build();
            command.debug_assert();
        }
    }

    #[test]
    fn every_setting_of_every_kind_has_a_flag() {
        for kind in PROVIDERS.iter().flat_map(|registration| registration.kinds) {
            for field in kind.operations.iter().flat_map(|operation| operation.fields).filter(|field| !field.write.is_empty()) {
                assert!(field.key == Key::Psk || !field.key.flag().is_empty(), "{} of {}", field.key.path(), kind.name);
            }
        }
    }
}
