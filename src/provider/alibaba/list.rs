//! Lists of connections, attachments and IPsec servers, page by page.

use serde_json::{Map, Value as Json};

use super::cloud::{LIST_ATTACHMENTS, LIST_CONNECTIONS, LIST_SERVERS, is_attachment};
use super::read::{read_connection, rows, success};
use super::settings::{ATTACHMENT, CONNECTION, SERVER};
use super::wire::request;
use crate::model::Connection;
use crate::provider::{Kind, Page, Profile};
use crate::wire::{Call, ReadError, Reply};

/// The largest page of connections that the cloud allows.
const PAGE: usize = 50;
/// The largest page of servers that the cloud allows.
const SERVER_PAGE: usize = 20;

/// Lists one page of a kind. `after` is a page number, or the token of a list of servers.
pub(super) fn list(profile: &Profile, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
    let region = profile.region.clone();
    if kind.name == "ipsec-server" {
        let mut parameters = vec![("MaxResults", SERVER_PAGE.to_string())];
        parameters.extend(after.map(|token| ("NextToken", token.to_owned())));
        return Call { request: request(profile, LIST_SERVERS, parameters), read: Box::new(move |reply| read_servers(&region, reply)) };
    }
    let number = after.and_then(|after| after.parse().ok()).unwrap_or(1_usize);
    let operation = if kind.name == "attachment" { LIST_ATTACHMENTS } else { LIST_CONNECTIONS };
    let parameters = vec![("PageNumber", number.to_string()), ("PageSize", PAGE.to_string())];
    let read = move |reply: &Reply| read_numbered(operation, &region, number, reply);
    Call { request: request(profile, operation, parameters), read: Box::new(read) }
}

fn read_servers(region: &str, reply: &Reply) -> Result<Page, ReadError> {
    let mut root = success(LIST_SERVERS, reply)?;
    let servers = root.remove("IpsecServers").ok_or_else(|| ReadError::Shape(LIST_SERVERS, "no IpsecServers".to_owned()))?;
    let connections = rows(servers, "IpsecServer").into_iter().map(|row| read_connection(SERVER, "ipsec-server", region, row)).collect();
    let next = root.get("NextToken").and_then(Json::as_str).filter(|token| !token.is_empty()).map(str::to_owned);
    Ok(Page { connections, next })
}

fn read_numbered(operation: &'static str, region: &str, number: usize, reply: &Reply) -> Result<Page, ReadError> {
    let mut root = success(operation, reply)?;
    let (wrapper, inner) =
        if operation == LIST_ATTACHMENTS { ("VpnAttachments", "VpnAttachment") } else { ("VpnConnections", "VpnConnection") };
    let list = root.remove(wrapper).ok_or_else(|| ReadError::Shape(operation, format!("no {wrapper}")))?;
    let connections: Vec<Connection> = rows(list, inner).into_iter().map(|row| row_of_list(region, operation, row)).collect();
    let count = |name: &str| root.get(name).and_then(|json| json.as_u64().or_else(|| json.as_str()?.parse().ok()));
    // The cloud may return smaller pages than requested, so its own size counts.
    let size = count("PageSize").and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(PAGE);
    let total = count("TotalCount").and_then(|total| usize::try_from(total).ok());
    let more = match total {
        Some(total) => number.saturating_mul(size) < total,
        None => connections.len() >= size,
    };
    let next = (more && !connections.is_empty()).then(|| (number + 1).to_string());
    Ok(Page { connections, next })
}

/// Reads a row of a list as a connection. Its attach type shows its kind.
pub(super) fn row_of_list(region: &str, operation: &str, row: Map<String, Json>) -> Connection {
    let attached = operation == LIST_ATTACHMENTS || row.get("AttachType").and_then(Json::as_str).is_some_and(is_attachment);
    let (fields, kind) = if attached { (ATTACHMENT, "attachment") } else { (CONNECTION, "connection") };
    read_connection(fields, kind, region, row)
}
