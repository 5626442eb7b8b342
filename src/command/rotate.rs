//! `rotate`: a new pre-shared key on one end of a tunnel, or on both.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value as Json, json};

use super::operation::{FLOW, ask, keep_locks, present, seal_argument, seal_key};
use super::{Context, psk, resolve};
use crate::agreement::Verdict;
use crate::call::settle::settle;
use crate::error::{Error, exit};
use crate::model::fingerprint::fingerprint;
use crate::model::{Key, Secret, Term};
use crate::operation::drive::{Drive, OnFail};
use crate::operation::end::{CloudEnd, Keys};
use crate::operation::ends::End;
use crate::operation::event::{Event, Planned, Site, Verb, Which};
use crate::operation::file_end::FileEnd;
use crate::operation::lock::{Holder, Lock};
use crate::operation::prepare::{self, Prepared};
use crate::operation::records::Records;
use crate::provider::field::field;
use crate::system::files::write_new;
use crate::system::interrupt::Interrupt;
use crate::system::shell;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let switch =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help_heading(FLOW).help(help);
    let shell = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("COMMAND").help(help);
    let command = command.arg_required_else_help(true).arg(
        Arg::new("end")
            .value_name("END")
            .required(true)
            .num_args(1..=2)
            .help("A ref, REF#TUNNEL, file:PATH[:NAME], a name from [tunnels], or a pair from [pairs]"),
    );
    psk::arguments(command, "Key", psk::Default::Generate)
        .arg(
            Arg::new("old-key-file")
                .long("old-key-file")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help_heading("Key")
                .help("The key that the ends have now, where none of them returns it: the way back"),
        )
        .arg(
            shell("store-key-with", "Run this with the key on its standard input before anything is sent; it must succeed")
                .help_heading("Key"),
        )
        .arg(seal_argument().help_heading("Key"))
        .arg(
            shell("reload", "Makes the reader of a file: end take its new key up; given once for each such end, in their order")
                .action(ArgAction::Append)
                .help_heading("Files"),
        )
        .arg(shell("renegotiate-with", "Makes the ends negotiate anew, where no cloud is told to").help_heading("Files"))
        .arg(switch("no-renegotiate", "Leave the tunnel to be negotiated anew in a window of your choice"))
        .arg(switch("renegotiate", "With one end: negotiate anew at once; the peer must hold the key already"))
        .arg(
            Arg::new("on-fail")
                .long("on-fail")
                .value_name("WHAT")
                .value_parser(["hold", "rollback"])
                .default_value("hold")
                .help_heading(FLOW)
                .help("Where the tunnel does not come up: leave the new key on both ends, or give them the old one"),
        )
        .arg(switch("no-way-back", "Go on although the former key is not known"))
        .arg(switch("allow-down", "Go on although the tunnel would not come up by what check says"))
        .arg(switch("dry-run", "Show the plan and send nothing"))
        .arg(switch("exit-code", "With --dry-run: exit with 10, since something would change"))
        .arg(switch("yes", "Do not ask").short('y'))
        .after_help(
            "Example:\n  tunnelctl rotate tencent@ap-shanghai/vpnx-partneral01 alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --emulated --yes\n\n\
             Killed or cut at any instant, tunnelctl operation list says what is true and what to type.",
        )
}

/// An end as a word.
enum Word {
    /// A ref, and the tunnel that is meant.
    Ref(String, Option<String>),
    /// A file, and the key in it that is meant.
    File(String),
}

/// The ends that the words name: a pair's are two.
fn words(matches: &ArgMatches, context: &Context) -> Result<Vec<Word>, Error> {
    let mut given: Vec<String> = matches.get_many::<String>("end").into_iter().flatten().cloned().collect();
    if let [name] = given.as_slice()
        && !name.contains(['/', ':'])
        && let Some(config) = context.options.config.file()?
        && let Some(pair) = config.pairs.get(name)
    {
        given = pair.value.to_vec();
    }
    if let [one, other] = given.as_slice()
        && one == other
    {
        return Err(twice(one));
    }
    if let Some(word) = given.iter().find(|word| word.ends_with('#') && !word.starts_with("file:")) {
        return Err(Error::usage(format!("{word}: the name of a tunnel is missing after #")).state("nothing was sent"));
    }
    Ok(given
        .into_iter()
        .map(|word| match word.split_once('#') {
            _ if word.starts_with("file:") => Word::File(word),
            Some((word, tunnel)) => Word::Ref(word.to_owned(), Some(tunnel.to_owned())),
            None => Word::Ref(word, None),
        })
        .collect())
}

fn twice(end: &str) -> Error {
    Error::usage(format!("{end} is given twice: a tunnel has two ends")).state("nothing was sent")
}

/// Runs the command.
///
/// # Errors
/// What is wrong with the ends or the key; or how the operation stopped, with the command that goes on.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let output = &context.output;
    let words = words(matches, context)?;
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let flag = |name: &str| matches.get_flag(name);
    if flag("renegotiate") && flag("no-renegotiate") {
        return Err(Error::usage("--renegotiate and --no-renegotiate exclude each other").state("nothing was sent"));
    }
    if words.len() < 2 && text("renegotiate-with").is_some() && !flag("renegotiate") {
        return Err(Error::usage("--renegotiate-with: with one end, nothing is negotiated anew unless --renegotiate is given")
            .state("nothing was sent")
            .next("add --renegotiate if the peer holds the new key already, or leave --renegotiate-with out"));
    }
    if let Some(path) = matches.get_one::<PathBuf>("psk-out").filter(|path| path.symlink_metadata().is_ok()) {
        return Err(Error::usage(format!("--psk-out {}: exists already; name a new file", path.display())).state("nothing was sent"));
    }
    let mut reloads = matches.get_many::<String>("reload").into_iter().flatten().cloned();
    let new = psk::read(matches, output)
        .map_err(|violation| Error::usage(violation.to_string()).state("nothing was sent"))?
        .map_or_else(|| psk::generate().ok_or_else(psk::silent), Ok)
        .map(Secret::new)?;
    crate::print::gate::watch(&new);
    let given_old = matches.get_one::<PathBuf>("old-key-file").map(|path| psk::from_path(path, "--old-key-file", output)).transpose()?;
    let interrupt = Interrupt::new();
    let mut ends = connect(&words, &mut reloads, context, &interrupt).await?;
    if reloads.next().is_some() {
        return Err(Error::usage("--reload is given more often than there are file: ends").state("nothing was sent"));
    }
    let records = Records::of_user()?;
    let site = Site::of(&context.options);
    let names: Vec<String> = ends.iter().map(|end| end.lock_name(&site)).collect();
    let began = ends.iter().map(End::now).min().unwrap_or_else(chrono::Utc::now);
    let mut locks =
        Lock::take_all(&records.locks, &names.iter().map(String::as_str).collect::<Vec<_>>(), &Holder::this("rotate", None, began))?;
    for end in &mut ends {
        read(end, output).await?;
    }
    if let [one, other] = ends.as_slice() {
        let [one, other] = [one, other].map(|end| end.plan(&site));
        // However they are spelled.
        if (&one.end, &one.tunnel) == (&other.end, &other.tunnel) {
            return Err(twice(&one.end));
        }
    }
    keep_locks(&records, &ends, &site, &mut locks, output).await?;
    let begun: Vec<(String, bool)> = ends.iter().map(|end| (end.name(), site.emulated)).collect();
    let not_before = records.unfinished(&begun, began)?;

    let old = prepare::former(&ends, given_old)?;
    prepare::check_key(&ends, &new)?;
    if old.as_ref().is_some_and(|old| old.matches(&new)) {
        return Err(Error::usage(format!("the ends have this key already (fp {})", fingerprint(&new))).state("nothing was sent"));
    }
    let order = prepare::order(&ends);
    let mut slots: Vec<Option<End>> = ends.into_iter().map(Some).collect();
    let ends: Vec<End> = order.iter().filter_map(|place| slots.get_mut(*place)?.take()).collect();
    let keys = Keys { old, new };
    let commanded = text("renegotiate-with");
    let wanted = !flag("no-renegotiate") && (ends.len() > 1 || flag("renegotiate"));
    let renegotiate = if wanted && commanded.is_none() { prepare::negotiator(&ends.iter().collect::<Vec<_>>()) } else { None };
    let mut prepared = Prepared {
        order,
        renegotiate,
        way_back: keys.old.is_some(),
        steps: ends.iter().map(|end| [end.title(), end.what_is_sent(&keys.new)]).collect(),
        facts: Vec::new(),
        warnings: psk::advice(keys.new.expose()),
    };
    if let Some(end) = renegotiate.and_then(|place| ends.get(place)) {
        prepared.warnings.extend(prepare::side_effects(end));
    }
    prepare::explain(&mut prepared, &ends, renegotiate.is_some(), commanded.is_some());
    judge(&mut prepared, &ends, &keys, flag("allow-down"))?;
    if wanted && renegotiate.is_none() && commanded.is_none() {
        prepared
            .warnings
            .push("no end can be told to negotiate anew: name a command with --renegotiate-with, or do it on the peer".to_owned());
    }
    if !prepared.way_back && !flag("no-way-back") {
        return Err(Error::usage("there is no way back: no end returns its key, so the former one is not known")
            .state("nothing was sent")
            .next("give it: --old-key-file FILE")
            .next("or go on without: --no-way-back"));
    }
    let out = matches.get_one::<PathBuf>("psk-out");
    let generated = !matches.contains_id("psk-file") && !flag("psk-stdin");
    if ends.len() < 2 && generated && out.is_none() && text("store-key-with").is_none() && keys.old.is_none() {
        prepared
            .warnings
            .push("the peer needs the new key: it can be had later with tunnelctl operation show ID --psk-out FILE".to_owned());
    }
    let mut planned: Vec<Planned> = ends.iter().map(|end| end.plan(&site)).collect();
    for (plan, place) in planned.iter_mut().zip(&prepared.order) {
        plan.not_before = not_before.get(*place).copied().flatten();
    }
    if flag("dry-run") {
        output.result(
            || prepared.tables(&ends),
            || {
                let mut json = prepared.to_json(&planned, &keys);
                if let Json::Object(object) = &mut json {
                    object.insert("outcome".to_owned(), json!("planned"));
                }
                json
            },
        );
        prepared.warnings.iter().for_each(|warning| output.warn(warning));
        output.note("nothing was sent");
        return Ok(if flag("exit-code") { exit::REPORT } else { exit::DONE });
    }
    confirm(&prepared, &ends, flag("yes"), output)?;

    interrupt.listen().await;
    let seal = Rc::new(seal_key(matches, true)?);
    let event = Event::Planned {
        verb: Verb::Rotate,
        ends: planned,
        renegotiate,
        renegotiate_with: commanded.filter(|_| wanted),
        before: None,
        change: None,
        way_back: prepared.way_back,
    };
    let now = ends.iter().map(End::now).min().unwrap_or_else(chrono::Utc::now);
    let id = Records::id(now)?;
    locks.iter().for_each(|lock| lock.say(Some(&Holder::this("rotate", Some(&id), now))));
    let operation = Lock::take(&records.locks, &format!("operation {id}"), &Holder::this("rotate", Some(&id), now))?;
    let sealed: Vec<(Which, &Secret)> = keys.old.iter().map(|old| (Which::Old, old)).chain([(Which::New, &keys.new)]).collect();
    let opened = records.begin(id.clone(), now, event, &sealed, &seal)?;
    let mut drive = Drive::new(opened.id, opened.journal, opened.state, ends, keys, Rc::clone(output), interrupt);
    if matches.get_one::<String>("on-fail").is_some_and(|word| word == "rollback") {
        drive.on_fail = OnFail::Rollback;
    }
    // The key is sealed from here on: what fails before the first send closes the operation.
    if let Err(error) = hand_out(&drive, out.map(PathBuf::as_path), text("store-key-with").as_deref()).await {
        drive.turn(Which::Old, error.message.clone())?;
        drive.run().await?;
        // A script that looks for the operation finds that it is closed.
        present(&drive.id, &drive.state, drive.now(), output);
        return Err(error.state("nothing was sent"));
    }
    let done = drive.run().await;
    present(&drive.id, &drive.state, drive.now(), output);
    drop((locks, operation));
    done.map(|()| exit::DONE)
}

/// Connects to every end.
async fn connect(
    words: &[Word],
    reloads: &mut impl Iterator<Item = String>,
    context: &Context,
    interrupt: &Interrupt,
) -> Result<Vec<End>, Error> {
    let mut ends = Vec::new();
    for word in words {
        ends.push(match word {
            Word::File(word) => End::File(Box::new(FileEnd::open(word, reloads.next(), &context.output)?)),
            Word::Ref(word, tunnel) => {
                let reference = context.options.config.reference(word)?;
                let (registration, target) = resolve(&reference, None)?;
                if field(target.operation.fields, Key::Psk).is_none() {
                    return Err(Error::new(exit::UNSUPPORTED, format!("{reference}: {} has no pre-shared key", target.kind.about))
                        .state("nothing was sent"));
                }
                let options = crate::config::Options { region: None, ..context.options.clone() };
                let options = if words.len() < 2 { &context.options } else { &options };
                let mut end = CloudEnd::connect(registration, reference, target, tunnel.as_deref(), options, &context.output).await?;
                end.client.interrupt = interrupt.clone();
                End::Cloud(Box::new(end))
            }
        });
    }
    Ok(ends)
}

/// Reads an end, once no change of it is being made.
async fn read(end: &mut End, output: &crate::print::output::Output) -> Result<(), Error> {
    let End::Cloud(end) = end else { return Ok(()) };
    let doing = format!("to read {}", end.reference);
    end.read().await.map_err(|error| error.harmless(&end.client, &doing))?;
    if end.current.as_ref().is_some_and(|connection| connection.status.change == Term::Changing) {
        output.note(&format!("{} is making another change of {}; waiting until it has settled", end.client.id(), end.reference));
        let gateway = end.current.as_ref().and_then(|connection| connection.gateway.clone());
        settle(&end.client, &end.target, gateway.as_deref(), None)
            .await
            .map_err(|stop| stop.error(&end.client, &end.reference, &end.target).state("nothing was changed by this run"))?;
        end.read().await.map_err(|error| error.harmless(&end.client, &doing))?;
    }
    end.one_tunnel()
}

/// What `check` says of the pair as it will be.
fn judge(prepared: &mut Prepared, ends: &[End], keys: &Keys, allow_down: bool) -> Result<(), Error> {
    let Some((verdict, before, after)) = prepare::agreement(ends, &keys.new) else { return Ok(()) };
    prepared.facts.push((
        "check",
        format!(
            "with the new key on both ends: {}{}",
            verdict.word(),
            match verdict.detail() {
                detail if detail.is_empty() => String::new(),
                detail => format!(", {detail}"),
            }
        ),
    ));
    let fails = |verdict: &Verdict| matches!(verdict, Verdict::Down { .. });
    if fails(&after.verdict) && !allow_down {
        let was = if fails(&before.verdict) { "; it does not come up now either" } else { "" };
        return Err(Error::new(
            exit::FAILED,
            format!("by what check says, the tunnel would not come up with one key on both ends{was}: {}", verdict.detail()),
        )
        .state("nothing was sent")
        .next(prepare::check(ends))
        .next("go on all the same: --allow-down"));
    }
    Ok(())
}

fn confirm(prepared: &Prepared, ends: &[End], yes: bool, output: &crate::print::output::Output) -> Result<(), Error> {
    prepared.tables(ends).iter().for_each(|table| output.preview(table));
    prepared.warnings.iter().for_each(|warning| output.warn(warning));
    let names: Vec<String> = ends.iter().map(End::title).collect();
    if yes { Ok(()) } else { ask(&format!("Change the pre-shared key of {}?", names.join(" and ")), output) }
}

/// Gives the new key to whoever is to have it, before any end does.
async fn hand_out(drive: &Drive, out: Option<&Path>, command: Option<&str>) -> Result<(), Error> {
    if let Some(path) = out {
        write_new(path, format!("{}\n", drive.keys.new.expose()).as_bytes()).map_err(|cause| {
            Error::usage(format!("--psk-out {}: {cause}", path.display())).next("name a new file in a directory that you can write to")
        })?;
    }
    if let Some(command) = command {
        shell::run(command, drive.id.as_str(), Some(&drive.keys.new), &drive.output)
            .await
            .map_err(|error| Error::new(exit::FAILED, format!("--store-key-with: {}", error.message)))?;
    }
    Ok(())
}
