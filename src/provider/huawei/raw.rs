//! Any operation of the cloud, called by the vendor's name or by its path.

use serde_json::{Map, Value as Json};

use super::cloud::{LIST, PROJECTS, RESET, SHOW, UPDATE, endpoint, identity_endpoint};
use crate::provider::field::insert_at;
use crate::provider::{Profile, Raw};
use crate::wire::{Body, Method, Pairs, Request, percent_encode};

/// Operations by name: method, and path with parameters in braces. Paths under `/v3/` belong to the identity service.
const OPERATIONS: &[(&str, Method, &str)] = &[
    (LIST, Method::Get, "/v5/{project_id}/vpn-connection"),
    (SHOW, Method::Get, "/v5/{project_id}/vpn-connection/{vpn_connection_id}"),
    (UPDATE, Method::Put, "/v5/{project_id}/vpn-connection/{vpn_connection_id}"),
    ("CreateVpnConnection", Method::Post, "/v5/{project_id}/vpn-connection"),
    ("DeleteVpnConnection", Method::Delete, "/v5/{project_id}/vpn-connection/{vpn_connection_id}"),
    (RESET, Method::Post, "/v5/{project_id}/vpn-connection/{vpn_connection_id}/reset"),
    ("ShowVpnConnectionLog", Method::Get, "/v5/{project_id}/vpn-connection/{vpn_connection_id}/log"),
    ("ListConnectionIpsecSa", Method::Get, "/v5/{project_id}/vpn-connection/{vpn_connection_id}/ipsec-sa"),
    ("ListVgws", Method::Get, "/v5/{project_id}/vpn-gateways"),
    ("ShowVgw", Method::Get, "/v5/{project_id}/vpn-gateways/{vgw_id}"),
    ("ListCgws", Method::Get, "/v5/{project_id}/customer-gateways"),
    ("ShowCgw", Method::Get, "/v5/{project_id}/customer-gateways/{customer_gateway_id}"),
    ("ListConnectionMonitors", Method::Get, "/v5/{project_id}/connection-monitors"),
    ("ShowQuotasInfo", Method::Get, "/v5/{project_id}/vpn/quotas"),
    (PROJECTS, Method::Get, "/v3/projects"),
];

/// The request. Parameters named in the path go there. The others go into the query or, nested at their dots, into the
/// body of a method that has one.
///
/// # Errors
/// When the operation is not known, or a parameter of the path is missing.
pub(super) fn request(profile: &Profile, raw: &Raw) -> Result<Request, String> {
    let (method, template) = method_and_template(raw)?;
    let method = raw.method.unwrap_or(method);
    let mut parameters = raw.parameters.clone();
    let project = profile.project_id.as_deref().unwrap_or_default();
    let mut segments = Vec::new();
    for segment in template.split('/') {
        segments.push(fill(segment, raw.operation, project, &mut parameters)?);
    }
    let (query, body) = match (method, &raw.body) {
        (_, Some(body)) => (pairs(&parameters), Body::Json(body.clone())),
        (Method::Get | Method::Delete, None) => (pairs(&parameters), Body::Empty),
        (_, None) if parameters.is_empty() => (Vec::new(), Body::Empty),
        (_, None) => (Vec::new(), Body::Json(Json::Object(nested(parameters)).to_string())),
    };
    let identity = template.starts_with("/v3/");
    Ok(Request {
        operation: raw.operation,
        method,
        endpoint: if identity { identity_endpoint(profile) } else { endpoint(profile) },
        path: segments.join("/"),
        query,
        headers: if identity { Vec::new() } else { vec![("X-Project-Id".to_owned(), project.to_owned())] },
        body,
    })
}

/// Method and path of the operation, which the user gives by name or by path.
fn method_and_template(raw: &Raw) -> Result<(Method, &'static str), String> {
    let known = OPERATIONS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(raw.operation));
    match known {
        Some((_, method, template)) => Ok((*method, *template)),
        None if raw.operation.starts_with('/') => Ok((if raw.body.is_some() { Method::Post } else { Method::Get }, raw.operation)),
        None => {
            let names: Vec<&str> = OPERATIONS.iter().map(|(name, ..)| *name).collect();
            Err(format!(
                "the operation {:?} of Huawei is not known; give a path such as /v5/{{project_id}}/vpn-gateways, or one of {}",
                raw.operation,
                names.join(", ")
            ))
        }
    }
}

/// One segment of the path, encoded. A segment in braces takes the value of its parameter.
fn fill(segment: &str, operation: &str, project: &str, parameters: &mut Map<String, Json>) -> Result<String, String> {
    match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some("project_id") => Ok(percent_encode(project)),
        Some(name) => {
            let value = parameters.remove(name).as_ref().and_then(text).ok_or_else(|| format!("{operation}: {name}=... is missing"))?;
            if matches!(value.as_str(), "" | "." | "..") {
                return Err(format!("{name} must not be {value:?}"));
            }
            Ok(percent_encode(&value))
        }
        None if matches!(segment, "." | "..") || segment.contains(['?', '#']) => Err(format!("the path must not contain {segment:?}")),
        None => Ok(segment.to_owned()),
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(on) => Some(on.to_string()),
        _ => None,
    }
}

/// Query parameters, sorted as they are signed. A list repeats its name.
fn pairs(parameters: &Map<String, Json>) -> Pairs {
    let mut pairs = Vec::new();
    for (name, value) in parameters {
        match value {
            Json::Array(items) => pairs.extend(items.iter().filter_map(text).map(|item| (name.clone(), item))),
            other => pairs.extend(text(other).map(|value| (name.clone(), value))),
        }
    }
    pairs.sort();
    pairs
}

fn nested(parameters: Map<String, Json>) -> Map<String, Json> {
    let mut root = Map::new();
    for (path, value) in parameters {
        insert_at(&mut root, &path, value);
    }
    root
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(operation: &'static str, parameters: Json) -> Raw {
        Raw { operation, api: None, method: None, parameters: parameters.as_object().unwrap().clone(), body: None }
    }

    fn build(raw: &Raw) -> Result<Request, String> {
        let profile = Profile {
            region: "cn-north-4".into(),
            endpoint: None,
            identity_endpoint: None,
            project_id: Some("p1".into()),
            signature: None,
        };
        request(&profile, raw)
    }

    #[test]
    fn operation_is_found_by_name_or_path() {
        let named = build(&raw("ShowVpnConnection", json!({ "vpn_connection_id": "a b" }))).unwrap();
        assert_eq!((named.method, named.target().as_str()), (Method::Get, "/v5/p1/vpn-connection/a%20b"));
        let path = build(&raw("/v5/{project_id}/vpn-gateways", json!({ "enterprise_project_id": ["b", "a"] }))).unwrap();
        assert_eq!(path.target(), "/v5/p1/vpn-gateways?enterprise_project_id=a&enterprise_project_id=b");
        let iam = build(&raw("KeystoneListProjects", json!({ "name": "cn-north-4" }))).unwrap();
        assert_eq!((iam.endpoint.authority.as_str(), iam.headers.len()), ("iam.cn-north-4.myhuaweicloud.com", 0));
    }

    #[test]
    fn parameters_of_a_change_nest_in_the_body() {
        let update =
            build(&raw("UpdateVpnConnection", json!({ "vpn_connection_id": "i", "vpn_connection.ikepolicy.lifetime_seconds": 60 })))
                .unwrap();
        assert_eq!(update.method, Method::Put);
        assert_eq!(update.body_text(), r#"{"vpn_connection":{"ikepolicy":{"lifetime_seconds":60}}}"#);
    }

    #[test]
    fn missing_or_unknown_parts_are_named() {
        assert!(build(&raw("ShowVpnConnection", json!({}))).unwrap_err().contains("vpn_connection_id"));
        assert!(build(&raw("Explode", json!({}))).unwrap_err().contains("ListVgws"));
        assert!(build(&raw("ShowVpnConnection", json!({ "vpn_connection_id": ".." }))).is_err());
        assert!(build(&raw("/v5/../x", json!({}))).is_err());
    }
}
