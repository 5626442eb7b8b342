//! Parameters of a change, checked as the service would, and laid over what is there.

use ipnet::Ipv4Net;
use serde_json::{Map, Value as Json};

use super::Flaw;
use crate::model::{Key, PolicyRule, Settings, Value};
use crate::provider::field::{Field, Form, Shape, at, insert_at, take_at, write_all};
use crate::provider::rule::overlap;
use crate::provider::tencent::identity::{self, Side};
use crate::provider::tencent::settings;

/// What a request asks for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    settings: Settings,
    /// Identities: place at API 3.0, and text.
    identities: Vec<(&'static str, String)>,
}

/// Reads parameters by the table of an operation; a name that is not in it is refused.
pub(super) fn read(fields: &'static [Field], sides: &[Side], mut given: Map<String, Json>, typed: bool) -> Result<Wanted, Flaw> {
    let mut wanted = Wanted::default();
    for (side, v3) in sides.iter().zip(identity::V3) {
        for (path, target) in [(side.address_path, v3.address_path), (side.name_path, v3.name_path)] {
            match take_at(&mut given, path) {
                None | Some(Json::Null) => {}
                Some(Json::String(text)) if text.len() <= 255 => wanted.identities.push((target, text)),
                Some(_) => return Err(malformed(path)),
            }
        }
    }
    if let Some(json) = take_at(&mut given, "IPSECOptionsSpecification.IntegrityAlgorithm") {
        insert_at(&mut given, "IPSECOptionsSpecification.IntegrityAlgorith", json);
    }
    for field in fields.iter().filter(|field| !field.write.is_empty()) {
        match take_at(&mut given, field.write) {
            None | Some(Json::Null) => {}
            Some(json) => {
                check(field, &json, typed)?;
                wanted.settings.set(field.key, field.decode(&json).ok_or_else(|| malformed(field.write))?);
            }
        }
    }
    match given.keys().next() {
        Some(name) => Err(("UnknownParameter", format!("The parameter `{name}` is not recognized."))),
        None => Ok(wanted),
    }
}

fn malformed(name: &str) -> Flaw {
    ("InvalidParameterValue.Malformed", format!("The parameter `{name}` has an invalid format."))
}

fn check(field: &Field, json: &Json, typed: bool) -> Result<(), Flaw> {
    let name = field.write;
    let invalid = || ("InvalidParameterValue", format!("The value of the parameter `{name}` is not valid."));
    let wrong_type = || ("InvalidParameter", format!("The type of the parameter `{name}` is not valid."));
    match &field.shape {
        Shape::Words(words) => {
            let text = json.as_str().ok_or_else(wrong_type)?;
            words.terms().any(|term| words.write(term) == Some(text)).then_some(()).ok_or_else(invalid)
        }
        Shape::Number { min, max, form } | Shape::Duration { min, max, form, .. } => {
            let number = number(json, *form, typed).ok_or_else(wrong_type)?;
            let range = || ("InvalidParameterValue.Range", format!("The parameter `{name}` must be {min} to {max}."));
            (min..=max).contains(&&number).then_some(()).ok_or_else(range)
        }
        Shape::Switch(Form::ZeroOne) => {
            let number = number(json, Form::Native, typed).ok_or_else(wrong_type)?;
            (number <= 1).then_some(()).ok_or_else(invalid)
        }
        Shape::Switch(_) => {
            let is_switch = if typed {
                json.is_boolean()
            } else {
                json.as_str().is_some_and(|text| matches!(text, "true" | "True" | "false" | "False"))
            };
            is_switch.then_some(()).ok_or_else(wrong_type)
        }
        Shape::Text(rule) => {
            let text = json.as_str().ok_or_else(wrong_type)?;
            if field.key == Key::Name && text.chars().count() > settings::NAME_MAX {
                return Err(("InvalidParameterValue.TooLong", format!("The parameter `{name}` is longer than {}.", settings::NAME_MAX)));
            }
            (rule.check)(text).then_some(()).ok_or_else(|| malformed(name))
        }
        Shape::Secret(_) => json.as_str().filter(|text| !text.is_empty()).map(|_| ()).ok_or_else(|| malformed(name)),
        Shape::List { each, .. } => {
            let items = json.as_array().ok_or_else(wrong_type)?;
            items.iter().all(|item| item.as_str().is_some_and(each.check)).then_some(()).ok_or_else(|| malformed(name))
        }
        Shape::Rules { names: (source, destinations, _), network, .. } => {
            let fits = |item: &Json| item.as_str().is_some_and(network.check);
            let row = |row: &Json| {
                row.as_object().is_some_and(|row| row.len() == 2)
                    && row.get(*source).is_some_and(fits)
                    && row.get(*destinations).and_then(Json::as_array).is_some_and(|items| !items.is_empty() && items.iter().all(fits))
            };
            json.as_array().ok_or_else(wrong_type)?.iter().all(row).then_some(()).ok_or_else(|| malformed(name))
        }
        Shape::Asn(_) | Shape::Certificate => Err(invalid()),
    }
}

fn number(json: &Json, form: Form, typed: bool) -> Option<u64> {
    if typed && form != Form::Text { json.as_u64() } else { json.as_str()?.parse().ok() }
}

/// What a connection becomes.
pub(super) fn merge(now: &Map<String, Json>, mut wanted: Wanted) -> Map<String, Json> {
    // API 2.0 can name the remote networks alone: the local side stays.
    if let Some(Value::List(remote)) = wanted.settings.remove(Key::RemoteSubnets)
        && !wanted.settings.has(Key::PolicyRules)
    {
        let source = at(&Json::Object(now.clone()), "SecurityPolicyDatabaseSet")
            .and_then(|rows| rows.get(0)?.get("LocalCidrBlock")?.as_str().map(str::to_owned));
        let rule = PolicyRule { index: None, source: source.unwrap_or_else(|| "0.0.0.0/0".to_owned()), destinations: remote };
        wanted.settings.set(Key::PolicyRules, Value::Rules(vec![rule]));
    }
    let mut written = write_all(settings::V3, &wanted.settings);
    if let Some(rules) = written.remove("SecurityPolicyDatabases") {
        written.insert("SecurityPolicyDatabaseSet".to_owned(), rules);
    }
    let mut then = now.clone();
    for (name, value) in written {
        match (then.get_mut(&name), value) {
            (Some(Json::Object(inner)), Json::Object(value)) => inner.extend(value),
            (_, value) => {
                then.insert(name, value);
            }
        }
    }
    for (path, text) in wanted.identities {
        insert_at(&mut then, path, Json::String(text));
    }
    then
}

/// Why the service would refuse what a connection becomes.
pub(super) fn refusal(then: &Map<String, Json>, now: &Map<String, Json>, gateway_version: &str) -> Option<Flaw> {
    let (then_json, now_json) = (Json::Object(then.clone()), Json::Object(now.clone()));
    let text = |path: &str| at(&then_json, path).and_then(Json::as_str).unwrap_or_default();
    for side in identity::V3 {
        let needed = if text(side.kind_path) == "FQDN" { side.name_path } else { side.address_path };
        if text(needed).is_empty() {
            return Some(("MissingParameter", format!("The parameter `{needed}` is required.")));
        }
    }
    for row in then.get("SecurityPolicyDatabaseSet").and_then(Json::as_array).into_iter().flatten() {
        let source = row.get("LocalCidrBlock").and_then(Json::as_str).unwrap_or_default();
        let remote = row.get("RemoteCidrBlock").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        let is_wide = |net: &str| net.ends_with("/0");
        if remote.into_iter().any(|remote| overlap(source, remote) && !is_wide(source) && !is_wide(remote)) {
            return Some(("InvalidParameterValue.VpnConnSpdCidrConflict", "The SPD source and destination overlap.".to_owned()));
        }
    }
    let changed = |path: &str| at(&then_json, path) != at(&now_json, path);
    let gcm = ["IKEOptionsSpecification.PropoEncryAlgorithm", "IPSECOptionsSpecification.EncryptAlgorithm"];
    let is_new = gcm.iter().any(|path| changed(path) && text(path).contains("GCM")) || changed("CustomerGatewayId");
    if is_new && gateway_version < "ver4.0" {
        return Some(("UnsupportedOperation.VersionNotSupported", "The gateway version does not support this.".to_owned()));
    }
    if changed("BgpConfig") {
        let Ok(net) = text("BgpConfig.TunnelCidr").parse::<Ipv4Net>() else {
            return Some(("MissingParameter", "The parameter `BgpConfig.TunnelCidr` is required.".to_owned()));
        };
        let inside = |path: &str| text(path).parse().is_ok_and(|address: std::net::Ipv4Addr| net.contains(&address));
        if !inside("BgpConfig.LocalBgpIp") || !inside("BgpConfig.RemoteBgpIp") {
            return Some(("InvalidParameterValue.VpnConnBgpTunnelCidrNotSupported", "The BGP IP is outside the tunnel CIDR.".to_owned()));
        }
    }
    if changed("EnableHealthCheck") && then.get("EnableHealthCheck") == Some(&Json::Bool(true)) && text("RouteType") == "Policy" {
        return Some(("UnsupportedOperation.VpnConnCidrNotSupportedHealthCheck", "SPD tunnels have no health check.".to_owned()));
    }
    None
}
