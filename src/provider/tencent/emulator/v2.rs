//! API 2.0: its operations, and its way to refuse.

use std::cmp::Reverse;

use serde_json::{Map, Value as Json, json};

use super::verify::{Signed, Wrong, nested, verify};
use super::{CLOUD, CONNECTION, CUSTOMER_GATEWAY, GATEWAY, LEGACY_ID, WINDOW_SECS, page, parameters, region, reply, secret_of, v3};
use crate::emulated::{Incoming, Store, Thing};
use crate::provider::field::{at, insert_at};
use crate::provider::tencent::{identity, settings, wire_v2};
use crate::wire::{Pairs, Reply};

/// Number, name and message of an error.
type Flaw = (i64, &'static str, String);

/// Fields of the two sets, here and at API 3.0. Words are in lower case here.
const SETS: &[(&str, &str)] = &[
    ("IKESet.propoEncryAlgorithm", "IKEOptionsSpecification.PropoEncryAlgorithm"),
    ("IKESet.propoAuthenAlgorithm", "IKEOptionsSpecification.PropoAuthenAlgorithm"),
    ("IKESet.exchangeMode", "IKEOptionsSpecification.ExchangeMode"),
    ("IKESet.localIdentity", "IKEOptionsSpecification.LocalIdentity"),
    ("IKESet.remoteIdentity", "IKEOptionsSpecification.RemoteIdentity"),
    ("IKESet.localAddress", "IKEOptionsSpecification.LocalAddress"),
    ("IKESet.remoteAddress", "IKEOptionsSpecification.RemoteAddress"),
    ("IKESet.dhGroupName", "IKEOptionsSpecification.DhGroupName"),
    ("IKESet.ikeSaLifetimeSeconds", "IKEOptionsSpecification.IKESaLifetimeSeconds"),
    ("IPsecSet.encryptAlgorithm", "IPSECOptionsSpecification.EncryptAlgorithm"),
    ("IPsecSet.integrityAlgorith", "IPSECOptionsSpecification.IntegrityAlgorith"),
    ("IPsecSet.ipsecSaLifetimeSeconds", "IPSECOptionsSpecification.IPSECSaLifetimeSeconds"),
    ("IPsecSet.ipsecSaLifetimeTraffic", "IPSECOptionsSpecification.IPSECSaLifetimeTraffic"),
    ("IPsecSet.pfsDhGroup", "IPSECOptionsSpecification.PfsDhGroup"),
];

/// Answers a request.
pub(super) fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    match answer(incoming, store) {
        Ok(body) => reply(&body),
        Err((code, name, message)) => refused(code, name, &message),
    }
}

/// An error.
pub(super) fn refused(code: i64, name: &str, message: &str) -> Reply {
    reply(&json!({ "code": code, "message": message, "codeDesc": name }))
}

fn answer(incoming: &Incoming, store: &mut Store) -> Result<Json, Flaw> {
    let signed = verify(incoming, secret_of).map_err(|wrong| match wrong {
        Wrong::Missing(name) => (4000, "InvalidParameter", format!("missing parameter {name}")),
        Wrong::Id => (4104, "AuthFailure", "the SecretId does not exist".to_owned()),
        Wrong::Authorization | Wrong::Mismatch => (4100, "AuthFailure", "authentication failed".to_owned()),
        Wrong::Body | Wrong::Protocol => (4000, "InvalidParameter", "the body is not a form".to_owned()),
    })?;
    if incoming.at.timestamp().abs_diff(signed.timestamp) > WINDOW_SECS {
        return Err((4200, "RequestExpired", "the request has expired".to_owned()));
    }
    let nonce = signed.nonce.as_deref().unwrap_or_default();
    if !store.fresh_nonce(&format!("{CLOUD}-v2-{}-{nonce}", signed.id)) {
        return Err((4500, "ReplayAttack", "replay attack".to_owned()));
    }
    if ![wire_v2::MODIFY, wire_v2::RESET, wire_v2::DESCRIBE, wire_v2::TASK].contains(&signed.action.as_str()) {
        return Err((6100, "ActionNotFound", format!("action {} is not available", signed.action)));
    }
    let region = region(&signed.region).ok_or((4000, "InvalidParameter", format!("invalid region {}", signed.region)))?;
    match signed.action.as_str() {
        wire_v2::MODIFY => modify(&signed, region, store),
        wire_v2::RESET => reset(&signed, region, store),
        wire_v2::DESCRIBE => describe(&signed.pairs, region, store),
        _ => task(&signed.pairs, store),
    }
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(pair, _)| pair == name).map(|(_, value)| value.as_str())
}

/// The thing with an id in either form.
fn find<'a>(store: &'a Store, class: &str, id: &str, region: &str) -> Option<&'a Thing> {
    store.things.iter().find(|thing| thing.provider == CLOUD && thing.class == class && thing.region == region && is(thing, id))
}

fn is(thing: &Thing, id: &str) -> bool {
    thing.id == id || thing.data.get(LEGACY_ID).and_then(Json::as_u64).is_some_and(|legacy| id.parse() == Ok(legacy))
}

fn modify(signed: &Signed, region: &str, store: &mut Store) -> Result<Json, Flaw> {
    let (id, gateway) = named(signed, region, store)?;
    let wanted =
        parameters::read(settings::V2, identity::V2, given(&signed.pairs)?, false).map_err(|(_, text)| (4000, "InvalidParameter", text))?;
    v3::change(&id, region, wanted, store).map_err(flaw)?;
    let task = store.start_task();
    // The page's own example has these slips: `vpcConnId` and `vpcConnStatus`.
    let then = store.find(CLOUD, CONNECTION, &id).and_then(|thing| thing.pending.as_ref()).map(|pending| pending.data.clone());
    let then = Json::Object(then.unwrap_or_default());
    let customer = then.get("CustomerGatewayId").and_then(Json::as_str).unwrap_or_default();
    Ok(success(json!({
        "vpnGwId": gateway,
        "vpcConnId": id,
        "taskId": task.parse::<u64>().unwrap_or_default(),
        "vpcConnStatus": 2,
        "preSharedKey": then.get("PreShareKey"),
        "userGwSubnetList": networks(&then).1,
        "userGwId": legacy(store, CUSTOMER_GATEWAY, customer),
    })))
}

fn flaw((code, text): super::Flaw) -> Flaw {
    match code {
        "UnsupportedOperation.InvalidState" => (5100, "InvalidVpnConnState", text),
        _ => (4000, "InvalidParameter", text),
    }
}

/// Negotiates anew.
fn reset(signed: &Signed, region: &str, store: &mut Store) -> Result<Json, Flaw> {
    let (id, _) = named(signed, region, store)?;
    v3::restart(&id, store).map_err(flaw)?;
    Ok(json!({ "code": 0, "message": "", "codeDesc": "Success" }))
}

/// The ids of the connection that a request names, and of its gateway.
fn named(signed: &Signed, region: &str, store: &Store) -> Result<(String, String), Flaw> {
    let needed = |name: &'static str| {
        value(&signed.pairs, name).filter(|text| !text.is_empty()).ok_or((4000, "InvalidParameter", format!("missing parameter {name}")))
    };
    let (vpc, gateway, connection) = (needed("vpcId")?, needed("vpnGwId")?, needed("vpnConnId")?);
    let is_here =
        |name: &str, id: &str| store.things.iter().any(|thing| thing.provider == CLOUD && thing.region == region && thing.text(name) == id);
    if !is_here("VpcId", vpc) {
        return Err((5000, "InvalidVpc.NotFound", "the VPC does not exist".to_owned()));
    }
    let gateway =
        find(store, GATEWAY, gateway, region).ok_or((5000, "InvalidVpnGw.NotFound", "the VPN gateway does not exist".to_owned()))?;
    let thing = find(store, CONNECTION, connection, region)
        .filter(|thing| thing.text("VpnGatewayId") == gateway.id && thing.text("VpcId") == vpc)
        .ok_or((5000, "InvalidVpnConn.NotFound", "the VPN connection does not exist".to_owned()))?;
    Ok((thing.id.clone(), gateway.id.clone()))
}

/// The settings among the parameters, nested; `spdAcl` as rules, whether it came as text or flat.
fn given(pairs: &Pairs) -> Result<Map<String, Json>, Flaw> {
    let (mut acl, mut rest) = (Map::new(), Vec::new());
    for (name, value) in pairs.iter().filter(|(name, _)| !["vpcId", "vpnGwId", "vpnConnId"].contains(&name.as_str())) {
        let flat = name.strip_prefix("spdAcl.").and_then(|flat| flat.rsplit_once('.'));
        if name == "spdAcl" {
            acl = serde_json::from_str(value).map_err(|_| (4000, "InvalidParameter", "spdAcl is not a JSON object".to_owned()))?;
        } else if let Some((source, _)) = flat {
            let list = acl.entry(source).or_insert_with(|| json!([]));
            if let Json::Array(list) = list {
                list.push(json!(value));
            }
        } else {
            rest.push((name.clone(), value.clone()));
        }
    }
    let mut given = nested(&rest);
    if !acl.is_empty() {
        let rules: Json = acl.iter().map(|(source, destinations)| json!({ "source": source, "destinations": destinations })).collect();
        given.insert("spdAcl".to_owned(), rules);
    }
    // The vendor's client sends `IKESet.0.field` when it is handed a list.
    for set in ["IKESet", "IPsecSet"] {
        if let Some(first) = given.get(set).and_then(|set| set.get(0)).cloned() {
            given.insert(set.to_owned(), first);
        }
    }
    Ok(given)
}

fn success(data: Json) -> Json {
    json!({ "code": 0, "message": "", "codeDesc": "Success", "data": data })
}

fn networks(connection: &Json) -> (Vec<String>, Vec<String>) {
    let (mut local, mut remote) = (Vec::new(), Vec::new());
    for row in connection.get("SecurityPolicyDatabaseSet").and_then(Json::as_array).into_iter().flatten() {
        local.extend(row.get("LocalCidrBlock").and_then(Json::as_str).map(str::to_owned));
        let destinations = row.get("RemoteCidrBlock").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for destination in destinations {
            if !remote.iter().any(|known| known == destination) {
                remote.push(destination.to_owned());
            }
        }
    }
    (local, remote)
}

fn legacy(store: &Store, class: &str, id: &str) -> Json {
    store.find(CLOUD, class, id).and_then(|thing| thing.data.get(LEGACY_ID)).cloned().unwrap_or_default()
}

fn shown(store: &Store, thing: &Thing) -> Json {
    let data = Json::Object(thing.data.clone());
    let (gateway, customer) = (thing.text("VpnGatewayId"), thing.text("CustomerGatewayId"));
    let text = |class: &str, id: &str, name: &str| store.find(CLOUD, class, id).map(|found| found.text(name).to_owned());
    let (local, remote) = networks(&data);
    let mut item = json!({
        "vpcId": thing.text("VpcId"),
        "unVpcId": thing.text("VpcId"),
        "vpnGwId": legacy(store, GATEWAY, gateway),
        "unVpnGwId": gateway,
        "vpnGwName": text(GATEWAY, gateway, "VpnGatewayName"),
        "vpnGwAddress": text(GATEWAY, gateway, "PublicIpAddress"),
        "vpnConnId": thing.data.get(LEGACY_ID),
        "unVpnConnId": thing.id,
        "vpnConnName": thing.text("VpnConnectionName"),
        "userGwId": legacy(store, CUSTOMER_GATEWAY, customer),
        "unUserGwId": customer,
        "userGwName": text(CUSTOMER_GATEWAY, customer, "CustomerGatewayName"),
        "userGwAddress": text(CUSTOMER_GATEWAY, customer, "IpAddress"),
        "preSharedKey": thing.text("PreShareKey"),
        "sourceCidr": local,
        "destinationCidr": remote,
        "vpcConnStatus": if thing.is_changing() { 2 } else { 6 },
        "netStatus": thing.text("NetStatus").to_ascii_lowercase(),
        "vpnProto": "ip-sec",
        "createTime": thing.text("CreatedTime"),
        "IPsecSet": { "encapMode": "tunnel", "securityProto": "ESP" },
    });
    if let Json::Object(item) = &mut item {
        for (ours, theirs) in SETS {
            // Numbers are texts here.
            let word = match at(&data, theirs) {
                Some(Json::String(text)) => json!(text.to_ascii_lowercase()),
                Some(Json::Number(number)) => json!(number.to_string()),
                _ => Json::Null,
            };
            insert_at(item, ours, word);
        }
        // Names keep their case; one that is not set is null.
        for (ours, theirs) in identity::V2.iter().zip(identity::V3) {
            let name = at(&data, theirs.name_path).and_then(Json::as_str).filter(|name| !name.is_empty());
            insert_at(item, ours.name_path, json!(name));
        }
    }
    item
}

fn describe(pairs: &Pairs, region: &str, store: &Store) -> Result<Json, Flaw> {
    let number = |name: &str, default: u64| {
        value(pairs, name)
            .map_or(Ok(default), |text| text.parse().map_err(|_| (4000, "InvalidParameter", format!("{name} is not a number"))))
    };
    let (offset, limit) = (number("offset", 0)?, number("limit", 20)?);
    if limit > 50 {
        return Err((4000, "InvalidParameter", "limit is above 50".to_owned()));
    }
    let fits = |thing: &&Thing| {
        thing.provider == CLOUD
            && thing.class == CONNECTION
            && thing.region == region
            && value(pairs, "vpnConnId").is_none_or(|id| is(thing, id))
            && value(pairs, "vpcId").is_none_or(|id| thing.text("VpcId") == id)
            && value(pairs, "vpnGwId").is_none_or(|id| store.find(CLOUD, GATEWAY, thing.text("VpnGatewayId")).is_some_and(|gw| is(gw, id)))
            && value(pairs, "vpnConnName").is_none_or(|part| thing.text("VpnConnectionName").contains(part))
    };
    let mut things: Vec<&Thing> = store.things.iter().filter(fits).collect();
    let field = match value(pairs, "orderField") {
        None | Some("createTime") => "CreatedTime",
        Some("vpnConnName") => "VpnConnectionName",
        Some(_) => return Err((4000, "InvalidParameter", "orderField is not known".to_owned())),
    };
    if value(pairs, "orderDirection") == Some("asc") {
        things.sort_by_key(|thing| thing.text(field));
    } else {
        things.sort_by_key(|thing| Reverse(thing.text(field)));
    }
    let (total, data) = page(things, offset, limit, |thing| shown(store, thing));
    Ok(json!({ "code": 0, "message": "", "codeDesc": "Success", "totalCount": total, "data": data }))
}

fn task(pairs: &Pairs, store: &Store) -> Result<Json, Flaw> {
    let done =
        value(pairs, "taskId").and_then(|id| store.task_done(id)).ok_or((5000, "InvalidTask.NotFound", "no such task".to_owned()))?;
    Ok(success(json!({ "status": if done { 0 } else { 2 } })))
}
