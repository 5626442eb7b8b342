//! Records that lost their end, or of which a bit has flipped: no run on what is left says that it succeeded when it did not.

use std::rc::Rc;

use tunnelctl::testing::operation::{Disk, Outcome, Which};

use crate::fork::Fork;
use crate::instant::{STATE, World, which};
use crate::pair::{Cloud, Pair};
use crate::run::{resume_or_roll_back, rotate, show};

/// What a journal holds when it is damaged.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Story {
    Committed,
    RolledBack,
    /// The second write was executed, and the process ended.
    Interrupted,
}

/// What is left after a story.
fn left(pair: &Pair, story: Story) -> Fork {
    let world = World::fresh(pair);
    if story == Story::Interrupted {
        world.fate(2, 1);
    }
    let _ = rotate(&world);
    match story {
        Story::Committed => world.leave(false),
        Story::RolledBack => {
            resume_or_roll_back(&world, Which::Old, false).unwrap();
            world.leave(false)
        }
        Story::Interrupted => world.forks().swap_remove(0),
    }
}

/// The bytes of the journal of a fork, and its path.
fn journal(fork: &Fork) -> (Vec<u8>, std::path::PathBuf) {
    let directory = std::path::Path::new(STATE).join("operations");
    let name = fork.disk.list(&directory).unwrap().into_iter().find(|name| name.to_string_lossy().ends_with(".journal")).unwrap();
    let path = directory.join(name);
    (fork.disk.read(&path).unwrap(), path)
}

/// Resumes and rolls back with these bytes as the journal, and checks what is said. Returns how many runs said that they
/// succeeded.
fn judged(pair: &Pair, fork: &Fork, bytes: &[u8], label: &str) -> usize {
    let mut said = 0;
    for aim in [Which::New, Which::Old] {
        let fork = fork.copy();
        let (_, path) = journal(&fork);
        fork.disk.truncate(&path, 0).unwrap();
        fork.disk.write(&path, 0, bytes).unwrap();
        let world = World::new(pair, fork);
        let label = format!("{label}, {aim:?}");
        let Ok(Some(state)) = resume_or_roll_back(&world, aim, false) else { continue };
        said += 1;
        truthful(&world, &label, state.outcome.unwrap());
        // What is on record afterwards says the same.
        truthful(&world, &label, show(&world).unwrap().unwrap().outcome.unwrap());
    }
    said
}

/// Checks that every end holds what the outcome says, now and once every late request was executed.
fn truthful(world: &Rc<World>, label: &str, outcome: Outcome) {
    let meant = if outcome == Outcome::Committed { Which::New } else { Which::Old };
    world.pass(std::time::Duration::from_mins(20));
    for reference in &world.pair.refs {
        let [configured, _] = world.pair.keys(&world.wire.store().borrow(), &reference.to_string());
        assert_eq!(which(&configured), Some(meant), "{label}: {reference}, {outcome:?}\n    {}", world.trace());
    }
}

fn pairs() -> [Pair; 3] {
    [[Cloud::Alibaba, Cloud::Tencent], [Cloud::Tencent, Cloud::Huawei], [Cloud::Huawei, Cloud::Alibaba]]
        .map(|[one, other]| Pair::new(one, other))
}

const STORIES: [Story; 3] = [Story::Committed, Story::RolledBack, Story::Interrupted];

#[test]
fn a_journal_cut_at_any_line_end_never_makes_a_false_success() {
    let mut said = 0;
    for pair in pairs() {
        for story in STORIES {
            let fork = left(&pair, story);
            let (bytes, _) = journal(&fork);
            let ends = (0..bytes.len()).filter(|place| bytes[*place] == b'\n').map(|place| place + 1);
            for cut in ends {
                let label = format!("{}, {story:?}, cut at {cut}", pair.name());
                said += judged(&pair, &fork, &bytes[..cut], &label);
                // Where the lost part reads as zeros, as if the record ended there, only ends that can be read are known, and
                // an operation that was finished by then is not asked again.
                let finished = String::from_utf8_lossy(&bytes[..cut]).contains("\"finished\"");
                if !finished && pair.clouds.iter().all(|cloud| cloud.is_readable()) {
                    let zeros = [&bytes[..cut], &[0; 64]].concat();
                    said += judged(&pair, &fork, &zeros, &format!("{label}, zeros"));
                }
            }
        }
    }
    assert!(said > 100, "{said}");
}

#[test]
fn a_journal_with_a_flipped_bit_never_makes_a_false_success() {
    for pair in pairs() {
        for story in STORIES {
            let fork = left(&pair, story);
            let (bytes, _) = journal(&fork);
            let lines = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
            // Every bit of the last line's head and of its end, and bits all over the rest.
            let last = bytes[..lines - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
            let close =
                (last..last + 20).chain(lines - 4..(lines + 2).min(bytes.len())).flat_map(|place| (0..8).map(move |bit| (place, bit)));
            for (place, bit) in close.chain((0..lines).step_by(97).map(|place| (place, place % 8))) {
                let mut flipped = bytes.clone();
                flipped[place] ^= 1 << bit;
                judged(&pair, &fork, &flipped, &format!("{}, {story:?}, byte {place} of {lines}, bit {bit}", pair.name()));
            }
        }
    }
}
