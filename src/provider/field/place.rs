//! Dotted places in nested JSON objects, such as `ike.lifetime`.

use serde_json::{Map, Value as Json};

/// Puts a value at a dotted place.
pub fn insert_at(root: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            root.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            if let Json::Object(inner) = root.entry(name).or_insert_with(|| Json::Object(Map::new())) {
                insert_at(inner, rest, value);
            }
        }
    }
}

/// The value at a dotted place.
#[must_use]
pub fn at<'a>(root: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(root, |json, name| json.get(name))
}

/// Takes the value at a dotted place out; empty objects on the way go too.
pub fn take_at(root: &mut Map<String, Json>, path: &str) -> Option<Json> {
    let Some((name, rest)) = path.split_once('.') else { return root.remove(path) };
    let Json::Object(inner) = root.get_mut(name)? else { return None };
    let taken = take_at(inner, rest);
    if inner.is_empty() {
        root.remove(name);
    }
    taken
}
