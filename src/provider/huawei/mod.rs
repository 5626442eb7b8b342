//! Huawei Cloud: Enterprise Edition VPN, API v5.

use std::time::Duration;

use crate::model::{Connection, Secret, Settings};
use crate::wire::{Reply, Request, Signature, Stamp};

use super::{
    Accepted, ApiError, Call, Credentials, Edit, Emulation, Environment, Findings, Kind, Operation, Page, Profile, Progress, Provider, Raw,
    Registration, Target, Violation, rule,
};

pub mod credentials;
pub mod emulator;
pub mod error;
mod list;
mod raw;
mod recognise;
mod rekey;
pub mod rules;
pub mod settings;
pub mod sign;
#[cfg(test)]
mod testing;
pub mod vocabulary;
mod warnings;
pub mod wire;

/// Huawei Cloud's data.
pub static PROVIDER: Registration = Registration {
    id: "huawei",
    title: "Huawei Cloud",
    kinds: KINDS,
    environment: Environment {
        id: &["HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY", "OS_ACCESS_KEY"],
        secret: &["HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY", "OS_SECRET_KEY"],
        token: &["HUAWEICLOUD_SDK_SECURITY_TOKEN", "HW_SECURITY_TOKEN"],
        bearer: &["HW_AUTH_TOKEN", "OS_AUTH_TOKEN"],
        region: &["HW_REGION_NAME", "OS_REGION_NAME"],
        project: &["HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID", "OS_PROJECT_ID", "OS_TENANT_ID"],
        identity_endpoint: &["HUAWEICLOUD_SDK_IAM_ENDPOINT"],
        endpoint: "TUNNELCTL_HUAWEI_ENDPOINT",
    },
    signatures: &["sdk-hmac-sha256"],
    validity: Duration::from_mins(15),
    one_writer_a_gateway: false,
    regions: REGIONS,
    files: credentials::files,
    connect: |profile| Box::new(Huawei { profile }),
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
        operation: emulator::operation,
        set_up: emulator::set_up,
    },
};

static KINDS: &[Kind] = &[Kind {
    name: "connection",
    about: "Change a VPN connection",
    id_example: "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3",
    id_rule: rule::UUID,
    listed: true,
    operations: &[Operation { api: "", name: "UpdateVpnConnection", fields: settings::FIELDS, address: &[], dry_run: false }],
    example: "modify huawei connection 98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3 --ike-lifetime 3600 --ipsec-lifetime 3600",
}];

const REGIONS: &[&str] = &[
    "ae-ad-1",
    "af-north-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "cn-east-2",
    "cn-east-3",
    "cn-east-4",
    "cn-east-5",
    "cn-north-1",
    "cn-north-2",
    "cn-north-4",
    "cn-north-9",
    "cn-north-11",
    "cn-north-12",
    "cn-south-1",
    "cn-south-2",
    "cn-south-4",
    "cn-southwest-2",
    "cn-southwest-3",
    "eu-west-101",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "na-mexico-1",
    "ru-moscow-1",
    "sa-brazil-1",
    "tr-west-1",
];

struct Huawei {
    profile: Profile,
}

impl Provider for Huawei {
    fn registration(&self) -> &'static Registration {
        &PROVIDER
    }

    fn sign(&self, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
        sign::sign(request, credentials, stamp)
    }

    fn error(&self, reply: &Reply) -> Option<ApiError> {
        error::read(reply)
    }

    fn locate(&self) -> Option<Call<String>> {
        self.profile.project_id.is_none().then(|| wire::locate(&self.profile))
    }

    fn located(&mut self, found: String) {
        self.profile.project_id = Some(found);
    }

    fn show(&self, target: &Target) -> Call<Connection> {
        wire::show(&self.profile, target)
    }

    fn list(&self, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
        list::list(&self.profile, kind, after)
    }

    fn raw(&self, raw: &Raw) -> Result<Request, String> {
        raw::request(&self.profile, raw)
    }

    fn rules(&self, edit: &Edit<'_>) -> Findings {
        rules::check(edit)
    }

    fn modify(&self, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
        wire::update(&self.profile, edit)
    }

    fn key_change(&self, current: &Connection, _tunnel: Option<usize>, key: &Secret) -> Settings {
        rekey::key_change(current, key)
    }

    fn renegotiate(&self, edit: &Edit<'_>) -> Option<Result<Call<Accepted>, Vec<Violation>>> {
        Some(Ok(rekey::reset(&self.profile, edit.target)))
    }

    fn progress(&self, target: &Target, _gateway: Option<&str>, _accepted: Option<&Accepted>) -> Call<Progress> {
        wire::progress(&self.profile, target)
    }
}
