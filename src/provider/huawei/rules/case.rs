//! One change under check, and what the rules find.

use super::known::Known;
use crate::error::Violation;
use crate::model::{Key, Settings};
use crate::provider::{Edit, Findings};

/// One change under check.
pub(super) struct Case<'a> {
    /// What the connection that was read tells.
    pub(super) known: Known,
    /// What is asked for.
    pub(super) change: &'a Settings,
    /// The settings after the change, as far as they are known.
    pub(super) after: Settings,
    /// What was found so far.
    pub(super) findings: Findings,
}

impl<'a> Case<'a> {
    pub(super) fn new(edit: &Edit<'a>) -> Self {
        let after = edit.current.map_or_else(|| edit.change.clone(), |current| current.settings.with(edit.change));
        Self { known: Known::new(edit.current), change: edit.change, after, findings: Findings::default() }
    }

    /// Whether the change has any of these settings.
    pub(super) fn changes_any(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.change.has(*key))
    }

    pub(super) fn forbid(&mut self, key: Key, rule: impl Into<String>) {
        self.findings.violations.push(Violation::of(key, rule));
    }

    /// Forbids those of the settings that the change has.
    pub(super) fn forbid_each(&mut self, keys: &[Key], rule: &str) {
        for key in keys.iter().copied().filter(|key| self.change.has(*key)) {
            self.findings.violations.push(Violation::of(key, rule));
        }
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.findings.warnings.push(text.into());
    }
}
