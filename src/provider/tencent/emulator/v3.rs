//! API 3.0: its operations, and its way to refuse.

use serde_json::{Map, Value as Json, json};

use super::verify::{Signed, Wrong, verify};
use super::{CLOUD, CONNECTION, CUSTOMER_GATEWAY, Flaw, GATEWAY, LEGACY_ID, WINDOW_SECS, page, parameters, region, reply, secret_of};
use crate::emulated::{Incoming, Store, Task, Thing};
use crate::provider::rule::prefixed;
use crate::provider::tencent::{identity, settings, wire};
use crate::wire::Reply;

/// A class of things that can be listed.
struct Listing {
    action: &'static str,
    class: &'static str,
    ids: &'static str,
    prefix: &'static str,
    set: &'static str,
    filters: &'static [(&'static str, &'static str)],
}

const LISTINGS: &[Listing] = &[
    Listing {
        action: wire::DESCRIBE,
        class: CONNECTION,
        ids: "VpnConnectionIds",
        prefix: "vpnx-",
        set: "VpnConnectionSet",
        filters: FILTERS,
    },
    Listing {
        action: "DescribeVpnGateways",
        class: GATEWAY,
        ids: "VpnGatewayIds",
        prefix: "vpngw-",
        set: "VpnGatewaySet",
        filters: &[
            ("vpc-id", "VpcId"),
            ("vpn-gateway-id", "VpnGatewayId"),
            ("vpn-gateway-name", "VpnGatewayName"),
            ("type", "Type"),
            ("public-ip-address", "PublicIpAddress"),
            ("renew-flag", "RenewFlag"),
            ("zone", "Zone"),
        ],
    },
    Listing {
        action: "DescribeCustomerGateways",
        class: CUSTOMER_GATEWAY,
        ids: "CustomerGatewayIds",
        prefix: "cgw-",
        set: "CustomerGatewaySet",
        filters: &[
            ("customer-gateway-id", "CustomerGatewayId"),
            ("customer-gateway-name", "CustomerGatewayName"),
            ("ip-address", "IpAddress"),
            ("ip-version", "IpVersion"),
        ],
    },
];

const FILTERS: &[(&str, &str)] = &[
    ("vpc-id", "VpcId"),
    ("vpn-gateway-id", "VpnGatewayId"),
    ("customer-gateway-id", "CustomerGatewayId"),
    ("vpn-connection-name", "VpnConnectionName"),
    ("vpn-connection-id", "VpnConnectionId"),
];

/// Answers a request.
pub(super) fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let request_id = store.request_id().to_ascii_lowercase();
    match answer(incoming, store, &request_id) {
        Ok(mut response) => {
            response.insert("RequestId".to_owned(), json!(request_id));
            reply(&json!({ "Response": response }))
        }
        Err((code, message)) => refused(code, &message, &request_id),
    }
}

/// An error.
pub(super) fn refused(code: &str, message: &str, request_id: &str) -> Reply {
    reply(&json!({ "Response": { "Error": { "Code": code, "Message": message }, "RequestId": request_id } }))
}

fn answer(incoming: &Incoming, store: &mut Store, request_id: &str) -> Result<Map<String, Json>, Flaw> {
    let signed = verify(incoming, secret_of).map_err(|wrong| match wrong {
        Wrong::Missing(name) => ("MissingParameter", format!("The request is missing a required parameter `{name}`.")),
        Wrong::Authorization => ("AuthFailure.InvalidAuthorization", "The Authorization header is not valid.".to_owned()),
        Wrong::Id => ("AuthFailure.SecretIdNotFound", "The SecretId is not found.".to_owned()),
        Wrong::Mismatch => ("AuthFailure.SignatureFailure", "The provided credentials could not be validated.".to_owned()),
        Wrong::Body => ("InvalidParameter", "The body is not a JSON object.".to_owned()),
        Wrong::Protocol => ("UnsupportedProtocol", "The method or content type is not supported.".to_owned()),
    })?;
    if incoming.at.timestamp().abs_diff(signed.timestamp) > WINDOW_SECS {
        return Err(("AuthFailure.SignatureExpire", "The signature has expired.".to_owned()));
    }
    if let Some(nonce) = &signed.nonce
        && !store.fresh_nonce(&format!("{CLOUD}-v3-{}-{nonce}", signed.id))
    {
        return Err(("AuthFailure.SignatureFailure", "The nonce was used before.".to_owned()));
    }
    if signed.version != wire::VERSION {
        return Err(("NoSuchVersion", format!("The version `{}` does not exist.", signed.version)));
    }
    let listing = LISTINGS.iter().find(|listing| listing.action == signed.action);
    if listing.is_none() && ![wire::MODIFY, wire::RESET, "DescribeVpcTaskResult"].contains(&signed.action.as_str()) {
        return Err(("InvalidAction", format!("The action `{}` does not exist.", signed.action)));
    }
    let Some(region) = region(&signed.region) else {
        return Err(match signed.region.as_str() {
            "" => ("MissingParameter", "The request is missing a required parameter `Region`.".to_owned()),
            name => ("UnsupportedRegion", format!("The region `{name}` is not supported.")),
        });
    };
    match signed.action.as_str() {
        wire::MODIFY => modify(signed, region, store, request_id),
        wire::RESET => reset(&signed, region, store, request_id),
        _ => match listing {
            Some(listing) => describe(listing, &signed, region, store),
            None => task(&signed, store),
        },
    }
}

fn modify(signed: Signed, region: &str, store: &mut Store, request_id: &str) -> Result<Map<String, Json>, Flaw> {
    let mut given = signed.parameters;
    let id = match given.remove("VpnConnectionId") {
        Some(Json::String(id)) if prefixed(&id, "vpnx-") => id,
        Some(_) => return Err(("InvalidParameterValue.Malformed", "The parameter `VpnConnectionId` has an invalid format.".to_owned())),
        None => return Err(("MissingParameter", "The request is missing a required parameter `VpnConnectionId`.".to_owned())),
    };
    let wanted = parameters::read(settings::V3, identity::V3, given, signed.typed)?;
    change(&id, region, wanted, store)?;
    let due_ms = store.now_ms() + store.settle_ms;
    store.tasks.push(Task { id: request_id.to_owned(), due_ms });
    Ok(Map::new())
}

/// Starts a change; API 2.0 comes here too.
pub(super) fn change(id: &str, region: &str, wanted: parameters::Wanted, store: &mut Store) -> Result<(), Flaw> {
    let not_found = |what: &str| ("ResourceNotFound", format!("The resource `{what}` is not found."));
    let thing = store.find(CLOUD, CONNECTION, id).filter(|thing| thing.region == region).ok_or_else(|| not_found(id))?;
    if thing.is_changing() || thing.text("State") != "AVAILABLE" {
        return Err(("UnsupportedOperation.InvalidState", "The resource state is invalid.".to_owned()));
    }
    let then = parameters::merge(&thing.data, wanted);
    let gateway = store.find(CLOUD, GATEWAY, thing.text("VpnGatewayId"));
    if let Some(flaw) = parameters::refusal(&then, &thing.data, gateway.map_or("", |gateway| gateway.text("Version"))) {
        return Err(flaw);
    }
    let customer = then.get("CustomerGatewayId").and_then(Json::as_str).unwrap_or_default();
    if store.find(CLOUD, CUSTOMER_GATEWAY, customer).is_none_or(|found| found.region != region) {
        return Err(not_found(customer));
    }
    store.change(CLOUD, CONNECTION, id, then);
    Ok(())
}

fn shown(thing: &Thing) -> Json {
    let mut data = thing.data.clone();
    data.remove(LEGACY_ID);
    if thing.is_changing() {
        data.insert("State".to_owned(), json!("PENDING"));
    }
    Json::Object(data)
}

/// Negotiates anew: nothing changes but the state, for a while.
fn reset(signed: &Signed, region: &str, store: &mut Store, request_id: &str) -> Result<Map<String, Json>, Flaw> {
    let id = |name: &str, prefix: &str| match signed.parameters.get(name).and_then(Json::as_str) {
        Some(id) if prefixed(id, prefix) => Ok(id.to_owned()),
        Some(_) => Err(("InvalidParameterValue.Malformed", format!("The parameter `{name}` has an invalid format."))),
        None => Err(("MissingParameter", format!("The request is missing a required parameter `{name}`."))),
    };
    let (gateway, id) = (id("VpnGatewayId", "vpngw-")?, id("VpnConnectionId", "vpnx-")?);
    let thing = store.find(CLOUD, CONNECTION, &id).filter(|thing| thing.region == region && thing.text("VpnGatewayId") == gateway);
    thing.ok_or_else(|| ("ResourceNotFound", format!("The resource `{id}` is not found.")))?;
    restart(&id, store)?;
    let due_ms = store.now_ms() + store.settle_ms;
    store.tasks.push(Task { id: request_id.to_owned(), due_ms });
    Ok(Map::new())
}

/// Starts a reset; API 2.0 comes here too.
pub(super) fn restart(id: &str, store: &mut Store) -> Result<(), Flaw> {
    let Some(thing) = store.find(CLOUD, CONNECTION, id).filter(|thing| !thing.is_changing() && thing.text("State") == "AVAILABLE") else {
        return Err(("UnsupportedOperation.InvalidState", "The resource state is invalid.".to_owned()));
    };
    let data = thing.data.clone();
    store.change(CLOUD, CONNECTION, id, data);
    store.restart(CLOUD, CONNECTION, id, 0..1);
    Ok(())
}

fn describe(listing: &Listing, signed: &Signed, region: &str, store: &Store) -> Result<Map<String, Json>, Flaw> {
    let given = &signed.parameters;
    if let Some(name) = given.keys().find(|name| ![listing.ids, "Filters", "Offset", "Limit"].contains(&name.as_str())) {
        return Err(("UnknownParameter", format!("The parameter `{name}` is not recognized.")));
    }
    let list = |name: &str| given.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let (ids, filters) = (list(listing.ids), list("Filters"));
    if !ids.is_empty() && !filters.is_empty() {
        return Err(("InvalidParameter", format!("`{}` and `Filters` cannot be used together.", listing.ids)));
    }
    let offset = number(given, "Offset", 0)?;
    let limit = number(given, "Limit", 20)?;
    if limit > 100 || limit == 0 || ids.len() > 100 {
        return Err(("InvalidParameterValue.Range", "The parameter `Limit` must be 1 to 100.".to_owned()));
    }
    let here: Vec<&Thing> =
        store.things.iter().filter(|thing| thing.provider == CLOUD && thing.class == listing.class && thing.region == region).collect();
    for id in ids {
        let id = id.as_str().filter(|id| prefixed(id, listing.prefix));
        let id =
            id.ok_or_else(|| ("InvalidParameterValue.Malformed", format!("The parameter `{}` has an invalid format.", listing.ids)))?;
        if !here.iter().any(|thing| thing.id == id) {
            return Err(("ResourceNotFound", format!("The resource `{id}` is not found.")));
        }
    }
    let rules = filters_of(listing.filters, filters)?;
    let fits = |thing: &Thing| {
        (ids.is_empty() || ids.iter().any(|id| id.as_str() == Some(&thing.id)))
            && rules.iter().all(|(field, values)| values.iter().any(|value| *value == thing.text(field)))
    };
    let items: Vec<&Thing> = here.into_iter().filter(|thing| fits(thing)).collect();
    let (total, set) = page(items, offset, limit, shown);
    Ok(Map::from_iter([("TotalCount".to_owned(), json!(total)), (listing.set.to_owned(), set)]))
}

type Filters<'a> = Vec<(&'static str, Vec<&'a str>)>;

fn filters_of<'a>(known: &[(&'static str, &'static str)], filters: &'a [Json]) -> Result<Filters<'a>, Flaw> {
    if filters.len() > 10 {
        return Err(("LimitExceeded.NumberOfFilters", "There are more than 10 filters.".to_owned()));
    }
    let row = |filter: &'_ Json| -> Option<&'static str> {
        let name = filter.get("Name")?.as_str()?;
        known.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    };
    filters
        .iter()
        .map(|filter| {
            let field = row(filter).ok_or(("InvalidParameter.FilterInvalidKey", "The filter key is not valid.".to_owned()))?;
            let values: Vec<&str> = filter.get("Values").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
            if values.len() > 5 {
                return Err(("InvalidParameterValue.LimitExceeded", "A filter has more than 5 values.".to_owned()));
            }
            Ok((field, values))
        })
        .collect()
}

fn number(given: &Map<String, Json>, name: &str, default: u64) -> Result<u64, Flaw> {
    match given.get(name) {
        None | Some(Json::Null) => Ok(default),
        Some(json) => json
            .as_u64()
            .or_else(|| json.as_str()?.parse().ok())
            .ok_or_else(|| ("InvalidParameter", format!("The type of the parameter `{name}` is not valid."))),
    }
}

fn task(signed: &Signed, store: &Store) -> Result<Map<String, Json>, Flaw> {
    let id = signed.parameters.get("TaskId").and_then(Json::as_str).unwrap_or_default();
    let done = store.task_done(id).ok_or_else(|| ("ResourceNotFound", format!("The task `{id}` is not found.")))?;
    let status = if done { "SUCCESS" } else { "RUNNING" };
    Ok(Map::from_iter([("Status".to_owned(), json!(status)), ("Output".to_owned(), json!("")), ("Result".to_owned(), json!([]))]))
}
