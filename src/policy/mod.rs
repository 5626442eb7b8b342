//! What published standards say about a connection's cryptography: one table of rules a standard, no I/O.
//!
//! A rule is data: where it looks, what it finds fault with, how bad that is, who says so, and what to take instead.
//! A value that the program does not know is said to be unknown, never passed over.

mod beyond;
mod bsi;
mod cnsa;
mod gm;
mod judge;
mod key;
mod modern;
mod nist;
mod rfc;
pub mod sarif;
mod standard;

use std::borrow::Cow;

use crate::model::{Connection, Key, Ref, Settings, Term, Tunnel};
use crate::provider::field::Field;
use crate::provider::{Kind, registration};

pub use crate::model::Severity;
pub use key::{Holder, holders, shared};
pub use standard::Policy;

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
    /// The value is one of these names, for which the model has no word: daemons have more than clouds.
    Named(&'static [&'static str]),
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

/// Where a finding is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The connection's ref.
    pub reference: String,
    /// The tunnel of a dual-tunnel connection: its role, or its id.
    pub tunnel: Option<String>,
    /// The file that holds it, where it is no connection of a cloud.
    pub file: Option<String>,
}

/// One of several proposals of an end, or one with several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Its place in the list, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The whole of it.
    pub text: String,
}

impl std::fmt::Display for Within {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.of {
            1 => write!(out, "in {}", self.text),
            of => write!(out, "in proposal {} of {of}: {}", self.number, self.text),
        }
    }
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
    /// The proposals that hold the value, where the end has several values.
    pub within: Vec<Within>,
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
    /// Its settings, one value a field.
    pub settings: Cow<'a, Settings>,
    /// The fields that are judged, the others being there for what they say of these; `None`: all.
    pub keys: Option<Vec<Key>>,
    /// The proposal that the settings are from, where the end has several values.
    pub within: Option<Within>,
    /// What the cloud accepts; `None` for an end of no cloud.
    pub fields: Option<&'static [Field]>,
    /// The command that changes it, without its settings; `None` where there is none.
    pub modify: Option<String>,
}

impl Subject<'_> {
    /// Whether a field is judged.
    fn judges(&self, key: Key) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(&key))
    }
}

/// What there is to judge of a connection: each of its tunnels, or itself.
#[must_use]
pub fn subjects(connection: &Connection) -> Vec<Subject<'_>> {
    let reference = &connection.reference;
    let kinds = registration(&reference.provider).map_or(&[][..], |registration| registration.kinds);
    let fields = |kind: &Kind| kind.operations.first().map(|operation| operation.fields);
    let own = kinds.iter().find(|kind| kind.name == reference.kind);
    if connection.tunnels.is_empty() {
        let place = Place { reference: reference.to_string(), ..Place::default() };
        let modify = own.map(|_| format!("modify {reference}"));
        return vec![Subject {
            place,
            settings: Cow::Borrowed(&connection.settings),
            keys: None,
            within: None,
            fields: own.and_then(fields),
            modify,
        }];
    }
    // The tunnels of a connection may be a kind of their own; those of an attachment go through its list of tunnels.
    let apart = kinds.iter().find(|kind| kind.name == "tunnel" && reference.kind == Ref::DEFAULT_KIND);
    let changed = apart.map_or_else(|| reference.clone(), |kind| Ref { kind: kind.name.to_owned(), ..reference.clone() });
    let subject = |tunnel: &'_ Tunnel| {
        let name = tunnel.role.clone().unwrap_or_else(|| tunnel.id.clone());
        // The name comes from the cloud and the command goes into a shell.
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
        (
            Place { reference: reference.to_string(), tunnel: Some(name.clone()), file: None },
            plain.then(|| format!("modify {changed} --tunnel {name}")),
        )
    };
    let tunnels = connection.tunnels.iter().map(|tunnel| (tunnel, subject(tunnel)));
    let fields = apart.or(own).and_then(fields);
    tunnels
        .map(|(tunnel, (place, modify))| Subject {
            place,
            settings: Cow::Borrowed(&tunnel.settings),
            keys: None,
            within: None,
            fields,
            modify,
        })
        .collect()
}

/// What a policy finds fault with in a connection, in the order of the model's fields.
#[must_use]
pub fn audit(policy: Policy, connection: &Connection) -> Vec<Finding> {
    findings(policy, &subjects(connection))
}

/// What a policy finds fault with in these subjects. What several proposals of an end have in common is one finding.
#[must_use]
pub fn findings(policy: Policy, subjects: &[Subject<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for finding in subjects.iter().flat_map(|subject| judge::judge(policy, subject)) {
        let is_known = |known: &&mut Finding| {
            let same =
                (known.rule.id, known.key, &known.value, &known.place) == (finding.rule.id, finding.key, &finding.value, &finding.place);
            same && !finding.within.is_empty()
        };
        match findings.iter_mut().find(is_known) {
            Some(known) => known.within.extend(finding.within.into_iter().filter(|one| !known.within.contains(one)).collect::<Vec<_>>()),
            None => findings.push(finding),
        }
    }
    findings
}

#[cfg(test)]
mod tests;
