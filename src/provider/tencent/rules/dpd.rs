//! Dead peer detection: its settings need it to be on.

use crate::error::Violation;
use crate::model::{Key, Settings};
use crate::provider::{Edit, Findings};

pub(super) fn check(edit: &Edit<'_>, after: &Settings, findings: &mut Findings) {
    let enabled = after.switch(Key::DpdEnabled);
    for key in [Key::DpdTimeout, Key::DpdAction].into_iter().filter(|key| edit.change.has(*key)) {
        match (enabled, edit.current) {
            (Some(true), _) => {}
            (None, None) => findings.warnings.push(format!("{} takes effect only while dead peer detection is on", key.named())),
            _ => findings.violations.push(Violation::of(key, "is allowed only while dead peer detection is on: give --dpd on as well")),
        }
    }
}
