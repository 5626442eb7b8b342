//! Which of Alibaba's requests or replies a saved text is.

use serde_json::{Map, Value as Json};

use super::list::{LIST_ATTACHMENTS, LIST_CONNECTIONS, row_of_list};
use super::read::{read_connection, rows};
use super::settings::{ATTACHMENT, CONNECTION, SERVER, TUNNEL};
use super::wire::{DESCRIBE_CONNECTION, DESCRIBE_GATEWAY, LIST_SERVERS, MODIFY_ATTACHMENT, MODIFY_CONNECTION, UPDATE_SERVER, VERSION};
use super::{PROVIDER, error, error_codes::ERRORS, rules};
use crate::error::Violation;
use crate::model::{Connection, Key, Settings};
use crate::provider::field::{Field, hide_secrets};
use crate::provider::recognise::{Check, Document, Recognised, Role, Syntax, operation_named, read_written, target};
use crate::provider::{Edit, error_row};

const OPERATIONS: &[&str] = &[
    MODIFY_CONNECTION,
    MODIFY_ATTACHMENT,
    UPDATE_SERVER,
    DESCRIBE_CONNECTION,
    LIST_CONNECTIONS,
    LIST_ATTACHMENTS,
    LIST_SERVERS,
    DESCRIBE_GATEWAY,
    "ModifyTunnelAttribute",
];

/// What every request carries for its signature and way: nothing about a connection.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "Format",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "SignatureType",
    "Timestamp",
    "SecurityToken",
    "RegionId",
];

const RETIRED: &[(&str, &str)] = &[("group24", "is on the vendor's page of 2019 and not accepted any more")];

/// The document, if it is one of this cloud's; its fields are taken then.
pub(super) fn recognise(document: &mut Document<'_>) -> Option<Recognised> {
    if is_request(document) {
        return Some(request(document));
    }
    if let Some(found) = refusal(document) {
        return Some(found);
    }
    if document.syntax == Syntax::Form {
        return None;
    }
    reply(document)
}

fn check(fields: &'static [Field], of: Role) -> Check {
    let rules = if of == Role::Request { asked } else { reported };
    Check { fields, tunnel_fields: TUNNEL, rules, retired: RETIRED }
}

fn asked(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let Some(kind) = PROVIDER.kinds.iter().find(|kind| kind.name == connection.reference.kind) else { return Vec::new() };
    let Some(operation) = kind.operations.first() else { return Vec::new() };
    let target = target(kind, operation, &connection.reference.id);
    rules::rules(&Edit { target: &target, current: None, change: settings, address: &[], token: "" }).violations
}

/// A reply may well say what a request may not.
fn reported(connection: &Connection, settings: &Settings) -> Vec<Violation> {
    let mut settings = settings.clone();
    settings.remove(Key::PskEnabled);
    asked(connection, &settings)
}

fn starts(json: Option<&Json>, prefix: &str) -> bool {
    json.and_then(Json::as_str).is_some_and(|text| text.trim().starts_with(prefix))
}

fn is_request(document: &Document<'_>) -> bool {
    let root = &document.root;
    let named = document.text("Action").is_some_and(|action| OPERATIONS.contains(&action));
    let ours = document.text("Version").is_none_or(|version| version == VERSION) && !starts(root.get("VpnConnectionId"), "vpnx-");
    let has_id =
        starts(root.get("VpnConnectionId"), "vco-") || starts(root.get("IpsecServerId"), "iss-") || starts(root.get("TunnelId"), "tun-");
    let answered = ["RequestId", "CreateTime", "CreationTime", "Status", "State", "TotalCount"].iter().any(|name| root.contains_key(*name));
    match document.syntax {
        Syntax::Form => ours && (named || has_id || document.text("Version") == Some(VERSION)),
        Syntax::Json => {
            ours && !answered
                && (named || (has_id && (root.contains_key("RegionId") || root.get("IkeConfig").is_some_and(Json::is_string))))
        }
        Syntax::Xml(_) => false,
    }
}

fn request(document: &mut Document<'_>) -> Recognised {
    let by_keys = || {
        let has = |names: &[&str]| names.iter().any(|name| document.root.contains_key(*name));
        match () {
            () if has(&["IpsecServerId"]) => UPDATE_SERVER,
            () if has(&["TunnelId"]) => "ModifyTunnelAttribute",
            () if has(&["CustomerGatewayId", "NetworkType", "RemoteCaCert"]) => MODIFY_ATTACHMENT,
            () => MODIFY_CONNECTION,
        }
    };
    let action = document.text("Action").map(str::to_owned);
    let headed = document.named(OPERATIONS);
    let (operation, told_by) = match (action, headed) {
        (Some(action), _) => (action, "the parameter Action".to_owned()),
        (None, Some(name)) => (name.to_owned(), "the text before it".to_owned()),
        (None, None) => (by_keys().to_owned(), "its parameters".to_owned()),
    };
    let region = document.text("RegionId").map(str::to_owned).or_else(|| region(document));
    let mut root = std::mem::take(&mut document.root);
    root.retain(|name, _| !COMMON.contains(&name.as_str()));
    open_blocks(&mut root);
    one_tunnel(&mut root);
    let mut found = Recognised::new(PROVIDER.id, Role::Request, operation, told_by);
    match operation_named(PROVIDER.kinds, &found.operation) {
        Some((kind, operation)) => {
            let written = read_written(operation.fields, &mut root);
            let mut connection = read_connection(operation.fields, kind.name, "", root);
            written.iter().for_each(|(key, value)| connection.settings.set(key, value.clone()));
            connection.reference.region = region;
            found.add(connection, &check(operation.fields, Role::Request));
        }
        None if root.contains_key("TunnelOptionsSpecification") || root.contains_key("IkeConfig") => {
            let mut connection = read_connection(CONNECTION, "connection", "", root);
            connection.reference.region = region;
            found.add(connection, &check(CONNECTION, Role::Request));
        }
        None => found.facts = hidden(root),
    }
    found
}

/// Blocks are JSON texts inside a request.
fn open_blocks(root: &mut Map<String, Json>) {
    for (_, value) in root.iter_mut().filter(|(name, _)| name.ends_with("Config") || name.ends_with("Specification")) {
        let opened = value.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
        if let Some(opened @ (Json::Object(_) | Json::Array(_))) = opened {
            *value = opened;
        }
    }
}

/// `ModifyTunnelAttribute` has the settings of its one tunnel where the others have a list.
fn one_tunnel(root: &mut Map<String, Json>) {
    let id = root.get("TunnelId").cloned();
    if let Some(specification) = root.get_mut("TunnelOptionsSpecification")
        && let Json::Object(fields) = specification
        && !fields.contains_key("TunnelOptions")
    {
        let mut fields = std::mem::take(fields);
        fields.extend(id.map(|id| ("TunnelId".to_owned(), id)));
        *specification = Json::Array(vec![Json::Object(fields)]);
        root.remove("TunnelId");
    }
}

fn region(document: &Document<'_>) -> Option<String> {
    document.between("//vpc.", ".aliyuncs.com").or_else(|| document.between("host: vpc.", ".aliyuncs.com"))
}

/// An error, or a dry run that says by an error that it passed.
fn refusal(document: &mut Document<'_>) -> Option<Recognised> {
    let root = &document.root;
    let inner = root.get("Error").and_then(Json::as_object).unwrap_or(root);
    let told_by = match &document.syntax {
        Syntax::Xml(name) if name == "Error" => "the root element Error",
        Syntax::Json if inner.get("Code").is_some_and(Json::is_string) && inner.contains_key("Message") => "the fields Code and Message",
        Syntax::Json => {
            let code = inner.get("code").and_then(Json::as_str)?;
            error_row(ERRORS, code)?;
            "an error code of this cloud"
        }
        _ => return None,
    };
    let reply = document.reply(document.status().unwrap_or(400));
    let parts = error::parts(&reply)?;
    let mut found = Recognised::new(PROVIDER.id, Role::Reply, document.named(OPERATIONS).unwrap_or_default(), told_by);
    found.request_id.clone_from(&parts.request_id);
    if parts.code == error::DRY_RUN {
        found.facts.insert("dry_run".to_owned(), Json::String("passed: the request would be taken as it is".to_owned()));
    }
    found.error = error::error(&reply);
    document.root.clear();
    Some(found)
}

fn reply(document: &mut Document<'_>) -> Option<Recognised> {
    let (operation, told_by) = operation_of(document)?;
    let region = region(document);
    let mut root = std::mem::take(&mut document.root);
    let request_id = root.get("RequestId").and_then(Json::as_str).map(str::to_owned);
    let mut found = Recognised::new(PROVIDER.id, Role::Reply, operation, told_by);
    found.request_id = request_id;
    let lists = [("VpnConnections", "VpnConnection"), ("VpnAttachments", "VpnAttachment"), ("IpsecServers", "IpsecServer")];
    let list = lists.into_iter().find_map(|(wrapper, inner)| Some((root.remove(wrapper)?, inner)));
    match list {
        Some((Json::Object(row), inner)) if !row.contains_key(inner) && !row.is_empty() => push(&mut found, row, inner, region.as_deref()),
        Some((list, inner)) => rows(list, inner).into_iter().for_each(|row| push(&mut found, row, inner, region.as_deref())),
        None if root.contains_key("VpnConnectionId") => push(&mut found, root, "VpnConnection", region.as_deref()),
        None if root.contains_key("IpsecServerId") => push(&mut found, root, "IpsecServer", region.as_deref()),
        None => {
            root.remove("RequestId");
            found.facts = hidden(root);
        }
    }
    Some(found)
}

fn push(found: &mut Recognised, mut row: Map<String, Json>, inner: &str, region: Option<&str>) {
    let own = match row.remove("RegionId") {
        Some(Json::String(own)) => Some(own),
        _ => region.map(str::to_owned),
    };
    let mut connection = match inner {
        "IpsecServer" => read_connection(SERVER, "ipsec-server", "", row),
        "VpnAttachment" => row_of_list("", LIST_ATTACHMENTS, row),
        _ => row_of_list("", LIST_CONNECTIONS, row),
    };
    connection.reference.region = own;
    let fields = match connection.reference.kind.as_str() {
        "ipsec-server" => SERVER,
        "attachment" => ATTACHMENT,
        _ => CONNECTION,
    };
    found.add(connection, &check(fields, Role::Reply));
}

/// The operation of a reply that is no error, and what told so.
fn operation_of(document: &Document<'_>) -> Option<(String, &'static str)> {
    let root = &document.root;
    if let Syntax::Xml(name) = &document.syntax {
        return name.strip_suffix("Response").filter(|name| !name.is_empty()).map(|name| (name.to_owned(), "the root element"));
    }
    let by_shape = match root {
        _ if root.contains_key("VpnConnections") => LIST_CONNECTIONS,
        _ if root.contains_key("VpnAttachments") => LIST_ATTACHMENTS,
        _ if root.contains_key("IpsecServers") || starts(root.get("IpsecServerId"), "iss-") => LIST_SERVERS,
        _ if starts(root.get("VpnConnectionId"), "vco-") => {
            let described =
                ["State", "InternetIp", "TransitRouterId", "TunnelOptionsSpecification"].iter().any(|name| root.contains_key(*name));
            let attached = root.get("AttachType").and_then(Json::as_str).is_some_and(|word| matches!(word, "CEN" | "NO_ASSOCIATED"));
            match (described, attached) {
                (false, true) => MODIFY_ATTACHMENT,
                (false, false) if !root.contains_key("Status") => MODIFY_CONNECTION,
                _ => DESCRIBE_CONNECTION,
            }
        }
        _ if starts(root.get("VpnGatewayId"), "vpn-") && root.contains_key("Status") => DESCRIBE_GATEWAY,
        _ if root.len() == 1 && document.text("RequestId").is_some() => UPDATE_SERVER,
        _ => return None,
    };
    let headed = document.named(OPERATIONS).filter(|name| {
        let whole = |name: &str| name == LIST_CONNECTIONS || name == LIST_ATTACHMENTS || name == LIST_SERVERS || name == DESCRIBE_GATEWAY;
        // A list is a list, whatever a log mentions before it.
        whole(name) == whole(by_shape)
    });
    Some(headed.map_or((by_shape.to_owned(), "its fields"), |name| (name.to_owned(), "the text before it")))
}

fn hidden(mut root: Map<String, Json>) -> Map<String, Json> {
    hide_secrets(&mut root);
    root
}
