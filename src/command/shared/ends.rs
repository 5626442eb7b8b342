//! The ends of a tunnel that a word of the command line names: a ref, or a file of any form; `#TUNNEL` behind it names one tunnel.

use std::path::Path;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::context::Context;
use super::included::Included;
use super::judged::{self, Judged, history};
use super::saved::{connections, own_fingerprints};
use super::target::resolve;
use super::{read, tunnel};
use crate::agreement::parse::{self, Form};
use crate::agreement::{End, Psk, ends};
use crate::config::Options;
use crate::error::Error;
use crate::inspect;
use crate::model::{Connection, Ref};
use crate::operation::records::History;
use crate::print::gate::watch;
use crate::provider::registration;
use crate::system::runtime::needed;

/// The kinds of files that an end may be, for messages.
pub(in crate::command) const FILES: &str =
    "or a file: swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml, or a saved reply or `show -o json` (FILE or FILE:ID)";

/// A file, and which of its connections is meant.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct File<'w> {
    pub(in crate::command) path: &'w str,
    wanted: Option<&'w str>,
    /// The tunnel of a cloud's connection.
    pub(in crate::command) tunnel: Option<&'w str>,
}

/// The content of a file.
pub(in crate::command) enum Held {
    /// Ends of daemons, or described in TOML.
    Ends(Vec<End>),
    /// Connections of clouds, from a reply or from what this program printed.
    Saved(Vec<Connection>),
}

/// The ends that a word names, and what is known of their values beside them.
pub(in crate::command) struct Read {
    /// The ends: one, or one for each tunnel.
    pub(in crate::command) ends: Vec<End>,
    /// For each end, whose values it has.
    pub(in crate::command) judged: Vec<Judged>,
    /// When the connection was last changed, as its cloud says.
    pub(in crate::command) updated: Option<String>,
    /// What is on record of the connection.
    pub(in crate::command) history: History,
}

/// The ends that a word names: a ref, or a file with all its connections.
///
/// # Errors
/// What is wrong with it.
pub(in crate::command) async fn read(word: &str, context: &Context) -> Result<Read, Error> {
    read_as(word, &context.options, context).await
}

/// The other end of what a command changes: `--region` does not apply to it.
///
/// # Errors
/// What is wrong with it.
pub(in crate::command) async fn read_other(word: &str, context: &Context) -> Result<Vec<End>, Error> {
    let ends = read_as(word, &Options { region: None, ..context.options.clone() }, context).await?.ends;
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

async fn read_as(word: &str, options: &Options, context: &Context) -> Result<Read, Error> {
    let found = match file(word) {
        Some(file) => match open(file, context)? {
            Held::Saved(connections) => of_connection(&one(file, connections)?, file.tunnel, Some(file.path), context)?,
            Held::Ends(ends) => {
                let judged = ends.iter().map(|end| Judged::file(&end.name)).collect();
                Read { ends, judged, updated: None, history: History::default() }
            }
        },
        None => {
            let (connection, tunnel) = live(word, options, context).await?;
            of_connection(&connection, tunnel, None, context)?
        }
    };
    guard(&found.ends);
    if let Some(file) = file(word) {
        tell(file, &found.ends, context);
    }
    judged::tell(&found.judged, context);
    Ok(found)
}

/// Reads the connection of a ref, and names its tunnel.
async fn live<'w>(word: &'w str, options: &Options, context: &Context) -> Result<(Connection, Option<&'w str>), Error> {
    let (name, tunnel) = tunnel::split(word)?;
    let reference = context.options.config.reference(name).map_err(|error| error.next(FILES))?;
    let (registration, target) = resolve(&reference, None)?;
    needed().await;
    let connection = read::read(registration, target, reference.region, options.clone(), Rc::clone(&context.output)).await?;
    Ok((connection, tunnel))
}

/// The ends of a connection, or the one of its tunnel.
fn of_connection(connection: &Connection, tunnel: Option<&str>, saved: Option<&str>, context: &Context) -> Result<Read, Error> {
    let place = tunnel.map(|tunnel| tunnel::place(connection, tunnel)).transpose()?;
    let all = ends(connection).into_iter().enumerate();
    let ends = all.filter(|(number, _)| place.is_none_or(|place| place == *number)).map(|(_, end)| end).collect();
    let history = history(&connection.reference, context);
    Ok(Read { ends, judged: Judged::all(connection, place, saved, &history), updated: connection.updated.clone(), history })
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

/// The file that a word names, if it names one. The part behind the last colon names one of its connections, and the part behind
/// `#` a tunnel, unless they belong to the file's own name. A word that reads as a ref is no file, unless it begins with `./`.
pub(in crate::command) fn file(word: &str) -> Option<File<'_>> {
    if Ref::parse(word).is_ok_and(|reference| registration(&reference.provider).is_some()) {
        return None;
    }
    whole(word).or_else(|| match word.rsplit_once('#') {
        Some((name, tunnel)) => whole(name).or_else(|| part(name)).map(|file| File { tunnel: Some(tunnel), ..file }),
        None => part(word),
    })
}

/// A file as a whole.
fn whole(path: &str) -> Option<File<'_>> {
    Path::new(path).exists().then_some(File { path, wanted: None, tunnel: None })
}

/// A file, and the connection that is named after a colon.
fn part(word: &str) -> Option<File<'_>> {
    let (path, wanted) = word.rsplit_once(':')?;
    Some(File { wanted: Some(wanted), ..whole(path)? })
}

/// The only connection of a file.
///
/// # Errors
/// That there are several.
pub(in crate::command) fn one(file: File<'_>, mut connections: Vec<Connection>) -> Result<Connection, Error> {
    match (connections.pop(), connections.as_slice()) {
        (Some(connection), []) => Ok(connection),
        (Some(last), all) if all.iter().all(|other| other.reference == last.reference) => {
            Err(Error::usage(format!("{}: {} is in it {} times; keep the one that counts", file.path, last.reference, all.len() + 1)))
        }
        (last, all) => {
            let ids = listed(all.iter().chain(&last));
            Err(Error::usage(format!("{}: there are several connections; name one after a colon: {ids}", file.path)))
        }
    }
}

/// The ids of some connections, for a message.
fn listed<'c>(connections: impl Iterator<Item = &'c Connection>) -> String {
    const SHOWN: usize = 8;
    let mut ids: Vec<&str> = connections.map(|connection| connection.reference.id.as_str()).collect();
    ids.dedup();
    let more = if ids.len() > SHOWN { format!(" and {} more", ids.len() - SHOWN) } else { String::new() };
    format!("{}{more}", ids.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
}

/// The connections of clouds in a file: the wanted one, or all.
fn saved(file: File<'_>, bytes: Zeroizing<Vec<u8>>, context: &Context) -> Result<Vec<Connection>, Error> {
    let File { path, wanted, .. } = file;
    let (taken, rest): (Vec<Connection>, Vec<Connection>) = connections(path, bytes, context)?
        .into_iter()
        .partition(|connection| wanted.is_none_or(|wanted| wanted == connection.reference.id));
    match wanted {
        _ if !taken.is_empty() => Ok(taken),
        Some(id) if !rest.is_empty() => {
            Err(Error::usage(format!("{path}: there is no connection {id:?}; there are: {}", listed(rest.iter()))))
        }
        _ => Err(Error::usage(format!("{path}: there is no connection in it"))),
    }
}

/// Reads a file: the connection that is named after the colon, or all of them.
///
/// # Errors
/// What is wrong with it, and where.
pub(in crate::command) fn open(file: File<'_>, context: &Context) -> Result<Held, Error> {
    let File { path, wanted, tunnel } = file;
    let usage = |message: String| Error::usage(format!("{path}: {message}"));
    let bytes = bytes(path).map_err(usage)?;
    let fault = |fault: parse::Fault| usage(fault.to_string());
    // A reply may be large, which a configuration may not.
    if matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'[' | b'<')) && !path.ends_with(".toml") {
        return saved(file, bytes, context).map(Held::Saved);
    }
    if bytes.len() as u64 > parse::LIMIT {
        return Err(usage(format!("is larger than {} MiB", parse::LIMIT >> 20)));
    }
    let text = parse::text(&bytes).map_err(fault)?;
    if let Some(format) = other_format(text) {
        return Err(usage(format!("it is {format} that tunnelctl printed: save it with -o json")));
    }
    let form = parse::form(path, text);
    if let Some(tunnel) = tunnel.filter(|_| form != Form::Reply) {
        return Err(usage(format!("#{tunnel} names a tunnel of a cloud's connection, and this file holds none")));
    }
    let ends = match form {
        Form::Reply => return saved(file, bytes, context).map(Held::Saved),
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

/// The format of what this program printed, if it is one that cannot be read back.
fn other_format(text: &str) -> Option<&'static str> {
    if text.lines().any(|line| line.starts_with("schema_version:")) {
        return Some("YAML");
    }
    let head = text.lines().next().unwrap_or_default();
    (head.starts_with("ref,") || head.contains(",ref,")).then_some("CSV")
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
