//! Algorithms by name.
//!
//! A name is the model's word where the model has one ([`Term`]). Daemons support more algorithms than the clouds, so the
//! list is open.

use std::borrow::Cow;
use std::fmt;

use crate::model::{Term, Word};

/// Stands for "no PFS" in a list of groups, and for "no integrity algorithm".
pub const NONE: Algorithm = Algorithm(Cow::Borrowed("none"));

/// An algorithm, a group or a switch: `aes256`, `sha256`, `group14`, `noesn`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Algorithm(Cow<'static, str>);

impl Algorithm {
    /// The algorithm with a constant name.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The algorithm with a composed name, such as `group31`.
    #[must_use]
    pub const fn made(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The algorithm of a cloud's word; `None` where the meaning of the word is not known.
    #[must_use]
    pub fn of(word: &Word) -> Option<Self> {
        match word {
            Word::Known(term) => Some(Self::named(term.word())),
            // A group that a cloud no longer documents still has its number in its name.
            Word::Foreign(text) => {
                let number = text.to_ascii_lowercase().trim_start_matches("dh-").strip_prefix("group")?.parse::<u8>().ok()?;
                Some(Self::made(format!("group{number}")))
            }
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The model's word for it.
    #[must_use]
    pub fn term(&self) -> Option<Term> {
        Term::from_word(&self.0)
    }

    /// Whether it is an AEAD cipher, which encrypts and authenticates in one (RFC 5282, RFC 4106, RFC 7634).
    #[must_use]
    pub fn is_aead(&self) -> bool {
        self.0.contains("gcm") || self.0.contains("ccm") || self.0.starts_with("chacha20poly1305") || self.0.contains("gmac")
    }

    /// The number of a group.
    #[must_use]
    pub fn group(&self) -> Option<u8> {
        self.0.strip_prefix("group")?.parse().ok()
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A type of transform, in the order in which strongSwan looks for common values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transform {
    /// Encryption with its key length.
    Encryption,
    /// Integrity.
    Integrity,
    /// Pseudo-random function.
    Prf,
    /// Key exchange.
    Group,
    /// Extended sequence numbers.
    Esn,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_a_word_is_known_by_its_number() {
        assert_eq!(Algorithm::of(&Word::Foreign("GROUP24".into())).unwrap().name(), "group24");
        assert_eq!(Algorithm::of(&Word::Foreign("aes-512".into())), None);
    }
}
