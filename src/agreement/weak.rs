//! What a policy says of the suite that two ends would negotiate. A list with one weak member may select it, so it is
//! the result that is judged and not the lists: those are the audit's.

use std::borrow::Cow;

use super::Agreement;
use super::end::End;
use super::judged::word;
use super::verdict::{Finding, Severity, Verdict};
use crate::model::{Key, Settings, Term, Value};
use crate::policy::{self, Place, Policy, Subject};

/// The findings, one step milder than the policy's own and none of its remarks: a tunnel of weak algorithms comes up.
pub(super) fn compare(left: &End, right: &End, agreement: &Agreement, policy: Policy) -> Vec<Finding> {
    let Some(version) = version(left, right) else { return Vec::new() };
    let mut settings: Settings = agreement.suite.iter().rev().filter_map(|(field, value)| Some((key(field)?, word(value)))).collect();
    // Nothing is negotiated, so there is nothing to judge: the findings that say why are enough.
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

/// The version that both speak.
fn version(left: &End, right: &End) -> Option<Term> {
    let (ours, theirs) = (left.versions.as_ref()?, right.versions.as_ref()?);
    ours.iter().find(|version| theirs.contains(version)).copied()
}

fn key(field: &str) -> Option<Key> {
    // Where there are both, the integrity counts. The PRF of an IKE SA is what the model calls its integrity where the cipher needs none.
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
    Some(Finding {
        field,
        right_field: field,
        left: found.value.clone(),
        right: found.value.clone(),
        severity,
        effect: Verdict::Up,
        initiator: None,
        exchange: None,
        log: String::new(),
        explanation: format!("{} {}", found.value, found.what),
        rule: Some(found.rule.id),
        mends: Vec::new(),
    })
}
