//! `rotate`: a new pre-shared key on one end of a tunnel, or on both.

mod arguments;
mod ends;
mod plan;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use clap::ArgMatches;
use serde_json::{Value as Json, json};

use super::shared::context::Context;
use super::shared::psk;
use super::shared::record::{keep_locks, present};
use super::shared::seal::{seal_key, seal_key_file, spelling};
use crate::change::{ask, write_key};
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::operation::drive::{Drive, OnFail};
use crate::operation::end::End;
use crate::operation::event::{Event, Site, Verb, Which};
use crate::operation::journal::Sync;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::operation::report;
use crate::operation::seal::SealKey;
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::system::interrupt::Interrupt;
use crate::system::shell;
use ends::{Word, open, pair_of, read, twice, words};
use plan::{Rotation, plan};

pub(super) use arguments::arguments;

/// Runs the command.
///
/// # Errors
/// What is wrong with the ends or the key; or how the operation was interrupted, with the command that resumes it.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let output = &context.output;
    // What its `pass_env` names is seen by the commands that run later.
    context.options.config.file()?;
    let words = words(matches, context)?;
    check_flags(matches, words.len())?;
    check_ends(matches, &words, context)?;
    let new = new_key(matches, output)?;
    let given_old = matches.get_one::<PathBuf>("old-key-file").map(|path| psk::from_path(path, "--old-key-file", output)).transpose()?;
    let interrupt = Interrupt::new();
    let mut ends = open(matches, &words, context, &interrupt).await?;
    let records = Records::of_user()?;
    let site = Site::of(&context.options);
    let began = now(&ends);
    let mut locks = lock(&mut ends, &records, &site, began, output).await?;
    let names: Vec<(String, bool)> = ends.iter().map(|end| (end.name(), site.emulated)).collect();
    // Until when, end by end, a request of an earlier operation may still be executed.
    let not_before = records.unfinished(&names, began, output)?;
    let rotation = plan(matches, ends, new, given_old, &site, &not_before)?;
    if matches.get_flag("dry-run") {
        show(&rotation, output);
        return Ok(if matches.get_flag("exit-code") { exit::REPORT } else { exit::DONE });
    }
    confirm(&rotation, matches.get_flag("yes"), output)?;

    interrupt.listen().await;
    let (mut drive, operation) = begin(matches, rotation, &records, &locks, interrupt, output)?;
    // The key is sealed from here on: a failure before the first request closes the operation.
    let out = matches.get_one::<PathBuf>("psk-out").map(PathBuf::as_path);
    if let Err(error) = hand_out(&mut drive, out, matches.get_one::<String>("store-key-with").map(String::as_str)).await {
        drive.turn(Which::Old, error.message.clone())?;
        drive.run().await?;
        // A script that looks for the operation finds it closed.
        present(&drive.id, &drive.state, drive.now(), output, Some(false));
        return Err(report::unused(&drive.state).into_iter().fold(error.state("nothing was sent"), Error::next));
    }
    let done = drive.run().await;
    present(&drive.id, &drive.state, drive.now(), output, Some(done.is_ok()));
    locks.clear();
    drop(operation);
    done.map(|()| exit::DONE)
}

/// Refuses flags that contradict each other, and a key file that exists already.
fn check_flags(matches: &ArgMatches, ends: usize) -> Result<(), Error> {
    let renegotiate = matches.get_flag("renegotiate");
    if renegotiate && matches.get_flag("no-renegotiate") {
        return Err(Error::usage("--renegotiate and --no-renegotiate exclude each other").state("nothing was sent"));
    }
    if ends < 2 && matches.contains_id("renegotiate-with") && !renegotiate {
        return Err(Error::usage("--renegotiate-with: a rotation of one end renegotiates only with --renegotiate")
            .state("nothing was sent")
            .next("add --renegotiate if the peer holds the new key already, or leave --renegotiate-with out"));
    }
    if let Some(path) = matches.get_one::<PathBuf>("psk-out").filter(|path| path.symlink_metadata().is_ok()) {
        return Err(Error::usage(format!("--psk-out {}: exists already; name a new file", path.display())).state("nothing was sent"));
    }
    Ok(())
}

/// Refuses what is most likely an accident: one end of a tunnel, with nobody to give the key to the other; a file whose reader
/// goes on with the previous key.
fn check_ends(matches: &ArgMatches, words: &[Word], context: &Context) -> Result<(), Error> {
    let placed = matches.get_flag("one-end") || matches.contains_id("psk-out") || matches.contains_id("store-key-with");
    if words.len() < 2 && !placed {
        let pair =
            pair_of(matches, context).map(|pair| format!("or rotate both ends of the pair: tunnelctl rotate {pair}")).unwrap_or_default();
        return Err(Error::usage("one end is named, so that the tunnel would have two different keys")
            .state("nothing was sent")
            .next("name both ends")
            .next(pair)
            .next("or, where somebody else owns the peer, say where the key goes for them: --psk-out FILE or --store-key-with COMMAND")
            .next("or take it from the record later: --one-end"));
    }
    let files = words.iter().filter(|word| matches!(word, Word::File(_))).count();
    let reloads = matches.get_many::<String>("reload").into_iter().flatten().count();
    if reloads < files && matches.get_flag("yes") && !matches.get_flag("no-reload") && !matches.get_flag("dry-run") {
        return Err(Error::usage("nothing reloads the reader of a file: end, which would go on with the previous key")
            .state("nothing was sent")
            .next("name the command: --reload COMMAND")
            .next("or say that none is needed: --no-reload"));
    }
    Ok(())
}

/// The new key: the one given, or a random one.
fn new_key(matches: &ArgMatches, output: &Output) -> Result<Secret, Error> {
    let new = psk::read(matches, output)
        .map_err(|violation| Error::usage(violation.to_string()).state("nothing was sent"))?
        .map_or_else(|| psk::generate().ok_or_else(psk::silent), Ok)
        .map(Secret::new)?;
    watch(&new);
    Ok(new)
}

/// Takes the locks of the ends and of their gateways, and reads the ends in between.
async fn lock(ends: &mut [End], records: &Records, site: &Site, began: DateTime<Utc>, output: &Output) -> Result<Vec<Lock>, Error> {
    let names: Vec<String> = ends.iter().map(|end| end.lock_name(site)).collect();
    let holder = Holder::this("rotate", None, began);
    let mut locks = Lock::take_all(&records.locks, &names.iter().map(String::as_str).collect::<Vec<_>>(), &holder)?;
    let alone = ends.len() < 2;
    for end in ends.iter_mut() {
        read(end, output, alone).await?;
    }
    if let [one, other] = &*ends {
        let [one, other] = [one, other].map(|end| end.plan(site));
        // One end may be spelled in two ways.
        if (&one.end, &one.tunnel) == (&other.end, &other.tunnel) {
            return Err(twice(&one.end));
        }
    }
    keep_locks(records, ends, site, &mut locks, output).await?;
    Ok(locks)
}

/// The earliest clock of the ends.
fn now(ends: &[End]) -> DateTime<Utc> {
    ends.iter().map(End::now).min().unwrap_or_else(Utc::now)
}

/// Prints the plan as the result.
fn show(rotation: &Rotation, output: &Output) {
    let Rotation { prepared, ends, planned, keys, .. } = rotation;
    output.result(
        || prepared.tables(ends),
        || {
            let mut json = prepared.to_json(planned, keys);
            if let Json::Object(object) = &mut json {
                object.insert("outcome".to_owned(), json!("planned"));
            }
            json
        },
    );
    prepared.warnings.iter().for_each(|warning| output.warn(warning));
    output.note("nothing was sent");
}

fn confirm(rotation: &Rotation, yes: bool, output: &Output) -> Result<(), Error> {
    rotation.prepared.tables(&rotation.ends).iter().for_each(|table| output.preview(table));
    rotation.prepared.warnings.iter().for_each(|warning| output.warn(warning));
    if yes {
        return Ok(());
    }
    let names: Vec<String> = rotation.ends.iter().map(End::title).collect();
    let question = format!("Change the pre-shared key of {}?", names.join(" and "));
    ask(&question, output, "nothing was sent", "look with --dry-run, then pass --yes")
}

/// Puts the rotation on record. The lock is the operation's.
fn begin(
    matches: &ArgMatches,
    rotation: Rotation,
    records: &Records,
    locks: &[Lock],
    interrupt: Interrupt,
    output: &Rc<Output>,
) -> Result<(Drive, Lock), Error> {
    let Rotation { ends, keys, prepared, planned, renegotiate, commanded } = rotation;
    let seal = Rc::new(seal_key(matches, true)?);
    let event = Event::Planned {
        verb: Verb::Rotate,
        ends: planned,
        renegotiate,
        renegotiate_with: commanded,
        before: None,
        change: None,
        way_back: prepared.way_back,
    };
    let now = now(&ends);
    let id = Records::id(now)?;
    locks.iter().for_each(|lock| lock.say(Some(&Holder::this("rotate", Some(&id), now))));
    let operation = Lock::take(&records.locks, &format!("operation {id}"), &Holder::this("rotate", Some(&id), now))?;
    let sealed: Vec<(Which, &Secret)> = keys.old.iter().map(|old| (Which::Old, old)).chain([(Which::New, &keys.new)]).collect();
    let opened = records.begin(id, now, event, &sealed, &seal)?;
    let mut drive = Drive::new(opened.id, opened.journal, opened.state, ends, keys, Rc::clone(output), interrupt);
    spell(&mut drive, records, &seal)?;
    let roll_back = matches.get_one::<String>("on-fail").is_some_and(|word| word == "rollback");
    if roll_back {
        drive.on_fail = OnFail::Rollback;
    }
    let effect_immediately = drive.ends.iter().map(End::effect_immediately).collect();
    drive.record(Event::Begun { roll_back, seal_key_file: seal_key_file(matches), effect_immediately }, Sync::WithNext)?;
    Ok((drive, operation))
}

/// Seals how the files spell their keys, so that rolling back restores them byte for byte.
fn spell(drive: &mut Drive, records: &Records, seal: &Rc<SealKey>) -> Result<(), Error> {
    for place in 0..drive.ends.len() {
        if let Some(End::File(end)) = drive.ends.get_mut(place)
            && let Some(original) = end.original()
        {
            records.sealer(&drive.id, seal).seal(&[(&spelling(place), &original)]).map_err(|error| error.state("nothing was sent"))?;
            end.restore_as(original);
        }
    }
    Ok(())
}

/// Writes the new key to the user's file and gives it to the user's command, before any end has it.
async fn hand_out(drive: &mut Drive, out: Option<&Path>, command: Option<&str>) -> Result<(), Error> {
    let record = |drive: &mut Drive, to: &str| drive.record(Event::HandedOut { to: to.to_owned() }, Sync::WithNext);
    if let Some(path) = out {
        write_key(path, &drive.keys.new)?;
        record(drive, "--psk-out")?;
    }
    if let Some(command) = command {
        shell::run(command, drive.id.as_str(), Some(&drive.keys.new), &drive.output).await.map_err(|error| {
            Error::new(exit::FAILED, format!("--store-key-with: {}", error.message))
                .next(format!("if it stored the new key (fp {}) nevertheless, delete it: no end uses it", fingerprint(&drive.keys.new)))
        })?;
        record(drive, "--store-key-with")?;
    }
    Ok(())
}
