//! An attempt in progress: the two ends, and what was found so far.

use crate::agreement::algorithm::Algorithm;
use crate::agreement::cause::Cause;
use crate::agreement::end::End;
use crate::agreement::finding::{Finding, Severity};
use crate::agreement::side::Side;
use crate::agreement::verdict::{Exchange, Verdict};
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
pub(in super::super) struct Peer<'a> {
    /// Its configuration.
    pub(in super::super) end: &'a End,
    /// The daemon whose rules it follows.
    pub(in super::super) daemon: Daemon,
    /// Whether it is known to be this daemon; otherwise that is a supposition.
    pub(in super::super) certain: bool,
    /// Left or right.
    pub(in super::super) side: Side,
}

/// An attempt, and what was found so far.
#[derive(Debug)]
pub(in super::super) struct Case<'a> {
    /// The end that starts.
    pub(super) starter: Peer<'a>,
    /// The end that answers.
    pub(super) answerer: Peer<'a>,
    /// The IKE version in use, or the one to compare with where the ends do not share one.
    pub(super) version: Term,
    /// The exchange mode of IKEv1.
    pub(super) mode: Term,
    /// The group of the IKE SA, once it is agreed.
    pub(super) group: Option<Algorithm>,
    /// What was agreed in both phases: field and algorithm.
    pub(super) suite: Vec<(&'static str, Algorithm)>,
    /// Everything found so far.
    pub(super) findings: Vec<Finding>,
}

/// A finding with its pairs in the order starter, answerer.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// Why.
    pub(super) cause: Cause,
    /// The field's name at each end.
    pub(super) fields: (&'static str, &'static str),
    pub(super) values: (String, String),
    pub(super) effect: Verdict,
    pub(super) log: &'a str,
    pub(super) explanation: String,
}

impl<'a> Case<'a> {
    pub(in super::super) const fn new(starter: Peer<'a>, answerer: Peer<'a>) -> Self {
        Self { starter, answerer, version: Term::Ikev2, mode: Term::Main, group: None, suite: Vec::new(), findings: Vec::new() }
    }

    pub(super) fn is_v1(&self) -> bool {
        self.version == Term::Ikev1
    }

    /// The first exchange of the IKE SA.
    pub(super) fn first_exchange(&self) -> Exchange {
        match (self.version, self.mode) {
            (Term::Ikev1, Term::Aggressive) => Exchange::AggressiveMode,
            (Term::Ikev1, _) => Exchange::MainMode,
            _ => Exchange::IkeSaInit,
        }
    }

    /// The exchange that proves keys and identities.
    pub(super) fn identity_exchange(&self) -> Exchange {
        if self.is_v1() { self.first_exchange() } else { Exchange::IkeAuth }
    }

    /// The exchange that creates the first Child SA.
    pub(super) fn child_exchange(&self) -> Exchange {
        if self.is_v1() { Exchange::QuickMode } else { Exchange::IkeAuth }
    }

    /// Adds a finding; its severity and exchange follow from its effect.
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
        // Where nothing fails, the starter sees no refusal.
        let log = if found.effect == Verdict::Up && found.cause != Cause::FirstGroup { "" } else { found.log };
        self.findings.push(Finding {
            severity,
            effect: found.effect,
            exchange,
            log: log.to_owned(),
            ..Finding::new(found.cause, fields, values, found.explanation)
        });
    }

    /// Adds a failure in a field that has the same name at both ends.
    pub(super) fn fail(
        &mut self,
        (cause, field): (Cause, &'static str),
        values: (String, String),
        exchange: Exchange,
        log: &str,
        text: &str,
    ) {
        let (fields, effect) = ((field, field), Verdict::Down { exchange });
        self.add(Found { cause, fields, values, effect, log, explanation: text.to_owned() });
    }

    /// Adds a field that cannot be compared because an end's value is not known.
    pub(super) fn unread(&mut self, fields: (&'static str, &'static str), values: (String, String), explanation: &str) {
        // The field's name at the end that lacks it; the starter's where both do.
        let missing = if values.0 == UNREAD { fields.0 } else { fields.1 };
        self.add(Found {
            cause: Cause::Unread,
            fields,
            values,
            effect: Verdict::Unknown { fields: vec![missing] },
            log: "",
            explanation: explanation.to_owned(),
        });
    }
}

/// Stands for the value of the end that a finding does not concern.
pub(in super::super) const ALONE: &str = "-";

/// Stands for a value that is not known.
pub(in super::super) const UNREAD: &str = "(not known)";

/// The text of a value, or that it is not known.
pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNREAD.to_owned(), |value| value.to_string())
}
