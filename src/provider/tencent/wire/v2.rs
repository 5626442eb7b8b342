//! Requests of API 2.0.

use serde_json::{Map, Value as Json, json};

use super::flat::flatten;
use crate::error::Violation;
use crate::model::{Connection, Key, Settings, Value};
use crate::provider::field::{insert_at, write_all};
use crate::provider::tencent::cloud::{reference_of, v2};
use crate::provider::tencent::{identity, read, settings};
use crate::provider::{Accepted, Edit, GATEWAY, Profile, Progress, Target};
use crate::wire::{Body, Call, Endpoint, Method, Pairs, Request};

/// Builds a request: by POST, which keeps keys out of URLs, or by GET when a value starts with `@`, because the
/// vendor's own clients leave such values out of the signature of a POST.
#[must_use]
pub fn request(profile: &Profile, operation: &'static str, parameters: Pairs) -> Request {
    let endpoint = profile.endpoint.clone().unwrap_or_else(|| Endpoint::https("vpc.api.qcloud.com"));
    let mut pairs: Pairs = vec![("Action".to_owned(), operation.to_owned())];
    if !profile.region.is_empty() {
        pairs.push(("Region".to_owned(), profile.region.clone()));
    }
    pairs.extend(parameters);
    let is_get = pairs.iter().any(|(_, value)| value.starts_with('@'));
    let (method, query, body) = if is_get { (Method::Get, pairs, Body::Empty) } else { (Method::Post, Vec::new(), Body::Form(pairs)) };
    Request { operation, method, endpoint, path: v2::PATH.to_owned(), query, headers: Vec::new(), body }
}

/// Reads one connection.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let reference = reference_of(profile, target);
    let request = request(profile, v2::DESCRIBE, vec![("vpnConnId".to_owned(), target.id.clone())]);
    Call { request, read: Box::new(move |reply| read::v2::one(reply, &reference)) }
}

/// Modifies a connection.
///
/// # Errors
/// What must be given as well, such as VPC and gateway when they were not read.
pub fn modify(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let (mut parameters, change) = match (ids(edit), identity::complete(edit)) {
        (Ok(ids), Ok(change)) => (ids, change),
        (ids, change) => return Err(ids.err().into_iter().chain(change.err()).flatten().collect()),
    };
    parameters.extend(flatten(&written(&change)));
    Ok(Call { request: request(profile, v2::MODIFY, parameters), read: Box::new(|reply| read::v2::accepted(v2::MODIFY, reply)) })
}

/// The settings of a change, nested as the API nests them.
fn written(change: &Settings) -> Map<String, Json> {
    let mut nested = write_all(settings::V2, change);
    identity::place(identity::V2, change, &mut nested);
    if let Some(Value::Rules(rules)) = change.get(Key::PolicyRules) {
        let map: Map<String, Json> = rules.iter().map(|rule| (rule.source.clone(), json!(rule.destinations))).collect();
        insert_at(&mut nested, "spdAcl", json!(Json::Object(map).to_string()));
    }
    nested
}

/// Renegotiates a connection. The reply names no task to poll.
///
/// # Errors
/// When VPC or gateway are not known.
pub fn reset(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    Ok(Call { request: request(profile, v2::RESET, ids(edit)?), read: Box::new(|reply| read::v2::accepted(v2::RESET, reply)) })
}

/// The three ids that every change has to name.
fn ids(edit: &Edit<'_>) -> Result<Pairs, Vec<Violation>> {
    let mut violations = Vec::new();
    let vpc = address(edit, v2::VPC_ID, &mut violations);
    let gateway = address(edit, GATEWAY, &mut violations);
    let ids = vec![("vpcId".to_owned(), vpc), ("vpnGwId".to_owned(), gateway), ("vpnConnId".to_owned(), edit.target.id.clone())];
    if violations.is_empty() { Ok(ids) } else { Err(violations) }
}

/// The VPC or gateway as given by its flag, or as it was read.
fn address(edit: &Edit<'_>, flag: &str, violations: &mut Vec<Violation>) -> String {
    let given = edit.address.iter().find(|(name, _)| *name == flag).map(|(_, value)| value.as_str());
    let known = || {
        let current = edit.current?;
        if flag == GATEWAY {
            return current.gateway.as_deref();
        }
        ["unVpcId", "vpcId", "VpcId"].iter().find_map(|name| current.extra_text(name))
    };
    let value = given.or_else(known).unwrap_or_default();
    let rule = match value {
        "" => "is needed: ModifyVpnConnEx requires VPC and gateway, and no reply names it",
        text if text.len() > 64 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) => {
            "must be an id of at most 64 letters, digits, hyphens and underscores"
        }
        _ => return value.to_owned(),
    };
    let shown = Some(value).filter(|value| !value.is_empty()).map(str::to_owned);
    violations.push(Violation { setting: format!("--{flag}"), value: shown, rule: rule.to_owned() });
    String::new()
}

/// Polls a change: its task if there is one, otherwise the connection.
#[must_use]
pub fn progress(profile: &Profile, target: &Target, accepted: Option<&Accepted>) -> Call<Progress> {
    match accepted.and_then(|accepted| accepted.task.as_ref()) {
        Some(task) => {
            let request = request(profile, v2::TASK, vec![("taskId".to_owned(), task.clone())]);
            Call { request, read: Box::new(read::v2::task) }
        }
        None => read::progress_of(show(profile, target)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PolicyRule, Ref, Term};
    use crate::provider::tencent::testing::{profile, target};
    use crate::wire::encode_pairs;

    fn modified(change: &Settings, address: &[(&'static str, String)], current: Option<&Connection>) -> Result<Request, Vec<Violation>> {
        let target = target(v2::API, "vpnx-ol6bcqp0");
        modify(&profile("gz"), &Edit { target: &target, current, change, address, token: "t" }).map(|call| call.request)
    }

    fn page_address() -> Vec<(&'static str, String)> {
        vec![(v2::VPC_ID, "vpc-03vihbk9".to_owned()), (GATEWAY, "vpngw-kfldykuz".to_owned())]
    }

    #[test]
    fn the_vendors_example_is_built() {
        let change: Settings =
            [(Key::RemoteSubnets, Value::List(vec!["10.100.2.0/24".to_owned()])), (Key::Psk, Value::secret("tencenttest"))]
                .into_iter()
                .collect();
        let request = modified(&change, &page_address(), None).unwrap();
        assert_eq!((request.method, request.target().as_str()), (Method::Post, "/v2/index.php"));
        assert_eq!(
            format!("{}\n", request.body_text()),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tencent/ModifyVpnConnEx.request.txt"))
        );
    }

    #[test]
    fn vpc_and_gateway_come_from_flags_or_from_what_was_read() {
        let change: Settings = [(Key::Name, Value::Text("n".to_owned()))].into_iter().collect();
        let missing: Vec<String> = modified(&change, &[], None).unwrap_err().iter().map(ToString::to_string).collect();
        assert!(missing[0].starts_with("--vpc-id: is needed") && missing[1].starts_with("--gateway: is needed"), "{missing:?}");
        let mut current = Connection::new(Ref::parse("tencent/vpnx-ol6bcqp0").unwrap());
        current.gateway = Some("vpngw-1".to_owned());
        current.extra.insert("unVpcId".to_owned(), json!("vpc-1"));
        let body = modified(&change, &[], Some(&current)).unwrap().body_text();
        assert!(body.contains("vpcId=vpc-1&vpnGwId=vpngw-1&vpnConnId=vpnx-ol6bcqp0&vpnConnName=n"), "{body}");
        assert!(modified(&change, &[(v2::VPC_ID, "a/b".to_owned())], Some(&current)).is_err());
    }

    #[test]
    fn rules_are_json_text_and_identities_follow_their_type() {
        let rules = ["10.0.0.5/24=172.123.10.5/16", "10.1.0.0/24=1.1.1.0/24,1.1.2.0/24"];
        let change: Settings = [
            (Key::PolicyRules, Value::Rules(rules.map(|rule| PolicyRule::parse(rule).unwrap()).to_vec())),
            (Key::RemoteId, Value::Text("idc.example.test".to_owned())),
            (Key::IkeIntegrity, Value::term(Term::Sha1)),
            (Key::IpsecPfs, Value::term(Term::None)),
        ]
        .into_iter()
        .collect();
        let request = modified(&change, &page_address(), None).unwrap();
        let Body::Form(pairs) = &request.body else { panic!() };
        let value = |name: &str| pairs.iter().find(|(pair, _)| pair == name).map(|(_, value)| value.as_str());
        assert_eq!(value("spdAcl"), Some(r#"{"10.0.0.5/24":["172.123.10.5/16"],"10.1.0.0/24":["1.1.1.0/24","1.1.2.0/24"]}"#));
        assert_eq!((value("IKESet.remoteIdentity"), value("IKESet.remoteFqdnName")), (Some("fqdn"), Some("idc.example.test")));
        assert_eq!((value("IKESet.propoAuthenAlgorithm"), value("IPsecSet.pfsDhGroup")), (Some("sha"), Some("null")));
        assert_eq!(value("IKESet.remoteAddress"), None);
    }

    #[test]
    fn value_that_starts_with_an_at_sign_goes_by_get() {
        let change: Settings = [(Key::Psk, Value::secret("@home"))].into_iter().collect();
        let request = modified(&change, &page_address(), None).unwrap();
        assert_eq!((request.method, request.body_text().as_str()), (Method::Get, ""));
        assert!(encode_pairs(&request.query).contains("preSharedKey=%40home"));
        assert_eq!(modified(&change.redacted(), &page_address(), None).unwrap().method, Method::Post);
    }
}
