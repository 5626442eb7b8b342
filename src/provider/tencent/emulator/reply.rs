//! The form that every reply has.

use serde_json::Value as Json;

use crate::wire::Reply;

/// A reply. Errors have HTTP status 200 as well, and the vendor's clients insist on exactly this content type.
pub(super) fn reply(body: &Json) -> Reply {
    Reply { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: body.to_string().into_bytes() }
}

/// A page of a list, with the number of items on all pages. Only the items of the page are rendered.
pub(super) fn page<T>(items: Vec<T>, offset: u64, limit: u64, shown: impl Fn(T) -> Json) -> (usize, Json) {
    let total = items.len();
    let (skip, take) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(usize::MAX));
    (total, Json::Array(items.into_iter().skip(skip).take(take).map(shown).collect()))
}
