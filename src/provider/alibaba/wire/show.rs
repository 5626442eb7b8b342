//! Requests that read: one connection or server, and the progress of a change.

use super::request::request;
use crate::model::{Connection, Status};
use crate::provider::alibaba::cloud::{DESCRIBE_CONNECTION, DESCRIBE_GATEWAY, LIST_SERVERS, UPDATE_SERVER};
use crate::provider::alibaba::read::{read_described, read_gateway, read_server};
use crate::provider::alibaba::tunnels;
use crate::provider::{Profile, Progress, Target};
use crate::wire::{Call, Reply};

/// Reads one connection or server.
pub(in crate::provider::alibaba) fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let (region, target) = (profile.region.clone(), target.clone());
    if target.operation.name == UPDATE_SERVER {
        let request = request(profile, LIST_SERVERS, vec![("IpsecServerId.1", target.id.clone())]);
        return Call { request, read: Box::new(move |reply| read_server(&region, &target, reply)) };
    }
    let request = request(profile, DESCRIBE_CONNECTION, vec![("VpnConnectionId", target.id.clone())]);
    Call { request, read: Box::new(move |reply| read_described(&region, &target, reply)) }
}

/// What to poll after a change: the connection itself, or the gateway of a server.
pub(in crate::provider::alibaba) fn progress(profile: &Profile, target: &Target, gateway: Option<&str>) -> Call<Progress> {
    if target.operation.name == UPDATE_SERVER
        && let Some(gateway) = gateway
    {
        let request = request(profile, DESCRIBE_GATEWAY, vec![("VpnGatewayId", gateway.to_owned())]);
        return Call { request, read: Box::new(read_gateway) };
    }
    let Call { request, read } = show(profile, target);
    Call { request, read: Box::new(move |reply: &Reply| read(reply).map(|connection| progress_of(&connection))) }
}

/// The progress that the `State` of a connection and of its tunnels shows.
fn progress_of(connection: &Connection) -> Progress {
    let state = |status: &Status| status.reported.iter().find(|(field, _)| *field == "State").map(|(_, word)| word.clone());
    let own = state(&connection.status).map_or_else(|| "no State".to_owned(), |word| format!("State {word}"));
    let tunnels = connection.tunnels.iter().filter_map(|tunnel| Some(format!("{} {}", tunnels::name(tunnel), state(&tunnel.status)?)));
    let reported = std::iter::once(own).chain(tunnels).collect::<Vec<_>>().join(", ");
    Progress { change: connection.status.change, reported }
}
