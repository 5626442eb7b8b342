//! The subjects of an audit: what is judged in a connection.

use std::borrow::Cow;

use super::finding::{Changed, Within};
use super::place::Place;
use crate::model::{Connection, Key, Ref, Settings, Tunnel};
use crate::provider::field::Field;
use crate::provider::{Kind, registration};

/// A subject: the settings of a connection or of one of its tunnels, and what its cloud accepts.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Where it is.
    pub place: Place,
    /// Its settings, with one value for each field.
    pub settings: Cow<'a, Settings>,
    /// The fields to judge; `None`: all. The other settings only give context.
    pub keys: Option<Vec<Key>>,
    /// The proposal that holds the settings, where the end has several values.
    pub within: Option<Within>,
    /// The fields that the cloud accepts; `None` for an end that is not at a cloud.
    pub fields: Option<&'static [Field]>,
    /// What is changed; `None`: no command changes it.
    pub modify: Option<Changed>,
}

impl Subject<'_> {
    /// Whether a field is judged.
    pub(super) fn judges(&self, key: Key) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(&key))
    }
}

/// The subjects of a connection: each of its tunnels, or the connection itself.
#[must_use]
pub fn subjects(connection: &Connection) -> Vec<Subject<'_>> {
    let reference = &connection.reference;
    let kinds = registration(&reference.provider).map_or(&[][..], |registration| registration.kinds);
    let fields = |kind: &Kind| kind.operations.first().map(|operation| operation.fields);
    let own = kinds.iter().find(|kind| kind.name == reference.kind);
    if connection.tunnels.is_empty() {
        let place = Place { reference: reference.to_string(), ..Place::default() };
        let modify = own.map(|_| Changed { whole: reference.clone(), reference: reference.clone(), tunnel: None });
        return vec![Subject {
            place,
            settings: Cow::Borrowed(&connection.settings),
            keys: None,
            within: None,
            fields: own.and_then(fields),
            modify,
        }];
    }
    // The tunnels of a connection may be a kind of their own; those of an attachment are changed through the attachment.
    let apart = kinds.iter().find(|kind| kind.name == "tunnel" && reference.kind == Ref::DEFAULT_KIND);
    let changed = apart.map_or_else(|| reference.clone(), |kind| Ref { kind: kind.name.to_owned(), ..reference.clone() });
    let subject = |tunnel: &'_ Tunnel| {
        let name = tunnel.role.clone().unwrap_or_else(|| tunnel.id.clone());
        (
            Place { reference: reference.to_string(), tunnel: Some(name.clone()), file: None },
            Some(Changed { whole: reference.clone(), reference: changed.clone(), tunnel: Some(name.clone()) }).filter(|_| !name.is_empty()),
        )
    };
    let tunnels = connection.tunnels.iter().map(|tunnel| (tunnel, subject(tunnel)));
    let fields = apart.or(own).and_then(fields);
    tunnels
        .map(|(tunnel, (place, modify))| Subject {
            place,
            settings: Cow::Borrowed(&tunnel.settings),
            keys: None,
            within: None,
            fields,
            modify,
        })
        .collect()
}
