//! The contents of the configuration file, as values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};

use crate::model::{Ref, Secret};

/// A value of the configuration file, with its line.
#[derive(Debug)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Line, the first is 1.
    pub line: usize,
}

/// The configuration file.
#[derive(Debug, Default)]
pub struct Config {
    /// Its path.
    pub path: PathBuf,
    /// `default_profile`.
    pub default_profile: Option<Given<String>>,
    /// `pass_env`: variables that the user's commands see as well.
    pub pass_env: Vec<String>,
    /// `[profiles.<name>.<provider>]`.
    pub profiles: BTreeMap<String, BTreeMap<&'static str, Cloud>>,
    /// `[tunnels]`.
    pub tunnels: BTreeMap<String, Given<Ref>>,
    /// `[pairs.<name>]`: left and right.
    pub pairs: BTreeMap<String, Given<[String; 2]>>,
}

/// The settings of a profile for a cloud.
#[derive(Debug, Default)]
pub struct Cloud {
    /// Line of the table.
    pub line: usize,
    /// Region of calls that name none.
    pub region: Option<Given<String>>,
    /// Regions of listings that name none.
    pub regions: Vec<Given<String>>,
    /// URL of the service.
    pub endpoint: Option<Given<String>>,
    /// URL of the identity service.
    pub identity_endpoint: Option<Given<String>>,
    /// Project id.
    pub project_id: Option<Given<String>>,
    /// Signature scheme, one that the cloud has.
    pub signature: Option<Given<&'static str>>,
    /// Certificates to trust.
    pub ca_file: Option<Given<PathBuf>>,
    /// Source of credentials.
    pub credentials: Option<Given<Own>>,
}

/// The source of a profile's credentials.
#[derive(Debug)]
pub enum Own {
    /// Only the vendor's environment variables.
    Environment,
    /// Only the vendor's own files; with the name of a profile in them.
    Vendor(Option<String>),
    /// A key pair in the profile.
    Keys {
        /// Access key id.
        id: String,
        /// Secret key.
        secret: Hidden,
        /// Token of temporary credentials.
        token: Option<Hidden>,
    },
}

/// The source of a secret.
#[derive(Debug)]
pub enum Hidden {
    /// The configuration file itself.
    Inline(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(Vec<String>),
}

/// The path of the configuration file: `$XDG_CONFIG_HOME/tunnelctl/config.toml`, or `~/.config/tunnelctl/config.toml`.
#[must_use]
pub fn path() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.config_dir().join("tunnelctl").join("config.toml"))
}

impl Config {
    /// A place in the file, for messages.
    #[must_use]
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}
