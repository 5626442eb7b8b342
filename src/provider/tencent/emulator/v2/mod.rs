//! API 2.0: routing.

mod given;
mod item;
mod list;
mod modify;
mod named;
mod reply;
mod reset;
mod task;

use serde_json::Value as Json;

use super::key::secret_of;
use super::region::region;
use super::reply::reply;
use super::verify::{Signed, WINDOW_SECS, Wrong, verify};
use crate::emulated::{Incoming, Store};
use crate::provider::tencent::cloud::{self, v2};
use crate::wire::Reply;

use reply::Flaw;
pub(super) use reply::refuse;

/// Answers a request.
pub(super) fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    match answer(incoming, store) {
        Ok(body) => reply(&body),
        Err((code, name, message)) => reply::refused(code, name, &message),
    }
}

fn answer(incoming: &Incoming, store: &mut Store) -> Result<Json, Flaw> {
    let signed = authenticate(incoming, store)?;
    if ![v2::MODIFY, v2::RESET, v2::DESCRIBE, v2::TASK].contains(&signed.action.as_str()) {
        return Err((6100, "ActionNotFound", format!("action {} is not available", signed.action)));
    }
    let region = region(&signed.region).ok_or((4000, "InvalidParameter", format!("invalid region {}", signed.region)))?;
    match signed.action.as_str() {
        v2::MODIFY => modify::modify(&signed, region, store),
        v2::RESET => reset::reset(&signed, region, store),
        v2::DESCRIBE => list::list(&signed.pairs, region, store),
        _ => task::task(&signed.pairs, store),
    }
}

/// Checks signature, time and nonce.
fn authenticate(incoming: &Incoming, store: &mut Store) -> Result<Signed, Flaw> {
    let signed = verify(incoming, secret_of).map_err(|wrong| match wrong {
        Wrong::Missing(name) => (4000, "InvalidParameter", format!("missing parameter {name}")),
        Wrong::Id => (4104, "AuthFailure", "the SecretId does not exist".to_owned()),
        Wrong::Authorization | Wrong::Mismatch => (4100, "AuthFailure", "authentication failed".to_owned()),
        Wrong::Body | Wrong::Protocol => (4000, "InvalidParameter", "the body is not a form".to_owned()),
    })?;
    if incoming.at.timestamp().abs_diff(signed.timestamp) > WINDOW_SECS {
        return Err((4200, "RequestExpired", "the request has expired".to_owned()));
    }
    let nonce = signed.nonce.as_deref().unwrap_or_default();
    if !store.fresh_nonce(&format!("{}-v2-{}-{nonce}", cloud::ID, signed.id)) {
        return Err((4500, "ReplayAttack", "replay attack".to_owned()));
    }
    Ok(signed)
}
