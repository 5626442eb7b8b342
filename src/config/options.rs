//! The options that every command has.

use std::path::PathBuf;
use std::time::Duration;

use super::lazy::Lazy;
use crate::system::shell::quoted;

/// The options of every command.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--project-id`.
    pub project_id: Option<String>,
    /// `--endpoint`.
    pub endpoint: Option<String>,
    /// `--ca-file`.
    pub ca_file: Option<PathBuf>,
    /// `--signature`.
    pub signature: Option<String>,
    /// `--emulated`.
    pub emulated: bool,
    /// `--pass-env`.
    pub pass_env: Vec<String>,
    /// `--timeout`.
    pub timeout: Option<Duration>,
    /// What is configured outside the command line.
    pub config: Lazy,
}

impl Options {
    /// The options that decide where calls go, for a suggested next command. The region is not among them: refs have it.
    #[must_use]
    pub fn again(&self) -> String {
        let path = self.ca_file.as_ref().map(|path| path.display().to_string());
        let valued = [
            ("profile", &self.profile),
            ("endpoint", &self.endpoint),
            ("project-id", &self.project_id),
            ("ca-file", &path),
            ("signature", &self.signature),
        ];
        let mut again: String =
            valued.iter().filter_map(|(name, value)| Some(format!(" --{name} {}", quoted(value.as_deref()?)))).collect();
        for name in &self.pass_env {
            again.push_str(&format!(" --pass-env {name}"));
        }
        if self.emulated {
            again.push_str(" --emulated");
        }
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_command_has_the_options_that_decide_where_calls_go() {
        assert_eq!(Options::default().again(), "");
        let options = Options {
            endpoint: Some("http://127.0.0.1:9".to_owned()),
            ca_file: Some("my ca's.pem".into()),
            pass_env: vec!["VAULT_ADDR".to_owned()],
            emulated: true,
            region: Some("cn-x".to_owned()),
            ..Options::default()
        };
        assert_eq!(options.again(), " --endpoint http://127.0.0.1:9 --ca-file 'my ca'\\''s.pem' --pass-env VAULT_ADDR --emulated");
    }
}
