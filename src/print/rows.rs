//! The rows of a document, and the values in them.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use super::version::VERSION_MEMBER;

/// Where a document has its rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// The member that holds them; empty for the only member that is a list, or else the document itself.
    pub member: &'static str,
    /// The columns of CSV; empty for all paths that the rows have.
    pub columns: fn() -> Vec<&'static str>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { member: "", columns: Vec::new }
    }
}

/// The rows of a value: the named member, its only list, or the value itself.
pub(super) fn items<'a>(value: &'a Json, member: Option<&str>) -> Vec<&'a Json> {
    let list = match (value, member) {
        (Json::Array(list), _) => Some(list),
        (Json::Object(object), Some("")) => only_list(object),
        (Json::Object(object), Some(member)) => object.get(member).and_then(Json::as_array),
        _ => None,
    };
    match (list, value) {
        (Some(list), _) => list.iter().collect(),
        (None, Json::Null) => Vec::new(),
        (None, value) => vec![value],
    }
}

/// The only list among the members of an object.
fn only_list(object: &Map<String, Json>) -> Option<&Vec<Json>> {
    let mut members = object.iter().filter(|(name, _)| *name != VERSION_MEMBER);
    match (members.next(), members.next()) {
        (Some((_, Json::Array(list))), None) => Some(list),
        _ => None,
    }
}

/// The cells of a row that is not an object.
pub(super) fn cells(item: &Json) -> Vec<&Json> {
    item.as_array().map_or_else(|| vec![item], |cells| cells.iter().collect())
}

/// All paths to values that are not objects, over all rows, in order of appearance.
pub(super) fn leaves(items: &[&Json]) -> Vec<String> {
    /// Adds the paths below an object.
    fn walk(prefix: &str, object: &Map<String, Json>, known: &mut HashSet<String>, paths: &mut Vec<String>) {
        for (name, value) in object {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Json::Object(inner) if !inner.is_empty() => walk(&path, inner, known, paths),
                _ if known.insert(path.clone()) => paths.push(path),
                _ => {}
            }
        }
    }
    let (mut known, mut paths) = (HashSet::new(), Vec::new());
    for object in items.iter().filter_map(|item| item.as_object()) {
        walk("", object, &mut known, &mut paths);
    }
    paths
}

/// The value at a dotted path. A number selects an item of a list.
pub(super) fn at<'a>(item: &'a Json, path: &str) -> &'a Json {
    let step = |json: &'a Json, name: &str| match json {
        Json::Array(list) => list.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    };
    path.split('.').try_fold(item, step).unwrap_or(&Json::Null)
}
