//! The standards, each with its table of rules.

mod bsi;
mod cnsa;
mod gm;
mod modern;
mod nist;
mod rfc;

use super::rule::Rule;

/// A standard to judge by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// What most of the standards agree on; the default.
    Modern,
    /// RFC 8247, RFC 8221 and RFC 9395 alone.
    Rfc,
    /// NIST SP 800-77r1 and SP 800-131Ar2.
    Nist,
    /// RFC 9206.
    Cnsa,
    /// BSI TR-02102-3. Advisory: its tables were not read.
    Bsi,
    /// Chinese national algorithms. Advisory: the standard was not read.
    Gm,
    /// None: nothing is judged.
    Off,
}

impl Policy {
    /// The words of the command line, in order of the variants.
    pub const WORDS: [&str; 7] = ["modern", "rfc", "nist", "cnsa", "bsi", "gm", "off"];

    /// The word of the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Rfc => "rfc",
            Self::Nist => "nist",
            Self::Cnsa => "cnsa",
            Self::Bsi => "bsi",
            Self::Gm => "gm",
            Self::Off => "off",
        }
    }

    /// The policy of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Modern, Self::Rfc, Self::Nist, Self::Cnsa, Self::Bsi, Self::Gm, Self::Off].into_iter().find(|policy| policy.word() == word)
    }

    /// The table of rules.
    #[must_use]
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Self::Modern => modern::RULES,
            Self::Rfc => rfc::RULES,
            Self::Nist => nist::RULES,
            Self::Cnsa => cnsa::RULES,
            Self::Bsi => bsi::RULES,
            Self::Gm => gm::RULES,
            Self::Off => &[],
        }
    }
}
