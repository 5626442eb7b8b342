//! Two operations serve ids of the same form; the connection's `AttachType` decides between them.

use super::Subject;
use crate::error::Violation;
use crate::model::Key;
use crate::provider::Findings;

pub(super) fn kind(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(attach) = subject.connection().and_then(|connection| connection.extra_text("AttachType")) else { return };
    let (right, owner) = match attach.to_ascii_uppercase().as_str() {
        "VPNGW" => ("connection", "belongs to a VPN gateway"),
        "CEN" | "NO_ASSOCIATED" => ("attachment", "belongs to a transit router or is not bound"),
        _ => return,
    };
    let target = subject.edit.target;
    let serves = |kind: &str| kind == right || (kind == "tunnel" && right == "connection");
    if !serves(target.kind.name) && target.kind.name != "ipsec-server" {
        let rule = format!("{owner} (AttachType {attach}); use `alibaba {right} {}`", target.id);
        findings.violations.push(Violation { setting: target.kind.name.to_owned(), value: Some(target.id.clone()), rule });
    }
    if attach.eq_ignore_ascii_case("NO_ASSOCIATED") && subject.changes(&[Key::CustomerGateway]) {
        let warning = "Alibaba's documentation of 2024 says that the customer gateway of an unbound connection cannot be changed";
        findings.warnings.push(warning.to_owned());
    }
}
