//! The check itself: both ends start in turn, and the worse attempt decides.

use super::algorithm::Algorithm;
use super::attempt::{Case, Daemon, Outcome, Peer, attempt};
use super::beside::Start;
use super::end::{End, Kind};
use super::finding::Finding;
use super::settled::{note, settled};
use super::side::Side;
use super::verdict::Verdict;
use super::{around, combine, weak};
use crate::model::Key;
use crate::policy::Policy;

/// The end whose attempt decides the verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Initiator {
    /// The left end.
    Left,
    /// The right end.
    Right,
    /// Both: the worse attempt decides, unless only one end can start.
    #[default]
    Both,
}

/// Options of a check.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The end whose attempt decides.
    pub initiator: Initiator,
    /// The daemon that the left end behaves like; `None`: what its origin suggests.
    pub left_kind: Option<Daemon>,
    /// The daemon that the right end behaves like; `None`: what its origin suggests.
    pub right_kind: Option<Daemon>,
    /// Whether the tunnel is up and one end was changed since, so that a fault shows later.
    pub running: bool,
    /// The policy that judges the negotiated suite; `None`: it is not judged.
    pub policy: Option<Policy>,
}

/// The result of a check.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The verdict for the chosen initiator.
    pub verdict: Verdict,
    /// The verdict when the left end starts.
    pub left_initiates: Verdict,
    /// The verdict when the right end starts.
    pub right_initiates: Verdict,
    /// What was negotiated, by the attempt that gets further: field and algorithm.
    pub suite: Vec<(&'static str, Algorithm)>,
    /// All differences between the ends, the worst first.
    pub findings: Vec<Finding>,
}

/// Checks two ends against each other.
#[must_use]
pub fn check(left: &End, right: &End, options: &Options) -> Agreement {
    let (settled_left, settled_right) = (settled(left, right), settled(right, left));
    let notes = [note(left, settled_left.as_ref(), Side::Left), note(right, settled_right.as_ref(), Side::Right)];
    let (left, right) = (settled_left.as_ref().unwrap_or(left), settled_right.as_ref().unwrap_or(right));
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
            _ if completes(right, &right_initiates, &left_initiates) => right_initiates.clone().worse(nobody),
            _ if completes(left, &left_initiates, &right_initiates) => left_initiates.clone().worse(nobody),
            _ => left_initiates.clone().worse(right_initiates.clone()).worse(nobody),
        },
    };
    let suite = if by_left.suite.len() >= by_right.suite.len() { by_left.suite } else { by_right.suite };
    let mut findings = combine::directions(by_left.findings, by_right.findings);
    findings.extend(around);
    findings.extend(notes.into_iter().flatten());
    if let Some(policy) = options.policy {
        findings.extend(weak::compare(left, right, &suite, policy));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Agreement { verdict, left_initiates, right_initiates, suite, findings }
}

/// Whether an end that starts by itself brings up what is missing when the other one starts.
fn completes(end: &End, own: &Verdict, other: &Verdict) -> bool {
    let nets = |on: &Vec<&str>| on.iter().all(|field| [Key::LocalSubnets.path(), Key::RemoteSubnets.path()].contains(field));
    let narrowed = match other {
        Verdict::UpNarrowed { .. } => true,
        Verdict::DependsOnPeer { on } => nets(on),
        _ => false,
    };
    narrowed && *own == Verdict::Up && end.start == Some(Start::Always)
}

/// Whether an end can start towards the other.
fn starts(end: &End, other: &End) -> bool {
    end.can_start() && !other.is_behind_nat()
}

/// Plays one direction, once for each pair of daemons that the ends may behave like.
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
    combine::suppositions(runs)
}

/// The daemons that an end may behave like, and whether it is known to be one.
fn daemons(kind: &Kind, told: Option<Daemon>) -> (&'static [Daemon], bool) {
    const BOTH: &[Daemon] = &[Daemon::Strongswan, Daemon::Libreswan];
    match (kind, told) {
        (Kind::Strongswan, None) | (_, Some(Daemon::Strongswan)) => (&[Daemon::Strongswan], true),
        (Kind::Libreswan, None) | (_, Some(Daemon::Libreswan)) => (&[Daemon::Libreswan], true),
        (Kind::Cloud(_) | Kind::Unknown, None) => (BOTH, false),
    }
}
