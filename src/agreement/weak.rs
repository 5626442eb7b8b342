//! How a policy judges the suite that two ends would negotiate. Only the result is judged here: whether a list contains
//! weak algorithms at all is for the audit to say.

use std::borrow::Cow;

use super::algorithm::Algorithm;
use super::cause::Cause;
use super::end::End;
use super::finding::{Finding, Severity};
use super::judged::word;
use crate::model::{Key, Settings, Term, Value};
use crate::policy::{self, Place, Policy, Subject};

/// The policy's findings, each one step milder and without its remarks: a tunnel with weak algorithms still comes up.
pub(super) fn compare(left: &End, right: &End, suite: &[(&'static str, Algorithm)], policy: Policy) -> Vec<Finding> {
    let Some(version) = version(left, right) else { return Vec::new() };
    let mut settings: Settings = suite.iter().rev().filter_map(|(field, value)| Some((key(field)?, word(value)))).collect();
    // Where nothing is negotiated there is nothing to judge; other findings say why.
    if settings.is_empty() {
        return Vec::new();
    }
    settings.set(Key::IkeVersion, Value::term(version));
    if let Some(mode) = left.mode.filter(|mode| right.mode.is_none_or(|other| other == *mode)) {
        settings.set(Key::IkeMode, Value::term(mode));
    }
    let keys = settings.iter().map(|(key, _)| key).collect();
    let subject =
        Subject { place: Place::default(), settings: Cow::Owned(settings), keys: Some(keys), within: None, fields: None, modify: None };
    let findings = policy::findings(policy, &[subject]);
    findings.into_iter().filter_map(finding).collect()
}

/// The IKE version that both ends support.
fn version(left: &End, right: &End) -> Option<Term> {
    let (ours, theirs) = (left.versions.as_ref()?, right.versions.as_ref()?);
    ours.iter().find(|version| theirs.contains(version)).copied()
}

fn key(field: &str) -> Option<Key> {
    // Beside an AEAD cipher, the model calls the PRF of the IKE SA its integrity. Where a suite has both, the integrity counts.
    let field = if field == "ike.prf" { "ike.integrity" } else { field };
    Key::ALL.iter().copied().find(|key| key.path() == field)
}

fn finding(found: policy::Finding) -> Option<Finding> {
    let severity = match found.severity() {
        Severity::Error => Severity::Warn,
        Severity::Warn => Severity::Info,
        Severity::Info => return None,
    };
    let field = found.key.path();
    let (values, text) = ((found.value.clone(), found.value.clone()), format!("{} {}", found.value, found.what));
    Some(Finding { severity, rule: Some(found.rule.id), ..Finding::new(Cause::Weak, (field, field), values, text) })
}
