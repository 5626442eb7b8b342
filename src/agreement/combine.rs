//! Several attempts as one result: the suppositions about the daemons, and the two directions.

use super::algorithm::Algorithm;
use super::attempt::Outcome;
use super::finding::{Finding, Severity};
use super::side::Side;
use super::verdict::Verdict;

/// A finding, and under how many suppositions it is found.
type Counted = (Finding, usize);

/// One outcome of one direction under several suppositions about the daemons. Where these lead to different verdicts, the
/// verdict is that it depends on the peer.
pub(super) fn suppositions(runs: Vec<Outcome>) -> Outcome {
    let count = runs.len();
    let same = runs.iter().all(|run| Some(run.verdict.word()) == runs.first().map(|first| first.verdict.word()));
    let worst = runs.iter().map(|run| run.verdict.clone()).fold(Verdict::Up, Verdict::worse);
    let (mut all, suite) = gathered(runs);
    let on = depending(&mut all, count);
    let verdict = if same || on.is_empty() {
        worst
    } else {
        // What is certain may still be worse.
        let certain = all.iter().filter(|(_, times)| *times == count);
        certain.map(|(finding, _)| finding.effect.clone()).fold(Verdict::DependsOnPeer { on }, Verdict::worse)
    };
    let mut findings: Vec<Finding> = Vec::new();
    for (finding, _) in all {
        if !findings.iter().any(|known| known.is_same(&finding)) {
            findings.push(finding);
        }
    }
    Outcome { verdict, findings, suite }
}

/// All findings with their counts, and the longest suite.
fn gathered(runs: Vec<Outcome>) -> (Vec<Counted>, Vec<(&'static str, Algorithm)>) {
    let (mut all, mut suite): (Vec<Counted>, Vec<_>) = (Vec::new(), Vec::new());
    for run in runs {
        if suite.len() < run.suite.len() {
            suite = run.suite;
        }
        for finding in run.findings {
            match all.iter_mut().find(|(known, _)| known.is_same(&finding)) {
                Some((known, times)) => {
                    *times += 1;
                    if !known.log.contains(&finding.log) {
                        add_log(known, finding.log);
                    }
                }
                None => all.push((finding, 1)),
            }
        }
    }
    (all, suite)
}

/// Marks each finding that is not found under every supposition, unless it has no effect, and returns their fields.
fn depending(all: &mut [Counted], count: usize) -> Vec<&'static str> {
    let mut on: Vec<&'static str> = Vec::new();
    for (finding, times) in all {
        if *times < count && finding.effect != Verdict::Up {
            if !on.contains(&finding.field) {
                on.push(finding.field);
            }
            finding.explanation = format!("depends on the peer's software ({} with some): {}", finding.effect.word(), finding.explanation);
            finding.effect = Verdict::DependsOnPeer { on: vec![finding.field] };
            finding.severity = Severity::Warn;
        }
    }
    on
}

/// The findings of both directions; a finding of one direction alone names its initiator.
pub(super) fn directions(by_left: Vec<Finding>, mut by_right: Vec<Finding>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mut finding in by_left {
        match by_right.iter().position(|other| other.is_same(&finding)) {
            Some(place) => add_log(&mut finding, by_right.remove(place).log),
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

/// Adds what the starter sees under other circumstances, unless that is the same or nothing.
fn add_log(finding: &mut Finding, log: String) {
    if log.is_empty() || log == finding.log {
        return;
    }
    finding.log = if finding.log.is_empty() { log } else { format!("{} or {log}", finding.log) };
}
