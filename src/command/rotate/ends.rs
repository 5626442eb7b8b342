//! The ends of a rotation: from words to ends that are open and read.

use clap::ArgMatches;

use crate::call::settle::settle;
use crate::command::shared::context::Context;
use crate::command::shared::target::resolve;
use crate::config::Options;
use crate::error::{Error, exit};
use crate::model::{Key, Term};
use crate::operation::end::{CloudEnd, End, FileEnd};
use crate::print::output::Output;
use crate::provider::field::field;
use crate::system::interrupt::Interrupt;

/// A word that names an end.
pub(super) enum Word {
    /// A ref, and the tunnel that is meant.
    Ref(String, Option<String>),
    /// A file, and the key in it that is meant.
    File(String),
}

/// The words of the command line; a pair of the configuration stands for its two.
///
/// # Errors
/// One end that is given twice; a tunnel without its name.
pub(super) fn words(matches: &ArgMatches, context: &Context) -> Result<Vec<Word>, Error> {
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

/// The pair of the configuration of which the only end that is given is one.
pub(super) fn pair_of(matches: &ArgMatches, context: &Context) -> Option<String> {
    let given = matches.get_many::<String>("end")?.next()?;
    let config = &context.options.config;
    let this = config.reference(given).ok();
    let is_this = |word: &String| word == given || this.is_some() && config.reference(word).ok() == this;
    config.file().ok()??.pairs.iter().find(|(_, pair)| pair.value.iter().any(is_this)).map(|(name, _)| name.clone())
}

/// The error of an end that is given twice.
pub(super) fn twice(end: &str) -> Error {
    Error::usage(format!("{end} is given twice: a tunnel has two ends")).state("nothing was sent")
}

/// Opens every end: connects to clouds, reads key files.
///
/// # Errors
/// An end that cannot be opened, or has no key; more reload commands than `file:` ends.
pub(super) async fn open(matches: &ArgMatches, words: &[Word], context: &Context, interrupt: &Interrupt) -> Result<Vec<End>, Error> {
    let mut reloads = matches.get_many::<String>("reload").into_iter().flatten().cloned();
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
                let options = Options { region: None, ..context.options.clone() };
                let options = if words.len() < 2 { &context.options } else { &options };
                let mut end = CloudEnd::connect(registration, reference, target, tunnel.as_deref(), options, &context.output).await?;
                end.client.interrupt = interrupt.clone();
                End::Cloud(Box::new(end))
            }
        });
    }
    if reloads.next().is_some() {
        return Err(Error::usage("--reload is given more often than there are file: ends").state("nothing was sent"));
    }
    Ok(ends)
}

/// Reads an end once no other change of it is running. `alone`: it is the only end that was named.
///
/// # Errors
/// When it cannot be read, or has several tunnels of which none is named.
pub(super) async fn read(end: &mut End, output: &Output, alone: bool) -> Result<(), Error> {
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
    end.one_tunnel(alone)
}
