//! One attempt: one end starts, the other answers, each by the rules of one daemon.

mod addresses;
mod authentication;
mod case;
mod keys;
mod lists;
mod loads;
mod meetings;
mod narrowing;
mod nat;
mod nets;
mod pfs;
mod phase1;
mod phase2;
mod transport;

pub use case::Daemon;
pub(super) use case::{Case, Peer, UNREAD};

use super::algorithm::Algorithm;
use super::finding::Finding;
use super::verdict::{Exchange, Verdict};

/// The result of one attempt, or of all attempts in one direction.
pub(super) struct Outcome {
    /// Whether the tunnel comes up.
    pub(super) verdict: Verdict,
    /// What went wrong, or differs.
    pub(super) findings: Vec<Finding>,
    /// What was negotiated: field and algorithm.
    pub(super) suite: Vec<(&'static str, Algorithm)>,
}

/// Plays one attempt. `running`: the tunnel is up, and one end was changed since.
pub(super) fn attempt(mut case: Case<'_>, running: bool) -> Outcome {
    phase1::compare(&mut case);
    phase2::compare(&mut case);
    nets::compare(&mut case);
    if running {
        postpone(&mut case);
    }
    // Ends with different versions fail at the starter's first exchange, however the rest compares. An end that does not
    // load its configuration fails before that.
    let loads = case.findings.iter().all(|finding| finding.effect != Verdict::Down { exchange: Exchange::Load });
    let differs = |finding: &&Finding| finding.field == "ike.version" && matches!(finding.effect, Verdict::Down { .. });
    let version = case.findings.iter().find(differs).filter(|_| loads);
    let verdict = version.map_or_else(
        || case.findings.iter().map(|finding| finding.effect.clone()).fold(Verdict::Up, Verdict::worse),
        |finding| finding.effect.clone(),
    );
    Outcome { verdict, findings: case.findings, suite: case.suite }
}

/// Changes the effects of all findings to those of a fault that appears while the tunnel is up.
fn postpone(case: &mut Case<'_>) {
    let v1 = case.is_v1();
    for finding in &mut case.findings {
        let effect = later(finding.effect.clone(), v1);
        if v1 && effect == Verdict::UpFailsAtRekey && finding.effect != effect {
            // Measured. Which end was changed is not known here.
            finding.explanation.push_str("; it fails at the first rekey that the unchanged end starts");
        }
        finding.effect = effect;
    }
}

/// When a fault shows that appears while the tunnel is up.
fn later(effect: Verdict, v1: bool) -> Verdict {
    match effect {
        // IKEv1 makes each Child SA by a Quick Mode; IKEv2 rekeys with the values that the IKE SA was made with.
        Verdict::Down { exchange: Exchange::QuickMode } if v1 => Verdict::UpFailsAtRekey,
        Verdict::Down { exchange: Exchange::Load } => effect,
        Verdict::Down { .. } => Verdict::UpFailsAtReauth,
        other => other,
    }
}
