//! Plain parameters that several operations change: names, networks and switches.

use serde_json::{Map, Value as Json, json};

use super::call::Call;
use super::check;
use super::reply::Failure;

/// Changes the name in this field.
pub(super) fn name(call: &Call, field: &str, new: &mut Map<String, Json>) -> Result<(), Failure> {
    let Some(name) = call.text(field) else { return Ok(()) };
    check::name(name)?;
    new.insert(field.to_owned(), json!(name));
    Ok(())
}

/// Changes the networks of both sides.
pub(super) fn networks(call: &Call, new: &mut Map<String, Json>) -> Result<(), Failure> {
    for field in ["LocalSubnet", "RemoteSubnet"] {
        let Some(text) = call.text(field) else { continue };
        check::networks(field, text)?;
        new.insert(field.to_owned(), json!(text));
    }
    Ok(())
}

/// Changes the switches.
pub(super) fn switches(call: &Call, new: &mut Map<String, Json>) -> Result<(), Failure> {
    for field in ["EffectImmediately", "AutoConfigRoute", "EnableDpd", "EnableNatTraversal"] {
        if let Some(on) = call.switch(field)? {
            new.insert(field.to_owned(), json!(on));
        }
    }
    Ok(())
}
