//! The property of mends: made, the finding is gone, nothing new appears, and no verdict is worse.

use std::collections::{BTreeMap, BTreeSet};

use super::super::steps::{Run, Step, steps};
use super::pairs::{KINDS, Made, Pair, connections, pair};
use super::random::Random;
use crate::agreement::{Agreement, Change, End, Finding, Mend, Mended, Options, Psk, Side, Verdict, applied, check, mended};

/// Pairs of each kind.
const EACH: usize = 620;

/// How often a cause was found, and how often it was mended.
type Counts = BTreeMap<String, (usize, usize)>;

/// What was found over many pairs.
#[derive(Default)]
struct Seen {
    counts: Counts,
    /// Promises that were not kept, one of each sort.
    faults: BTreeMap<String, String>,
    commands: BTreeSet<String>,
}

#[test]
fn a_mend_takes_its_finding_away_and_brings_up_no_other_one_at_two_clouds() {
    hold(&["cc"]);
}

#[test]
fn a_mend_takes_its_finding_away_and_brings_up_no_other_one_at_a_cloud_and_a_file() {
    hold(&["cs", "cl", "ct"]);
}

#[test]
fn a_mend_takes_its_finding_away_and_brings_up_no_other_one_in_two_files() {
    hold(&["ss", "sl", "ll", "tt", "ts"]);
}

/// Asserts the property over pairs of these kinds.
fn hold(kinds: &[&str]) {
    let connections = connections();
    let mut seen = Seen::default();
    for kind in kinds {
        let place = KINDS.iter().position(|known| known == kind).unwrap();
        let mut random = Random(0x5eed + place as u64);
        let mut made = 0;
        while made < EACH {
            let Some(pair) = pair(kind, &mut random, &connections) else { continue };
            made += 1;
            one(kind, &pair, &mut seen);
        }
    }
    let faults: Vec<&str> = seen.faults.values().map(String::as_str).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    enough(&seen.counts);
    parsed(&seen.commands);
}

/// Causes that a change can resolve, and the share of their findings, in per cent, that must have a mend.
const SHARES: &[(&str, usize)] =
    &[("IkeProposal", 75), ("ChildProposal", 75), ("KeysDiffer", 70), ("Identity", 60), ("Dpd", 90), ("ChildOutlives", 80), ("Pfs", 60)];

/// A mend that is never found keeps every promise: of what can be mended, enough is.
fn enough(counts: &Counts) {
    for (cause, share) in SHARES {
        let (found, mended) = counts.get(*cause).copied().unwrap_or_default();
        assert!(found < 20 || mended * 100 >= found * share, "{cause}: {mended} of {found} are mended; all: {counts:?}");
    }
}

/// Our own parser takes the commands, one of each form.
fn parsed(commands: &BTreeSet<String>) {
    let form = |command: &str| -> Vec<String> {
        let id = command.split(' ').nth(2).unwrap().split('/').next().unwrap().to_owned();
        std::iter::once(id).chain(command.split(' ').filter(|word| word.starts_with("--")).map(str::to_owned)).collect()
    };
    let mut forms: BTreeSet<Vec<String>> = BTreeSet::new();
    for command in commands.iter().filter(|command| forms.insert(form(command))) {
        let words: Vec<std::ffi::OsString> = words(command).into_iter().map(Into::into).collect();
        let words =
            crate::command::line::expand(words, &crate::config::Lazy::default()).unwrap_or_else(|fault| panic!("{command}: {fault}"));
        let taken = crate::command::cli(&words, false).try_get_matches_from(words);
        assert!(taken.is_ok(), "{command}: {}", taken.unwrap_err());
    }
}

/// The words of a command, as a shell splits them.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut inside) = (Vec::new(), String::new(), false);
    for c in command.chars() {
        match c {
            '\'' => inside = !inside,
            ' ' if !inside => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words
}

fn one(kind: &str, pair: &Pair, seen: &mut Seen) {
    let options = Options::default();
    let Mended { agreement, mends, fixes } = mended(&pair.left, &pair.right, &options);
    let story = || {
        let text = |made: &Made| match made {
            Made::File(file) => format!("{}{}", file.text, file.secrets),
            Made::Cloud(connection) => format!("{:?}", connection.settings),
        };
        format!("{kind}\n{}", pair.made.iter().map(text).collect::<Vec<_>>().join("\n---\n"))
    };
    for (finding, mends) in agreement.findings.iter().zip(&mends) {
        assert_ne!(finding.left, finding.right, "{finding:#?}\n{}", story());
        assert!(finding.right != "the same" || !finding.explanation.contains("differ:"), "{finding:#?}\n{}", story());
        assert!(finding.effect != Verdict::Up || finding.log.is_empty() || finding.log == "INVALID_KE_PAYLOAD", "{finding:#?}");
        let cause = format!("{:?}", finding.cause).split('(').next().unwrap().to_owned();
        let count = seen.counts.entry(cause.clone()).or_default();
        count.0 += 1;
        count.1 += usize::from(!mends.is_empty());
        for mend in mends {
            let after = check(&made(&pair.left, mend, Side::Left), &made(&pair.right, mend, Side::Right), &options);
            if let Err(fault) = holds(&agreement, finding, &after).and_then(|()| written(pair, mend, &agreement, finding)) {
                let sort = format!("{kind} {cause} {}", fault.chars().take(60).collect::<String>());
                seen.faults.entry(sort).or_insert_with(|| format!("{fault}\n{finding:?}\n{mend:?}\n{}", story()));
            }
            for (_, step) in steps(&pair.left, &pair.right, mend, &Run { again: " --emulated".to_owned(), running: false }) {
                if let Step::Command(command) = step {
                    seen.commands.insert(command);
                }
            }
        }
    }
    let (mut left, mut right) = (pair.left.clone(), pair.right.clone());
    for fix in &fixes {
        (left, right) = (made(&left, &fix.mend, Side::Left), made(&right, &fix.mend, Side::Right));
    }
    let after = check(&left, &right, &options);
    assert!(worse(&after.verdict) <= worse(&agreement.verdict), "{fixes:#?}\n{}", story());
}

/// An end with a mend.
fn made(end: &End, mend: &Mend, side: Side) -> End {
    mend.at(side).map_or_else(|| end.clone(), |change: &Change| applied(end, change))
}

/// How bad a verdict is.
fn worse(verdict: &Verdict) -> usize {
    Verdict::WORDS.iter().position(|word| *word == verdict.word()).unwrap()
}

/// What a finding is about, whatever its values.
fn about(finding: &Finding) -> (String, &str, &str, &str) {
    (format!("{:?}", finding.cause), finding.field, finding.right_field, &finding.child)
}

/// Whether a mend of this finding holds its promise.
fn holds(before: &Agreement, goal: &Finding, after: &Agreement) -> Result<(), String> {
    if after.findings.iter().any(|finding| about(finding) == about(goal)) {
        return Err("the finding is still there".to_owned());
    }
    if let Some(new) = after.findings.iter().find(|new| !before.findings.iter().any(|known| about(known) == about(new))) {
        return Err(format!("a new finding appears: {new:#?}"));
    }
    let pairs = [
        (&before.verdict, &after.verdict),
        (&before.left_initiates, &after.left_initiates),
        (&before.right_initiates, &after.right_initiates),
    ];
    for (before, after) in pairs {
        let cut = |verdict: &Verdict| if let Verdict::UpNarrowed { cut } = verdict { cut.len() } else { 0 };
        if worse(after) > worse(before) || (worse(after) == worse(before) && cut(after) > cut(before)) {
            return Err(format!("{before:?} becomes {after:?}"));
        }
    }
    Ok(())
}

/// Whether the lines of a mend do in the file what the mend does in memory.
fn written(pair: &Pair, mend: &Mend, before: &Agreement, goal: &Finding) -> Result<(), String> {
    let mut after = [pair.left.clone(), pair.right.clone()];
    for (place, side) in Side::BOTH.into_iter().enumerate() {
        let Some(change) = mend.at(side) else { continue };
        let Made::File(file) = &pair.made[place] else {
            after[place] = applied(&after[place], change);
            continue;
        };
        let far = side.other().of((&pair.left, &pair.right));
        let key = match &far.psk {
            Psk::Known(key) => key.expose().to_owned(),
            _ => "a new key, which both ends get".to_owned(),
        };
        let lines = crate::agreement::lines(side.of((&pair.left, &pair.right)), change);
        let text = file.with(&lines, &key);
        after[place] = text.read().map_err(|fault| format!("{fault}:\n{}\n", text.text))?;
    }
    let again = check(&after[0], &after[1], &Options::default());
    holds(before, goal, &again).map_err(|fault| format!("as written, {fault}"))
}
