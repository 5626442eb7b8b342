//! Lists of connections, attachments and IPsec servers, page by page.

use serde_json::{Map, Value as Json};

use super::read::{read_connection, rows, success};
use super::settings::{ATTACHMENT, CONNECTION, SERVER};
use super::wire::{LIST_SERVERS, request};
use crate::model::Connection;
use crate::provider::{Kind, Page, Profile};
use crate::wire::Reply;
use crate::wire::{Call, ReadError};

/// Lists connections of both kinds.
pub(super) const LIST_CONNECTIONS: &str = "DescribeVpnConnections";
/// Lists the connections of transit routers, without their configuration.
pub(super) const LIST_ATTACHMENTS: &str = "DescribeVpnAttachments";

/// The most that a page of connections may hold.
const PAGE: usize = 50;
/// The most that a page of servers may hold.
const SERVER_PAGE: usize = 20;

/// One page of a kind. What the next one is asked for with is a page number, or the token of a server list.
#[must_use]
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
    // The cloud may have made the page smaller than asked for: its own word counts.
    let size = count("PageSize").and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(PAGE);
    let total = count("TotalCount").and_then(|total| usize::try_from(total).ok());
    let more = match total {
        Some(total) => number.saturating_mul(size) < total,
        None => connections.len() >= size,
    };
    let next = (more && !connections.is_empty()).then(|| (number + 1).to_string());
    Ok(Page { connections, next })
}

/// A row of a list as a connection: its attach type tells which kind it is.
#[must_use]
pub(super) fn row_of_list(region: &str, operation: &str, row: Map<String, Json>) -> Connection {
    let attached = operation == LIST_ATTACHMENTS
        || row.get("AttachType").and_then(Json::as_str).is_some_and(|word| matches!(word, "CEN" | "NO_ASSOCIATED"));
    let (fields, kind) = if attached { (ATTACHMENT, "attachment") } else { (CONNECTION, "connection") };
    read_connection(fields, kind, region, row)
}
