//! Lists: connections page by page, and the projects of the identity service.

use serde_json::{Value as Json, json};

use super::{CONNECTION, Outcome, PROJECT, PROVIDER, invalid, view};
use crate::emulator::{Incoming, Store, Thing};

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

/// `GET /v5/{project_id}/vpn-connection`, the newest first. The marker is a time of creation.
pub(super) fn connections(incoming: &Incoming, store: &Store, region: &str) -> Outcome {
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
    let filters = ["vgw_id", "vgw_ip", "enterprise_project_id"].map(|name| (name, values(name)));
    let mine = |thing: &&Thing| thing.provider == PROVIDER.id && thing.class == CONNECTION && thing.region == region;
    let mut things: Vec<&Thing> = store.things.iter().filter(mine).collect();
    let total = things.len();
    things.sort_by(|a, b| b.text("created_at").cmp(a.text("created_at")));
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
    let connections: Vec<Json> = page.into_iter().map(view).collect();
    // The count is that of all connections of the tenant, whatever was asked for.
    Ok(json!({ "vpn_connections": connections, "page_info": info, "total_count": total }))
}
