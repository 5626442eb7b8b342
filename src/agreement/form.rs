//! The formats of the files that hold ends.

/// The format of a file, judged by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A cloud's reply: JSON or XML.
    Reply,
    /// Libreswan's `ipsec.conf`.
    Libreswan,
    /// `swanctl.conf`.
    Swanctl,
    /// A description in TOML.
    Toml,
}
