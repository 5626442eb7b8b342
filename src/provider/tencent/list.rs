//! Lists of connections, page by page (API 3.0).

use serde_json::{Map, Value as Json, json};

use super::cloud::{reference, v3};
use super::read::v3::{connection, response, take_items};
use super::wire::v3::request;
use crate::provider::{Page, Profile};
use crate::wire::{Call, ReadError, Reply};

/// Most connections on a page.
const PAGE: u64 = 100;

/// Reads one page. `after` is the offset that the page before returned.
#[must_use]
pub fn list(profile: &Profile, after: Option<&str>) -> Call<Page> {
    let offset = after.and_then(|after| after.parse().ok()).unwrap_or(0_u64);
    let parameters = Map::from_iter([("Offset".to_owned(), json!(offset)), ("Limit".to_owned(), json!(PAGE))]);
    let region = profile.region.clone();
    let read = move |reply: &Reply| read(&region, offset, reply);
    Call { request: request(profile, v3::DESCRIBE, parameters), read: Box::new(read) }
}

fn read(region: &str, offset: u64, reply: &Reply) -> Result<Page, ReadError> {
    let mut root = response(v3::DESCRIBE, reply)?;
    let items = take_items(&mut root)?;
    let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let rows = items.into_iter().filter_map(|item| if let Json::Object(item) = item { Some(item) } else { None });
    let connections = rows
        .map(|item| {
            let id = item.get("VpnConnectionId").and_then(Json::as_str).unwrap_or_default();
            connection(&reference(Some(region.to_owned()), id), item)
        })
        .collect();
    let total = root.get("TotalCount").and_then(|json| json.as_u64().or_else(|| json.as_str()?.parse().ok()));
    let end = offset.saturating_add(count);
    // A short page is the last one, whatever the count says; without a count, a full page may have a successor.
    let more = count >= PAGE && total.is_none_or(|total| end < total);
    Ok(Page { connections, next: more.then(|| end.to_string()) })
}
