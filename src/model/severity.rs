//! How serious a finding of `check` or `audit` is.

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Info,
    /// It works, but should be changed.
    Warn,
    /// It does not work, or must not be used.
    Error,
}

impl Severity {
    /// The words of the command line, mildest first.
    pub const WORDS: [&str; 3] = ["info", "warn", "error"];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The severity of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Info, Self::Warn, Self::Error].into_iter().find(|severity| severity.word() == word)
    }
}
