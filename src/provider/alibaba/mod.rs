//! Alibaba Cloud: product `Vpc`, version `2016-04-28`.

pub mod credentials;
pub mod emulator;
pub mod error;
pub mod error_codes;
mod list;
pub mod read;
mod recognise;
pub mod rules;
mod rules_tunnels;
pub mod settings;
pub mod sign_acs3;
pub mod sign_rpc;
pub mod sts;
mod tunnels;
#[cfg(test)]
mod vectors;
pub mod vocabulary;
pub mod wire;

use std::time::Duration;

use super::rule::prefixed;
use super::{
    Accepted, ApiError, Call, Credentials, Edit, Emulation, Environment, Findings, Kind, Operation, Page, Profile, Progress, Provider, Raw,
    Registration, Target, Violation, by_method, field,
};
use crate::model::{Connection, Secret, Settings};
use crate::wire::{Endpoint, Reply, Request, Signature, Stamp};

const TOKEN: (&str, &str) =
    (crate::provider::CLIENT_TOKEN, "Token of the change, at most 64 ASCII characters: the same one again cannot change twice");

/// What is known about Alibaba Cloud.
pub static PROVIDER: Registration = Registration {
    id: "alibaba",
    title: "Alibaba Cloud",
    kinds: &[
        Kind {
            name: "connection",
            about: "an IPsec connection of a VPN gateway",
            id_example: "vco-bp1bbi27hojx80nck9k1i",
            id_rule: CONNECTION_ID,
            listed: true,
            operations: &[Operation {
                api: "",
                name: wire::MODIFY_CONNECTION,
                fields: settings::CONNECTION,
                address: &[TOKEN, tunnels::OF_CONNECTION],
                dry_run: false,
            }],
            example: "modify alibaba connection vco-bp1bbi27hojx80nck9k1i --region cn-shanghai --ike-dh-group group14 --ike-lifetime 8h",
        },
        Kind {
            name: "attachment",
            about: "an IPsec connection of a transit router, or one that is not bound",
            id_example: "vco-p0w5112fgnl2ihlmf",
            id_rule: CONNECTION_ID,
            listed: true,
            operations: &[Operation {
                api: "",
                name: wire::MODIFY_ATTACHMENT,
                fields: settings::ATTACHMENT,
                address: &[TOKEN, tunnels::OF_ATTACHMENT],
                dry_run: false,
            }],
            example: "modify alibaba attachment vco-p0w5112fgnl2ihlmf --region cn-hangzhou --health-check-policy reserve-route",
        },
        Kind {
            name: "ipsec-server",
            about: "an IPsec server, for remote clients",
            id_example: "iss-bp1bo3xuvcxo7ixll",
            id_rule: SERVER_ID,
            listed: true,
            operations: &[Operation {
                api: "",
                name: wire::UPDATE_SERVER,
                fields: settings::SERVER,
                address: &[TOKEN, (crate::provider::GATEWAY, "VPN gateway of the server, whose status tells when the change is made")],
                dry_run: true,
            }],
            example: "modify alibaba ipsec-server iss-bp1bo3xuvcxo7ixll --region cn-shanghai --client-pool 10.0.0.0/24",
        },
        Kind {
            name: "tunnel",
            about: "one tunnel of a dual-tunnel IPsec connection of a VPN gateway",
            id_example: "vco-2zedualtunnel00001",
            id_rule: CONNECTION_ID,
            listed: false,
            operations: &[Operation {
                api: "",
                name: wire::MODIFY_TUNNEL,
                fields: settings::TUNNEL,
                address: &[TOKEN, tunnels::OF_CONNECTION],
                dry_run: false,
            }],
            example: "modify alibaba tunnel vco-2zedualtunnel00001 --region cn-beijing --tunnel slave --ike-lifetime 8h",
        },
    ],
    environment: Environment {
        id: &["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_ID", "ACCESS_KEY_ID"],
        secret: &["ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALICLOUD_ACCESS_KEY_SECRET", "ACCESS_KEY_SECRET"],
        token: &["ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN", "ALICLOUD_SECURITY_TOKEN", "SECURITY_TOKEN"],
        bearer: &[],
        region: &["ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION_ID", "ALICLOUD_REGION_ID", "REGION_ID", "REGION"],
        project: &[],
        identity_endpoint: &["ALIBABA_CLOUD_STS_ENDPOINT"],
        endpoint: "TUNNELCTL_ALIBABA_ENDPOINT",
    },
    signatures: &["rpc", "acs3"],
    validity: Duration::from_mins(15),
    one_writer_a_gateway: true,
    regions: REGIONS,
    files: credentials::files,
    connect: |profile| Box::new(Alibaba { profile }),
    recognise: recognise::recognise,
    emulation: Emulation {
        credentials: ("LTAIemulatedAccessKeyId", "emulatedAlibabaSecretKey000001"),
        seed: emulator::seed,
        scale: emulator::scale,
        handle: emulator::handle,
        refuse: emulator::refuse,
        envelope: emulator::envelope,
        key: emulator::key,
        configured: emulator::configured,
        set_key: emulator::set_key,
        operation: |_| None,
        set_up: emulator::set_up,
    },
};

const CONNECTION_ID: field::Rule = field::Rule { text: "vco- and letters or digits", check: |text| prefixed(text, "vco-") };

const SERVER_ID: field::Rule = field::Rule { text: "iss- and letters or digits", check: |text| prefixed(text, "iss-") };

const REGIONS: &[&str] = &[
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-hangzhou",
    "cn-shanghai",
    "cn-nanjing",
    "cn-fuzhou",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-hongkong",
    "cn-wuhan-lr",
    "cn-zhengzhou-jva",
    "cn-zhongwei",
    "cn-heyuan-acdr-1",
    "cn-beijing-finance-1",
    "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1",
    "cn-hangzhou-finance",
    "cn-north-2-gov-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-southeast-8",
    "ap-south-1",
    "us-east-1",
    "us-west-1",
    "us-southeast-1",
    "na-south-1",
    "eu-central-1",
    "eu-west-1",
    "me-east-1",
    "me-central-1",
    "rus-west-1",
];

/// Alibaba Cloud, for one profile.
struct Alibaba {
    profile: Profile,
}

impl Provider for Alibaba {
    fn registration(&self) -> &'static Registration {
        &PROVIDER
    }

    fn sign(&self, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
        if uses_acs3(&self.profile) { sign_acs3::sign(request, credentials, stamp) } else { sign_rpc::sign(request, credentials, stamp) }
    }

    fn error(&self, reply: &Reply) -> Option<ApiError> {
        error::error(reply)
    }

    fn show(&self, target: &Target) -> Call<Connection> {
        wire::show(&self.profile, target)
    }

    fn list(&self, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
        list::list(&self.profile, kind, after)
    }

    fn raw(&self, raw: &Raw) -> Result<Request, String> {
        if raw.body.is_some() {
            return Err("--body: Alibaba's operations take key=value".to_owned());
        }
        let pairs = crate::provider::flatten(&raw.parameters, 1, true);
        let parameters = pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        by_method(wire::request(&self.profile, raw.operation, parameters), raw.method)
    }

    fn rules(&self, edit: &Edit<'_>) -> Findings {
        rules::rules(edit)
    }

    fn modify(&self, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
        wire::modify(&self.profile, edit)
    }

    fn tunnel(&self, address: &[(&'static str, String)], connection: &Connection) -> Option<usize> {
        tunnels::place(connection, tunnels::named(address)?)
    }

    fn key_change(&self, current: &Connection, _tunnel: Option<usize>, key: &Secret) -> Settings {
        wire::key_change(current, key)
    }

    fn renegotiate(&self, edit: &Edit<'_>) -> Option<Result<Call<Accepted>, Vec<Violation>>> {
        Some(wire::renegotiate(&self.profile, edit))
    }

    fn precheck(&self, edit: &Edit<'_>) -> Option<Call<()>> {
        wire::precheck(&self.profile, edit)
    }

    fn progress(&self, target: &Target, gateway: Option<&str>, _accepted: Option<&Accepted>) -> Call<Progress> {
        wire::progress(&self.profile, target, gateway)
    }
}

fn uses_acs3(profile: &Profile) -> bool {
    profile.signature == Some("acs3")
}

/// Where a profile's requests go: the region's own name, by the vendor's rule.
fn endpoint(profile: &Profile) -> Endpoint {
    let plain = !profile.region.is_empty() && profile.region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    match &profile.endpoint {
        Some(endpoint) => endpoint.clone(),
        None if plain => Endpoint::https(format!("vpc.{}.aliyuncs.com", profile.region)),
        // No such region: the central name answers so.
        None => Endpoint::https("vpc.aliyuncs.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_follows_the_region_unless_it_is_given() {
        let mut profile =
            Profile { region: "cn-hangzhou".into(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
        assert_eq!(endpoint(&profile).to_string(), "https://vpc.cn-hangzhou.aliyuncs.com");
        profile.region = "evil.test/".into();
        assert_eq!(endpoint(&profile).to_string(), "https://vpc.aliyuncs.com");
        profile.endpoint = Some(Endpoint::parse("http://127.0.0.1:9").unwrap());
        assert_eq!(endpoint(&profile).to_string(), "http://127.0.0.1:9");
    }

    #[test]
    fn ids_have_their_prefix() {
        for kind in PROVIDER.kinds {
            assert!((kind.id_rule.check)(kind.id_example), "{}", kind.name);
            assert!(!(kind.id_rule.check)("vpn-1"));
        }
    }
}
