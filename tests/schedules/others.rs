//! What others do during an operation: somebody sets a key of their own, clouds and networks lose, delay and repeat requests,
//! a disk fails.

use std::io::ErrorKind;
use std::time::Duration;

use tunnelctl::testing::Chance;
use tunnelctl::testing::operation::{Disk, Outcome, Which, report};

use crate::instant::{Edit, Quoting, World};
use crate::pair::{Cloud, NEW, Pair};
use crate::run::{resume_or_roll_back, rotate, show};
use crate::schedule::{Tally, finished};

/// Longer than any cloud accepts a request.
const WINDOW: Duration = Duration::from_mins(20);

#[test]
fn what_a_cloud_quotes_of_a_key_reaches_no_file() {
    for pair in Pair::all() {
        for quoting in [Quoting::Refusals(0), Quoting::Refusals(1), Quoting::Refusals(2), Quoting::Ids, Quoting::Words] {
            let world = World::fresh(&pair);
            world.quote(quoting);
            let _ = rotate(&world);
            let _ = resume_or_roll_back(&world, Which::Old, false);
            let directory = std::path::Path::new(crate::instant::STATE).join("operations");
            let names = world.disk.list(&directory).unwrap();
            assert!(!names.is_empty());
            for name in names {
                let bytes = world.disk.read(&directory.join(&name)).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(NEW), "{}, {quoting:?}: {name:?}: {text}", pair.name());
            }
        }
    }
}

#[test]
fn a_rotation_takes_few_syncs() {
    for pair in Pair::all() {
        let world = World::fresh(&pair);
        rotate(&world).unwrap();
        assert!(world.syncs() <= 15, "{}: {}\n    {}", pair.name(), world.syncs(), world.trace());
    }
}

#[test]
fn a_key_that_somebody_else_sets_is_a_conflict_and_stays_until_it_is_taken_over() {
    let pairs = [[Cloud::Alibaba, Cloud::Tencent], [Cloud::Tencent, Cloud::Alibaba], [Cloud::Huawei, Cloud::Tencent]];
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for [one, other] in pairs {
        let pair = Pair::new(one, other);
        let world = World::fresh(&pair);
        rotate(&world).unwrap();
        let instants = world.instants();
        let readable = pair.refs.iter().zip(pair.clouds).filter(|(_, cloud)| cloud.is_readable());
        for (reference, at) in readable.flat_map(|(reference, _)| (1..=instants).map(move |at| (reference, at))) {
            let end = reference.to_string();
            let label = format!("{}, somebody edits {end} at {at}", pair.name());
            let world = World::fresh(&pair);
            world.edit(Edit { at, end: end.clone() });
            let done = rotate(&world);
            world.pass(WINDOW);
            let troubles = world.troubles();
            assert!(troubles.is_empty(), "{label}: {troubles:?}\n    {}", world.trace());
            let held = pair.keys(&world.wire.store().borrow(), &end)[0].clone();
            let Some(state) = show(&world).unwrap() else {
                assert!(done.is_err() && !world.sent(), "{label}");
                *counts.entry("refused before anything began").or_default() += 1;
                continue;
            };
            let foreign = held != NEW;
            match state.outcome {
                Some(Outcome::Committed) if !foreign => *counts.entry("overwritten between a look and the next write").or_default() += 1,
                Some(Outcome::Committed) if !world.third_was_seen() => *counts.entry("made after the last look").or_default() += 1,
                Some(Outcome::Closed) => {
                    assert!(!world.sent(), "{label}");
                    *counts.entry("closed").or_default() += 1;
                }
                Some(outcome) => panic!("{label}: {}, and the end holds {held}\n    {}", outcome.word(), world.trace()),
                None => {
                    assert!(
                        state.conflict().is_some_and(|conflict| conflict.plan.end == end),
                        "{label}: {}: {}\n    {}",
                        report::phase(&state),
                        done.unwrap_err(),
                        world.trace()
                    );
                    assert!(held.starts_with("Third-Party"), "{label}: {held}");
                    *counts.entry("conflict").or_default() += 1;
                    let resumed = resume_or_roll_back(&world, Which::New, false).unwrap_err();
                    assert!(resumed.message.contains("never wrote"), "{label}: {resumed}");
                    assert_eq!(pair.keys(&world.wire.store().borrow(), &end)[0], held, "{label}");
                    resume_or_roll_back(&world, Which::New, true).unwrap_or_else(|error| panic!("{label}: {error}\n    {}", world.trace()));
                    let mut tally = Tally::default();
                    finished(&world, &label, &mut tally);
                    assert!(tally.troubles.is_empty(), "{:?}", tally.troubles);
                    assert!(world.openable().contains(&held), "{label}: somebody else's key was not kept");
                }
            }
        }
    }
    eprintln!("somebody else's edits: {counts:?}");
    assert!(counts["conflict"] > 10, "{counts:?}");
}

#[test]
fn faults_by_chance_never_lead_to_a_false_end() {
    let seeds = std::env::var("TUNNELCTL_SEEDS").ok().map_or(200, |text| text.parse().unwrap());
    let pairs = Pair::all();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for seed in 0..seeds {
        let pair = &pairs[usize::try_from(seed).unwrap() % pairs.len()];
        let label = format!("{}, seed {seed}", pair.name());
        let world = World::fresh(pair);
        world.wire.store().borrow_mut().chance = Some(Chance::new(seed, 20));
        let mut last = rotate(&world).map(Some);
        let aim = if seed % 3 == 0 { Which::Old } else { Which::New };
        for round in 0..8 {
            let outcome = show(&world).unwrap().map(|state| state.outcome);
            // Every third operation is rolled back as well.
            if outcome.is_none_or(|outcome| outcome.is_some_and(|outcome| aim == Which::New || outcome != Outcome::Committed)) {
                break;
            }
            world.pass(Duration::from_secs(5));
            if round == 5 {
                world.wire.store().borrow_mut().chance = None;
            }
            last = resume_or_roll_back(&world, aim, false);
        }
        world.wire.store().borrow_mut().chance = None;
        let mut tally = Tally::default();
        finished(&world, &label, &mut tally);
        tally.troubles.extend(world.troubles());
        let last = last.map(|_| ()).map_err(|error| error.to_string());
        assert!(tally.troubles.is_empty(), "{label}: {last:?}: {}\n    {}", tally.troubles.join("\n"), world.trace());
        tally.ends.into_iter().for_each(|(end, count)| *counts.entry(end).or_default() += count);
    }
    eprintln!("faults by chance: {counts:?}");
}

#[test]
fn nothing_is_sent_after_the_journal_failed() {
    for pair in [Pair::new(Cloud::Alibaba, Cloud::Tencent), Pair::new(Cloud::Tencent, Cloud::Huawei)] {
        let world = World::fresh(&pair);
        rotate(&world).unwrap();
        for at in 1..=world.instants() {
            for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
                let label = format!("{}, {kind:?} at {at}", pair.name());
                let world = World::fresh(&pair);
                world.fail(at, kind);
                let done = rotate(&world);
                if !world.has_failed() {
                    // That instant was not an effect on the disk.
                    done.unwrap();
                    continue;
                }
                let troubles = world.troubles();
                assert!(troubles.is_empty(), "{label}: {troubles:?}\n    {}", world.trace());
                match done {
                    Err(error) => {
                        let expected = if world.sent() { "operation" } else { "nothing was sent" };
                        assert!(error.state.contains(expected), "{label}: {error}");
                    }
                    // What is given back at the end, and names that were there already, may fail.
                    Ok(state) => assert_eq!(state.outcome, Some(Outcome::Committed), "{label}"),
                }
                // The next process runs on a disk that works again, with and without a power cut before it.
                for cut in [false, true] {
                    let next = World::new(&pair, world.leave(cut));
                    next.pass(Duration::from_secs(5));
                    resume_or_roll_back(&next, Which::New, false).unwrap_or_else(|error| panic!("{label}: {error}"));
                    let mut tally = Tally::default();
                    finished(&next, &label, &mut tally);
                    tally.troubles.extend(next.troubles());
                    assert!(tally.troubles.is_empty(), "{:?}", tally.troubles);
                }
            }
        }
    }
}
