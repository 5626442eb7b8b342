//! Lists of connections, page by page.

use serde_json::Value as Json;

use super::cloud::{self, LIST, endpoint};
use super::read::read_connection;
use crate::provider::{Kind, Page, Profile};
use crate::wire::{Body, Call, Method, ReadError, Reply, Request, object, percent_encode};

/// The largest page that the API allows. It is sent explicitly because another edition of the service allows more.
const PAGE: usize = 200;

/// One page. The marker `after` is the creation time of the last connection of the page before.
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
            let id = item.get("id").and_then(Json::as_str).unwrap_or_default();
            read_connection(cloud::reference(Some(region), kind, id), item)
        })
        .collect();
    // The last page carries a marker as well: only a full page has a next one.
    let marker = root.get("page_info").and_then(|info| info.get("next_marker")).and_then(Json::as_str).filter(|marker| !marker.is_empty());
    Ok(Page { connections, next: marker.filter(|_| count >= PAGE).map(str::to_owned) })
}
