//! Lists: connections page by page, and the projects of the identity service.

use std::cmp::Reverse;

use serde_json::{Value as Json, json};

use super::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY, Outcome, PROJECT, PROVIDER, invalid, shown, view};
use crate::emulated::{Incoming, Store, Thing};

const LARGEST_PAGE: usize = 200;

/// `GET /v3/projects?name=`.
pub(super) fn projects(incoming: &Incoming, store: &Store) -> Json {
    let query = incoming.query();
    let name = query.iter().find(|(name, _)| name == "name").map(|(_, value)| value.as_str());
    let project =
        |thing: &&Thing| thing.provider == PROVIDER.id && thing.class == PROJECT && name.is_none_or(|name| thing.text("name") == name);
    let projects: Vec<Json> = store.things.iter().filter(project).map(|thing| Json::Object(thing.data.clone())).collect();
    json!({ "links": { "self": incoming.target, "previous": null, "next": null }, "projects": projects })
}

/// `GET /v5/{project_id}/vpn-connection`.
pub(super) fn connections(incoming: &Incoming, store: &Store, region: &str) -> Outcome {
    // The count is that of all connections of the tenant, whatever was asked for.
    paged(incoming, store, region, CONNECTION, "vpn_connections", &["vgw_id", "vgw_ip", "enterprise_project_id"])
}

/// `GET /v5/{project_id}/customer-gateways`.
pub(super) fn customer_gateways(incoming: &Incoming, store: &Store, region: &str) -> Outcome {
    paged(incoming, store, region, CUSTOMER_GATEWAY, "customer_gateways", &[])
}

/// `GET /v5/{project_id}/vpn-gateways`: all in one answer.
pub(super) fn gateways(incoming: &Incoming, store: &Store, region: &str) -> Json {
    let query = incoming.query();
    let projects: Vec<&str> = query.iter().filter(|(name, _)| name == "enterprise_project_id").map(|(_, value)| value.as_str()).collect();
    let gateways: Vec<Json> = newest_first(store, region, GATEWAY)
        .into_iter()
        .filter(|thing| projects.is_empty() || projects.contains(&thing.text("enterprise_project_id")))
        .map(|thing| Json::Object(shown(&thing.data)))
        .collect();
    json!({ "vpn_gateways": gateways })
}

fn newest_first<'a>(store: &'a Store, region: &str, class: &str) -> Vec<&'a Thing> {
    let mine = |thing: &&Thing| thing.provider == PROVIDER.id && thing.class == class && thing.region == region;
    let mut things: Vec<&Thing> = store.things.iter().filter(mine).collect();
    things.sort_by_cached_key(|thing| Reverse(thing.text("created_at")));
    things
}

/// A page, the newest first. The marker is a time of creation.
fn paged(incoming: &Incoming, store: &Store, region: &str, class: &str, wrapper: &str, filters: &[&str]) -> Outcome {
    let query = incoming.query();
    let values = |name: &str| query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    let (limit, marker) = (values("limit").first().copied(), values("marker").first().copied());
    if marker.is_some() && limit.is_none() {
        return Err(invalid("marker must be used together with limit"));
    }
    let limit = match limit.map(str::parse) {
        None | Some(Ok(0)) => LARGEST_PAGE,
        Some(Ok(limit @ 1..=LARGEST_PAGE)) => limit,
        Some(_) => return Err(invalid("limit must be 0 to 200")),
    };
    let filters: Vec<_> = filters.iter().map(|name| (*name, values(name))).collect();
    let things = newest_first(store, region, class);
    let total = things.len();
    let page: Vec<&Thing> = things
        .into_iter()
        .filter(|thing| marker.is_none_or(|marker| thing.text("created_at") < marker))
        .filter(|thing| filters.iter().all(|(name, allowed)| allowed.is_empty() || allowed.contains(&thing.text(name))))
        .take(limit)
        .collect();
    let mut info = json!({ "current_count": page.len() });
    if let (Some(last), Some(info)) = (page.last(), info.as_object_mut()) {
        info.insert("next_marker".to_owned(), json!(last.text("created_at")));
    }
    let rows: Vec<Json> = page.into_iter().map(view).collect();
    Ok(json!({ wrapper: rows, "page_info": info, "total_count": total }))
}
