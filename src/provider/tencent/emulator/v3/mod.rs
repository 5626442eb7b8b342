//! API 3.0: routing.

mod filter;
mod list;
mod modify;
mod reply;
mod reset;
mod task;

use serde_json::{Map, Value as Json, json};

use super::flaw::{Flaw, missing};
use super::key::secret_of;
use super::region::region;
use super::reply::reply;
use super::verify::{Signed, WINDOW_SECS, Wrong, verify};
use crate::emulated::{Incoming, Store};
use crate::provider::tencent::cloud::{self, v2, v3};
use crate::wire::Reply;

pub(super) use reply::refuse;

/// Answers a request.
pub(super) fn handle(incoming: &Incoming, store: &mut Store) -> Reply {
    let request_id = store.request_id().to_ascii_lowercase();
    match answer(incoming, store, &request_id) {
        Ok(mut response) => {
            response.insert("RequestId".to_owned(), json!(request_id));
            reply(&json!({ "Response": response }))
        }
        Err((code, message)) => reply::refused(code, &message, &request_id),
    }
}

fn answer(incoming: &Incoming, store: &mut Store, request_id: &str) -> Result<Map<String, Json>, Flaw> {
    let signed = authenticate(incoming, store)?;
    if signed.version != v3::VERSION {
        return Err(("NoSuchVersion", format!("The version `{}` does not exist.", signed.version)));
    }
    let listing = list::listing(&signed.action);
    if listing.is_none() && ![v3::MODIFY, v3::RESET, v2::TASK].contains(&signed.action.as_str()) {
        return Err(("InvalidAction", format!("The action `{}` does not exist.", signed.action)));
    }
    let Some(region) = region(&signed.region) else {
        return Err(match signed.region.as_str() {
            "" => missing("Region"),
            name => ("UnsupportedRegion", format!("The region `{name}` is not supported.")),
        });
    };
    match signed.action.as_str() {
        v3::MODIFY => modify::modify(signed, region, store, request_id),
        v3::RESET => reset::reset(&signed, region, store, request_id),
        _ => match listing {
            Some(listing) => list::list(listing, &signed, region, store),
            None => task::task(&signed, store),
        },
    }
}

/// Checks signature, time and nonce.
fn authenticate(incoming: &Incoming, store: &mut Store) -> Result<Signed, Flaw> {
    let signed = verify(incoming, secret_of).map_err(|wrong| match wrong {
        Wrong::Missing(name) => missing(name),
        Wrong::Authorization => ("AuthFailure.InvalidAuthorization", "The Authorization header is not valid.".to_owned()),
        Wrong::Id => ("AuthFailure.SecretIdNotFound", "The SecretId is not found.".to_owned()),
        Wrong::Mismatch => ("AuthFailure.SignatureFailure", "The provided credentials could not be validated.".to_owned()),
        Wrong::Body => ("InvalidParameter", "The body is not a JSON object.".to_owned()),
        Wrong::Protocol => ("UnsupportedProtocol", "The method or content type is not supported.".to_owned()),
    })?;
    if incoming.at.timestamp().abs_diff(signed.timestamp) > WINDOW_SECS {
        return Err(("AuthFailure.SignatureExpire", "The signature has expired.".to_owned()));
    }
    if let Some(nonce) = &signed.nonce
        && !store.fresh_nonce(&format!("{}-v3-{}-{nonce}", cloud::ID, signed.id))
    {
        return Err(("AuthFailure.SignatureFailure", "The nonce was used before.".to_owned()));
    }
    Ok(signed)
}
