//! Requests and replies, spelled as Huawei Cloud spells them.

use serde_json::{Map, Value as Json, json};

use super::PROVIDER;
use super::settings::FIELDS;
use super::vocabulary as words;
use crate::error::Violation;
use crate::model::{Connection, Key, PolicyRule, Ref, Settings, Status, Term, Value, Word};
use crate::provider::field::{hide_secrets, read_all, write_all};
use crate::provider::rule::is_address;
use crate::provider::{Accepted, Edit, Profile, Progress, Target};
use crate::wire::{Body, Endpoint, Method, Reply, Request, percent_encode};
use crate::wire::{Call, ReadError, object};

pub(super) const SHOW: &str = "ShowVpnConnection";
pub(super) const UPDATE: &str = "UpdateVpnConnection";
pub(super) const PROJECTS: &str = "KeystoneListProjects";

/// The VPN service of a profile.
#[must_use]
pub fn endpoint(profile: &Profile) -> Endpoint {
    profile.endpoint.clone().unwrap_or_else(|| service("vpn", &profile.region))
}

/// The identity service of a profile.
#[must_use]
pub fn identity_endpoint(profile: &Profile) -> Endpoint {
    profile.identity_endpoint.clone().unwrap_or_else(|| service("iam", &profile.region))
}

fn service(name: &str, region: &str) -> Endpoint {
    // The European site has a domain of its own for its regions eu-west-1xx.
    let domain = if region.starts_with("eu-west-1") { "myhuaweicloud.eu" } else { "myhuaweicloud.com" };
    Endpoint::https(format!("{name}.{region}.{domain}"))
}

/// Asks the identity service for the id of the region's project.
#[must_use]
pub fn locate(profile: &Profile) -> Call<String> {
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
    Call { request, read: Box::new(move |reply| read_project(&region, reply)) }
}

fn read_project(region: &str, reply: &Reply) -> Result<String, ReadError> {
    let root = object(PROJECTS, reply)?;
    let shape = |text: &str| ReadError::Shape(PROJECTS, text.to_owned());
    let projects = root.get("projects").and_then(Json::as_array).ok_or_else(|| shape("no list of projects"))?;
    match projects.as_slice() {
        [] => Err(ReadError::Missing(format!("project for region {region}"))),
        [project] => project.get("id").and_then(Json::as_str).map(str::to_owned).ok_or_else(|| shape("a project without an id")),
        more => Err(shape(&format!("{} projects for region {region}; set the project id", more.len()))),
    }
}

/// Reads one connection.
#[must_use]
pub fn show(profile: &Profile, target: &Target) -> Call<Connection> {
    let (reference, id) = (reference(profile, target), target.id.clone());
    let read = move |reply: &Reply| {
        let found = found(SHOW, &id, reply)?.ok_or_else(|| ReadError::Missing(id.clone()))?;
        Ok(read_connection(reference.clone(), found))
    };
    Call { request: request(SHOW, Method::Get, profile, target, Body::Empty), read: Box::new(read) }
}

/// Asks how far a change is: there is no task to poll, only the connection's status.
#[must_use]
pub fn progress(profile: &Profile, target: &Target) -> Call<Progress> {
    let (reference, id) = (reference(profile, target), target.id.clone());
    let read = move |reply: &Reply| {
        let Some(found) = found(SHOW, &id, reply)? else {
            return Ok(Progress { change: Term::Gone, reported: "not found".to_owned() });
        };
        let status = read_connection(reference.clone(), found).status;
        let reported = status.reported.first().map_or_else(|| "no status".to_owned(), |(field, word)| format!("{field} {word}"));
        Ok(Progress { change: status.change, reported })
    };
    Call { request: request(SHOW, Method::Get, profile, target, Body::Empty), read: Box::new(read) }
}

/// Changes what is asked for, and nothing else: what is left out of the body stays as it is.
///
/// # Errors
/// When there is nothing to change: what an empty update does is documented nowhere.
pub fn update(profile: &Profile, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
    let content = write_all(FIELDS, edit.change);
    if content.is_empty() {
        let rule = format!("give at least one setting to {UPDATE}");
        return Err(vec![Violation { setting: "settings".to_owned(), value: None, rule }]);
    }
    let body = Body::Json(json!({ "vpn_connection": content }).to_string());
    let id = edit.target.id.clone();
    let read = move |reply: &Reply| {
        if found(UPDATE, &id, reply)?.is_none() {
            return Err(ReadError::Shape(UPDATE, "the connection is not in it".to_owned()));
        }
        Ok(Accepted { request_id: request_id(reply), task: None })
    };
    Ok(Call { request: request(UPDATE, Method::Put, profile, edit.target, body), read: Box::new(read) })
}

/// The id of a request: in the body, or in the header that the SDKs look at.
#[must_use]
pub fn request_id(reply: &Reply) -> Option<String> {
    let body = reply.json();
    let from_body = body.as_ref().and_then(|body| body.get("request_id")).and_then(Json::as_str).filter(|id| !id.is_empty());
    from_body.or_else(|| reply.header("x-request-id")).map(str::to_owned)
}

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
    Ref { provider: PROVIDER.id.to_owned(), region: Some(profile.region.clone()), kind: target.kind.name.to_owned(), id: target.id.clone() }
}

/// The connection of a reply; `None` when a well-formed reply does not hold it.
fn found(operation: &'static str, id: &str, reply: &Reply) -> Result<Option<Map<String, Json>>, ReadError> {
    let mut root = object(operation, reply)?;
    match root.remove("vpn_connection") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(found)) => {
            let same = found.get("id").and_then(Json::as_str).is_none_or(|found| found.eq_ignore_ascii_case(id));
            Ok(same.then_some(found))
        }
        Some(_) => Err(ReadError::Shape(operation, "vpn_connection is not an object".to_owned())),
    }
}

/// A connection of `ShowVpnConnection`, `ListVpnConnections` or `UpdateVpnConnection`.
#[must_use]
pub fn read_connection(reference: Ref, mut found: Map<String, Json>) -> Connection {
    let mut connection = Connection::new(reference);
    let style = found.get("style").and_then(Json::as_str).unwrap_or_default().to_ascii_uppercase();
    // A policy-based connection has no tunnel interface; replies carry addresses all the same.
    let unused = if style == "POLICY" { aside(&mut found, &["tunnel_local_address", "tunnel_peer_address"]) } else { Vec::new() };
    let mut settings = read_all(FIELDS, &mut found);
    found.extend(unused);
    if let Some(Value::Word(Word::Foreign(word))) = settings.get(Key::RemoteIdType)
        && let known @ Word::Known(_) = words::ANY_ID_TYPE.read(word)
    {
        settings.set(Key::RemoteIdType, Value::Word(known));
    }
    gather_rules(&mut settings);
    let mut text = |name: &str| match found.get(name) {
        Some(Json::String(_)) => found.remove(name).and_then(|json| json.as_str().map(str::to_owned)),
        _ => None,
    };
    text("id");
    connection.gateway = text("vgw_id");
    connection.created = text("created_at");
    connection.updated = text("updated_at");
    if let Some(word) = text("status") {
        connection.status = status(word);
    }
    // `vgw_ip` is the id of a public address or a private address; with type ip, the local identity is the address.
    let by_ip = settings.term(Key::LocalIdType) == Some(Term::Ip);
    let candidates = [found.get("vgw_ip").and_then(Json::as_str), settings.text(Key::LocalId).filter(|_| by_ip)];
    connection.gateway_address = candidates.into_iter().flatten().find(|text| is_address(text)).map(str::to_owned);
    hide_secrets(&mut found);
    connection.settings = settings;
    connection.extra = found;
    connection
}

fn aside(found: &mut Map<String, Json>, names: &[&str]) -> Vec<(String, Json)> {
    names.iter().filter_map(|name| found.remove_entry(*name)).collect()
}

fn status(word: String) -> Status {
    let known = |read: Word| match read {
        Word::Known(term) => term,
        Word::Foreign(_) => Term::Unknown,
    };
    Status { change: known(words::CHANGE.read(&word)), tunnel: known(words::TUNNEL.read(&word)), reported: vec![("status", word)] }
}

/// The cloud stores a rule for each destination and numbers them anew. One rule for each source, without a number, is
/// what can be written again.
fn gather_rules(settings: &mut Settings) {
    let mut sources: Vec<String> = Vec::new();
    for key in [Key::PolicyRules, Key::PolicyRulesV6] {
        let Some(Value::Rules(stored)) = settings.remove(key) else { continue };
        let mut rules: Vec<PolicyRule> = Vec::new();
        for rule in stored {
            match rules.iter_mut().find(|earlier| earlier.source == rule.source) {
                Some(earlier) => earlier.destinations.extend(rule.destinations),
                None => rules.push(PolicyRule { index: None, ..rule }),
            }
        }
        sources.extend(rules.iter().map(|rule| rule.source.clone()));
        if !rules.is_empty() {
            settings.set(key, Value::Rules(rules));
        }
    }
    if !sources.is_empty() {
        settings.set(Key::LocalSubnets, Value::List(sources));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::huawei::testing::{POLICY, PROJECT, profile, settings, target};

    const UPDATED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/UpdateVpnConnection.reply.json"));
    const SHOWN_BGP: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/huawei/ShowVpnConnection-bgp.reply.json"));

    fn reply(body: impl Into<Vec<u8>>) -> Reply {
        Reply { status: 200, headers: Vec::new(), body: body.into() }
    }

    fn body(flags: &[(Key, &str)]) -> Json {
        let (target, change) = (target(POLICY), settings(flags));
        let edit = Edit { target: &target, current: None, change: &change, address: &[], token: "t" };
        serde_json::from_str(&update(&profile("cn-north-4"), &edit).unwrap().request.body_text()).unwrap()
    }

    fn json(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_vendors_sample_requests_are_built() {
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
        assert_eq!(plain["vpn_connection"]["policy_rules"][0].get("rule_index"), None, "only when the user gave one");
    }

    #[test]
    fn the_sdks_full_update_is_built_from_our_words() {
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
    fn nothing_to_change_is_not_sent_and_a_dry_run_shows_no_key() {
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
    fn the_vendors_sample_reply_is_read_whole() {
        let found = json(UPDATED)["vpn_connection"].as_object().unwrap().clone();
        let connection = read_connection(Ref::parse(&format!("huawei/{POLICY}")).unwrap(), found);
        let wanted = settings(&[
            (Key::Name, "vpn-1655"),
            (Key::CustomerGateway, "5247ae10-1111-4222-8333-dd36659a7f5d"),
            (Key::RemoteSubnets, "192.168.1.0/24"),
            (Key::PolicyRules, "10.0.0.0/24=192.168.1.0/24"),
            (Key::IkeVersion, "ikev2"),
            (Key::IkeIntegrity, "sha256"),
            (Key::IkeEncryption, "aes128"),
            (Key::IkeDhGroup, "group15"),
            (Key::IkeAuthentication, "psk"),
            (Key::IkeLifetime, "86400"),
            (Key::LocalIdType, "ip"),
            (Key::LocalId, "10.0.113.134"),
            (Key::RemoteIdType, "ip"),
            (Key::RemoteId, "88.51.100.164"),
            (Key::DpdTimeout, "15"),
            (Key::DpdInterval, "30"),
            (Key::DpdMessage, "seq-hash-notify"),
            (Key::IpsecIntegrity, "sha256"),
            (Key::IpsecEncryption, "aes128"),
            (Key::IpsecPfs, "group15"),
            (Key::IpsecProtocol, "esp"),
            (Key::IpsecLifetime, "3600"),
            (Key::IpsecEncapsulation, "tunnel"),
        ]);
        let mut wanted = wanted;
        wanted.set(Key::LocalSubnets, Value::List(vec!["10.0.0.0/24".to_owned()]));
        assert_eq!(connection.settings, wanted);
        assert_eq!(connection.gateway.as_deref(), Some("b32d91a4-1111-4222-8333-e907174eb11d"));
        assert_eq!(connection.gateway_address.as_deref(), Some("10.0.113.134"));
        assert_eq!(connection.created.as_deref(), Some("2022-11-26T13:41:34.626Z"));
        assert_eq!(connection.status, Status::default(), "an update's reply has no status");
        let mut extra: Vec<&str> = connection.extra.keys().map(String::as_str).collect();
        extra.sort_unstable();
        assert_eq!(extra, ["enterprise_project_id", "ha_role", "style", "tunnel_local_address", "tunnel_peer_address", "vgw_ip"]);
    }

    #[test]
    fn a_bgp_connection_is_read_with_its_peer() {
        let connection = (show(&profile("cn-north-4"), &target(POLICY)).read)(&reply(SHOWN_BGP)).unwrap();
        let settings = &connection.settings;
        assert_eq!((settings.number(Key::BgpPeerAsn), settings.term(Key::BgpState)), (Some(65100), Some(Term::Up)));
        assert_eq!(settings.text(Key::BgpPeerAddress), Some("169.254.56.226"));
        assert_eq!((settings.term(Key::RemoteIdType), settings.get(Key::RemoteId)), (Some(Term::Any), None));
        assert_eq!(settings.text(Key::TunnelLocalAddress), Some("169.254.56.225/30"));
        assert_eq!((connection.status.change, connection.status.tunnel), (Term::Settled, Term::Down));
        assert_eq!(connection.extra["bgp_peer"]["num_received_routes"], 2);
        assert_eq!(connection.reference.to_string(), format!("huawei@cn-north-4/{POLICY}"));
    }

    #[test]
    fn replies_are_read_leniently() {
        let odd = json!({ "vpn_connection": {
            "id": POLICY.to_uppercase(), "name": null, "peer_subnets": null, "enable_hub": "true", "status": "THAWING",
            "ikepolicy": { "lifetime_seconds": "86400", "ike_version": "V2", "pfs": "group5", "encryption_algorithm": "aes-512" },
            "policy_rules": [{ "rule_index": "1", "source": "10.0.0.0/8", "destination": ["1.0.0.0/8"] },
                { "rule_index": 2, "source": "10.0.0.0/8", "destination": ["2.0.0.0/8"] }],
            "style": "POLICY", "psk": "Canary-aa", "nested": { "some_secret": "Canary-bb" }
        } });
        let connection = (show(&profile("cn-north-4"), &target(POLICY)).read)(&reply(odd.to_string())).unwrap();
        let settings = &connection.settings;
        assert_eq!((settings.number(Key::IkeLifetime), settings.switch(Key::Hub)), (Some(86_400), Some(true)));
        assert_eq!((settings.term(Key::IkeVersion), settings.term(Key::IkeDhGroup)), (Some(Term::Ikev2), Some(Term::Group5)));
        assert_eq!(settings.get(Key::IkeEncryption).unwrap().to_string(), "aes-512");
        assert_eq!(settings.get(Key::PolicyRules).unwrap().to_string(), "10.0.0.0/8 -> 1.0.0.0/8, 2.0.0.0/8");
        assert!(!settings.has(Key::Name) && !settings.has(Key::Psk));
        assert_eq!(connection.status.change, Term::Unknown);
        assert!(!format!("{connection:?} {}", connection.to_json()).contains("Canary"));
    }

    #[test]
    fn a_reply_without_the_connection_says_so() {
        let (profile, target) = (profile("cn-north-4"), target(POLICY));
        for body in ["{}", r#"{"vpn_connection":null}"#, r#"{"vpn_connection":{"id":"1a2b3c4d-0000-4000-8000-00000000bbbb"}}"#] {
            assert_eq!((show(&profile, &target).read)(&reply(body)), Err(ReadError::Missing(POLICY.to_owned())), "{body}");
            assert_eq!((progress(&profile, &target).read)(&reply(body)).unwrap().change, Term::Gone);
        }
        assert!(matches!((show(&profile, &target).read)(&reply("[]")), Err(ReadError::Shape(..))));
    }

    #[test]
    fn status_tells_how_far_a_change_is() {
        for (word, change) in [
            ("ACTIVE", Term::Settled),
            ("DOWN", Term::Settled),
            ("PENDING_UPDATE", Term::Changing),
            ("PENDING_CREATE", Term::Changing),
            ("PENDING_DELETE", Term::Changing),
            ("UNKNOWN", Term::Changing),
            ("ERROR", Term::Failed),
            ("FREEZED", Term::Failed),
            ("THAWING", Term::Unknown),
        ] {
            let body = json!({ "vpn_connection": { "status": word } }).to_string();
            let read = (progress(&profile("cn-north-4"), &target(POLICY)).read)(&reply(body)).unwrap();
            assert_eq!(read, Progress { change, reported: format!("status {word}") });
        }
    }

    #[test]
    fn replies_cut_anywhere_break_nothing() {
        let (profile, target) = (profile("cn-north-4"), target(POLICY));
        for sample in [UPDATED, SHOWN_BGP] {
            let whole = sample.trim_end();
            for end in 0..whole.len() {
                let cut = reply(&whole.as_bytes()[..end]);
                assert!((show(&profile, &target).read)(&cut).is_err());
                assert!((progress(&profile, &target).read)(&cut).is_err());
            }
        }
    }

    #[test]
    fn endpoints_follow_the_region_unless_they_are_given() {
        for (region, vpn, iam) in [
            ("cn-north-4", "https://vpn.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"),
            ("eu-west-101", "https://vpn.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"),
            ("eu-west-0", "https://vpn.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com"),
        ] {
            assert_eq!(endpoint(&profile(region)).to_string(), vpn);
            assert_eq!(identity_endpoint(&profile(region)).to_string(), iam);
        }
        let own = Profile { endpoint: Some(Endpoint::https("a.test")), identity_endpoint: Some(Endpoint::https("b.test")), ..profile("x") };
        assert_eq!((endpoint(&own).authority.as_str(), identity_endpoint(&own).authority.as_str()), ("a.test", "b.test"));
    }

    #[test]
    fn one_project_is_taken_and_none_or_two_are_errors() {
        let call = locate(&profile("cn-north-4"));
        assert_eq!(call.request.target(), "/v3/projects?name=cn-north-4");
        assert_eq!((call.read)(&reply(r#"{"projects":[{"id":"p"}]}"#)), Ok("p".to_owned()));
        assert_eq!((call.read)(&reply(r#"{"projects":[]}"#)), Err(ReadError::Missing("project for region cn-north-4".to_owned())));
        let two = (call.read)(&reply(r#"{"projects":[{"id":"p"},{"id":"q"}]}"#)).unwrap_err();
        assert!(two.to_string().contains("set the project id"), "{two}");
        for body in ["{}", "[]", "", r#"{"projects":[{}]}"#] {
            assert!(matches!((call.read)(&reply(body)), Err(ReadError::Shape(..))), "{body}");
        }
    }

    #[test]
    fn segments_of_the_path_are_encoded() {
        let profile = Profile { project_id: Some("a/b".to_owned()), ..profile("cn-north-4") };
        assert_eq!(show(&profile, &target("../x?y")).request.path, "/v5/a%2Fb/vpn-connection/..%2Fx%3Fy");
    }
}
