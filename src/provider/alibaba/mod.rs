//! Alibaba Cloud: product `Vpc`, version `2016-04-28`.

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
mod rules;
mod settings;
mod sign;
mod sts;
#[cfg(test)]
mod testing;
mod tunnels;
mod vocabulary;
mod warnings;
mod wire;

use std::time::Duration;

use super::{Accepted, Calls, Edit, Emulation, Environment, Findings, Kind, Page, Profile, Progress, Provider, Raw, Registration, Target};
use crate::error::{ApiError, Violation};
use crate::model::{Connection, Secret, Settings};
use crate::wire::{Call, Credentials, Reply, Request, Signature, Stamp};

/// What is known about Alibaba Cloud.
pub static PROVIDER: Registration = Registration {
    id: cloud::ID,
    title: "Alibaba Cloud",
    kinds: kinds::KINDS,
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
    signatures: cloud::SIGNATURES,
    validity: Duration::from_mins(15),
    one_writer_a_gateway: true,
    regions: cloud::REGIONS,
    calls: Calls { example: "DescribeVpnConnection", read_by_get: false, ours: &cloud::COMMON_PARAMETERS, nested: false },
    files: credentials::files,
    connect: |profile| Box::new(Alibaba { profile }),
    recognise: recognise::recognise,
    emulation: Emulation {
        credentials: cloud::EMULATED_KEY,
        seed: emulator::seed,
        scale: emulator::scale,
        handle: emulator::handle,
        refuse: emulator::refuse,
        envelope: emulator::envelope,
        // Replies contain the key.
        key: |_| None,
        configured: emulator::configured,
        set_key: emulator::set_key,
        // Requests name their operation.
        operation: |_| None,
        set_up: emulator::set_up,
    },
};

/// Alibaba Cloud, for one profile.
struct Alibaba {
    profile: Profile,
}

impl Provider for Alibaba {
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
        wire::show(&self.profile, target)
    }

    fn list(&self, kind: &'static Kind, after: Option<&str>) -> Call<Page> {
        list::list(&self.profile, kind, after)
    }

    fn raw(&self, raw: &Raw) -> Result<Request, String> {
        raw::raw(&self.profile, raw)
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
