//! Tencent Cloud: API 3.0, and the older API 2.0 as the vendor documented it in 2018.

use std::time::Duration;

use super::{Accepted, Calls, Edit, Emulation, Environment, Findings, Kind, Page, Profile, Progress, Provider, Raw, Registration, Target};
use crate::error::{ApiError, Violation};
use crate::model::Connection;
use crate::wire::{Call, Credentials, Reply, Request, Signature, Stamp};

mod cloud;
mod codes;
mod credentials;
mod emulator;
mod error;
mod identity;
mod kinds;
mod list;
mod raw;
mod read;
mod recognise;
mod rules;
mod settings;
mod sign;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod vocabulary;
mod warnings;
mod wire;

use cloud::is_v2;

/// Tencent Cloud.
pub static PROVIDER: Registration = Registration {
    id: cloud::ID,
    title: "Tencent Cloud",
    kinds: kinds::KINDS,
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
    signatures: sign::SCHEMES,
    validity: Duration::from_mins(5),
    one_writer_a_gateway: false,
    regions: cloud::REGIONS,
    calls: Calls { example: "DescribeVpnConnections", read_by_get: false, ours: &cloud::COMMON_PARAMETERS, nested: true },
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

struct Tencent {
    profile: Profile,
}

impl Provider for Tencent {
    fn registration(&self) -> &'static Registration {
        &PROVIDER
    }

    fn sign(&self, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature {
        sign::sign(&self.profile, request, credentials, stamp)
    }

    fn error(&self, reply: &Reply) -> Option<ApiError> {
        error::error(reply)
    }

    fn show(&self, target: &Target) -> Call<Connection> {
        if is_v2(target) { wire::v2::show(&self.profile, target) } else { wire::v3::show(&self.profile, target) }
    }

    fn list(&self, _kind: &'static Kind, after: Option<&str>) -> Call<Page> {
        list::list(&self.profile, after)
    }

    fn raw(&self, raw: &Raw) -> Result<Request, String> {
        raw::request(&self.profile, raw)
    }

    fn rules(&self, edit: &Edit<'_>) -> Findings {
        rules::rules(edit)
    }

    fn modify(&self, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
        if is_v2(edit.target) { wire::v2::modify(&self.profile, edit) } else { wire::v3::modify(&self.profile, edit) }
    }

    fn renegotiate(&self, edit: &Edit<'_>) -> Option<Result<Call<Accepted>, Vec<Violation>>> {
        Some(if is_v2(edit.target) { wire::v2::reset(&self.profile, edit) } else { wire::v3::reset(&self.profile, edit) })
    }

    fn progress(&self, target: &Target, _gateway: Option<&str>, accepted: Option<&Accepted>) -> Call<Progress> {
        if is_v2(target) { wire::v2::progress(&self.profile, target, accepted) } else { wire::v3::progress(&self.profile, target) }
    }
}
