//! ShangMi gateways support one proposal; no other gateway supports it.

use super::Subject;
use crate::error::Violation;
use crate::model::{Key, Settings, Term, Value};
use crate::provider::Findings;

/// The proposal of a ShangMi gateway.
const PROPOSAL: [(Key, Term); 6] = [
    (Key::IkeVersion, Term::Ikev1),
    (Key::IkeMode, Term::Main),
    (Key::IkeEncryption, Term::Sm4),
    (Key::IkeIntegrity, Term::Sm3),
    (Key::IpsecEncryption, Term::Sm4),
    (Key::IpsecIntegrity, Term::Sm3),
];

pub(super) fn shangmi(subject: &Subject<'_>, findings: &mut Findings) {
    // Without a read, the change itself shows which kind of gateway is meant.
    let is_shangmi = subject.current.as_ref().map_or_else(|| uses_shangmi(subject.edit.change), uses_shangmi);
    for (key, term) in PROPOSAL {
        let Some(value) = subject.changed(key) else { continue };
        if is_shangmi && *value != Value::term(term) {
            let rule = format!("must be {term}: a ShangMi gateway supports only ikev1, main, sm4 and sm3");
            findings.violations.push(Violation::of(key, rule));
        }
        if !is_shangmi && [Term::Sm4, Term::Sm3].iter().any(|term| *value == Value::term(*term)) {
            let rule = "sm4 and sm3 are for ShangMi gateways only, and this gateway does not appear to be one";
            findings.violations.push(Violation::of(key, rule));
        }
    }
    if !is_shangmi && subject.changes(&[Key::RemoteCa]) {
        findings.warnings.push("the cloud ignores a CA certificate on a gateway that is not a ShangMi gateway".to_owned());
    }
}

fn uses_shangmi(settings: &Settings) -> bool {
    settings.term(Key::IkeEncryption) == Some(Term::Sm4) || settings.has(Key::RemoteCa)
}
