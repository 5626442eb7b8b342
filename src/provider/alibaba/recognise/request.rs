//! Saved requests.

use serde_json::{Map, Value as Json};

use super::check::check;
use super::marks::{OPERATIONS, hidden, region, starts};
use crate::provider::alibaba::cloud::{COMMON_PARAMETERS, ID, MODIFY_ATTACHMENT, MODIFY_CONNECTION, MODIFY_TUNNEL, UPDATE_SERVER, VERSION};
use crate::provider::alibaba::kinds::KINDS;
use crate::provider::alibaba::read::read_connection;
use crate::provider::alibaba::settings::CONNECTION;
use crate::provider::recognise::{Document, Recognised, Role, Syntax, operation_named, read_written};

/// A request to Alibaba Cloud.
pub(super) fn request(document: &mut Document<'_>) -> Option<Recognised> {
    if !is_request(document) {
        return None;
    }
    let (operation, told_by) = operation(document);
    let region = document.text("RegionId").map(str::to_owned).or_else(|| region(document));
    let root = settings(document);
    let mut found = Recognised::new(ID, Role::Request, operation, told_by);
    read(&mut found, root, region);
    Some(found)
}

fn is_request(document: &Document<'_>) -> bool {
    let root = &document.root;
    let named = document.text("Action").is_some_and(|action| OPERATIONS.contains(&action));
    // Tencent has the same parameter for its ids, which start with vpnx-.
    let ours = document.text("Version").is_none_or(|version| version == VERSION) && !starts(root.get("VpnConnectionId"), "vpnx-");
    let has_id =
        starts(root.get("VpnConnectionId"), "vco-") || starts(root.get("IpsecServerId"), "iss-") || starts(root.get("TunnelId"), "tun-");
    let answered = ["RequestId", "CreateTime", "CreationTime", "Status", "State", "TotalCount"].iter().any(|name| root.contains_key(*name));
    match document.syntax {
        Syntax::Form => ours && (named || has_id || document.text("Version") == Some(VERSION)),
        Syntax::Json => {
            // What a document that was cut lacks tells nothing.
            ours && !answered
                && (!document.cut || named)
                && (named || (has_id && (root.contains_key("RegionId") || root.get("IkeConfig").is_some_and(Json::is_string))))
        }
        Syntax::Xml(_) => false,
    }
}

/// The operation of a request, and what shows it.
fn operation(document: &Document<'_>) -> (String, &'static str) {
    if let Some(action) = document.text("Action") {
        return (action.to_owned(), "the parameter Action");
    }
    if let Some(name) = document.named(OPERATIONS) {
        return (name.to_owned(), "the text before it");
    }
    let has = |names: &[&str]| names.iter().any(|name| document.root.contains_key(*name));
    let operation = match () {
        () if has(&["IpsecServerId"]) => UPDATE_SERVER,
        () if has(&["TunnelId"]) => MODIFY_TUNNEL,
        () if has(&["CustomerGatewayId", "NetworkType", "RemoteCaCert"]) => MODIFY_ATTACHMENT,
        () => MODIFY_CONNECTION,
    };
    (operation.to_owned(), "its parameters")
}

/// Takes the parameters of the operation out of the document, in the shape of a reply's fields.
fn settings(document: &mut Document<'_>) -> Map<String, Json> {
    let mut root = std::mem::take(&mut document.root);
    root.retain(|name, _| !COMMON_PARAMETERS.contains(&name.as_str()));
    open_blocks(&mut root);
    one_tunnel(&mut root);
    root
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

/// `ModifyTunnelAttribute` has the settings of its one tunnel where the other operations have a list.
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

/// Reads what the request sets: a connection, or plain facts when the operation is not one that we know.
fn read(found: &mut Recognised, mut root: Map<String, Json>, region: Option<String>) {
    match operation_named(KINDS, &found.operation) {
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
}
