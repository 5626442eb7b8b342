//! Saved requests.

use serde_json::{Map, Value as Json};

use super::check::{REQUEST_V2, REQUEST_V3};
use super::known::{IDS, OPERATIONS, hidden, id, region};
use crate::model::{Connection, Ref};
use crate::provider::recognise::{Document, Recognised, Role, read_written};
use crate::provider::tencent::cloud::{self, reference, v2, v3};
use crate::provider::tencent::{read, settings};

/// Parameters of every request, which say nothing about a connection.
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

/// Fields that stand in replies only.
const REPORTED: &[&str] = &["State", "NetStatus", "CreatedTime", "VpcId", "unVpcId"];

/// Whether a document is a request.
pub(super) fn is_request(document: &Document<'_>) -> bool {
    let root = &document.root;
    let names_operation = document.text("Action").is_some_and(|action| OPERATIONS.contains(&action));
    let is_our_version = document.text("Version").is_none_or(|version| version == v3::VERSION);
    let lists = root.get("VpnConnectionIds").is_some_and(Json::is_array);
    let has_id = id(root, IDS).is_some() && !is_reported(root) && !document.cut;
    let is_alibaba = root.get("VpnConnectionId").and_then(Json::as_str).is_some_and(|id| id.trim().starts_with("vco-"));
    is_our_version && !is_alibaba && (names_operation || lists || has_id)
}

/// Whether a connection has what only a reply has.
pub(super) fn is_reported(root: &Map<String, Json>) -> bool {
    REPORTED.iter().any(|name| root.contains_key(*name))
}

/// Reads a request.
pub(super) fn request(document: &mut Document<'_>) -> Recognised {
    let (operation, told_by) = operation(document);
    let reference = reference(region(document), id(&document.root, IDS).unwrap_or_default());
    let mut root = std::mem::take(&mut document.root);
    root.retain(|name, _| !COMMON.contains(&name.as_str()));
    let mut found = Recognised::new(cloud::ID, Role::Request, operation, told_by);
    match found.operation.as_str() {
        v3::MODIFY => found.add(read::v3::connection(&reference, root), &REQUEST_V3),
        v2::MODIFY => found.add(modified_v2(&reference, root), &REQUEST_V2),
        _ => found.facts = hidden(root),
    }
    found
}

/// The operation of a request, and what tells it.
fn operation(document: &Document<'_>) -> (String, &'static str) {
    let has = |name: &str| document.root.contains_key(name);
    match (document.text("Action"), document.named(OPERATIONS)) {
        (Some(action), _) => (action.to_owned(), "the parameter Action"),
        (None, Some(name)) => (name.to_owned(), "the text before it"),
        (None, None) if has("VpnConnectionIds") => (v3::DESCRIBE.to_owned(), "its parameters"),
        (None, None) if has("vpnConnId") => (v2::MODIFY.to_owned(), "its parameters"),
        (None, None) => (v3::MODIFY.to_owned(), "its parameters"),
    }
}

fn modified_v2(reference: &Ref, mut root: Map<String, Json>) -> Connection {
    // In a request, rules are the JSON text of an object, which the reader of replies understands.
    let rules = root.remove("spdAcl");
    let written = read_written(settings::V2, &mut root);
    root.extend(rules.map(|rules| ("spdAcl".to_owned(), rules)));
    let mut connection = read::v2::connection(reference, root);
    written.iter().for_each(|(key, value)| connection.settings.set(key, value.clone()));
    connection
}
