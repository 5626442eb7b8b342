//! All settings of an operation at once: one row a setting.

use serde_json::{Map, Value as Json};

use super::place::{insert_at, take_at};
use super::shape::Field;
use crate::model::{Key, Settings};

/// The field of a key.
#[must_use]
pub fn field(fields: &'static [Field], key: Key) -> Option<&'static Field> {
    fields.iter().find(|field| field.key == key)
}

/// The settings as the cloud's nested JSON object. Keys that this table cannot write are left out: the caller has
/// already refused them.
#[must_use]
pub fn write_all(fields: &'static [Field], settings: &Settings) -> Map<String, Json> {
    let mut root = Map::new();
    for (key, value) in settings.iter() {
        let Some(field) = field(fields, key).filter(|field| !field.write.is_empty()) else { continue };
        if let Some(json) = field.encode(value) {
            insert_at(&mut root, field.write, json);
        }
    }
    root
}

/// Reads every setting of the table out of a cloud's object, and takes it from there, so that what is left is what
/// the model does not know. What cannot be read as its setting stays.
#[must_use]
pub fn read_all(fields: &'static [Field], root: &mut Map<String, Json>) -> Settings {
    let mut settings = Settings::new();
    for field in fields {
        for path in field.read {
            let Some(json) = take_at(root, path) else { continue };
            if settings.has(field.key) {
                continue;
            }
            match field.decode(&json) {
                Some(value) => settings.set(field.key, value),
                None if matches!(json, Json::Null) || json.as_str().is_some_and(str::is_empty) => {}
                None => insert_at(root, path, json),
            }
        }
    }
    settings
}
