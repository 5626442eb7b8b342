//! Huawei Cloud: Enterprise Edition VPN, API v5.

use std::time::Duration;

use crate::error::{ApiError, Violation};
use crate::model::{Connection, Secret, Settings};
use crate::provider::{
    Accepted, Calls, Edit, Emulation, Environment, Findings, Kind, Page, Profile, Progress, Provider, Raw, Registration, Target,
};
use crate::wire::{Call, Credentials, Reply, Request, Signature, Stamp};

mod cloud;
mod codes;
mod credentials;
mod emulator;
mod error;
mod kinds;
mod list;
mod raw;
mod read;
mod recognise;
mod rekey;
mod rules;
mod settings;
mod sign;
#[cfg(test)]
mod testing;
mod vocabulary;
mod warnings;
mod wire;

/// What is known about Huawei Cloud before anything is connected.
pub static PROVIDER: Registration = Registration {
    id: cloud::ID,
    title: "Huawei Cloud",
    kinds: kinds::KINDS,
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
    regions: cloud::REGIONS,
    calls: Calls { example: "ShowVpnConnection", read_by_get: true, ours: &[], nested: false },
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
