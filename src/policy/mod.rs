//! What published standards say about a connection's cryptography: one table of rules a standard, no I/O.
//!
//! A rule is data: where it looks, what it finds fault with, how bad that is, who says so, and what to take instead.
//! A value that the program does not know is said to be unknown, never passed over.

mod bsi;
mod cnsa;
mod gm;
mod judge;
mod key;
mod modern;
mod nist;
mod rfc;
pub mod sarif;

use crate::model::{Connection, Key, Ref, Settings, Term, Tunnel};
use crate::provider::field::Field;
use crate::provider::{Kind, registration};

pub use crate::model::Severity;
pub use key::shared;

/// When a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// To IKEv1 only.
    Ikev1,
    /// To phase 2 without an AEAD cipher: beside one, the integrity algorithm is not used.
    PlainIpsec,
    /// Where the cloud has an AEAD cipher for this field, and the IKE version allows it.
    AeadOffered,
}

/// What a rule finds fault with.
#[derive(Debug, Clone, Copy)]
pub enum Test {
    /// The value is one of these words.
    Is(&'static [Term]),
    /// The value is none of these words.
    IsNot(&'static [Term]),
    /// The number is above this one.
    Above(u64),
    /// The number is zero.
    Zero,
    /// The key at hand fails this check.
    Key(fn(&str) -> bool),
    /// Any value: that there is one is the fault.
    Any,
}

/// What to take instead.
#[derive(Debug, Clone, Copy)]
pub enum Instead {
    /// The first of these words that the cloud accepts.
    Word(&'static [Term]),
    /// This number.
    Number(u64),
    /// A new random key.
    NewKey,
    /// Nothing that a setting could do.
    Nothing,
}

/// One sentence of a standard, as data.
#[derive(Debug)]
pub struct Rule {
    /// Its id, `<policy>/<name>`.
    pub id: &'static str,
    /// Standard and section.
    pub source: &'static str,
    /// Fields that it looks at.
    pub keys: &'static [Key],
    /// When it applies.
    pub when: When,
    /// What it finds fault with.
    pub test: Test,
    /// How bad that is.
    pub severity: Severity,
    /// What is wrong, in a clause.
    pub what: &'static str,
    /// What to take instead.
    pub instead: Instead,
}

/// The standards.
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
    /// BSI TR-02102-3, advisory: its tables were not read.
    Bsi,
    /// Chinese national algorithms, advisory: the standard was not read.
    Gm,
    /// None.
    Off,
}

impl Policy {
    /// The words of the command line.
    pub const WORDS: [&str; 7] = ["modern", "rfc", "nist", "cnsa", "bsi", "gm", "off"];

    /// The word.
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

    /// Its table.
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

/// Where a finding is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The connection's ref.
    pub reference: String,
    /// The tunnel of a dual-tunnel connection: its role, or its id.
    pub tunnel: Option<String>,
}

/// Something that a policy finds fault with.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// The rule.
    pub rule: &'static Rule,
    /// The field.
    pub key: Key,
    /// The value, or what is said of a secret's.
    pub value: String,
    /// What is wrong.
    pub what: String,
    /// The word or number that this cloud accepts instead.
    pub replacement: Option<String>,
    /// Arguments of the command that mends it, without the program's name.
    pub command: Option<String>,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.rule.severity
    }
}

/// One thing that is judged: the settings of a connection or of one of its tunnels, and what its cloud accepts.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Where it is.
    pub place: Place,
    /// Its settings.
    pub settings: &'a Settings,
    /// What the cloud accepts; `None` for an end of no cloud.
    pub fields: Option<&'static [Field]>,
    /// The command that changes it, without its settings; `None` where there is none.
    pub modify: Option<String>,
}

/// What there is to judge of a connection: each of its tunnels, or itself.
#[must_use]
pub fn subjects(connection: &Connection) -> Vec<Subject<'_>> {
    let reference = &connection.reference;
    let kinds = registration(&reference.provider).map_or(&[][..], |registration| registration.kinds);
    let fields = |kind: &Kind| kind.operations.first().map(|operation| operation.fields);
    let own = kinds.iter().find(|kind| kind.name == reference.kind);
    if connection.tunnels.is_empty() {
        let place = Place { reference: reference.to_string(), tunnel: None };
        let modify = own.map(|_| format!("modify {reference}"));
        return vec![Subject { place, settings: &connection.settings, fields: own.and_then(fields), modify }];
    }
    // The tunnels of a connection may be a kind of their own; those of an attachment go through its list of tunnels.
    let apart = kinds.iter().find(|kind| kind.name == "tunnel" && reference.kind == Ref::DEFAULT_KIND);
    let changed = apart.map_or_else(|| reference.clone(), |kind| Ref { kind: kind.name.to_owned(), ..reference.clone() });
    let subject = |tunnel: &'_ Tunnel| {
        let name = tunnel.role.clone().unwrap_or_else(|| tunnel.id.clone());
        // The name comes from the cloud and the command goes into a shell.
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
        (Place { reference: reference.to_string(), tunnel: Some(name.clone()) }, plain.then(|| format!("modify {changed} --tunnel {name}")))
    };
    let tunnels = connection.tunnels.iter().map(|tunnel| (tunnel, subject(tunnel)));
    let fields = apart.or(own).and_then(fields);
    tunnels.map(|(tunnel, (place, modify))| Subject { place, settings: &tunnel.settings, fields, modify }).collect()
}

/// What a policy finds fault with in a connection, in the order of the model's fields.
#[must_use]
pub fn audit(policy: Policy, connection: &Connection) -> Vec<Finding> {
    subjects(connection).iter().flat_map(|subject| judge::judge(policy, subject)).collect()
}

#[cfg(test)]
mod tests;
