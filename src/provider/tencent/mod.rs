//! Tencent Cloud: API 3.0, and the older API 2.0 that the vendor's page of 2018 describes.

use std::time::Duration;

use super::{
    Accepted, ApiError, Call, Credentials, Edit, Emulation, Environment, Findings, Kind, Operation, Page, Profile, Progress, Provider, Raw,
    Registration, Target, Violation, by_method, field, rule,
};
use crate::model::Connection;
use crate::wire::{Body, Reply, Request, Signature, Stamp};

pub mod credentials;
pub mod emulator;
pub mod error;
pub mod identity;
mod list;
mod recognise;
pub mod rules;
pub mod settings;
pub mod sign;
pub mod sign_tc3;
pub mod vocabulary;
pub mod wire;
pub mod wire_v2;

use sign::{Algorithm, V2_PATH};

/// Tencent Cloud.
pub static PROVIDER: Registration = Registration {
    id: "tencent",
    title: "Tencent Cloud",
    kinds: KINDS,
    environment: Environment {
        id: &["TENCENTCLOUD_SECRET_ID"],
        secret: &["TENCENTCLOUD_SECRET_KEY"],
        token: &["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"],
        bearer: &[],
        region: &["TENCENTCLOUD_REGION"],
        project: &[],
        identity_endpoint: &[],
        endpoint: "TUNNELCTL_TENCENT_ENDPOINT",
    },
    signatures: &["tc3", "hmac-sha256", "hmac-sha1"],
    validity: Duration::from_mins(5),
    one_writer_a_gateway: false,
    regions: &[
        "ap-guangzhou",
        "ap-shanghai",
        "ap-nanjing",
        "ap-beijing",
        "ap-chengdu",
        "ap-chongqing",
        "ap-hongkong",
        "ap-singapore",
        "ap-shanghai-fsi",
        "ap-shenzhen-fsi",
        "ap-guangzhou-open",
        "ap-seoul",
        "ap-tokyo",
        "ap-bangkok",
        "ap-mumbai",
        "ap-jakarta",
        "eu-frankfurt",
        "eu-moscow",
        "na-ashburn",
        "na-siliconvalley",
        "na-toronto",
        "sa-saopaulo",
    ],
    files: credentials::files,
    connect: |profile| Box::new(Tencent { profile }),
    recognise: recognise::recognise,
    emulation: Emulation {
        credentials: emulator::CREDENTIALS,
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

const KINDS: &[Kind] = &[Kind {
    name: "connection",
    about: "VPN tunnel of a VPN gateway",
    id_example: "vpnx-ol6bcqp0",
    id_rule: field::Rule { text: "vpnx- and letters or digits", check: |text| rule::prefixed(text, "vpnx-") },
    listed: true,
    operations: &[
        Operation { api: "v3", name: wire::MODIFY, fields: settings::V3, address: &[], dry_run: false },
        Operation {
            api: "v2",
            name: wire_v2::MODIFY,
            fields: settings::V2,
            address: &[
                (wire_v2::VPC_ID, "Name the VPC of the connection, such as vpc-03vihbk9"),
                (crate::provider::GATEWAY, "Name the VPN gateway of the connection, such as vpngw-kfldykuz"),
            ],
            dry_run: false,
        },
    ],
    example: "modify tencent vpnx-ol6bcqp0 --policy-rule 10.0.0.0/24=10.100.2.0/24 --ike-encryption aes256",
}];

struct Tencent {
    profile: Profile,
}

fn is_v2(target: &Target) -> bool {
    target.operation.api == "v2"
}

impl Provider for Tencent {
    fn registration(&self) -> &'static Registration {
        &PROVIDER
    }

    fn sign(&self, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
        if request.path != V2_PATH && wire::is_tc3(&self.profile) {
            return sign_tc3::sign(request, credentials, stamp);
        }
        // API 2.0 knows no TC3: of its two, the stronger one unless the other is asked for.
        let algorithm = if self.profile.signature == Some("hmac-sha1") { Algorithm::Sha1 } else { Algorithm::Sha256 };
        sign::sign(request, credentials, stamp, algorithm)
    }

    fn error(&self, reply: &Reply) -> Option<ApiError> {
        error::error(reply)
    }

    fn show(&self, target: &Target) -> Call<Connection> {
        if is_v2(target) { wire_v2::show(&self.profile, target) } else { wire::show(&self.profile, target) }
    }

    fn list(&self, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
        list::list(&self.profile, kind, after)
    }

    fn raw(&self, raw: &Raw) -> Result<Request, String> {
        let v2 = raw.api.as_deref() == Some("v2");
        if raw.body.is_some() && (v2 || !wire::is_tc3(&self.profile)) {
            return Err("--body goes with API 3.0 and its signature tc3 only; give key=value".to_owned());
        }
        let mut request = if v2 {
            wire_v2::request(&self.profile, raw.operation, wire::flatten(&raw.parameters))
        } else {
            wire::request(&self.profile, raw.operation, raw.parameters.clone())
        };
        if let Some(body) = &raw.body {
            request.body = Body::Json(body.clone());
        }
        by_method(request, raw.method)
    }

    fn rules(&self, edit: &Edit<'_>) -> Findings {
        rules::rules(edit, is_v2(edit.target))
    }

    fn modify(&self, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
        if is_v2(edit.target) { wire_v2::modify(&self.profile, edit) } else { wire::modify(&self.profile, edit) }
    }

    fn renegotiate(&self, edit: &Edit<'_>) -> Option<Result<Call<Accepted>, Vec<Violation>>> {
        Some(if is_v2(edit.target) { wire_v2::reset(&self.profile, edit) } else { wire::reset(&self.profile, edit) })
    }

    fn progress(&self, target: &Target, _gateway: Option<&str>, accepted: Option<&Accepted>) -> Call<Progress> {
        if is_v2(target) { wire_v2::progress(&self.profile, target, accepted) } else { wire::progress(&self.profile, target) }
    }
}

#[cfg(test)]
mod tests;
