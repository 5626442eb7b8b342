//! Identities and the pre-shared key.

use super::Subject;
use crate::error::Violation;
use crate::model::{Key, Term, Value};
use crate::provider::Findings;
use crate::provider::rule::is_address;

/// IKEv1 in main mode identifies the ends by address.
pub(super) fn identities(subject: &Subject<'_>, findings: &mut Findings) {
    let new = &subject.new;
    let main = new.term(Key::IkeVersion) == Some(Term::Ikev1) && new.term(Key::IkeMode) == Some(Term::Main);
    for key in [Key::LocalId, Key::RemoteId] {
        let concerned = subject.changes(&[key, Key::IkeVersion, Key::IkeMode]);
        if main && concerned && new.text(key).is_some_and(|id| !is_address(id)) {
            let rule = "must be an IP address with ikev1 in main mode; a name needs aggressive mode or ikev2";
            findings.violations.push(Violation::of(key, rule));
        }
    }
    if new.term(Key::IkeVersion) == Some(Term::Ikev2) && subject.changes(&[Key::IkeMode]) {
        findings.warnings.push("--ike-mode has no effect with ikev2".to_owned());
    }
}

/// A server's authentication by key cannot be turned off.
pub(super) fn key_enabled(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.changed(Key::PskEnabled) == Some(&Value::Switch(false)) {
        findings.violations.push(Violation::of(Key::PskEnabled, "can only be on: the cloud cannot turn it off with this operation"));
    }
}
