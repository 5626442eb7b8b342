//! Lists of connections, page by page.

use serde_json::Value as Json;

use super::PROVIDER;
use super::wire::{endpoint, read_connection};
use crate::model::Ref;
use crate::provider::{Kind, Page, Profile};
use crate::wire::{Body, Method, Reply, Request, percent_encode};
use crate::wire::{Call, ReadError, object};

pub(super) const LIST: &str = "ListVpnConnections";
/// The most that a page may hold (another edition of the service allows more, so it is said).
const PAGE: usize = 200;

/// One page. What the next one is asked for with is a marker: the time of creation of the last connection.
#[must_use]
pub(super) fn list(profile: &Profile, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
    let project = profile.project_id.as_deref().unwrap_or_default();
    let mut query = vec![("limit".to_owned(), PAGE.to_string())];
    query.extend(after.map(|marker| ("marker".to_owned(), marker.to_owned())));
    let request = Request {
        operation: LIST,
        method: Method::Get,
        endpoint: endpoint(profile),
        path: format!("/v5/{}/vpn-connection", percent_encode(project)),
        query,
        headers: vec![("X-Project-Id".to_owned(), project.to_owned())],
        body: Body::Empty,
    };
    let region = profile.region.clone();
    Call { request, read: Box::new(move |reply| read(&region, kind.name, reply)) }
}

fn read(region: &str, kind: &str, reply: &Reply) -> Result<Page, ReadError> {
    let mut root = object(LIST, reply)?;
    let Some(Json::Array(items)) = root.remove("vpn_connections") else {
        return Err(ReadError::Shape(LIST, "no vpn_connections".to_owned()));
    };
    let count = items.len();
    let rows = items.into_iter().filter_map(|item| if let Json::Object(item) = item { Some(item) } else { None });
    let connections = rows
        .map(|item| {
            let id = item.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
            read_connection(Ref { provider: PROVIDER.id.to_owned(), region: Some(region.to_owned()), kind: kind.to_owned(), id }, item)
        })
        .collect();
    // The marker is there on the last page too: only a full page has a successor.
    let marker = root.get("page_info").and_then(|info| info.get("next_marker")).and_then(Json::as_str).filter(|marker| !marker.is_empty());
    Ok(Page { connections, next: marker.filter(|_| count >= PAGE).map(str::to_owned) })
}
