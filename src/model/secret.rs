//! The type that holds every pre-shared key, secret key of a cloud, and token.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::mask::is_mask;

/// What is printed in place of a secret.
pub const HIDDEN: &str = "(hidden)";

/// A text that must not be shown: no `Deref`, `Display` or `Clone`; `Debug` and `Serialize` write [`HIDDEN`].
///
/// The buffer is zeroed on drop. That is best effort: the TLS, HTTP and JSON layers keep copies of their own.
pub struct Secret(Zeroizing<Box<str>>);

impl Secret {
    /// A secret with this text.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text. Called only to sign, send, check, seal, or show it on request.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this is a key: not empty, and no mask ([`is_mask`]). Only then is it compared, judged or written anywhere.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        !self.0.is_empty() && !is_mask(&self.0)
    }

    /// Whether both are the same text, in a time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let (left, right) = (self.0.as_bytes(), other.0.as_bytes());
        left.len() == right.len() && left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_and_json_show_only_the_placeholder() {
        let secret = Secret::new("canary-3b1f");
        assert_eq!(format!("{secret:?}"), HIDDEN);
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"(hidden)\"");
    }

    #[test]
    fn matching_compares_the_whole_text() {
        assert!(Secret::new("abc").matches(&Secret::new("abc")));
        assert!(!Secret::new("abc").matches(&Secret::new("abd")));
        assert!(!Secret::new("abc").matches(&Secret::new("abcd")));
    }
}
