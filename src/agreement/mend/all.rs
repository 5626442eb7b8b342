//! All findings of a check with their mends, and what resolves them one after the other.

use super::change::Mend;
use super::prove::{Before, made};
use crate::agreement::check::{Agreement, Options, check};
use crate::agreement::end::End;
use crate::agreement::finding::{Finding, Severity};
use crate::agreement::verdict::Verdict;

/// How many mends of a finding are shown.
const SHOWN: usize = 3;
/// How many findings are resolved at most.
const STEPS: usize = 24;

/// A mend, and the field of the finding that it resolves.
#[derive(Debug, Clone)]
pub struct Fix {
    /// The field, at the left end.
    pub field: &'static str,
    /// The mend.
    pub mend: Mend,
}

/// A check with its mends.
#[derive(Debug, Clone)]
pub struct Mended {
    /// The check.
    pub agreement: Agreement,
    /// For each finding, in their order: its mends, the best first. Each is enough.
    pub mends: Vec<Vec<Mend>>,
    /// What resolves all findings that can be resolved, made one after the other.
    pub fixes: Vec<Fix>,
}

/// Checks two ends, and mends what is found.
#[must_use]
pub fn mended(left: &End, right: &End, options: &Options) -> Mended {
    let agreement = check(left, right, options);
    let options = Options { policy: None, ..options.clone() };
    let before = Before { left, right, options: &options, agreement: &agreement };
    let mends = agreement.findings.iter().map(|finding| if needs(finding) { before.proved(finding, SHOWN) } else { Vec::new() }).collect();
    let fixes = fixes(left, right, &options);
    Mended { agreement, mends, fixes }
}

/// Resolves one finding after the other.
fn fixes(left: &End, right: &End, options: &Options) -> Vec<Fix> {
    let (mut left, mut right) = (left.clone(), right.clone());
    let mut fixes: Vec<Fix> = Vec::new();
    let mut kept: Vec<Finding> = Vec::new();
    for _ in 0..STEPS {
        let agreement = check(&left, &right, options);
        let open = |finding: &&Finding| needs(finding) && !kept.iter().any(|known| known.is_about(finding));
        let Some(finding) = agreement.findings.iter().find(open) else { break };
        let found = Before { left: &left, right: &right, options, agreement: &agreement }.proved(finding, 1).pop();
        match found {
            Some(mend) => {
                (left, right) = made(&left, &right, &mend);
                fixes.push(Fix { field: finding.field, mend });
            }
            None => kept.push(finding.clone()),
        }
    }
    fixes
}

/// Whether a finding is worth a change.
fn needs(finding: &Finding) -> bool {
    finding.rule.is_none() && (finding.effect != Verdict::Up || finding.severity != Severity::Info)
}
