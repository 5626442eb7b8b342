//! What the service refuses with `VPN.0001`.

use serde_json::{Map, Value as Json};

use crate::model::{PolicyRule, Term};
use crate::provider::field::{Field, Shape, at};
use crate::provider::huawei::settings::{FIELDS, tunnel_address};

/// Checks the content of `vpn_connection`; the first thing that is wrong, never the value of the key.
pub(super) fn validate(content: &Map<String, Json>, stored: &Map<String, Json>) -> Result<(), String> {
    let style = stored.get("style").and_then(Json::as_str).unwrap_or_default().to_ascii_uppercase();
    let root = Json::Object(content.clone());
    names(&root, "", &style)?;
    let national = text_at(&Json::Object(stored.clone()), "ikepolicy.authentication_method") == Some("digital-envelope-v2");
    for field in FIELDS.iter().filter(|field| !field.write.is_empty()) {
        if let Some(value) = at(&root, field.write) {
            check(field, value, national).map_err(|text| format!("{} {text}", field.write))?;
        }
    }
    styles(content, &style)?;
    tunnel(content, stored)?;
    identities(content, stored)
}

fn text_at<'a>(root: &'a Json, path: &str) -> Option<&'a str> {
    at(root, path).and_then(Json::as_str)
}

/// Names that cannot be updated are refused; those of old clients pass.
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

fn check(field: &Field, value: &Json, national: bool) -> Result<(), String> {
    let wrong = || format!("is invalid, allowed: {}", field.allowed());
    let by_rule = |texts: &[String]| field.parse(texts).map(drop).map_err(|violation| violation.rule);
    let texts = |value: &Json| -> Option<Vec<String>> { value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect() };
    match &field.shape {
        Shape::Words(words) => {
            let row = words.0.iter().find(|(_, word)| value.as_str() == Some(word)).ok_or_else(wrong)?;
            let is_national = matches!(row.0, Term::Sm3 | Term::Sm4);
            let may_be = !field.write.ends_with("_algorithm") || is_national == national;
            if may_be { Ok(()) } else { Err("does not match the flavor of the gateway".to_owned()) }
        }
        Shape::Duration { min, max, .. } => value.as_u64().filter(|number| (min..=max).contains(&number)).map(drop).ok_or_else(wrong),
        Shape::Switch(_) => value.as_bool().map(drop).ok_or_else(wrong),
        Shape::List { .. } => by_rule(&texts(value).ok_or_else(wrong)?),
        Shape::Rules { .. } => {
            let rule = |row: &Json| {
                let source = row.get("source")?.as_str()?.to_owned();
                // The text form of an IPv6 rule has no place for an index.
                let index = row.get("rule_index").and_then(Json::as_u64).filter(|_| source.contains('.'));
                Some(PolicyRule { index, source, destinations: texts(row.get("destination")?)? }.to_string())
            };
            let rules: Option<Vec<String>> = value.as_array().ok_or_else(wrong)?.iter().map(rule).collect();
            by_rule(&rules.ok_or_else(wrong)?)
        }
        _ => by_rule(&[value.as_str().ok_or_else(wrong)?.to_owned()]),
    }
}

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
