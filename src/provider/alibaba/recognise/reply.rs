//! Saved replies that report success.

use serde_json::{Map, Value as Json};

use super::check::check;
use super::marks::{OPERATIONS, hidden, is_ours, is_request_id, region, starts};
use crate::model::{Key, Status};
use crate::provider::alibaba::cloud::{
    DESCRIBE_CONNECTION, DESCRIBE_GATEWAY, ID, LIST_ATTACHMENTS, LIST_CONNECTIONS, LIST_SERVERS, MODIFY_ATTACHMENT, MODIFY_CONNECTION,
    UPDATE_SERVER, is_attachment,
};
use crate::provider::alibaba::list::row_of_list;
use crate::provider::alibaba::read::{read_connection, rows};
use crate::provider::alibaba::settings::{ATTACHMENT, CONNECTION, SERVER};
use crate::provider::recognise::{Document, Recognised, Role, Syntax};

/// The lists, `(wrapper, name of a row)`.
const LISTS: [(&str, &str); 3] =
    [("VpnConnections", "VpnConnection"), ("VpnAttachments", "VpnAttachment"), ("IpsecServers", "IpsecServer")];

/// The kind of a connection that was cut before its kind was told.
const UNKNOWN: &str = "unknown";

/// A reply of Alibaba Cloud.
pub(super) fn reply(document: &mut Document<'_>) -> Option<Recognised> {
    if document.syntax == Syntax::Form {
        return None;
    }
    let (operation, told_by) = operation(document)?;
    let region = region(document);
    let root = std::mem::take(&mut document.root);
    let mut found = Recognised::new(ID, Role::Reply, operation, told_by);
    found.request_id = root.get("RequestId").and_then(Json::as_str).map(str::to_owned);
    read(&mut found, root, region.as_deref(), document.cut);
    Some(found)
}

/// Reads the rows of a list, one connection or server, or plain facts.
fn read(found: &mut Recognised, mut root: Map<String, Json>, region: Option<&str>, cut: bool) {
    let list = LISTS.into_iter().find_map(|(wrapper, inner)| Some((root.remove(wrapper)?, inner)));
    match list {
        Some((Json::Object(row), inner)) if !row.contains_key(inner) && !row.is_empty() => push(found, row, inner, region, cut),
        Some((list, inner)) => rows(list, inner).into_iter().for_each(|row| push(found, row, inner, region, cut)),
        None if root.contains_key("VpnConnectionId") => push(found, root, "VpnConnection", region, cut),
        None if root.contains_key("IpsecServerId") => push(found, root, "IpsecServer", region, cut),
        None => {
            root.remove("RequestId");
            found.facts = hidden(root);
        }
    }
}

fn push(found: &mut Recognised, mut row: Map<String, Json>, inner: &str, region: Option<&str>, cut: bool) {
    // Without its attach type, a connection that was cut may be either kind.
    let either = cut && inner == "VpnConnection" && !row.contains_key("AttachType");
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
    if cut {
        // What is made from all tunnels is not known before the last one.
        connection.settings.remove(Key::TunnelsBgpCidrs);
        connection.status = if connection.tunnels.is_empty() { connection.status } else { Status::default() };
    }
    let fields = match connection.reference.kind.as_str() {
        "ipsec-server" => SERVER,
        "attachment" => ATTACHMENT,
        _ => CONNECTION,
    };
    if either {
        UNKNOWN.clone_into(&mut connection.reference.kind);
    }
    found.add(connection, &check(fields, Role::Reply));
}

/// The operation of a reply, and what shows it.
fn operation(document: &Document<'_>) -> Option<(String, &'static str)> {
    if let Syntax::Xml(name) = &document.syntax {
        let name = name.strip_suffix("Response").filter(|name| !name.is_empty())?;
        // Another cloud has an operation of the same name.
        let known = OPERATIONS.contains(&name) && name != LIST_CONNECTIONS;
        let ours = known || has_row(document.root.get("VpnConnections"), "VpnConnection") || is_ours(document, &document.root);
        return ours.then(|| (name.to_owned(), "the root element"));
    }
    let by_fields = operation_by_fields(document)?;
    let lists = |name: &str| name == LIST_CONNECTIONS || name == LIST_ATTACHMENTS || name == LIST_SERVERS || name == DESCRIBE_GATEWAY;
    // A list remains a list, even if a log mentions another operation before it.
    let by_text = document.named(OPERATIONS).filter(|name| lists(name) == lists(by_fields));
    Some(by_text.map_or((by_fields.to_owned(), "its fields"), |name| (name.to_owned(), "the text before it")))
}

fn operation_by_fields(document: &Document<'_>) -> Option<&'static str> {
    let root = &document.root;
    let list = |wrapper: &str, inner: &str| {
        let found = root.get(wrapper)?;
        let empty = found.get(inner).and_then(Json::as_array).is_some_and(Vec::is_empty) || found.as_array().is_some_and(Vec::is_empty);
        Some(has_row(Some(found), inner) || (empty && is_ours(document, root)))
    };
    Some(match root {
        _ if root.contains_key("VpnConnections") => return list("VpnConnections", "VpnConnection")?.then_some(LIST_CONNECTIONS),
        _ if root.contains_key("VpnAttachments") => return list("VpnAttachments", "VpnAttachment")?.then_some(LIST_ATTACHMENTS),
        _ if root.contains_key("IpsecServers") => return list("IpsecServers", "IpsecServer")?.then_some(LIST_SERVERS),
        _ if starts(root.get("IpsecServerId"), "iss-") => LIST_SERVERS,
        _ if starts(root.get("VpnConnectionId"), "vco-") => operation_on_connection(root, document.cut),
        _ if starts(root.get("VpnGatewayId"), "vpn-") && root.contains_key("Status") && is_ours(document, root) => DESCRIBE_GATEWAY,
        _ if root.len() == 1 && !document.cut && document.text("RequestId").is_some_and(is_request_id) => UPDATE_SERVER,
        _ => return None,
    })
}

/// Whether a list has a row with an id of this cloud.
fn has_row(list: Option<&Json>, inner: &str) -> bool {
    let is_ours = |row: &Json| starts(row.get("VpnConnectionId"), "vco-") || starts(row.get("IpsecServerId"), "iss-");
    match list {
        Some(Json::Array(rows)) => rows.iter().any(is_ours),
        Some(found @ Json::Object(fields)) => is_ours(found) || fields.get(inner).is_some_and(|rows| has_row(Some(rows), inner)),
        _ => false,
    }
}

/// The operation that replies with a connection. Of a document that was cut, a field that is not there tells nothing.
fn operation_on_connection(root: &Map<String, Json>, cut: bool) -> &'static str {
    let described = ["State", "InternetIp", "TransitRouterId", "TunnelOptionsSpecification"].iter().any(|name| root.contains_key(*name));
    let attachment = root.get("AttachType").and_then(Json::as_str).is_some_and(is_attachment);
    match (described, attachment) {
        (true, _) => DESCRIBE_CONNECTION,
        (false, false) if root.contains_key("Status") && (!cut || root.contains_key("AttachType")) => DESCRIBE_CONNECTION,
        (false, _) if cut => "",
        (false, true) => MODIFY_ATTACHMENT,
        (false, false) => MODIFY_CONNECTION,
    }
}
