//! Operations that are cut at every instant, on a virtual clock: the real driver, journal, seal, providers and signers, against
//! the emulator in memory. `tests/README.md` says what a schedule is.

#![allow(
    missing_docs,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

mod damage;
mod fork;
mod instant;
mod others;
mod pair;
mod run;
mod schedule;

use pair::Pair;
use schedule::{Direction, Tally, explore};

/// Runs a future that must be ready at once: nothing waits on this wire, the clock is advanced instead.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("something waits in real time"),
    }
}

/// Runs the work items on as many threads as there are cores. Each world stays on one thread.
fn in_parallel(items: usize, work: impl Fn(usize) -> Tally + Sync) -> Tally {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut whole = Tally::default();
    std::thread::scope(|scope| {
        let run = || {
            let mut tally = Tally::default();
            loop {
                let item = next.fetch_add(1, Ordering::Relaxed);
                if item >= items {
                    return tally;
                }
                tally.add(work(item));
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        threads.into_iter().for_each(|thread| whole.add(thread.join().unwrap()));
    });
    whole
}

/// Prints the result; fails with the first troubles.
fn report(name: &str, tally: &Tally, began: Instant) {
    let took = began.elapsed();
    let secs = took.as_secs_f64();
    eprintln!(
        "{name}: {} schedules, {} of them run in {secs:.1} s, {:.0} a second; {:?}",
        tally.schedules,
        tally.run,
        tally.run as f64 / secs,
        tally.ends
    );
    let first: Vec<&str> = tally.troubles.iter().take(4).map(String::as_str).collect();
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for trouble in &tally.troubles {
        let mut lines = trouble.lines();
        let (pair, what) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        *kinds.entry(format!("{}: {what}", pair.split(", ").take(2).collect::<Vec<_>>().join(", "))).or_default() += 1;
    }
    assert!(first.is_empty(), "{} troubles: {kinds:#?}\n{}", tally.troubles.len(), first.join("\n\n"));
}

#[test]
fn every_crash_of_a_rotation_and_of_its_rollback_comes_to_a_true_end() {
    let began = Instant::now();
    let deep = std::env::var("TUNNELCTL_SCHEDULES").as_deref() == Ok("deep");
    let only = std::env::var("TUNNELCTL_SCHEDULE").ok();
    let work: Vec<(Pair, Direction)> =
        Pair::all().into_iter().flat_map(|pair| Direction::ALL.map(|direction| (pair.clone(), direction))).collect();
    let work: Vec<_> = work
        .into_iter()
        .filter(|(pair, direction)| {
            only.as_ref().is_none_or(|only| {
                let name = schedule::name(pair, *direction);
                name.starts_with(only) || only.starts_with(&name)
            })
        })
        .collect();
    let tally = in_parallel(work.len(), |item| explore(&work[item].0, work[item].1, deep, only.as_deref()));
    report("crash schedules", &tally, began);
}
