//! Saved replies of API 3.0.

use serde_json::{Map, Value as Json, json};

use super::check::REPLY_V3;
use super::known::{OPERATIONS, hidden, is_mentioned, region_before};
use crate::provider::error_row;
use crate::provider::recognise::{Document, Recognised, Role};
use crate::provider::tencent::cloud::{self, reference, v3};
use crate::provider::tencent::codes::ERRORS;
use crate::provider::tencent::{error, read};

/// Whether a JSON object is a reply: the envelope alone, or the list alone, is no evidence.
pub(super) fn is_reply(document: &Document<'_>) -> bool {
    let ours = |list: &Json| {
        let rows: Vec<&Json> = list.as_array().map_or_else(|| vec![list], |rows| rows.iter().collect());
        rows.is_empty()
            || rows.iter().any(|row| row.get("VpnConnectionId").and_then(Json::as_str).is_some_and(|id| id.starts_with("vpnx-")))
    };
    let listed = |root: &Json| ["VpnConnectionSet", "VpnConnection"].iter().find_map(|name| root.get(*name)).map(ours);
    match document.root.get("Response") {
        Some(response @ Json::Object(fields)) => {
            let error = fields.get("Error").filter(|error| !error.is_null());
            let refused = error.is_some_and(|error| error.get("Code").is_some());
            refused
                || listed(response)
                    .unwrap_or_else(|| fields.get("RequestId").is_some_and(Json::is_string) && !document.cut && error.is_none())
        }
        Some(_) => false,
        None => document.root.get("VpnConnectionSet").is_some_and(ours),
    }
}

/// Whether a JSON object is an error without its envelope, as logs and the vendor's tools print it. Alibaba's look the same.
pub(super) fn is_refusal(document: &Document<'_>) -> bool {
    let inner = document.root.get("Error").and_then(Json::as_object).unwrap_or(&document.root);
    let text = |names: [&str; 2]| names.iter().find_map(|name| inner.get(*name)).and_then(Json::as_str).unwrap_or_default();
    let code = text(["Code", "code"]);
    // Codes of this cloud that name its things stand for themselves.
    let own =
        error_row(ERRORS, code).is_some_and(|row| row.0 == code) && (code.contains("VpnConn") || code.starts_with("UnsupportedOperation."));
    let other = ["HostId", "Recommend"].iter().any(|name| inner.contains_key(*name));
    !code.is_empty()
        && !other
        && inner.keys().any(|name| name.eq_ignore_ascii_case("message"))
        && (own || (is_mentioned(document) && !document.mentions(&["aliyun", "alibaba", "huawei"])))
}

/// Reads an error without its envelope.
pub(super) fn bare_refusal(document: &mut Document<'_>) -> Option<Recognised> {
    let inner = document.root.get("Error").cloned().unwrap_or_else(|| Json::Object(document.root.clone()));
    let text = |names: [&str; 2]| names.iter().find_map(|name| inner.get(*name)).cloned().unwrap_or_default();
    let request_id = ["RequestId", "requestId", "request_id"].iter().find_map(|name| document.root.get(*name)).cloned().unwrap_or_default();
    let (code, message) = (text(["Code", "code"]), text(["Message", "message"]));
    let whole = json!({ "Response": { "Error": { "Code": code, "Message": message }, "RequestId": request_id } });
    let Json::Object(whole) = whole else { return None };
    document.root = whole;
    let mut found = refusal(document)?;
    "an error code, and the text before it".clone_into(&mut found.told_by);
    Some(found)
}

/// Reads a reply, with its envelope or without it, as the vendor's CLI prints it.
pub(super) fn reply(document: &mut Document<'_>) -> Option<Recognised> {
    let envelope = document.root.get("Response");
    if envelope.is_some_and(|response| !response.is_object()) {
        return None;
    }
    if envelope.and_then(|response| response.get("Error")).is_some_and(|error| !error.is_null()) {
        return refusal(document);
    }
    let told_by = if envelope.is_some() { "the envelope Response" } else { "the field VpnConnectionSet" };
    let (region, headed) = (region_before(document), document.named(OPERATIONS));
    let mut root = std::mem::take(&mut document.root);
    if let Some(Json::Object(response)) = root.remove("Response") {
        root = response;
    }
    let request_id = root.get("RequestId").and_then(Json::as_str).map(str::to_owned);
    let mut found = match (root.remove("VpnConnectionSet"), root.remove("VpnConnection")) {
        (Some(Json::Array(items)), _) => listed(region.as_deref(), items, told_by),
        (None, Some(one @ Json::Object(_))) => listed(region.as_deref(), vec![one], told_by),
        (None, None) => other(root, headed, told_by),
        _ => listed(region.as_deref(), Vec::new(), told_by),
    };
    found.request_id = request_id;
    Some(found)
}

fn refusal(document: &mut Document<'_>) -> Option<Recognised> {
    let operation = document.named(OPERATIONS).unwrap_or_default();
    let error = error::error(&document.reply(document.status().unwrap_or(200)))?;
    document.root.clear();
    let mut found = Recognised::new(cloud::ID, Role::Reply, operation, "the field Response.Error");
    found.request_id.clone_from(&error.request_id);
    found.error = Some(error);
    Some(found)
}

fn listed(region: Option<&str>, items: Vec<Json>, told_by: &str) -> Recognised {
    let mut found = Recognised::new(cloud::ID, Role::Reply, v3::DESCRIBE, told_by);
    for item in items {
        let Json::Object(item) = item else { continue };
        add(&mut found, region.map(str::to_owned), item);
    }
    found
}

/// A reply without connections: that of a change, if it holds only the id of its request.
fn other(mut root: Map<String, Json>, headed: Option<&'static str>, told_by: &str) -> Recognised {
    let is_modified = root.len() == 1 && root.contains_key("RequestId");
    let operation = headed.unwrap_or(if is_modified { v3::MODIFY } else { "" });
    let mut found = Recognised::new(cloud::ID, Role::Reply, operation, told_by);
    root.remove("RequestId");
    found.facts = hidden(root);
    found
}

/// Adds a connection.
pub(super) fn add(found: &mut Recognised, region: Option<String>, item: Map<String, Json>) {
    let id = item.get("VpnConnectionId").and_then(Json::as_str).unwrap_or_default();
    found.add(read::v3::connection(&reference(region, id), item), &REPLY_V3);
}
