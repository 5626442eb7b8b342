//! One attempt: this end starts, that one answers, each by the rules of one daemon.

use super::end::End;
use super::verdict::{Exchange, Finding, Severity, Side, Verdict};
use crate::model::Term;

/// A daemon whose behaviour was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daemon {
    /// strongSwan.
    Strongswan,
    /// Libreswan.
    Libreswan,
}

/// An end in an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer<'a> {
    pub(super) end: &'a End,
    pub(super) daemon: Daemon,
    /// Whether it is known to be this daemon, rather than supposed to behave like it.
    pub(super) certain: bool,
    pub(super) side: Side,
}

/// An attempt with what was found so far.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) starter: Peer<'a>,
    pub(super) answerer: Peer<'a>,
    /// IKE version that is spoken, or would be if the ends agreed on one.
    pub(super) version: Term,
    /// Exchange mode of IKEv1.
    pub(super) mode: Term,
    /// The group of the IKE SA, once it is agreed.
    pub(super) group: Option<super::Algorithm>,
    /// What was agreed, for both phases.
    pub(super) suite: Vec<(&'static str, super::Algorithm)>,
    pub(super) findings: Vec<Finding>,
}

/// A finding in the order starter, answerer.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) fields: (&'static str, &'static str),
    pub(super) values: (String, String),
    pub(super) effect: Verdict,
    pub(super) log: &'a str,
    pub(super) explanation: String,
}

impl<'a> Case<'a> {
    pub(super) const fn new(starter: Peer<'a>, answerer: Peer<'a>) -> Self {
        Self { starter, answerer, version: Term::Ikev2, mode: Term::Main, group: None, suite: Vec::new(), findings: Vec::new() }
    }

    pub(super) fn is_v1(&self) -> bool {
        self.version == Term::Ikev1
    }

    /// The exchange that makes the IKE SA.
    pub(super) fn first_exchange(&self) -> Exchange {
        match (self.version, self.mode) {
            (Term::Ikev1, Term::Aggressive) => Exchange::AggressiveMode,
            (Term::Ikev1, _) => Exchange::MainMode,
            _ => Exchange::IkeSaInit,
        }
    }

    /// The exchange that shows keys and identities.
    pub(super) fn identity_exchange(&self) -> Exchange {
        if self.is_v1() { self.first_exchange() } else { Exchange::IkeAuth }
    }

    /// The exchange that makes the first Child SA.
    pub(super) fn child_exchange(&self) -> Exchange {
        if self.is_v1() { Exchange::QuickMode } else { Exchange::IkeAuth }
    }

    pub(super) fn add(&mut self, found: Found<'_>) {
        let severity = match &found.effect {
            Verdict::Up => Severity::Info,
            Verdict::UpNarrowed { .. } | Verdict::DependsOnPeer { .. } | Verdict::Unknown { .. } => Severity::Warn,
            _ => Severity::Error,
        };
        let exchange = match &found.effect {
            Verdict::Down { exchange } => Some(*exchange),
            Verdict::UpFailsAtRekey => Some(Exchange::CreateChildSa),
            _ => None,
        };
        let (mut fields, mut values) = (found.fields, found.values);
        if self.starter.side == Side::Right {
            fields = (fields.1, fields.0);
            values = (values.1, values.0);
        }
        self.findings.push(Finding {
            field: fields.0,
            right_field: fields.1,
            left: values.0,
            right: values.1,
            severity,
            effect: found.effect,
            initiator: None,
            exchange,
            log: found.log.to_owned(),
            explanation: found.explanation,
            rule: None,
            mends: Vec::new(),
        });
    }

    /// A failure in a field that both ends call the same.
    pub(super) fn fail(&mut self, field: &'static str, values: (String, String), exchange: Exchange, log: &str, explanation: &str) {
        self.add(Found { fields: (field, field), values, effect: Verdict::Down { exchange }, log, explanation: explanation.to_owned() });
    }

    /// A field that could not be read.
    pub(super) fn unread(&mut self, fields: (&'static str, &'static str), values: (String, String), explanation: &str) {
        // The field is named as the end that lacks it calls it; where both lack it, the first.
        let missing = if values.0 == UNREAD { fields.0 } else { fields.1 };
        self.add(Found {
            fields,
            values,
            effect: Verdict::Unknown { fields: vec![missing] },
            log: "",
            explanation: explanation.to_owned(),
        });
    }
}

/// What stands for a value that was not read.
pub(super) const UNREAD: &str = "(not read)";

/// The text of a value, or that there is none.
pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNREAD.to_owned(), |value| value.to_string())
}
