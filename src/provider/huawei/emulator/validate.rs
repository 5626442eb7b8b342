//! What the service refuses with `VPN.0001`: bodies that break the rules of `UpdateVpnConnection`.

use serde_json::{Map, Value as Json};

use crate::model::{PolicyRule, Term};
use crate::provider::field::{Field, Shape, at};
use crate::provider::huawei::settings::{FIELDS, tunnel_address};

/// Checks the content of `vpn_connection`.
///
/// # Errors
/// The first problem found. It never holds the value of the key.
pub(super) fn validate(content: &Map<String, Json>, stored: &Map<String, Json>) -> Result<(), String> {
    let style = stored.get("style").and_then(Json::as_str).unwrap_or_default().to_ascii_uppercase();
    let root = Json::Object(content.clone());
    names(&root, "", &style)?;
    let gm = text_at(&Json::Object(stored.clone()), "ikepolicy.authentication_method") == Some("digital-envelope-v2");
    for field in FIELDS.iter().filter(|field| !field.write.is_empty()) {
        if let Some(value) = at(&root, field.write) {
            check(field, value, gm).map_err(|text| format!("{} {text}", field.write))?;
        }
    }
    styles(content, &style)?;
    tunnel(content, stored)?;
    identities(content, stored)
}

/// Refuses names that cannot be updated. Those of old clients pass.
fn names(value: &Json, path: &str, style: &str) -> Result<(), String> {
    const OLD: &[&str] = &["eip_id", "type", "route_mode", "ikepolicy.pfs"];
    let Some(object) = value.as_object() else { return Err(format!("{path} must be an object")) };
    for (name, value) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let is_object = FIELDS.iter().any(|field| field.write.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.')));
        if is_object {
            names(value, &path, style)?;
        } else if path == "enable_nqa" {
            if style != "STATIC" {
                return Err("enable_nqa must not be filled if style is not static".to_owned());
            }
        } else if !OLD.contains(&path.as_str()) && !FIELDS.iter().any(|field| field.write == path) {
            return Err(format!("{path} cannot be updated"));
        }
    }
    Ok(())
}

/// Checks one value against the shape of its field, and its algorithms against the flavour of the gateway.
fn check(field: &Field, value: &Json, gm: bool) -> Result<(), String> {
    let wrong = || format!("is invalid, allowed: {}", field.allowed());
    let by_rule = |texts: &[String]| field.parse(texts).map(drop).map_err(|violation| violation.rule);
    match &field.shape {
        Shape::Words(words) => {
            let (term, _) = words.0.iter().find(|(_, word)| value.as_str() == Some(word)).ok_or_else(wrong)?;
            let is_gm_only = matches!(term, Term::Sm3 | Term::Sm4);
            let fits = !field.write.ends_with("_algorithm") || is_gm_only == gm;
            if fits { Ok(()) } else { Err("does not match the flavor of the gateway".to_owned()) }
        }
        Shape::Duration { min, max, .. } => value.as_u64().filter(|number| (min..=max).contains(&number)).map(drop).ok_or_else(wrong),
        Shape::Switch(_) => value.as_bool().map(drop).ok_or_else(wrong),
        Shape::List { .. } => by_rule(&texts(value).ok_or_else(wrong)?),
        Shape::Rules { .. } => {
            let rules: Option<Vec<String>> = value.as_array().ok_or_else(wrong)?.iter().map(policy_rule).collect();
            by_rule(&rules.ok_or_else(wrong)?)
        }
        _ => by_rule(&[value.as_str().ok_or_else(wrong)?.to_owned()]),
    }
}

/// A policy rule in our text form; `None` when a part is missing.
fn policy_rule(row: &Json) -> Option<String> {
    let source = row.get("source")?.as_str()?.to_owned();
    // The text form of an IPv6 rule has no place for an index.
    let index = row.get("rule_index").and_then(Json::as_u64).filter(|_| source.contains('.'));
    Some(PolicyRule { index, source, destinations: texts(row.get("destination")?)? }.to_string())
}

fn texts(value: &Json) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn text_at<'a>(root: &'a Json, path: &str) -> Option<&'a str> {
    at(root, path).and_then(Json::as_str)
}

/// Refuses settings that only connections of another style have.
fn styles(content: &Map<String, Json>, style: &str) -> Result<(), String> {
    const ALLOWED: &[(&str, &[&str])] = &[
        ("policy_rules", &["POLICY"]),
        ("policy_rules_v6", &["POLICY"]),
        ("tunnel_local_address", &["STATIC", "BGP"]),
        ("tunnel_peer_address", &["STATIC", "BGP"]),
        ("enable_hub", &["BGP"]),
    ];
    let wrong = ALLOWED.iter().find(|(name, styles)| content.contains_key(*name) && !styles.contains(&style));
    wrong.map_or(Ok(()), |(name, styles)| Err(format!("{name} must not be filled if style is not {}", styles.join(" or ").to_lowercase())))
}

/// Both addresses of the tunnel interface, given or stored, must be the hosts of one /30.
fn tunnel(content: &Map<String, Json>, stored: &Map<String, Json>) -> Result<(), String> {
    const NAMES: [&str; 2] = ["tunnel_local_address", "tunnel_peer_address"];
    if !NAMES.iter().any(|name| content.contains_key(*name)) {
        return Ok(());
    }
    let address =
        |name: &str| content.get(name).or_else(|| stored.get(name)).and_then(Json::as_str).and_then(tunnel_address).map(u32::from);
    match NAMES.map(address) {
        [Some(local), Some(peer)] if local != peer && local / 4 == peer / 4 => Ok(()),
        _ => Err("tunnel_local_address and tunnel_peer_address must be the two hosts of one CIDR block".to_owned()),
    }
}

/// Identities must fit their types, given or stored.
fn identities(content: &Map<String, Json>, stored: &Map<String, Json>) -> Result<(), String> {
    let (asked, stored) = (Json::Object(content.clone()), Json::Object(stored.clone()));
    for (kind, id) in [("ikepolicy.local_id_type", "ikepolicy.local_id"), ("ikepolicy.peer_id_type", "ikepolicy.peer_id")] {
        let stays_fqdn = text_at(&stored, kind) == Some("fqdn") && text_at(&stored, id).is_some();
        if text_at(&asked, kind) == Some("fqdn") && text_at(&asked, id).is_none() && !stays_fqdn {
            return Err(format!("{id} must be filled if its type is fqdn"));
        }
        let is_ip = text_at(&asked, kind).or_else(|| text_at(&stored, kind)) == Some("ip");
        if is_ip && text_at(&asked, id).is_some_and(|text| text.parse::<std::net::Ipv4Addr>().is_err()) {
            return Err(format!("{id} must be an IPv4 address if its type is ip"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Class;
    use crate::model::Key;
    use crate::provider::huawei::emulator::things::CONNECTION;
    use crate::provider::huawei::testing::{POLICY, STATIC, World, own, refusal, request};
    use crate::wire::{Body, Method};

    #[test]
    fn forbidden_updates_are_refused_with_the_rule() {
        let put = |id: &str, body: Json| {
            let path = own(&format!("vpn-connection/{id}"));
            refusal(World::new().call(&request(Method::Put, &path, &[], Body::Json(body.to_string()))))
        };
        for (id, content) in [
            (POLICY, json!({ "psk": "Canary" })),
            (POLICY, json!({ "psk": 12_345_678 })),
            (POLICY, json!({ "name": "a b" })),
            (POLICY, json!({ "name": null })),
            (POLICY, json!({ "style": "BGP" })),
            (POLICY, json!({ "enable_nqa": true })),
            (POLICY, json!({ "peer_subnets": "10.0.0.0/8" })),
            (POLICY, json!({ "peer_subnets": ["100.64.0.0/10"] })),
            (POLICY, json!({ "tunnel_local_address": "169.254.56.225/30" })),
            (POLICY, json!({ "policy_rules": [{ "source": "10.0.0.0/8" }] })),
            (POLICY, json!({ "policy_rules": [{ "source": "10.0.0.0/8", "destination": ["x"] }] })),
            (STATIC, json!({ "policy_rules": [] })),
            (STATIC, json!({ "enable_hub": true })),
            (STATIC, json!({ "tunnel_local_address": "169.254.80.5/30" })),
            (STATIC, json!({ "tunnel_local_address": "169.254.80.2/30" })),
            (POLICY, json!({ "ikepolicy": { "lifetime_seconds": 59 } })),
            (POLICY, json!({ "ikepolicy": { "lifetime_seconds": "60" } })),
            (POLICY, json!({ "ikepolicy": { "ike_version": "ikev1" } })),
            (POLICY, json!({ "ikepolicy": { "encryption_algorithm": "sm4" } })),
            (POLICY, json!({ "ikepolicy": { "authentication_method": "pre-share" } })),
            (POLICY, json!({ "ikepolicy": { "local_id_type": "fqdn" } })),
            (POLICY, json!({ "ikepolicy": { "peer_id_type": "any" } })),
            (POLICY, json!({ "ikepolicy": { "local_id": "hub.example" } })),
            (POLICY, json!({ "ikepolicy": "x" })),
            (POLICY, json!({ "ipsecpolicy": { "lifetime_seconds": 29 } })),
        ] {
            let refused = put(id, json!({ "vpn_connection": content.clone() }));
            assert_eq!((refused.class, refused.code.as_str()), (Class::Final, "VPN.0001"), "{content}");
            assert!(refused.message.starts_with("invalid request: ") && !refused.message.contains("Canary"), "{}", refused.message);
        }
        assert_eq!(put(POLICY, json!({ "name": "unwrapped" })).code, "VPN.0001");
        let mut world = World::new();
        world.store.find_mut("huawei", CONNECTION, POLICY).unwrap().data.insert("status".to_owned(), json!("FREEZED"));
        assert_eq!(world.refused(POLICY, &[(Key::Name, "x")]).message, "invalid request: ILLEGAL not allowed update vpnConnection");
    }
}
