//! The ends of a tunnel that a word of the command line names: a ref, or a file of any form.

use std::path::Path;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::context::Context;
use super::included::Included;
use super::read;
use super::saved::own_fingerprints;
use super::target::resolve;
use crate::agreement::parse::{self, Form};
use crate::agreement::{End, Psk, ends};
use crate::config::Options;
use crate::error::Error;
use crate::inspect;
use crate::model::Ref;
use crate::print::gate::watch;
use crate::provider::registration;
use crate::system::runtime::needed;

/// The kinds of files that an end may be, for messages.
pub(in crate::command) const FILES: &str = "or a file: swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml, or a saved reply";

/// A file, and which of its connections is meant.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct File<'w> {
    pub(in crate::command) path: &'w str,
    wanted: Option<&'w str>,
}

impl File<'_> {
    /// Whether the connection with this id is meant.
    pub(in crate::command) fn takes(&self, id: &str) -> bool {
        self.wanted.is_none_or(|wanted| wanted == id)
    }

    /// The connection that is meant, as the end of a message.
    pub(in crate::command) fn named(&self) -> String {
        self.wanted.map(|wanted| format!(" {wanted:?}")).unwrap_or_default()
    }
}

/// The content of a file.
pub(in crate::command) enum Held {
    /// Ends of daemons, or described in TOML.
    Ends(Vec<End>),
    /// A cloud's reply.
    Reply(Zeroizing<Vec<u8>>),
}

/// The ends that a word names: a ref, or a file with all its connections.
///
/// # Errors
/// What is wrong with it.
pub(in crate::command) async fn read_all(word: &str, context: &Context) -> Result<Vec<End>, Error> {
    read_as(word, &context.options, context).await
}

/// The other end of what a command changes: `--region` does not apply to it.
///
/// # Errors
/// What is wrong with it.
pub(in crate::command) async fn read_other(word: &str, context: &Context) -> Result<Vec<End>, Error> {
    let ends = read_as(word, &Options { region: None, ..context.options.clone() }, context).await?;
    one_or_dual(word, &ends, &[])?;
    Ok(ends)
}

/// Refuses a file with several connections, unless the other end has several tunnels that they belong to.
///
/// # Errors
/// That one of them has to be named, and their names.
pub(in crate::command) fn one_or_dual(word: &str, ends: &[End], other: &[End]) -> Result<(), Error> {
    let is_dual = |ends: &[End]| ends.len() > 1 && ends.iter().all(|end| end.tunnel.is_some());
    let Some(file) = file(word).filter(|_| ends.len() > 1 && !is_dual(ends) && !is_dual(other)) else { return Ok(()) };
    let names = ends.iter().map(|end| end.name.strip_prefix(file.path).unwrap_or(&end.name).trim_start_matches(':'));
    let names = names.collect::<Vec<_>>().join(", ");
    Err(Error::usage(format!("{}: there are several connections; name one after a colon: {names}", file.path)))
}

async fn read_as(word: &str, options: &Options, context: &Context) -> Result<Vec<End>, Error> {
    let found = match file(word) {
        Some(file) => from_file(file)?,
        None => {
            let reference = context.options.config.reference(word).map_err(|error| error.next(FILES))?;
            let (registration, target) = resolve(&reference, None)?;
            needed().await;
            ends(&read::read(registration, target, reference.region, options.clone(), Rc::clone(&context.output)).await?)
        }
    };
    guard(&found);
    if let Some(file) = file(word) {
        tell(file, &found, context);
    }
    Ok(found)
}

/// Prints what a reader should know of how a file was read, each thing once.
pub(in crate::command) fn tell<'e>(file: File<'_>, ends: impl IntoIterator<Item = &'e End>, context: &Context) {
    let mut told: Vec<&str> = Vec::new();
    for note in ends.into_iter().flat_map(|end| &end.notes) {
        if !told.contains(&note.as_str()) {
            told.push(note);
            context.output.note(&format!("{}: {note}", file.path));
        }
    }
}

/// The file that a word names, if it names one. The part behind the last colon names one of its connections, unless it
/// belongs to the file's own name. A word that reads as a ref is no file, unless it begins with `./`.
pub(in crate::command) fn file(word: &str) -> Option<File<'_>> {
    if Ref::parse(word).is_ok_and(|reference| registration(&reference.provider).is_some()) {
        return None;
    }
    if Path::new(word).exists() {
        return Some(File { path: word, wanted: None });
    }
    let (path, wanted) = word.rsplit_once(':')?;
    Path::new(path).exists().then_some(File { path, wanted: Some(wanted) })
}

fn from_file(file: File<'_>) -> Result<Vec<End>, Error> {
    match open(file)? {
        Held::Reply(bytes) => saved_reply(file, &bytes),
        Held::Ends(ends) => Ok(ends),
    }
}

/// Reads a file: the connection that is named after the colon, or all of them.
///
/// # Errors
/// What is wrong with it, and where.
pub(in crate::command) fn open(file: File<'_>) -> Result<Held, Error> {
    let File { path, wanted } = file;
    let usage = |message: String| Error::usage(format!("{path}: {message}"));
    let bytes = bytes(path).map_err(usage)?;
    let fault = |fault: parse::Fault| usage(fault.to_string());
    // A reply may be large, which a configuration may not.
    if matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'[' | b'<')) && !path.ends_with(".toml") {
        return Ok(Held::Reply(bytes));
    }
    if bytes.len() as u64 > parse::LIMIT {
        return Err(usage(format!("is larger than {} MiB", parse::LIMIT >> 20)));
    }
    let text = parse::text(&bytes).map_err(fault)?;
    let ends = match parse::form(path, text) {
        Form::Reply => return Ok(Held::Reply(bytes)),
        Form::Toml => match wanted {
            None => return Ok(Held::Ends(vec![parse::toml::read(text, path).map_err(fault)?])),
            Some(wanted) => return Err(usage(format!("a description in TOML is one end: leave out :{wanted}"))),
        },
        Form::Libreswan => {
            let secrets = beside(path);
            let secrets = match &secrets {
                None => None,
                // A fault in the secrets names their file.
                Some((file, bytes)) => {
                    let text = parse::text(bytes).map_err(|cause| Error::usage(format!("{file}: {cause}")))?;
                    Some(parse::libreswan::Beside { text, file })
                }
            };
            let file_of_keys = secrets.as_ref().map_or(path, |beside| beside.file);
            let (included, included_keys) = (Included::of(Path::new(path)), Included::of(Path::new(file_of_keys)));
            let follow = |keys: bool, from: &str, pattern: &str| {
                let included = if keys { &included_keys } else { &included };
                included.follow(from, pattern)
            };
            parse::libreswan::read_with(text, path, secrets, &follow).map_err(fault)?
        }
        Form::Swanctl => {
            let included = Included::of(Path::new(path));
            parse::swanctl::read_with(text, path, &|from, pattern| included.follow(from, pattern)).map_err(fault)?
        }
    };
    parse::choose(ends, wanted).map(Held::Ends).map_err(usage)
}

fn bytes(path: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    use std::io::Read;
    let mut bytes = Zeroizing::new(Vec::new());
    let file = std::fs::File::open(path).map_err(|cause| cause.to_string())?;
    file.take(inspect::LIMIT + 1).read_to_end(&mut bytes).map_err(|cause| cause.to_string())?;
    if bytes.len() as u64 > inspect::LIMIT { Err(format!("is larger than {} MiB", inspect::LIMIT >> 20)) } else { Ok(bytes) }
}

/// The keys of an `ipsec.conf`, with the name of their file: from `ipsec.conf.secrets`, as `export` names it, or from
/// `ipsec.secrets`.
fn beside(path: &str) -> Option<(String, Zeroizing<Vec<u8>>)> {
    let names = [format!("{path}.secrets"), Path::new(path).with_extension("secrets").to_str().unwrap_or_default().to_owned()];
    names.into_iter().find_map(|name| bytes(&name).ok().map(|bytes| (name, bytes)))
}

/// The ends of the one connection in a saved reply.
fn saved_reply(file: File<'_>, bytes: &[u8]) -> Result<Vec<End>, Error> {
    let path = file.path;
    let fault = |fault: inspect::Fault| Error::usage(format!("{path}: {fault}"));
    let text = inspect::decode(bytes).map_err(fault)?;
    let (mut all, mut ids) = (Vec::new(), Vec::new());
    for connection in inspect::inspect(&text).map_err(fault)?.into_iter().flat_map(|one| one.found.connections) {
        ids.push(connection.reference.id.clone());
        if file.takes(&connection.reference.id) {
            all.push(connection);
        }
    }
    let several = |ids: &[String]| {
        const SHOWN: usize = 8;
        let more = if ids.len() > SHOWN { format!(" and {} more", ids.len() - SHOWN) } else { String::new() };
        format!("{}{more}", ids.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    match (all.pop(), all.len(), file.wanted) {
        (Some(connection), 0, _) => Ok(ends(&connection)),
        (None, _, None) => Err(Error::usage(format!("{path}: there is no connection in it"))),
        (None, _, Some(id)) => Err(Error::usage(format!("{path}: there is no connection {id:?}; there are: {}", several(&ids)))),
        (Some(_), _, _) => Err(Error::usage(format!("{path}: there are several connections; name one after a colon: {}", several(&ids)))),
    }
}

/// Makes fingerprints hold for this installation, and hides the keys in everything that is printed.
pub(in crate::command) fn guard<'e>(ends: impl IntoIterator<Item = &'e End>) {
    let own = |end: &'e End| if let Psk::Known(key) = &end.psk { Some(key) } else { None };
    let held = |end: &'e End| end.keyring.iter().flat_map(|ring| &ring.held).map(|held| &held.secret);
    let both = ends.into_iter().flat_map(|end| std::iter::once(end).chain(end.turned.as_deref()));
    let mut keys = both.flat_map(|end| own(end).into_iter().chain(&end.older_keys).chain(held(end))).peekable();
    if keys.peek().is_some() {
        own_fingerprints();
    }
    keys.for_each(|key| watch(key));
}
