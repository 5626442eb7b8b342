//! Whether two ends of a tunnel agree: a pure function from two ends to a verdict and findings.
//!
//! An [`End`] is what one end offers and accepts, wherever it came from. [`check`] plays both attempts, each end starting
//! in turn, by the measured rules of strongSwan and Libreswan. A cloud's gateway is taken for neither: where the two
//! daemons would differ, the verdict is that it depends.

mod addresses;
mod algorithm;
mod around;
mod authentication;
mod case;
mod connection;
mod end;
mod identity;
mod judged;
mod loads;
mod mend;
mod nets;
mod pair;
pub mod parse;
mod phase1;
mod phase2;
mod suggest;
mod swanctl;
mod verdict;
mod weak;

pub use addresses::{Address, Peers};
pub use algorithm::{Algorithm, NONE, Proposal, Transform};
pub use case::Daemon;
pub use connection::{ends, from_settings};
pub use end::{Child, Encapsulation, End, Kind, Psk, Start};
pub use identity::{IdKind, Identity};
pub use judged::{holder, subjects};
pub use mend::Mend;
pub use pair::pair;
pub use suggest::{Suggestion, suggest};
pub use swanctl::to_swanctl;
pub use verdict::{Exchange, Finding, Severity, Side, Verdict};

use case::{Case, Peer};

/// Whose attempt decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Initiator {
    /// The left end's.
    Left,
    /// The right end's.
    Right,
    /// The worse of both, as far as both can start.
    #[default]
    Both,
}

/// What a check may be told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whose attempt decides.
    pub initiator: Initiator,
    /// Whose behaviour the left end has, where that is known better than its origin says.
    pub left_kind: Option<Daemon>,
    /// The same of the right end.
    pub right_kind: Option<Daemon>,
    /// The tunnel is up and an end was changed since: what fails then fails later.
    pub running: bool,
    /// The policy by which the negotiated suite is judged; `None`: it is not.
    pub policy: Option<crate::policy::Policy>,
}

/// What a check says.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The verdict, by the chosen initiator.
    pub verdict: Verdict,
    /// The verdict when the left end starts.
    pub left_initiates: Verdict,
    /// The verdict when the right end starts.
    pub right_initiates: Verdict,
    /// What was negotiated in the first attempt that gets so far: field and algorithm.
    pub suite: Vec<(&'static str, Algorithm)>,
    /// Everything in which the ends differ, the worst first.
    pub findings: Vec<Finding>,
}

/// Checks two ends against each other.
#[must_use]
pub fn check(left: &End, right: &End, options: &Options) -> Agreement {
    let around = around::compare(left, right);
    let by_left = attempts(left, right, Side::Left, options);
    let by_right = attempts(left, right, Side::Right, options);
    let (left_initiates, right_initiates) = (by_left.verdict, by_right.verdict);
    let nobody = around.iter().map(|finding| finding.effect.clone()).fold(Verdict::Up, Verdict::worse);
    let verdict = match options.initiator {
        Initiator::Left => left_initiates.clone(),
        Initiator::Right => right_initiates.clone(),
        Initiator::Both => match (starts(left, right), starts(right, left)) {
            (true, false) => left_initiates.clone(),
            (false, true) => right_initiates.clone(),
            _ => left_initiates.clone().worse(right_initiates.clone()).worse(nobody),
        },
    };
    let suite = if by_left.suite.len() >= by_right.suite.len() { by_left.suite } else { by_right.suite };
    let mut findings = merged(by_left.findings, by_right.findings);
    findings.extend(around);
    for finding in &mut findings {
        finding.mends = mend::mends(finding, left, right);
    }
    let mut agreement = Agreement { verdict, left_initiates, right_initiates, suite, findings };
    if let Some(policy) = options.policy {
        let weak = weak::compare(left, right, &agreement, policy);
        agreement.findings.extend(weak);
    }
    agreement.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    agreement
}

/// Whether an end can start at the other.
fn starts(end: &End, other: &End) -> bool {
    end.can_start() && !other.is_behind_nat()
}

/// What came of one direction.
struct Outcome {
    verdict: Verdict,
    findings: Vec<Finding>,
    suite: Vec<(&'static str, Algorithm)>,
}

fn daemons(kind: &Kind, told: Option<Daemon>) -> (&'static [Daemon], bool) {
    const BOTH: &[Daemon] = &[Daemon::Strongswan, Daemon::Libreswan];
    match (kind, told) {
        (Kind::Strongswan, None) | (_, Some(Daemon::Strongswan)) => (&[Daemon::Strongswan], true),
        (Kind::Libreswan, None) | (_, Some(Daemon::Libreswan)) => (&[Daemon::Libreswan], true),
        (Kind::Cloud(_) | Kind::Unknown, None) => (BOTH, false),
    }
}

/// One end starts, under every daemon that the ends may behave like.
fn attempts(left: &End, right: &End, side: Side, options: &Options) -> Outcome {
    let (left_daemons, left_certain) = daemons(&left.kind, options.left_kind);
    let (right_daemons, right_certain) = daemons(&right.kind, options.right_kind);
    let mut runs: Vec<Outcome> = Vec::new();
    for left_daemon in left_daemons {
        for right_daemon in right_daemons {
            let ours = Peer { end: left, daemon: *left_daemon, certain: left_certain, side: Side::Left };
            let theirs = Peer { end: right, daemon: *right_daemon, certain: right_certain, side: Side::Right };
            let (starter, answerer) = if side == Side::Left { (ours, theirs) } else { (theirs, ours) };
            runs.push(attempt(Case::new(starter, answerer), options.running));
        }
    }
    agreed(runs)
}

fn attempt(mut case: Case<'_>, running: bool) -> Outcome {
    phase1::compare(&mut case);
    phase2::compare(&mut case);
    nets::compare(&mut case);
    if running {
        let v1 = case.is_v1();
        for finding in &mut case.findings {
            let effect = later(finding.effect.clone(), v1);
            if v1 && effect == Verdict::UpFailsAtRekey && finding.effect != effect {
                // Measured; which end was changed is not in what was read.
                finding.explanation.push_str("; it shows at the first rekey that the end which was not changed starts");
            }
            finding.effect = effect;
        }
    }
    // Ends of different versions fail at the starter's first exchange, whatever else they would fail at once they had one;
    // an end that does not load its configuration fails before.
    let loads = case.findings.iter().all(|finding| finding.effect != Verdict::Down { exchange: Exchange::Load });
    let differs = |finding: &&Finding| finding.field == "ike.version" && matches!(finding.effect, Verdict::Down { .. });
    let version = case.findings.iter().find(differs).filter(|_| loads);
    let verdict = version.map_or_else(
        || case.findings.iter().map(|finding| finding.effect.clone()).fold(Verdict::Up, Verdict::worse),
        |finding| finding.effect.clone(),
    );
    Outcome { verdict, findings: case.findings, suite: case.suite }
}

/// When a fault shows that came while the tunnel was up.
fn later(effect: Verdict, v1: bool) -> Verdict {
    match effect {
        // IKEv1 makes each Child SA by a Quick Mode; IKEv2 rekeys with the values that the IKE SA was made with.
        Verdict::Down { exchange: Exchange::QuickMode } if v1 => Verdict::UpFailsAtRekey,
        Verdict::Down { exchange: Exchange::Load } => effect,
        Verdict::Down { .. } => Verdict::UpFailsAtReauth,
        other => other,
    }
}

/// One outcome of several suppositions: where they differ, that it depends.
fn agreed(runs: Vec<Outcome>) -> Outcome {
    let count = runs.len();
    let same = runs.iter().all(|run| Some(run.verdict.word()) == runs.first().map(|first| first.verdict.word()));
    let mut verdict = runs.iter().map(|run| run.verdict.clone()).fold(Verdict::Up, Verdict::worse);
    let mut suite = Vec::new();
    let mut all: Vec<(Finding, usize)> = Vec::new();
    for run in runs {
        if suite.len() < run.suite.len() {
            suite = run.suite;
        }
        for finding in run.findings {
            match all.iter_mut().find(|(known, _)| known.is_same(&finding)) {
                Some((known, times)) => {
                    *times += 1;
                    if known.log != finding.log && !finding.log.is_empty() && !known.log.contains(&finding.log) {
                        known.log = if known.log.is_empty() { finding.log } else { format!("{} or {}", known.log, finding.log) };
                    }
                }
                None => all.push((finding, 1)),
            }
        }
    }
    let mut on: Vec<&'static str> = Vec::new();
    for (finding, times) in &mut all {
        // Whatever is not so under every supposition depends, unless it does nothing.
        if *times < count && finding.effect != Verdict::Up {
            if !on.contains(&finding.field) {
                on.push(finding.field);
            }
            finding.explanation = format!("depends on the peer's software ({} with some): {}", finding.effect.word(), finding.explanation);
            finding.effect = Verdict::DependsOnPeer { on: vec![finding.field] };
            finding.severity = Severity::Warn;
        }
    }
    if !same && !on.is_empty() {
        verdict = Verdict::DependsOnPeer { on };
        // What is certain may still be worse.
        verdict = all.iter().filter(|(_, times)| *times == count).map(|(finding, _)| finding.effect.clone()).fold(verdict, Verdict::worse);
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (finding, _) in all {
        let twin = findings.iter().any(|known| known.is_same(&finding));
        if !twin {
            findings.push(finding);
        }
    }
    Outcome { verdict, findings, suite }
}

/// The findings of both directions: those of one alone say so.
fn merged(by_left: Vec<Finding>, mut by_right: Vec<Finding>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mut finding in by_left {
        match by_right.iter().position(|other| other.is_same(&finding)) {
            Some(place) => {
                let other = by_right.remove(place);
                if other.log != finding.log && !other.log.is_empty() {
                    finding.log = if finding.log.is_empty() { other.log } else { format!("{} or {}", finding.log, other.log) };
                }
            }
            None => finding.initiator = Some(Side::Left),
        }
        findings.push(finding);
    }
    findings.extend(by_right.into_iter().map(|mut finding| {
        finding.initiator = Some(Side::Right);
        finding
    }));
    findings
}

#[cfg(test)]
mod tests;
