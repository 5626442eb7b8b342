//! The key of an end that does not return it: from the file that a flag names, or the one that an operation on record set.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::ArgMatches;
use serde_json::{Value as Json, json};

use super::context::Context;
use super::ends::{Read, guard};
use super::psk;
use super::seal::seal_key;
use crate::agreement::{End, Psk};
use crate::error::Error;
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::operation::id::OperationId;
use crate::operation::records::{History, LastKey, Records};
use crate::operation::report::age;

/// Where the key of an end comes from.
#[derive(Debug)]
pub(in crate::command) enum Source {
    /// The end states it.
    End,
    /// The file that this flag names.
    Flag(&'static str),
    /// An operation on record set it.
    Record {
        /// The operation.
        id: OperationId,
        /// When.
        set: DateTime<Utc>,
        /// How long ago.
        span: TimeDelta,
        /// When the connection was changed after that, as its cloud says.
        changed: Option<DateTime<Utc>>,
    },
    /// Nowhere: it is not known, or there is none.
    Nowhere,
}

impl Source {
    /// Every word.
    pub(in crate::command) const WORDS: &[&str] = &["end", "flag", "record", "none"];

    /// What a verdict rests on beside what the ends state.
    pub(in crate::command) fn rests_on(&self) -> Option<String> {
        match self {
            Self::End | Self::Nowhere => None,
            Self::Flag(flag) => Some(format!("the key in --{flag}")),
            Self::Record { id, span, changed, .. } => {
                let since = match changed {
                    Some(changed) => format!("the connection was changed after that, at {}", time(*changed)),
                    None => "it is not known whether this is still its key".to_owned(),
                };
                Some(format!("the key that operation {id} set {}; {since}", age(*span)))
            }
        }
    }

    /// The member of JSON.
    pub(in crate::command) fn to_json(&self) -> Json {
        match self {
            Self::End => json!({ "from": "end" }),
            Self::Flag(flag) => json!({ "from": "flag", "flag": format!("--{flag}") }),
            Self::Record { id, set, span, changed } => {
                let mut json = json!({
                    "from": "record",
                    "operation": id.to_string(),
                    "set": time(*set),
                    "age_secs": span.num_seconds().max(0),
                });
                if let (Some(changed), Some(object)) = (changed, json.as_object_mut()) {
                    object.insert("changed".to_owned(), json!(time(*changed)));
                }
                json
            }
            Self::Nowhere => json!({ "from": "none" }),
        }
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Gives the ends of one side their keys: from the file that the flag names, and from records where an end's key cannot be read.
/// Returns where the key of each end comes from.
///
/// # Errors
/// A file that holds no key, or another one than the end; a flag for an end with several tunnels.
pub(in crate::command) fn supply(
    flag: &'static str,
    word: &str,
    read: &mut Read,
    matches: &ArgMatches,
    context: &Context,
) -> Result<Vec<Source>, Error> {
    let given =
        matches.get_one::<PathBuf>(flag).map(|path| psk::from_file_or_stdin(path, &format!("--{flag}"), &context.output)).transpose()?;
    let mut sources: Vec<Source> = read.ends.iter().map(|end| if states_key(end) { Source::End } else { Source::Nowhere }).collect();
    if let Some(key) = given {
        let [end] = read.ends.as_mut_slice() else {
            return Err(several(&format!("--{flag} states one key"), word, read));
        };
        if take(end, &key, flag)? {
            sources = vec![Source::Flag(flag)];
        }
    }
    for (end, source) in read.ends.iter_mut().zip(&mut sources) {
        if let (Psk::Unreadable, Source::Nowhere) = (&end.psk, &source)
            && let Some((key, found)) = recorded(end, read.updated.as_deref(), &read.history, matches, context)
        {
            set(end, key);
            *source = found;
        }
    }
    guard(&read.ends);
    Ok(sources)
}

/// The error of a flag that states one thing for an end with several tunnels.
pub(in crate::command) fn several(what: &str, word: &str, read: &Read) -> Error {
    let first = read.ends.first().and_then(|end| end.tunnel.as_deref()).unwrap_or("TUNNEL");
    Error::usage(format!("{what}, and the end has several tunnels")).next(format!("name one of them: {word}#{first}"))
}

/// Whether an end states the key that it uses.
fn states_key(end: &End) -> bool {
    matches!(end.psk, Psk::Known(_)) || end.keyring.as_ref().is_some_and(|ring| !ring.held.is_empty())
}

/// Gives an end a key. False where it states that key already.
fn take(end: &mut End, key: &Secret, flag: &str) -> Result<bool, Error> {
    if !states_key(end) {
        set(end, Secret::new(key.expose()));
        return Ok(true);
    }
    let own = if let Psk::Known(own) = &end.psk { Some(own) } else { None };
    let mut held = end.keyring.iter().flat_map(|ring| &ring.held).map(|held| &held.secret).chain(own).peekable();
    let known = held.peek().map(|known| format!(" (fp {})", fingerprint(known))).unwrap_or_default();
    if held.any(|known| known.matches(key)) {
        return Ok(false);
    }
    Err(Error::usage(format!("--{flag} holds another key (fp {}) than {} states{known}", fingerprint(key), end.name))
        .next(format!("leave --{flag} out: it is for an end whose key cannot be read")))
}

fn set(end: &mut End, key: Secret) {
    end.psk = Psk::Known(Arc::new(key));
    end.keyring = None;
}

/// The key that an operation on record set last. Where it cannot be opened, that is told, and the key stays unknown.
fn recorded(end: &End, updated: Option<&str>, history: &History, matches: &ArgMatches, context: &Context) -> Option<(Secret, Source)> {
    let kept = match history.last_key(end.reference.as_ref()?, end.tunnel.as_deref()) {
        LastKey::Kept(kept) => kept,
        LastKey::Deleted(id) => {
            context.output.note(&format!("operation {id} set the key of {}, and its sealed keys were deleted", end.name));
            return None;
        }
        LastKey::Open(_) | LastKey::Unknown => return None,
    };
    let span = Utc::now() - kept.set;
    let opened = Records::of_user().and_then(|records| kept.open(&records, &Rc::new(seal_key(matches, false)?)));
    match opened {
        Ok(key) => {
            let updated = updated.and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|time| time.to_utc());
            Some((key, Source::Record { id: kept.id, set: kept.set, span, changed: updated.filter(|updated| *updated > kept.set) }))
        }
        Err(error) => {
            let name = &end.name;
            context.output.note(&format!(
                "operation {} set the key of {name} {}, and it cannot be opened: {}",
                kept.id,
                age(span),
                error.message
            ));
            None
        }
    }
}
