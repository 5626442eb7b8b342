//! Requests of API 3.0.

use serde_json::{Map, Value as Json, json};

use super::flat::flatten;
use crate::error::Violation;
use crate::model::{Connection, Settings};
use crate::provider::field::write_all;
use crate::provider::tencent::cloud::{reference_of, v3};
use crate::provider::tencent::rules::bgp;
use crate::provider::tencent::{identity, read, settings, sign};
use crate::provider::{Accepted, Edit, GATEWAY, Profile, Progress, Target};
use crate::wire::{Body, Call, Endpoint, Method, Pairs, Request};

/// Builds a request in the form that the profile's signature needs: JSON with headers for TC3, otherwise a form.
#[must_use]
pub fn request(profile: &Profile, operation: &'static str, parameters: Map<String, Json>) -> Request {
    let endpoint = profile.endpoint.clone().unwrap_or_else(|| Endpoint::https(host(&profile.region)));
    let mut common = vec![("Action", operation), ("Version", v3::VERSION), ("Language", "en-US")];
    if !profile.region.is_empty() {
        common.push(("Region", &profile.region));
    }
    let (headers, body) = if sign::is_tc3(profile) {
        let headers = common.into_iter().map(|(name, value)| (format!("X-TC-{name}"), value.to_owned())).collect();
        (headers, Body::Json(Json::Object(parameters).to_string()))
    } else {
        let mut pairs: Pairs = common.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        pairs.extend(flatten(&parameters));
        (Vec::new(), Body::Form(pairs))
    };
    Request { operation, method: Method::Post, endpoint, path: "/".to_owned(), query: Vec::new(), headers, body }
}

/// The host of a region. Finance regions have hosts of their own.
fn host(region: &str) -> String {
    if region.ends_with("-fsi") { format!("vpc.{region}.tencentcloudapi.com") } else { "vpc.tencentcloudapi.com".to_owned() }
}

/// Reads one connection.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let reference = reference_of(profile, target);
    let parameters = Map::from_iter([("VpnConnectionIds".to_owned(), json!([target.id]))]);
    Call { request: request(profile, v3::DESCRIBE, parameters), read: Box::new(move |reply| read::v3::one(reply, &reference)) }
}

/// Modifies a connection. Sends only what was asked for, plus the fields without which that has no meaning.
///
/// # Errors
/// What must be given as well.
pub fn modify(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let change = with_whole_bgp(edit, identity::complete(edit)?)?;
    let mut parameters = write_all(settings::V3, &change);
    identity::place(identity::V3, &change, &mut parameters);
    parameters.insert("VpnConnectionId".to_owned(), json!(edit.target.id));
    Ok(Call { request: request(profile, v3::MODIFY, parameters), read: Box::new(|reply| read::v3::accepted(v3::MODIFY, reply)) })
}

/// Completes the BGP settings, which the cloud accepts only as a whole, from what was read.
fn with_whole_bgp(edit: &Edit<'_>, mut change: Settings) -> Result<Settings, Vec<Violation>> {
    if !bgp::is_in(&change) {
        return Ok(change);
    }
    let after = edit.current.map_or_else(|| change.clone(), |current| current.settings.with(&change));
    let missing = bgp::missing(&after);
    if !missing.is_empty() {
        return Err(missing);
    }
    for key in bgp::KEYS {
        if let Some(value) = after.get(*key) {
            change.set(*key, value.clone());
        }
    }
    Ok(change)
}

/// Renegotiates a connection. Unlike a modify, the request has to name the gateway.
///
/// # Errors
/// When the gateway is not known.
pub fn reset(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let given = edit.address.iter().find(|(name, _)| *name == GATEWAY).map(|(_, value)| value.clone());
    let Some(gateway) = given.or_else(|| edit.current?.gateway.clone()) else {
        let rule = format!("is needed: {} requires the gateway, and no reply names it", v3::RESET);
        return Err(vec![Violation { setting: format!("--{GATEWAY}"), value: None, rule }]);
    };
    let ids = [("VpnGatewayId", json!(gateway)), ("VpnConnectionId", json!(edit.target.id))];
    let parameters = ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect();
    Ok(Call { request: request(profile, v3::RESET, parameters), read: Box::new(|reply| read::v3::accepted(v3::RESET, reply)) })
}

/// Polls a change. API 3.0 returns no task, so this reads the connection.
#[must_use]
pub fn progress(profile: &Profile, target: &Target) -> Call<Progress> {
    read::progress_of(show(profile, target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tencent::testing::profile;

    #[test]
    fn finance_regions_have_their_own_host() {
        let host = |region: &str| request(&profile(region), v3::DESCRIBE, Map::new()).endpoint.authority;
        assert_eq!(host("ap-guangzhou"), "vpc.tencentcloudapi.com");
        assert_eq!(host("ap-shanghai-fsi"), "vpc.ap-shanghai-fsi.tencentcloudapi.com");
    }
}
