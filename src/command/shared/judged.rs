//! Whose values are judged: those in effect, those that are configured, or those that were last read; and whether they are
//! being changed.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::context::Context;
use crate::error::one_line;
use crate::model::{Connection, Ref, Term};
use crate::operation::records::{History, Records};

/// Whose values are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum Values {
    /// The cloud has settled: what it returns is in effect.
    InEffect,
    /// What is configured; whether it is in effect is not known.
    Configured,
    /// What was read last; it may be what was there before a change.
    LastRead,
}

impl Values {
    /// Every word.
    pub(in crate::command) const WORDS: &[&str] = &["in-effect", "configured", "last-read"];

    const fn word(self) -> &'static str {
        match self {
            Self::InEffect => "in-effect",
            Self::Configured => "configured",
            Self::LastRead => "last-read",
        }
    }
}

/// What is known of the values of an end beside themselves.
#[derive(Debug)]
pub(in crate::command) struct Judged {
    /// Its name in messages.
    name: String,
    /// The tunnel, where the connection has several.
    tunnel: Option<String>,
    /// The file with the saved document; `None`: it was read just now, or a daemon reads the file.
    saved: Option<String>,
    values: Values,
    /// The state of the last change at a cloud.
    change: Option<Term>,
    /// The cloud's own words for it.
    reported: Vec<(Cow<'static, str>, String)>,
    /// Operations on record that are not finished.
    operations: Vec<String>,
}

impl Judged {
    /// An end in a daemon's file.
    pub(in crate::command) fn file(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tunnel: None,
            saved: None,
            values: Values::Configured,
            change: None,
            reported: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// A connection, or one of its tunnels, read from its cloud or from a file with a saved document.
    pub(in crate::command) fn connection(connection: &Connection, place: Option<usize>, saved: Option<&str>, history: &History) -> Self {
        let tunnel = place.and_then(|place| connection.tunnels.get(place));
        let own = &connection.status;
        let status = tunnel.map_or(own, |tunnel| &tunnel.status);
        // The whole connection may be changing while a tunnel of it is settled.
        let of = |term| [status, own].into_iter().find(|status| status.change == term);
        let status = of(Term::Changing).or_else(|| of(Term::Failed)).unwrap_or(status);
        let values = match (saved, status.change) {
            (Some(_), _) | (None, Term::Changing) => Values::LastRead,
            (None, Term::Settled) => Values::InEffect,
            _ => Values::Configured,
        };
        let operations = history.open(&connection.reference, tunnel.map(|tunnel| tunnel.id.as_str())).map(ToString::to_string);
        Self {
            name: connection.reference.to_string(),
            tunnel: tunnel.map(|tunnel| tunnel.id.clone()),
            saved: saved.map(str::to_owned),
            values,
            change: Some(status.change),
            reported: status.reported.clone(),
            operations: operations.collect(),
        }
    }

    /// The connection and each of its tunnels, or the one at this place.
    pub(in crate::command) fn all(connection: &Connection, place: Option<usize>, saved: Option<&str>, history: &History) -> Vec<Self> {
        match (place, connection.tunnels.len()) {
            (Some(_), _) | (None, 0) => vec![Self::connection(connection, place, saved, history)],
            (None, count) => (0..count).map(|place| Self::connection(connection, Some(place), saved, history)).collect(),
        }
    }

    /// What a reader should know, in sentences: none where a cloud has settled, or for a daemon's file.
    fn sentences(&self) -> Vec<(bool, String)> {
        let name = &self.name;
        let words: Vec<String> = self.reported.iter().map(|(field, word)| one_line(&format!("{field} {word}"))).collect();
        let reported = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
        let mut told = Vec::new();
        match (&self.saved, self.change) {
            (Some(file), Some(Term::Changing)) => told.push((
                true,
                format!("{file}: {name} was being changed{reported} when it was read; its values may be those from before that change"),
            )),
            (Some(file), _) => {
                told.push((false, format!("{file}: the values of {name} are those that were last read; it may have others now")))
            }
            (None, Some(Term::Changing)) => told.push((
                true,
                format!(
                    "{name} is being changed{reported}: the values are those that were last read, and may be those from before the change"
                ),
            )),
            (None, Some(Term::Failed)) => told.push((
                true,
                format!("the last change of {name} failed{reported}: the values are those that are configured, and may not be in effect"),
            )),
            _ => {}
        }
        let open = self.operations.iter().map(|id| format!("operation {id} on {name} is not finished: tunnelctl operation show {id}"));
        told.extend(open.map(|text| (true, text)));
        told
    }

    /// The members of JSON.
    pub(in crate::command) fn to_json(&self) -> Json {
        let reported: Map<String, Json> = self.reported.iter().map(|(field, word)| (field.to_string(), json!(word))).collect();
        json!({
            "values": self.values.word(),
            "change": self.change.map(Term::word),
            "reported": reported,
            "operations": self.operations,
        })
    }
}

/// The members of JSON of several ends, each with its name.
pub(in crate::command) fn to_json<'j>(judged: impl IntoIterator<Item = &'j Judged>) -> Json {
    let named = |one: &Judged| {
        let mut json = one.to_json();
        if let Some(object) = json.as_object_mut() {
            object.insert("end".to_owned(), json!(one.name));
            object.extend(one.tunnel.iter().map(|tunnel| ("tunnel".to_owned(), json!(tunnel))));
        }
        json
    };
    judged.into_iter().map(named).collect()
}

/// Prints what a reader should know of the values, each thing once.
pub(in crate::command) fn tell<'j>(judged: impl IntoIterator<Item = &'j Judged>, context: &Context) {
    const MOST: usize = 8;
    let mut told: Vec<(bool, String)> = Vec::new();
    for one in judged.into_iter().flat_map(Judged::sentences) {
        if !told.contains(&one) {
            told.push(one);
        }
    }
    for (is_warning, text) in told.iter().take(MOST) {
        if *is_warning { context.output.warn(text) } else { context.output.note(text) }
    }
    if told.len() > MOST {
        context.output.note(&format!("and {} more such notes: -o json has all of them", told.len() - MOST));
    }
}

/// What is on record of a connection. Records that cannot be read are named, and stop nothing.
pub(in crate::command) fn history(reference: &Ref, context: &Context) -> History {
    loaded(|records| History::of(records, reference, context.options.emulated, &context.output), context)
}

/// All operations that are not finished, for many connections.
pub(in crate::command) fn unfinished(context: &Context) -> History {
    loaded(|records| History::unfinished(records, context.options.emulated), context)
}

fn loaded(load: impl Fn(&Records) -> Result<History, crate::error::Error>, context: &Context) -> History {
    // Without a state directory there are no records.
    let Ok(records) = Records::of_user() else { return History::default() };
    load(&records).unwrap_or_else(|error| {
        context.output.warn(&format!("what is on record cannot be read: {}", error.message));
        History::default()
    })
}
