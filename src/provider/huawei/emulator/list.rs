//! Lists of connections, gateways and customer gateways, and the projects of the identity service.

use std::cmp::Reverse;

use serde_json::{Value as Json, json};

use super::reply::{Outcome, invalid, shown, view};
use super::things::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY, PROJECT, region};
use crate::emulated::{Incoming, Store, Thing};
use crate::provider::huawei::cloud::ID;

const LARGEST_PAGE: usize = 200;

/// `GET /v3/projects?name=`.
pub(super) fn projects(incoming: &Incoming, store: &Store) -> Json {
    let query = incoming.query();
    let name = query.iter().find(|(name, _)| name == "name").map(|(_, value)| value.as_str());
    let project = |thing: &&Thing| thing.provider == ID && thing.class == PROJECT && name.is_none_or(|name| thing.text("name") == name);
    let projects: Vec<Json> = store.things.iter().filter(project).map(|thing| Json::Object(thing.data.clone())).collect();
    json!({ "links": { "self": incoming.target, "previous": null, "next": null }, "projects": projects })
}

/// `GET /v5/{project_id}/vpn-connection`.
pub(super) fn connections(incoming: &Incoming, store: &Store, project: &str) -> Outcome {
    paged(incoming, store, region(store, project)?, CONNECTION, "vpn_connections", &["vgw_id", "vgw_ip", "enterprise_project_id"])
}

/// `GET /v5/{project_id}/customer-gateways`.
pub(super) fn customer_gateways(incoming: &Incoming, store: &Store, project: &str) -> Outcome {
    paged(incoming, store, region(store, project)?, CUSTOMER_GATEWAY, "customer_gateways", &[])
}

/// `GET /v5/{project_id}/vpn-gateways`: all in one reply.
pub(super) fn gateways(incoming: &Incoming, store: &Store, project: &str) -> Outcome {
    let query = incoming.query();
    let projects: Vec<&str> = query.iter().filter(|(name, _)| name == "enterprise_project_id").map(|(_, value)| value.as_str()).collect();
    let gateways: Vec<Json> = newest_first(store, region(store, project)?, GATEWAY)
        .into_iter()
        .filter(|thing| projects.is_empty() || projects.contains(&thing.text("enterprise_project_id")))
        .map(|thing| Json::Object(shown(&thing.data)))
        .collect();
    Ok(json!({ "vpn_gateways": gateways }))
}

fn newest_first<'a>(store: &'a Store, region: &str, class: &str) -> Vec<&'a Thing> {
    let mine = |thing: &&Thing| thing.provider == ID && thing.class == class && thing.region == region;
    let mut things: Vec<&Thing> = store.things.iter().filter(mine).collect();
    things.sort_by_cached_key(|thing| Reverse(thing.text("created_at")));
    things
}

/// One page, newest first. The marker is a creation time. `total_count` ignores the filters, as the vendor's does.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, Term, Value};
    use crate::provider::Profile;
    use crate::provider::huawei::PROVIDER;
    use crate::provider::huawei::testing::{Failed, MIRROR, World, get, own, profile, refusal};
    use crate::wire::ReadError;

    #[test]
    fn project_is_found_by_region() {
        let mut world = World::new();
        let mut provider = (PROVIDER.connect)(Profile { project_id: None, ..profile("cn-east-3") });
        let call = provider.locate().unwrap();
        let found = world.call(&call).unwrap();
        assert_eq!(found, "1123456789abcdef0123456789abcdef");
        provider.located(found);
        assert!(provider.locate().is_none());
        world.provider = provider;
        let connection = world.show(MIRROR);
        let rules = Value::Rules(vec![]);
        assert_ne!(connection.settings.get(Key::PolicyRules), Some(&rules));
        assert_eq!(connection.settings.list(Key::LocalSubnets), ["10.1.3.0/24", "10.1.4.0/24"]);
        assert_eq!((connection.status.change, connection.status.tunnel), (Term::Settled, Term::Down));
        let nowhere = (PROVIDER.connect)(Profile { project_id: None, ..profile("xx-nowhere-1") });
        let call = nowhere.locate().unwrap();
        assert!(matches!(world.call(&call), Err(Failed::Read(ReadError::Missing(_)))));
    }

    #[test]
    fn every_page_has_a_marker_the_last_one_too() {
        let mut world = World::new();
        let mut page = |query: &[(&str, &str)]| world.call(&get(&own("vpn-connection"), query)).unwrap();
        let names = |page: &Json| -> Vec<String> {
            page["vpn_connections"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        let all = page(&[]);
        assert_eq!(names(&all), ["static-1", "bgp-1", "vpn-1655"]);
        let first = page(&[("limit", "2")]);
        assert_eq!((names(&first), &first["page_info"]["current_count"]), (vec!["static-1".to_owned(), "bgp-1".to_owned()], &json!(2)));
        let marker = first["page_info"]["next_marker"].as_str().unwrap().to_owned();
        let last = page(&[("limit", "2"), ("marker", &marker)]);
        assert_eq!((names(&last), &last["total_count"]), (vec!["vpn-1655".to_owned()], &json!(3)));
        assert_eq!(last["page_info"]["next_marker"], "2022-11-26T13:41:34.626Z");
        let some =
            page(&[("vgw_id", "b32d91a4-1111-4222-8333-e907174eb11d"), ("enterprise_project_id", "0"), ("enterprise_project_id", "x")]);
        assert_eq!((names(&some), &some["total_count"]), (vec!["vpn-1655".to_owned()], &json!(3)));
        for query in [[("limit", "201")].as_slice(), &[("limit", "x")], &[("marker", "2022")]] {
            assert_eq!(refusal(world.call(&get(&own("vpn-connection"), query))).code, "VPN.0001");
        }
    }
}
