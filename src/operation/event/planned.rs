//! An end as planned, and the options that lead to it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::Options;

/// The options, beside the ref, that decide where calls for an end go. The next command needs the same ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// `--profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// `--project-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// `--endpoint`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// `--ca-file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// `--signature`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// `--emulated`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub emulated: bool,
}

impl Site {
    /// Takes the site from the command's options.
    #[must_use]
    pub fn of(options: &Options) -> Self {
        Self {
            profile: options.profile.clone(),
            project_id: options.project_id.clone(),
            endpoint: options.endpoint.clone(),
            ca_file: options.ca_file.clone(),
            signature: options.signature.clone(),
            emulated: options.emulated,
        }
    }

    /// The command's options, with those of the site in place of their own.
    #[must_use]
    pub fn options(&self, options: &Options) -> Options {
        Options {
            profile: self.profile.clone(),
            project_id: self.project_id.clone(),
            endpoint: self.endpoint.clone(),
            ca_file: self.ca_file.clone(),
            signature: self.signature.clone(),
            emulated: self.emulated,
            region: None,
            ..options.clone()
        }
    }
}

/// One end of an operation, as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The ref, or `file:` and a path.
    pub end: String,
    /// The tunnel, of a connection with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<String>,
    /// The API, of a cloud with several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub api: String,
    /// The options that decide where calls go.
    #[serde(default)]
    pub site: Site,
    /// The service that receives the calls; empty for a file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The gateway, where it accepts one change at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// Whether the value can be read back.
    pub readable: bool,
    /// Seconds for which the cloud accepts a request after its signing time.
    pub validity: i64,
    /// Until when a request of an earlier operation may still be executed at this end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    /// The command that reloads the program that reads a local file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reload: Option<String>,
}
