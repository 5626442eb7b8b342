//! Alibaba Cloud, emulated.

mod blocks;
mod call;
mod check;
mod connection;
mod describe;
mod fields;
mod list;
mod modify;
mod reply;
mod scale;
mod seed;
mod server;
mod session;
mod things;
mod tunnel;
mod tunnels;
mod verify;

pub(super) use connection::{configured, envelope, set_key, set_up};
pub(super) use scale::scale;
pub(super) use seed::seed;

use serde_json::Value as Json;

use self::call::{Call, Outcome};
use self::reply::Failure;
use super::{cloud, sts};
use crate::emulated::{Incoming, Refusal, Remembered, Store};
use crate::wire::Reply;

/// Answers a request: signature, time and nonce are checked first, then the operation runs.
pub(super) fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let request_id = store.request_id();
    let wants_xml = reply::wants_xml(incoming);
    let call = match verify::verify(incoming, store) {
        Ok(call) => call,
        Err(failure) => return reply::failure(&failure, &request_id, incoming, wants_xml),
    };
    let outcome = if call.action == sts::ASSUME_ROLE { session::assume_role(&call, incoming.at, store) } else { once(&call, store) };
    match outcome {
        Ok(object) => reply::success(&call.action, object, &request_id, wants_xml),
        Err(failure) => reply::failure(&failure, &request_id, incoming, wants_xml),
    }
}

/// Refuses a request in the cloud's own way, without looking at it.
pub(super) fn refuse(refusal: Refusal, incoming: &Incoming) -> Reply {
    let failure = match refusal {
        Refusal::Throttle => Failure::new(400, "Throttling.User", "Request was denied due to user flow control."),
        Refusal::Busy if incoming.operation() == cloud::MODIFY_ATTACHMENT => Failure::configuring("VpnConnection"),
        Refusal::Busy => Failure::configuring("VpnGateway"),
        Refusal::Internal => Failure::new(500, "InternalError", "The request processing has failed due to some unknown error."),
    };
    reply::failure(&failure, "0E3A0000-0000-4000-8000-FFFFFFFFFFFF", incoming, reply::wants_xml(incoming))
}

/// Runs an operation. A repeated client token returns the stored reply and changes nothing.
fn once(call: &Call, store: &mut Store) -> Outcome {
    let Some(token) = call.text("ClientToken") else { return run(call, store) };
    if token.len() > 64 || !token.is_ascii() {
        return Err(Failure::invalid("ClientToken"));
    }
    let key = format!("{}/{token}", cloud::ID);
    let parameters = format!("{} {:?}", call.action, call.parameters);
    if let Some(previous) = store.tokens.get(&key) {
        if previous.parameters != parameters {
            let message = "The request uses the same client token as a previous, but non-identical request.";
            return Err(Failure::new(400, "IdempotentParameterMismatch", message));
        }
        return Ok(serde_json::from_str(&previous.body).unwrap_or_default());
    }
    let object = run(call, store)?;
    store.tokens.insert(key, Remembered { parameters, body: Json::Object(object.clone()).to_string() });
    Ok(object)
}

/// Runs the operation of a call in its region.
fn run(call: &Call, store: &mut Store) -> Outcome {
    let operation: fn(&Call, &mut Store, &str) -> Outcome = match call.action.as_str() {
        cloud::DESCRIBE_CONNECTION => |call, store, region| describe::connection(call, store, region),
        cloud::DESCRIBE_GATEWAY => |call, store, region| describe::gateway(call, store, region),
        "DescribeCustomerGateway" => |call, store, region| describe::customer_gateway(call, store, region),
        "DescribeRegions" => return Ok(describe::regions()),
        cloud::LIST_CONNECTIONS => |call, store, region| list::connections(call, store, region),
        cloud::LIST_ATTACHMENTS => |call, store, region| list::attachments(call, store, region),
        cloud::LIST_SERVERS => |call, store, region| list::servers(call, store, region),
        "DescribeVpnGateways" => |call, store, region| list::gateways(call, store, region),
        "DescribeCustomerGateways" => |call, store, region| list::customer_gateways(call, store, region),
        cloud::MODIFY_CONNECTION | cloud::MODIFY_ATTACHMENT => modify::modify_connection,
        cloud::MODIFY_TUNNEL => tunnel::modify_tunnel,
        cloud::UPDATE_SERVER => server::update_server,
        _ => return Err(Failure::new(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")),
    };
    let region = region(call, store)?;
    if !cloud::REGIONS.contains(&region.as_str()) {
        return Err(Failure::new(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist."));
    }
    operation(call, store, &region)
}

/// The region of a call. It is optional for one operation, where the connection determines it.
fn region(call: &Call, store: &Store) -> Result<String, Failure> {
    if call.text("RegionId").is_none() && call.action == cloud::MODIFY_TUNNEL {
        let connection = store.find(cloud::ID, "connection", call.required("VpnConnectionId")?);
        return Ok(connection.map(|thing| thing.region.clone()).unwrap_or_default());
    }
    call.required("RegionId").map(str::to_owned)
}

#[cfg(test)]
mod tests;
