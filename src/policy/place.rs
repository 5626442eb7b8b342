//! The place of a finding.

/// The place of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The connection's ref.
    pub reference: String,
    /// The tunnel of a dual-tunnel connection: its role, or its id.
    pub tunnel: Option<String>,
    /// The file that holds it, where it is not at a cloud.
    pub file: Option<String>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.tunnel {
            Some(tunnel) => write!(out, "{} {tunnel}", self.reference),
            None => out.write_str(&self.reference),
        }
    }
}
