//! Recognises the requests and replies of this cloud in saved text.

use serde_json::{Map, Value as Json};

use super::cloud::{self, ID, LIST, PROJECTS, SHOW, UPDATE};
use super::kinds::KINDS;
use super::read::read_connection;
use super::settings::FIELDS;
use super::{error, rules};
use crate::error::Violation;
use crate::model::{Connection, Ref, Settings};
use crate::provider::Edit;
use crate::provider::field::hide_secrets;
use crate::provider::recognise::{Check, Document, Recognised, Role, Syntax, read_written, target};

const CREATE: &str = "CreateVpnConnection";
const OPERATIONS: &[&str] = &[SHOW, UPDATE, LIST, CREATE, PROJECTS];

/// Recognises a document of this cloud and takes its fields; leaves any other document alone.
pub(super) fn recognise(document: &mut Document<'_>) -> Option<Recognised> {
    if document.syntax != Syntax::Json {
        return None;
    }
    let root = &document.root;
    if root.get("vpn_connection").and_then(Json::as_object).is_some_and(is_ours) {
        return one(document);
    }
    let rows = root.get("vpn_connections").and_then(Json::as_array);
    if rows.is_some_and(|rows| rows.iter().filter_map(Json::as_object).all(is_ours) && (!rows.is_empty() || is_mentioned(document))) {
        return many(document);
    }
    if root.contains_key("ikepolicy") && (root.contains_key("vgw_id") || root.contains_key("id")) {
        return Some(bare(document));
    }
    // Every OpenStack has projects.
    let project = |project: &Json| project.pointer("/links/self").and_then(Json::as_str).is_some_and(|link| link.contains("myhuaweicloud"));
    if root.get("projects").and_then(Json::as_array).is_some_and(|all| all.iter().any(project) || is_mentioned(document)) {
        return Some(projects(document));
    }
    refusal(document)
}

/// Whether the text before a document names this cloud or one of its operations.
fn is_mentioned(document: &Document<'_>) -> bool {
    document.mentions(&["huawei", "hcloud"]) || document.named(OPERATIONS).is_some()
}

/// Whether a connection is one of this cloud: other clouds have connections of that name with other fields.
fn is_ours(item: &Map<String, Json>) -> bool {
    const FACTS: &[&str] = &[
        "id",
        "status",
        "created_at",
        "updated_at",
        "vgw_id",
        "vgw_ip",
        "enterprise_project_id",
        "connection_monitor_id",
        "ha_role",
        "eip_id",
        "tags",
    ];
    const OWN: &[&str] = &["ikepolicy", "ipsecpolicy", "cgw_id", "vgw_id", "vgw_ip", "peer_subnets", "enable_nqa", "ha_role"];
    let settings = |name: &str| {
        FIELDS.iter().flat_map(|field| field.read.iter().copied().chain([field.write])).any(|path| path.split('.').next() == Some(name))
    };
    !item.is_empty()
        && (OWN.iter().any(|name| item.contains_key(*name)) || item.keys().all(|name| FACTS.contains(&name.as_str()) || settings(name)))
}

/// A document with `vpn_connection`: a reply when the connection has what only the cloud sets, a request otherwise.
fn one(document: &mut Document<'_>) -> Option<Recognised> {
    let answered = |item: &Json| ["id", "created_at", "status"].iter().any(|name| item.get(*name).is_some());
    let is_reply = document.root.get("vpn_connection").is_some_and(answered);
    // Of a document that was cut, what it lacks tells nothing.
    if document.cut && !is_reply {
        return None;
    }
    let Some(Json::Object(item)) = document.root.remove("vpn_connection") else { return None };
    let root = std::mem::take(&mut document.root);
    Some(if is_reply { reply(document, &root, item) } else { request(document, item) })
}

fn reply(document: &Document<'_>, root: &Map<String, Json>, item: Map<String, Json>) -> Recognised {
    let headed = document.named(OPERATIONS);
    let by_shape = match item.contains_key("status") {
        true => SHOW,
        false if document.cut => "",
        false => UPDATE,
    };
    let told_by = if headed.is_some() { "the text before it" } else { "the field vpn_connection" };
    let mut found = Recognised::new(ID, Role::Reply, headed.unwrap_or(by_shape), told_by);
    found.request_id = root.get("request_id").and_then(Json::as_str).map(str::to_owned);
    add(&mut found, region(document).as_deref(), item);
    found
}

fn request(document: &Document<'_>, mut item: Map<String, Json>) -> Recognised {
    let operation = if item.contains_key("vgw_id") { CREATE } else { UPDATE };
    let mut found = Recognised::new(ID, Role::Request, operation, "vpn_connection without an id");
    let id = document.between("/vpn-connection/", "").or_else(|| document.between("/vpn-connections/", ""));
    let written = read_written(FIELDS, &mut item);
    let mut connection = read_connection(reference(region(document).as_deref(), &id.unwrap_or_default()), item);
    written.iter().for_each(|(key, value)| connection.settings.set(key, value.clone()));
    found.add(connection, &ASKED);
    found
}

/// The fields of one connection, without `vpn_connection` around them.
fn bare(document: &mut Document<'_>) -> Recognised {
    let item = std::mem::take(&mut document.root);
    let mut found = Recognised::new(ID, Role::Reply, SHOW, "the fields of one connection");
    add(&mut found, region(document).as_deref(), item);
    found
}

fn projects(document: &mut Document<'_>) -> Recognised {
    let mut found = Recognised::new(ID, Role::Reply, PROJECTS, "the field projects");
    found.facts = std::mem::take(&mut document.root);
    hide_secrets(&mut found.facts);
    found
}

fn many(document: &mut Document<'_>) -> Option<Recognised> {
    let region = region(document);
    let mut root = std::mem::take(&mut document.root);
    let Some(Json::Array(items)) = root.remove("vpn_connections") else { return None };
    let mut found = Recognised::new(ID, Role::Reply, LIST, "the field vpn_connections");
    found.request_id = root.get("request_id").and_then(Json::as_str).map(str::to_owned);
    for item in items {
        let Json::Object(item) = item else { continue };
        add(&mut found, region.as_deref(), item);
    }
    Some(found)
}

fn add(found: &mut Recognised, region: Option<&str>, item: Map<String, Json>) {
    let id = item.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
    found.add(read_connection(reference(region, &id), item), &REPORTED);
}

fn reference(region: Option<&str>, id: &str) -> Ref {
    cloud::reference(region, KINDS.first().map_or("", |kind| kind.name), id)
}

fn region(document: &Document<'_>) -> Option<String> {
    document.between("vpn.", ".myhuaweicloud")
}

fn refusal(document: &mut Document<'_>) -> Option<Recognised> {
    let root = &document.root;
    let text = |name: &str| root.get(name).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
    let coded = |name: &str| {
        root.get(name)
            .and_then(Json::as_str)
            .is_some_and(|code| ["VPN.", "APIGW.", "APIG.", "IAM."].iter().any(|head| code.starts_with(head)))
    };
    let identity = root.get("error").is_some_and(|error| error.get("title").is_some() && error.get("message").is_some());
    // The message can tell what the code does not.
    let whole = !document.cut || ["message", "errorMsg"].iter().any(|name| root.contains_key(*name));
    let told_by = match () {
        () if text("error_code") && root.contains_key("error_msg") && (is_code(root) || is_mentioned(document)) => {
            "the fields error_code and error_msg"
        }
        () if whole && (coded("code") || coded("errorCode")) => "an error code of this cloud",
        () if identity => "an error of the identity service",
        () => return None,
    };
    let own = root.get("error").and_then(|error| error.get("code")).and_then(Json::as_u64).and_then(|code| u16::try_from(code).ok());
    let error = error::read(&document.reply(document.status().or(own).unwrap_or(400)))?;
    let mut found = Recognised::new(ID, Role::Reply, document.named(OPERATIONS).unwrap_or_default(), told_by);
    document.root.clear();
    found.request_id.clone_from(&error.request_id);
    found.error = Some(error);
    Some(found)
}

/// Whether `error_code` is spelled as this cloud spells codes: `VPN.0001`.
fn is_code(root: &Map<String, Json>) -> bool {
    let code = root.get("error_code").and_then(Json::as_str).and_then(|code| code.split_once('.'));
    code.is_some_and(|(service, number)| {
        !service.is_empty()
            && service.bytes().all(|b| b.is_ascii_alphanumeric())
            && number.len() >= 4
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// How settings that a request asks for are checked.
const ASKED: Check = Check { fields: FIELDS, tunnel_fields: &[], rules: asked, retired: &[] };
/// How settings that a reply holds are checked.
const REPORTED: Check = Check { fields: FIELDS, tunnel_fields: &[], rules: reported, retired: &[] };

fn broken(connection: &Connection, current: Option<&Connection>, change: &Settings) -> Vec<Violation> {
    let Some((kind, operation)) = KINDS.first().and_then(|kind| Some((kind, kind.operations.first()?))) else { return Vec::new() };
    let target = target(kind, operation, &connection.reference.id);
    rules::check(&Edit { target: &target, current, change, address: &[], token: "" }).violations
}

fn asked(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    broken(connection, None, settings)
}

/// A gateway of flavour GM returns settings that it does not allow to be changed; those are no violations.
fn reported(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let mut settings = settings.clone();
    if rules::is_gm(&settings) {
        for key in rules::GM_UNCHANGEABLE {
            settings.remove(*key);
        }
    }
    broken(connection, Some(connection), &settings)
}
