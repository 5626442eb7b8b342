//! How a connection authenticates: `authby`, `leftauth`, `rightauth`.

use super::settings::Settings;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Auth, Method, Refusal};

/// The field, in the model's words.
const FIELD: &str = "ike.authentication";

/// The methods of a connection, and what Libreswan refuses in them. Left out, it is certificates, not a key.
pub(super) fn auth(settings: &Settings, v1: bool) -> Result<(Auth, Vec<Refusal>), Fault> {
    let mut refusals = Vec::new();
    let mut refuse = |value: &str, why: &str| refusals.push(Refusal { field: FIELD, value: value.to_owned(), why: why.to_owned() });
    let mut both = Vec::new();
    if let Some(setting) = settings.get("authby") {
        for word in setting.value.split([',', ' ']).filter(|word| !word.is_empty()) {
            match by(word) {
                Some(method) if !both.contains(&method) => both.push(method),
                Some(_) => {}
                None if word == "never" => {
                    return Err(setting.fault("authby=never: this connection never sets up a tunnel"));
                }
                None => refuse(
                    &format!("authby={}", setting.value),
                    &format!("authby does not know {word:?}; a pre-shared key is authby=secret, alternatives stand behind commas"),
                ),
            }
        }
    }
    if both.is_empty() {
        both.push(Method::Certificate);
    }
    let side = |name: &str| -> Result<Option<Method>, Fault> {
        let Some(setting) = settings.get(name) else { return Ok(None) };
        one(&setting.value)
            .map(Some)
            .ok_or_else(|| setting.fault(format!("{name} does not know {:?}; a pre-shared key is {name}=secret", setting.value)))
    };
    if v1 && both.len() > 1 {
        refuse(&format!("authby={}", settings.text("authby").unwrap_or_default()), "IKEv1 has one way to authenticate, not several");
    }
    let auth = match (side("leftauth")?, side("rightauth")?) {
        (Some(local), Some(remote)) => {
            let value = format!("leftauth={local}, rightauth={remote}");
            if v1 {
                refuse(&value, "IKEv1 has no leftauth and rightauth; write authby");
            } else if [local, remote].contains(&Method::Certificate) && !both.contains(&Method::Certificate) {
                refuse(&value, "leftauth and rightauth want certificates, and authby excludes them");
            }
            Auth { local: vec![local], remote: vec![vec![remote]] }
        }
        (None, None) => {
            // It proves itself with the best that it may use, and takes any of them.
            let best = [Method::Certificate, Method::Psk, Method::Null].into_iter().find(|method| both.contains(method));
            let best = best.unwrap_or(Method::Certificate);
            Auth { local: vec![best], remote: vec![both] }
        }
        (left, _) => {
            let (name, lacks) = if left.is_some() { ("leftauth", "rightauth") } else { ("rightauth", "leftauth") };
            refuse(
                &format!("{name}={}", settings.text(name).unwrap_or_default()),
                &format!("{name} without {lacks}: set both, or neither"),
            );
            Auth { local: vec![both.first().copied().unwrap_or(Method::Certificate)], remote: vec![both] }
        }
    };
    Ok((auth, refusals))
}

fn by(word: &str) -> Option<Method> {
    match word {
        "secret" => Some(Method::Psk),
        "null" => Some(Method::Null),
        "rsasig" | "rsa" | "ecdsa" => Some(Method::Certificate),
        _ if ["rsa-sha", "ecdsa-sha"].iter().any(|start| word.starts_with(start)) => Some(Method::Certificate),
        _ => None,
    }
}

fn one(word: &str) -> Option<Method> {
    match word {
        "eaponly" | "eap" => Some(Method::Eap),
        word => by(word),
    }
}
