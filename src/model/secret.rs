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
pub struct Secret {
    text: Zeroizing<Box<str>>,
    /// Whether it stands for a key in a request that is only shown.
    stands_in: bool,
}

impl Secret {
    /// A secret with this text.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self { text: Zeroizing::new(text.into()), stands_in: false }
    }

    /// What stands for this secret in a request that is only shown: [`HIDDEN`], and readable where this one is.
    #[must_use]
    pub fn stand_in(&self) -> Self {
        Self { stands_in: self.is_readable(), ..Self::new(HIDDEN) }
    }

    /// The text. Called only to sign, send, check, seal, or show it on request.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether this is a key: not empty, and no mask ([`is_mask`]). Only then is it compared, judged or written anywhere.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.stands_in || (!self.text.is_empty() && !is_mask(&self.text))
    }

    /// Whether both are the same text, in a time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let (left, right) = (self.text.as_bytes(), other.text.as_bytes());
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
    fn a_stand_in_is_readable_where_its_secret_is() {
        for (text, readable) in [("a-key", true), ("***", false), (HIDDEN, false)] {
            let shown = Secret::new(text).stand_in();
            assert_eq!((shown.expose(), shown.is_readable()), (HIDDEN, readable), "{text}");
        }
    }

    #[test]
    fn matching_compares_the_whole_text() {
        assert!(Secret::new("abc").matches(&Secret::new("abc")));
        assert!(!Secret::new("abc").matches(&Secret::new("abd")));
        assert!(!Secret::new("abc").matches(&Secret::new("abcd")));
    }
}
