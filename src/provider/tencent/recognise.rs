//! Which of Tencent's requests or replies a saved text is, of either API.

use serde_json::{Map, Value as Json};

use super::{PROVIDER, error, rules, settings, wire, wire_v2};
use crate::error::Violation;
use crate::model::{Connection, Key, Ref, Settings};
use crate::provider::Edit;
use crate::provider::field::{Field, hide_secrets};
use crate::provider::recognise::{Check, Document, Recognised, Role, Syntax, read_written, target};

const OPERATIONS: &[&str] = &[wire::MODIFY, wire::DESCRIBE, wire_v2::MODIFY, wire_v2::DESCRIBE, wire_v2::TASK];

/// What every request carries for its signature and way.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "Region",
    "Language",
    "Timestamp",
    "Nonce",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Token",
    "RequestClient",
];

/// The document, if it is one of this cloud's; its fields are taken then.
pub(super) fn recognise(document: &mut Document<'_>) -> Option<Recognised> {
    match &document.syntax {
        Syntax::Xml(_) => None,
        Syntax::Form => is_request(document).then(|| request(document)),
        Syntax::Json if document.root.contains_key("Response") => reply(document),
        Syntax::Json if document.root.contains_key("VpnConnectionSet") => reply(document),
        Syntax::Json if is_v2(&document.root) => reply_v2(document),
        Syntax::Json if is_request(document) => Some(request(document)),
        Syntax::Json => item(document),
    }
}

fn check(fields: &'static [Field], role: Role) -> Check {
    let rules = match (role, std::ptr::eq(fields, settings::V2)) {
        (Role::Request, false) => asked,
        (Role::Request, true) => asked_v2,
        (Role::Reply, _) => reported,
    };
    Check { fields, tunnel_fields: &[], rules, retired: &[] }
}

fn broken(api: &str, connection: &Connection, current: Option<&Connection>, change: &Settings) -> Vec<Violation> {
    let Some((kind, operation)) =
        PROVIDER.kinds.first().and_then(|kind| Some((kind, kind.operations.iter().find(|operation| operation.api == api)?)))
    else {
        return Vec::new();
    };
    let target = target(kind, operation, &connection.reference.id);
    rules::rules(&Edit { target: &target, current, change, address: &[], token: "" }, api == "v2").violations
}

fn asked(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    broken("v3", connection, None, settings)
}

fn asked_v2(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    broken("v2", connection, None, settings)
}

/// A reply may well say what a request may not: it has timeout and action of a detection that is off.
fn reported(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let mut settings = settings.clone();
    if settings.switch(Key::DpdEnabled) != Some(true) {
        settings.remove(Key::DpdTimeout);
        settings.remove(Key::DpdAction);
    }
    broken("v3", connection, Some(connection), &settings)
}

fn id(root: &Map<String, Json>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| root.get(*name)?.as_str().map(str::trim).filter(|id| id.starts_with("vpnx-")).map(str::to_owned))
}

const IDS: &[&str] = &["VpnConnectionId", "unVpnConnId", "vpnConnId", "vpcConnId"];

fn reference(document: &Document<'_>, root: &Map<String, Json>) -> Ref {
    let region = document.text("Region").map(str::to_owned).or_else(|| region(document));
    Ref { provider: PROVIDER.id.to_owned(), region, kind: "connection".to_owned(), id: id(root, IDS).unwrap_or_default() }
}

fn region(document: &Document<'_>) -> Option<String> {
    document.between("X-TC-Region:", "").or_else(|| document.between("Region=", ""))
}

fn is_request(document: &Document<'_>) -> bool {
    let root = &document.root;
    let action = document.text("Action").is_some_and(|action| OPERATIONS.contains(&action));
    let ours = document.text("Version").is_none_or(|version| version == wire::VERSION);
    let listed = root.get("VpnConnectionIds").is_some_and(Json::is_array);
    let has_id =
        id(root, IDS).is_some() && !["State", "NetStatus", "CreatedTime", "VpcId", "unVpcId"].iter().any(|name| root.contains_key(*name));
    let alibaba = root.get("VpnConnectionId").and_then(Json::as_str).is_some_and(|id| id.trim().starts_with("vco-"));
    ours && !alibaba && (action || listed || has_id)
}

fn request(document: &mut Document<'_>) -> Recognised {
    let action = document.text("Action").map(str::to_owned);
    let headed = document.named(OPERATIONS);
    let (operation, told_by) = match (action, headed) {
        (Some(action), _) => (action, "the parameter Action"),
        (None, Some(name)) => (name.to_owned(), "the text before it"),
        (None, None) if document.root.contains_key("VpnConnectionIds") => (wire::DESCRIBE.to_owned(), "its parameters"),
        (None, None) if document.root.contains_key("vpnConnId") => (wire_v2::MODIFY.to_owned(), "its parameters"),
        (None, None) => (wire::MODIFY.to_owned(), "its parameters"),
    };
    let reference = reference(document, &document.root);
    let mut root = std::mem::take(&mut document.root);
    root.retain(|name, _| !COMMON.contains(&name.as_str()));
    let mut found = Recognised::new(PROVIDER.id, Role::Request, operation, told_by);
    match found.operation.as_str() {
        wire::MODIFY => found.add(wire::connection(&reference, root), &check(settings::V3, Role::Request)),
        wire_v2::MODIFY => {
            // Rules are the text of an object here; reading them is the replies' business.
            let rules = root.remove("spdAcl");
            let written = read_written(settings::V2, &mut root);
            root.extend(rules.map(|rules| ("spdAcl".to_owned(), rules)));
            let mut connection = wire_v2::connection(&reference, root);
            written.iter().for_each(|(key, value)| connection.settings.set(key, value.clone()));
            found.add(connection, &check(settings::V2, Role::Request));
        }
        _ => found.facts = hidden(root),
    }
    found
}

/// A reply of API 3.0, with its envelope or, as the vendor's command line prints it, without.
fn reply(document: &mut Document<'_>) -> Option<Recognised> {
    let request_id = |root: &Map<String, Json>| root.get("RequestId").and_then(Json::as_str).map(str::to_owned);
    let headed = document.named(OPERATIONS);
    let wrapped = document.root.get("Response").map(Json::is_object);
    if wrapped == Some(false) {
        return None;
    }
    let failed = document.root.get("Response").and_then(|response| response.get("Error")).is_some_and(|error| !error.is_null());
    if failed {
        let error = error::error(&document.reply(document.status().unwrap_or(200)))?;
        document.root.clear();
        let mut found = Recognised::new(PROVIDER.id, Role::Reply, headed.unwrap_or_default(), "the field Response.Error");
        found.request_id.clone_from(&error.request_id);
        found.error = Some(error);
        return Some(found);
    }
    let region = region(document);
    let mut root = std::mem::take(&mut document.root);
    if let Some(Json::Object(response)) = root.remove("Response") {
        root = response;
    }
    let told_by = if wrapped.is_some() { "the envelope Response" } else { "the field VpnConnectionSet" };
    let items = match (root.remove("VpnConnectionSet"), root.remove("VpnConnection")) {
        (Some(Json::Array(items)), _) => items,
        (None, Some(one @ Json::Object(_))) => vec![one],
        (None, None) => {
            let modified = root.len() == 1 && root.contains_key("RequestId");
            let operation = headed.unwrap_or(if modified { wire::MODIFY } else { "" });
            let mut found = Recognised::new(PROVIDER.id, Role::Reply, operation, told_by);
            found.request_id = request_id(&root);
            root.remove("RequestId");
            found.facts = hidden(root);
            return Some(found);
        }
        _ => Vec::new(),
    };
    let mut found = Recognised::new(PROVIDER.id, Role::Reply, wire::DESCRIBE, told_by);
    found.request_id = request_id(&root);
    for item in items {
        let Json::Object(item) = item else { continue };
        add(&mut found, region.clone(), item);
    }
    Some(found)
}

fn add(found: &mut Recognised, region: Option<String>, item: Map<String, Json>) {
    let id = item.get("VpnConnectionId").and_then(Json::as_str).unwrap_or_default().to_owned();
    let reference = Ref { provider: PROVIDER.id.to_owned(), region, kind: "connection".to_owned(), id };
    found.add(wire::connection(&reference, item), &check(settings::V3, Role::Reply));
}

/// One connection that was cut out of a list.
fn item(document: &mut Document<'_>) -> Option<Recognised> {
    let v3 = id(&document.root, &["VpnConnectionId"]).is_some();
    if !v3 && id(&document.root, &["unVpnConnId"]).is_none() {
        return None;
    }
    let reference = reference(document, &Map::new());
    let root = std::mem::take(&mut document.root);
    let operation = if v3 { wire::DESCRIBE } else { wire_v2::DESCRIBE };
    let mut found = Recognised::new(PROVIDER.id, Role::Reply, operation, "the fields of one connection");
    if v3 {
        add(&mut found, reference.region, root);
    } else {
        add_v2(&mut found, reference.region, root);
    }
    Some(found)
}

fn is_v2(root: &Map<String, Json>) -> bool {
    let code = match root.get("code") {
        Some(Json::Number(_)) => true,
        Some(Json::String(text)) => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    // The identity service of another cloud has numbers, too, but with a title beside them.
    code && !root.contains_key("title") && (root.contains_key("codeDesc") || root.contains_key("data") || root.contains_key("message"))
}

fn reply_v2(document: &mut Document<'_>) -> Option<Recognised> {
    let headed = document.named(OPERATIONS);
    if let Some(error) = error::error(&document.reply(200)) {
        document.root.clear();
        let mut found = Recognised::new(PROVIDER.id, Role::Reply, headed.unwrap_or_default(), "code and message of API 2.0");
        found.error = Some(error);
        return Some(found);
    }
    let region = region(document);
    let mut root = std::mem::take(&mut document.root);
    let told_by = "code and data of API 2.0";
    match root.remove("data") {
        Some(Json::Array(items)) => {
            let mut found = Recognised::new(PROVIDER.id, Role::Reply, wire_v2::DESCRIBE, told_by);
            for item in items {
                let Json::Object(item) = item else { continue };
                add_v2(&mut found, region.clone(), item);
            }
            Some(found)
        }
        Some(Json::Object(data)) if id(&data, IDS).is_some() => {
            let mut found = Recognised::new(PROVIDER.id, Role::Reply, headed.unwrap_or(wire_v2::MODIFY), told_by);
            add_v2(&mut found, region, data);
            Some(found)
        }
        data => {
            if let Some(Json::Object(data)) = data {
                root.extend(data);
            }
            let task = root.contains_key("status");
            let operation = headed.unwrap_or(if task { wire_v2::TASK } else { "" });
            let mut found = Recognised::new(PROVIDER.id, Role::Reply, operation, told_by);
            found.facts = hidden(root);
            Some(found)
        }
    }
}

fn add_v2(found: &mut Recognised, region: Option<String>, item: Map<String, Json>) {
    let id = id(&item, IDS).unwrap_or_default();
    let reference = Ref { provider: PROVIDER.id.to_owned(), region, kind: "connection".to_owned(), id };
    found.add(wire_v2::connection(&reference, item), &check(settings::V2, Role::Reply));
}

fn hidden(mut root: Map<String, Json>) -> Map<String, Json> {
    hide_secrets(&mut root);
    root
}
