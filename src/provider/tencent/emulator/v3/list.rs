//! `DescribeVpnConnections`, and the lists of gateways.

use serde_json::{Map, Value as Json, json};

use super::filter;
use crate::emulated::{Store, Thing};
use crate::provider::rule::prefixed;
use crate::provider::tencent::cloud::{self, v3};
use crate::provider::tencent::emulator::flaw::{Flaw, malformed, not_found, unknown, wrong_type};
use crate::provider::tencent::emulator::reply::page;
use crate::provider::tencent::emulator::things::{CONNECTION, CUSTOMER_GATEWAY, GATEWAY, LEGACY_ID};
use crate::provider::tencent::emulator::verify::Signed;

/// An operation that lists the things of a class.
pub(super) struct Listing {
    /// Name of the operation.
    action: &'static str,
    class: &'static str,
    /// Parameter with ids, and what these start with.
    ids: &'static str,
    prefix: &'static str,
    /// Field of the list in the reply.
    set: &'static str,
    /// Names of filters, with the fields that they look at.
    filters: &'static [(&'static str, &'static str)],
}

const LISTINGS: &[Listing] = &[
    Listing {
        action: v3::DESCRIBE,
        class: CONNECTION,
        ids: "VpnConnectionIds",
        prefix: "vpnx-",
        set: "VpnConnectionSet",
        filters: &[
            ("vpc-id", "VpcId"),
            ("vpn-gateway-id", "VpnGatewayId"),
            ("customer-gateway-id", "CustomerGatewayId"),
            ("vpn-connection-name", "VpnConnectionName"),
            ("vpn-connection-id", "VpnConnectionId"),
        ],
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

/// The list of this name.
pub(super) fn listing(action: &str) -> Option<&'static Listing> {
    LISTINGS.iter().find(|listing| listing.action == action)
}

/// Lists things, page by page.
pub(super) fn list(listing: &Listing, signed: &Signed, region: &str, store: &Store) -> Result<Map<String, Json>, Flaw> {
    let given = &signed.parameters;
    if let Some(name) = given.keys().find(|name| ![listing.ids, "Filters", "Offset", "Limit"].contains(&name.as_str())) {
        return Err(unknown(name));
    }
    let array = |name: &str| given.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let (ids, filters) = (array(listing.ids), array("Filters"));
    if !ids.is_empty() && !filters.is_empty() {
        return Err(("InvalidParameter", format!("`{}` and `Filters` cannot be used together.", listing.ids)));
    }
    let (offset, limit) = (number(given, "Offset", 0)?, number(given, "Limit", 20)?);
    if limit > 100 || limit == 0 || ids.len() > 100 {
        return Err(("InvalidParameterValue.Range", "The parameter `Limit` must be 1 to 100.".to_owned()));
    }
    let here: Vec<&Thing> =
        store.things.iter().filter(|thing| thing.provider == cloud::ID && thing.class == listing.class && thing.region == region).collect();
    check_ids(listing, ids, &here)?;
    let filters = filter::read(listing.filters, filters)?;
    let is_wanted = |thing: &Thing| ids.is_empty() || ids.iter().any(|id| id.as_str() == Some(&thing.id));
    let items: Vec<&Thing> = here.into_iter().filter(|thing| is_wanted(thing) && filter::fits(&filters, thing)).collect();
    let (total, set) = page(items, offset, limit, shown);
    Ok(Map::from_iter([("TotalCount".to_owned(), json!(total)), (listing.set.to_owned(), set)]))
}

fn check_ids(listing: &Listing, ids: &[Json], here: &[&Thing]) -> Result<(), Flaw> {
    for id in ids {
        let id = id.as_str().filter(|id| prefixed(id, listing.prefix)).ok_or_else(|| malformed(listing.ids))?;
        if !here.iter().any(|thing| thing.id == id) {
            return Err(not_found(id));
        }
    }
    Ok(())
}

fn number(given: &Map<String, Json>, name: &str, default: u64) -> Result<u64, Flaw> {
    match given.get(name) {
        None | Some(Json::Null) => Ok(default),
        Some(json) => json.as_u64().or_else(|| json.as_str()?.parse().ok()).ok_or_else(|| wrong_type(name)),
    }
}

fn shown(thing: &Thing) -> Json {
    let mut data = thing.data.clone();
    data.remove(LEGACY_ID);
    if thing.is_changing() {
        data.insert("State".to_owned(), json!("PENDING"));
    }
    Json::Object(data)
}
