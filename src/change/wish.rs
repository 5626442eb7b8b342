//! A change as the user asks for it: what, of what, and how to go about it.

use std::path::PathBuf;

use super::guard::Guard;
use super::previous::Previous;
use crate::error::{Error, Violation};
use crate::model::{Connection, Ref, Settings};
use crate::provider::{Edit, GATEWAY, Provider, Target};

/// What names one of several tunnels, among what an operation needs beside settings.
pub(super) const TUNNEL: &str = "tunnel";

/// A change as the user asks for it.
#[derive(Debug)]
pub struct Wish {
    /// What is changed.
    pub target: Target,
    /// The same as a ref, for messages.
    pub reference: Ref,
    /// What the operation needs beside settings, such as the tunnel or the gateway.
    pub address: Vec<(&'static str, String)>,
    /// The settings that are asked for.
    pub asked: Asked,
    /// How to go about it.
    pub flow: Flow,
    /// `--check`.
    pub guard: Option<Guard>,
    /// What the change on record found and set, where this run resumes it or rolls it back.
    pub previous: Option<Previous>,
    /// The token of the change, which makes a repeated request harmless.
    pub token: String,
}

/// The settings that are asked for, as far as flags and files could be read.
#[derive(Debug, Default)]
pub struct Asked {
    /// Settings that are well-formed.
    pub change: Settings,
    /// Why the others are not.
    pub violations: Vec<Violation>,
    /// What is valid and still unwise.
    pub advice: Vec<String>,
    /// Whether the key in `change` was generated.
    pub psk_generated: bool,
    /// Where a generated key is written before it is sent.
    pub psk_out: Option<PathBuf>,
}

/// How to go about a change.
#[derive(Debug, Default, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "one flag of the command line each")]
pub struct Flow {
    /// `--yes`.
    pub yes: bool,
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--exit-code`.
    pub exit_code: bool,
    /// `--no-read`.
    pub no_read: bool,
    /// `--no-wait`.
    pub no_wait: bool,
    /// `--allow-down`.
    pub allow_down: bool,
}

impl Wish {
    /// The wish in the form that a provider takes.
    #[must_use]
    pub fn edit<'a>(&'a self, current: Option<&'a Connection>, change: &'a Settings) -> Edit<'a> {
        Edit { target: &self.target, current, change, address: &self.address, token: &self.token }
    }

    /// The gateway that was named on the command line.
    pub(super) fn named_gateway(&self) -> Option<String> {
        self.named(GATEWAY)
    }

    /// The tunnel that was named on the command line: its id or role.
    pub(super) fn named_tunnel(&self) -> Option<String> {
        self.named(TUNNEL)
    }

    fn named(&self, wanted: &str) -> Option<String> {
        self.address.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
    }

    /// The named tunnel as the end of a message; empty where none is named.
    pub(super) fn tunnel_suffix(&self) -> String {
        self.named_tunnel().map(|tunnel| format!(", tunnel {tunnel}")).unwrap_or_default()
    }

    /// The settings of exactly what is changed: those of one tunnel, where the change is of one.
    #[must_use]
    pub fn subject(&self, provider: &dyn Provider, connection: &Connection) -> Settings {
        connection.seen_from(provider.tunnel(&self.address, connection))
    }

    pub(super) fn invalid(&self, violations: &[Violation]) -> Error {
        Error::invalid(&self.reference, violations)
            .next(format!("tunnelctl modify {} {} --help lists what is allowed", self.reference.provider, self.target.kind.name))
    }
}
