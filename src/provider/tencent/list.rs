//! Lists of connections, page by page (API 3.0).

use serde_json::{Map, Value as Json, json};

use super::wire::{DESCRIBE, connection, request, response};
use crate::model::Ref;
use crate::provider::{Kind, Page, Profile};
use crate::wire::Reply;
use crate::wire::{Call, ReadError};

/// The most that a page may hold.
const PAGE: u64 = 100;

/// One page. What the next one is asked for with is an offset.
#[must_use]
pub(super) fn list(profile: &Profile, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
    let offset = after.and_then(|after| after.parse().ok()).unwrap_or(0_u64);
    let parameters = Map::from_iter([("Offset".to_owned(), json!(offset)), ("Limit".to_owned(), json!(PAGE))]);
    let region = profile.region.clone();
    let read = move |reply: &Reply| read(&region, kind.name, offset, reply);
    Call { request: request(profile, DESCRIBE, parameters), read: Box::new(read) }
}

fn read(region: &str, kind: &str, offset: u64, reply: &Reply) -> Result<Page, ReadError> {
    let mut root = response(DESCRIBE, reply)?;
    let items = match root.remove("VpnConnectionSet") {
        Some(Json::Array(items)) => items,
        Some(Json::Null) => Vec::new(),
        _ => return Err(ReadError::Shape(DESCRIBE, "no VpnConnectionSet".to_owned())),
    };
    let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let rows = items.into_iter().filter_map(|item| if let Json::Object(item) = item { Some(item) } else { None });
    let connections = rows
        .map(|item| {
            let id = item.get("VpnConnectionId").and_then(Json::as_str).unwrap_or_default().to_owned();
            let reference = Ref { provider: "tencent".to_owned(), region: Some(region.to_owned()), kind: kind.to_owned(), id };
            connection(&reference, item)
        })
        .collect();
    let total = root.get("TotalCount").and_then(|json| json.as_u64().or_else(|| json.as_str()?.parse().ok()));
    let end = offset.saturating_add(count);
    // A short page is the last one, whatever the count says; without a count a full page may have a successor.
    let more = count >= PAGE && total.is_none_or(|total| end < total);
    Ok(Page { connections, next: more.then(|| end.to_string()) })
}
