//! Rules: the sentences of a standard, as data.

use crate::model::{Key, Severity, Term};

/// When a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// With IKEv1.
    Ikev1,
    /// In phase 2 without an AEAD cipher; with one, the integrity algorithm is not used.
    PlainIpsec,
    /// Where the cloud offers an AEAD cipher for the field and the IKE version allows it.
    AeadOffered,
}

/// The fault that a rule looks for.
#[derive(Debug, Clone, Copy)]
pub enum Test {
    /// The value is one of these words.
    Is(&'static [Term]),
    /// The value is none of these words.
    IsNot(&'static [Term]),
    /// The value is one of these names of algorithms that only daemons support, so that the model has no word for them.
    Named(&'static [&'static str]),
    /// The number is above this one.
    Above(u64),
    /// The number is zero.
    Zero,
    /// This check finds the fault in the key itself.
    Key(fn(&str) -> bool),
    /// Any value: that the field is set is the fault.
    Any,
}

/// The replacement for a value.
#[derive(Debug, Clone, Copy)]
pub enum Instead {
    /// The first of these words that the cloud accepts.
    Word(&'static [Term]),
    /// This number.
    Number(u64),
    /// A new random key.
    NewKey,
    /// Nothing: no setting would help.
    Nothing,
}

/// One sentence of a standard, as data.
#[derive(Debug)]
pub struct Rule {
    /// Its id: `<policy>/<name>`.
    pub id: &'static str,
    /// The standard and section that it comes from.
    pub source: &'static str,
    /// The fields that it judges.
    pub keys: &'static [Key],
    /// When it applies.
    pub when: When,
    /// The fault that it looks for.
    pub test: Test,
    /// How serious the fault is.
    pub severity: Severity,
    /// What is wrong: a clause whose subject is the value.
    pub what: &'static str,
    /// The replacement.
    pub instead: Instead,
}

/// Writes a table of rules, one line each; the policy's name goes before every id.
macro_rules! rules {
    ($policy:literal: $($id:literal $source:literal $keys:expr, $when:expr, $test:expr, $severity:expr, $what:literal, $instead:expr;)*) => {
        &[$($crate::policy::rule::Rule {
            id: concat!($policy, "/", $id), source: $source, keys: $keys, when: $when, test: $test, severity: $severity,
            what: $what, instead: $instead,
        },)*]
    };
}
pub(super) use rules;
