//! What the connection that was read tells about things that an update cannot change.

use crate::model::{Connection, Key, Settings, Term};

/// Facts about the connection. `None` is for what is not known.
#[derive(Default)]
pub(super) struct Known {
    /// `POLICY`, `STATIC`, `BGP` or another word of the cloud, in upper case.
    pub(super) style: Option<String>,
    /// Whether the gateway is of flavour GM.
    pub(super) gm: Option<bool>,
    /// Whether the customer subnets belong to an enterprise router.
    pub(super) router: bool,
    /// Whether the gateway is for IPv6.
    pub(super) ipv6: Option<bool>,
}

impl Known {
    pub(super) fn new(current: Option<&Connection>) -> Self {
        let Some(current) = current else { return Self::default() };
        let settings = &current.settings;
        let style = current.extra_text("style").map(str::to_ascii_uppercase);
        let (v4, v6) = (
            settings.has(Key::RemoteSubnets) || settings.has(Key::PolicyRules),
            settings.has(Key::RemoteSubnetsV6) || settings.has(Key::PolicyRulesV6),
        );
        let no_subnets = !settings.has(Key::RemoteSubnets) && !settings.has(Key::RemoteSubnetsV6);
        let router = no_subnets && matches!(style.as_deref(), Some("POLICY" | "BGP"));
        Self { style, gm: Some(is_gm(settings)), router, ipv6: (v4 != v6).then_some(v6) }
    }
}

/// Whether the settings are those of a gateway of flavour GM (Chinese national cryptography), which authenticates with
/// certificates instead of a pre-shared key.
#[must_use]
pub(in crate::provider::huawei) fn is_gm(settings: &Settings) -> bool {
    settings.term(Key::IkeAuthentication) == Some(Term::DigitalEnvelope) || settings.term(Key::IkeEncryption) == Some(Term::Sm4)
}
