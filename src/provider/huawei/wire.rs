//! Requests, spelled as Huawei Cloud spells them.

use serde_json::json;

use super::cloud::{self, PROJECTS, SHOW, UPDATE, endpoint, identity_endpoint};
use super::read;
use super::settings::FIELDS;
use crate::error::Violation;
use crate::model::{Connection, Ref};
use crate::provider::field::write_all;
use crate::provider::{Accepted, Edit, Profile, Progress, Target};
use crate::wire::{Body, Call, Method, Request, percent_encode};

/// Asks the identity service for the id of the region's project.
#[must_use]
pub(super) fn locate(profile: &Profile) -> Call<String> {
    let region = profile.region.clone();
    let request = Request {
        operation: PROJECTS,
        method: Method::Get,
        endpoint: identity_endpoint(profile),
        path: "/v3/projects".to_owned(),
        query: vec![("name".to_owned(), region.clone())],
        headers: Vec::new(),
        body: Body::Empty,
    };
    Call { request, read: Box::new(move |reply| read::project(&region, reply)) }
}

/// Reads one connection.
#[must_use]
pub(super) fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let reference = reference(profile, target);
    let request = request(SHOW, Method::Get, profile, target, Body::Empty);
    Call { request, read: Box::new(move |reply| read::shown(&reference, reply)) }
}

/// Asks how far a change is. There is no task to poll; the connection's status tells.
#[must_use]
pub(super) fn progress(profile: &Profile, target: &Target) -> Call<Progress> {
    let reference = reference(profile, target);
    let request = request(SHOW, Method::Get, profile, target, Body::Empty);
    Call { request, read: Box::new(move |reply| read::progress(&reference, reply)) }
}

/// Changes the given settings. The cloud keeps whatever the body leaves out.
///
/// # Errors
/// When there is nothing to change: no vendor page documents what an empty update does.
pub(super) fn update(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let content = write_all(FIELDS, edit.change);
    if content.is_empty() {
        let rule = format!("give at least one setting to {UPDATE}");
        return Err(vec![Violation { setting: "settings".to_owned(), value: None, rule }]);
    }
    let body = Body::Json(json!({ "vpn_connection": content }).to_string());
    let request = request(UPDATE, Method::Put, profile, edit.target, body);
    let id = edit.target.id.clone();
    Ok(Call { request, read: Box::new(move |reply| read::updated(&id, reply)) })
}

/// A request about one connection.
pub(super) fn request(operation: &'static str, method: Method, profile: &Profile, target: &Target, body: Body) -> Request {
    let project = profile.project_id.as_deref().unwrap_or_default();
    Request {
        operation,
        method,
        endpoint: endpoint(profile),
        path: format!("/v5/{}/vpn-connection/{}", percent_encode(project), percent_encode(&target.id)),
        query: Vec::new(),
        headers: vec![("X-Project-Id".to_owned(), project.to_owned())],
        body,
    }
}

fn reference(profile: &Profile, target: &Target) -> Ref {
    cloud::reference(Some(&profile.region), target.kind.name, &target.id)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::model::{Key, Settings};
    use crate::provider::huawei::testing::{POLICY, PROJECT, profile, settings, target};

    fn body(flags: &[(Key, &str)]) -> Json {
        let (target, change) = (target(POLICY), settings(flags));
        let edit = Edit { target: &target, current: None, change: &change, address: &[], token: "t" };
        serde_json::from_str(&update(&profile("cn-north-4"), &edit).unwrap().request.body_text()).unwrap()
    }

    fn json(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn sample_requests_of_the_vendor_are_built() {
        let rows: &[(&[(Key, &str)], &str)] = &[
            (
                &[(Key::RemoteSubnets, "192.168.1.0/24")],
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/UpdateVpnConnection-subnet.request.json")),
            ),
            (
                &[(Key::PolicyRules, "1:10.0.0.0/24=192.168.1.0/24")],
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/UpdateVpnConnection-policy-rule.request.json")),
            ),
            (
                &[(Key::IkeLifetime, "1h"), (Key::IpsecLifetime, "3600")],
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/UpdateVpnConnection-lifetime.request.json")),
            ),
            (
                &[(Key::Name, "vpn_connection_name")],
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/UpdateVpnConnection-name.request.json")),
            ),
        ];
        for (flags, sample) in rows {
            assert_eq!(body(flags), json(sample));
        }
        let plain = body(&[(Key::PolicyRules, "10.0.0.0/24=192.168.1.0/24")]);
        assert_eq!(plain["vpn_connection"]["policy_rules"][0].get("rule_index"), None, "an index is sent only when the user gives one");
    }

    #[test]
    fn full_update_of_the_sdk_is_built_from_our_words() {
        let vectors = json(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signing/huawei/huawei.json")));
        let full = vectors["vectors"].as_array().unwrap().iter().find(|vector| vector["id"] == "update-full-ike-and-ipsec").unwrap();
        let flags = [
            (Key::Name, "hq_to-branch.01"),
            (Key::CustomerGateway, "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"),
            (Key::RemoteSubnets, "192.168.1.0/24,192.168.2.0/24"),
            (Key::TunnelLocalAddress, "169.254.76.1/30"),
            (Key::TunnelPeerAddress, "169.254.76.2/30"),
            (Key::Hub, "on"),
            (Key::Psk, "Example-Psk-2026"),
            (Key::IkeVersion, "ikev2"),
            (Key::IkeIntegrity, "sha512"),
            (Key::IkeEncryption, "aes256gcm16"),
            (Key::IkeDhGroup, "group21"),
            (Key::IkeLifetime, "604800"),
            (Key::LocalIdType, "fqdn"),
            (Key::LocalId, "cloud.example.com"),
            (Key::RemoteIdType, "fqdn"),
            (Key::RemoteId, "branch-1.example.com"),
            (Key::DpdInterval, "3600"),
            (Key::DpdTimeout, "60"),
            (Key::DpdMessage, "seq-notify-hash"),
            (Key::IpsecIntegrity, "sha384"),
            (Key::IpsecEncryption, "aes128gcm16"),
            (Key::IpsecPfs, "group15"),
            (Key::IpsecProtocol, "esp"),
            (Key::IpsecLifetime, "30"),
            (Key::IpsecEncapsulation, "tunnel"),
        ];
        assert_eq!(body(&flags), full["input"]["body"]);
        let request = update(
            &profile("cn-north-4"),
            &Edit {
                target: &target("11111111-2222-4333-8444-555555555555"),
                current: None,
                change: &settings(&flags),
                address: &[],
                token: "",
            },
        );
        let request = request.unwrap().request;
        assert_eq!((request.method.as_str(), request.target().as_str()), ("PUT", full["request"]["path"].as_str().unwrap()));
        assert_eq!(request.headers, [("X-Project-Id".to_owned(), PROJECT.to_owned())]);
    }

    #[test]
    fn empty_change_is_refused_and_debug_output_hides_the_key() {
        let target = target(POLICY);
        let edit =
            |change: &Settings| update(&profile("cn-north-4"), &Edit { target: &target, current: None, change, address: &[], token: "" });
        assert!(edit(&Settings::new()).is_err());
        let call = edit(&settings(&[(Key::Psk, "Canary-12ab")]).redacted()).unwrap();
        assert!(!call.request.body_text().contains("Canary"));
        let call = edit(&settings(&[(Key::Psk, "Canary-12ab")])).unwrap();
        assert!(!format!("{call:?} {:?}", call.request).contains("Canary"));
    }

    #[test]
    fn path_segments_are_percent_encoded() {
        let profile = Profile { project_id: Some("a/b".to_owned()), ..profile("cn-north-4") };
        assert_eq!(show(&profile, &target("../x?y")).request.path, "/v5/a%2Fb/vpn-connection/..%2Fx%3Fy");
    }
}
