//! Compares what `check` says about a pair with what the daemons do.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tunnelctl::testing::{Agreement, End, Finding, Initiator, Options, Side, Verdict, check, to_swanctl};

use crate::lab::{Lab, Observed, Trial};
use crate::pairs::{LEFT, Pair, RIGHT, pair};

/// The number of pairs of an ordinary run, and its seed.
const PAIRS: usize = 300;
pub const SEED: u64 = 20_261_121;

pub fn from_environment<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

/// The pairs of nets that both ends want to carry, as the starter sees them.
pub fn wanted(starter: &End, answerer: &End) -> Vec<crate::lab::Pair> {
    let mut pairs = Vec::new();
    for (end, mine) in [(starter, true), (answerer, false)] {
        for child in end.children.iter().flatten() {
            for local in &child.local {
                for remote in &child.remote {
                    let pair = if mine { (local.trunc(), remote.trunc()) } else { (remote.trunc(), local.trunc()) };
                    if !pairs.contains(&pair) {
                        pairs.push(pair);
                    }
                }
            }
        }
    }
    pairs
}

pub fn trial(left: &End, right: &End, starter: Side) -> Trial {
    let (one, other) = if starter == Side::Left { (left, right) } else { (right, left) };
    Trial { left: to_swanctl(left).unwrap(), right: to_swanctl(right).unwrap(), starter, connection: 0, wanted: wanted(one, other) }
}

fn judged(pair: &Pair) -> Agreement {
    let initiator = if pair.starter == Side::Left { Initiator::Left } else { Initiator::Right };
    check(&pair.left, &pair.right, &Options { initiator, ..Options::default() })
}

/// How the daemons differed from what `check` said, if they did.
pub fn differs(said: &Verdict, seen: &Observed, pair: &Pair) -> Option<String> {
    if said.word() != seen.verdict {
        return Some(format!("check says {} {}, the daemons {} {}", said.word(), said.detail(), seen.verdict, seen.exchange));
    }
    match said {
        Verdict::Down { exchange } if exchange.word() != seen.exchange => {
            Some(format!("check says it fails at {}, the daemons at {}", exchange.word(), seen.exchange))
        }
        Verdict::UpNarrowed { cut } => {
            let arrow = |(own, far): &crate::lab::Pair| {
                if pair.starter == Side::Left { format!("{own} -> {far}") } else { format!("{far} -> {own}") }
            };
            let (mut said, mut seen): (Vec<_>, Vec<_>) = (cut.clone(), seen.cut.iter().map(arrow).collect());
            said.sort();
            seen.sort();
            (said != seen).then(|| format!("check says that {said:?} are cut off, the daemons cut off {seen:?}"))
        }
        _ => None,
    }
}

/// Whether the new findings name the changed field and nothing else.
fn names_the_field(pair: &Pair, said: &Agreement) -> bool {
    let (side, fields) = &pair.changed;
    let before = check(&pair.before.0, &pair.before.1, &Options::default()).findings;
    let is_new = |finding: &&Finding| !before.iter().any(|old| old.field == finding.field && old.explanation == finding.explanation);
    let field = |finding: &Finding| if *side == Side::Left { finding.field } else { finding.right_field };
    let same = |found: &str, changed: &str| {
        let stem = |text: &str| text.trim_end_matches(".value").trim_end_matches(".type").to_owned();
        stem(found) == stem(changed)
    };
    let new: Vec<&Finding> = said.findings.iter().filter(is_new).collect();
    let right = new.iter().all(|finding| same(field(finding), fields[0]));
    // A change without effect needs no finding.
    right && (said.verdict == Verdict::Up || !new.is_empty())
}

#[test]
fn check_says_what_two_daemons_do() {
    if !crate::can_run(crate::lab::missing()) {
        return;
    }
    let count = from_environment("TUNNELCTL_PAIRS", PAIRS);
    let seed = from_environment("TUNNELCTL_SEED", SEED);
    let labs = from_environment("TUNNELCTL_LABS", 2_usize);
    let only: Option<usize> = std::env::var("TUNNELCTL_PAIR").ok().and_then(|text| text.parse().ok());
    let next = AtomicUsize::new(only.unwrap_or(0));
    let end = only.map_or(count, |only| only + 1);
    let wrong: Mutex<Vec<String>> = Mutex::default();
    let tally: Mutex<std::collections::BTreeMap<&str, usize>> = Mutex::default();
    let again = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..labs {
            scope.spawn(|| {
                let mut lab = Lab::start((LEFT, RIGHT)).unwrap();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        break;
                    }
                    let pair = pair(seed, number);
                    let said = judged(&pair);
                    let trial = trial(&pair.left, &pair.right, pair.starter);
                    // User-space ESP leaves routes behind, above all those of a tunnel that carries all traffic. Such a pair gets
                    // daemons of its own. So does a pair through which nothing passes, for a second try.
                    let everything = trial.wanted.iter().any(|(one, other)| one.prefix_len() == 0 || other.prefix_len() == 0);
                    if everything {
                        lab = Lab::start((LEFT, RIGHT)).unwrap();
                    }
                    let mut seen = lab.attempt(&trial);
                    if everything || seen.as_ref().is_ok_and(|seen| seen.verdict == "up-no-traffic") {
                        lab = Lab::start((LEFT, RIGHT)).unwrap();
                    }
                    if seen.as_ref().is_ok_and(|seen| seen.verdict == "up-no-traffic") {
                        again.fetch_add(1, Ordering::Relaxed);
                        seen = lab.attempt(&trial);
                    }
                    let seen = match seen {
                        Ok(seen) => seen,
                        Err(cause) => {
                            wrong.lock().unwrap().push(format!("pair {number}: {}\n  {cause}", pair.story));
                            continue;
                        }
                    };
                    *tally.lock().unwrap().entry(seen.verdict).or_default() += 1;
                    if let Some(difference) = differs(&said.verdict, &seen, &pair) {
                        let mut text = format!("pair {number}: {}\n  {difference}", pair.story);
                        if only.is_some() {
                            text.push_str(&format!("\n{}\n{:#?}", seen.log, said.findings));
                        }
                        wrong.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let took = started.elapsed().as_secs_f64();
    let done = end - only.unwrap_or(0);
    let (tally, again) = (tally.lock().unwrap(), again.load(Ordering::Relaxed));
    eprintln!("{done} pairs in {took:.1} s, {:.1} a second, {again} tried twice: {tally:?}", done as f64 / took);
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {count} pairs (seed {seed}):\n{}", wrong.len(), wrong.join("\n"));
}

/// Needs no daemon; uses the same pairs.
#[test]
fn a_finding_names_the_field_that_was_changed() {
    let count = from_environment("TUNNELCTL_PAIRS", 3000);
    let seed = from_environment("TUNNELCTL_SEED", SEED);
    let single = |pair: &Pair| {
        let before = check(&pair.before.0, &pair.before.1, &Options::default());
        pair.changed.1.len() == 1 && before.verdict == Verdict::Up
    };
    let (mut all, mut wrong) = (0, Vec::new());
    for number in 0..count {
        let pair = pair(seed, number);
        if single(&pair) {
            all += 1;
            let said = judged(&pair);
            if !names_the_field(&pair, &said) {
                let named: Vec<_> =
                    said.findings.iter().map(|finding| (finding.field, finding.right_field, finding.effect.word())).collect();
                wrong.push(format!("pair {number}: {}\n  {} {named:?}", pair.story, said.verdict.word()));
            }
        }
    }
    eprintln!("{} of {all} single differences are named; not: {}", all - wrong.len(), wrong.join("\n"));
    assert!(wrong.len() * 100 <= all, "{} of {all} are not named:\n{}", wrong.len(), wrong.join("\n"));
}
