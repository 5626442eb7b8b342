//! Goes through what is inside a document that no cloud knows.

use serde_json::{Map, Value as Json};

use crate::provider::PROVIDERS;
use crate::provider::recognise::{Document, Recognised};

/// A value inside a document.
pub(super) enum Inner<'v> {
    /// An object.
    Object(&'v mut Map<String, Json>),
    /// A text.
    Text(&'v str),
}

/// What the first cloud that knows a document says of it.
pub(super) fn recognised(document: &mut Document<'_>) -> Option<Recognised> {
    PROVIDERS.iter().find_map(|registration| (registration.recognise)(document))
}

/// Visits the objects and texts inside an object, with the name of the field that each is in. An object that the visitor
/// knows is not gone through.
pub(super) fn documents(root: &mut Map<String, Json>, levels: usize, visit: &mut dyn FnMut(&str, Inner<'_>) -> bool) {
    for (name, value) in root.iter_mut() {
        one(name, value, levels, visit);
    }
}

fn one(name: &str, value: &mut Json, levels: usize, visit: &mut dyn FnMut(&str, Inner<'_>) -> bool) {
    match value {
        Json::Object(fields) => {
            let known = visit(name, Inner::Object(fields));
            if !known && levels > 0 {
                documents(fields, levels - 1, visit);
            }
        }
        Json::Array(items) if levels > 0 => items.iter_mut().for_each(|item| one(name, item, levels - 1, visit)),
        Json::String(text) if text.len() > 8 => drop(visit(name, Inner::Text(text))),
        _ => {}
    }
}
