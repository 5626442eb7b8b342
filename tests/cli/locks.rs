//! Many runs on one tunnel: one writes, the others name the run that does, and a killed run leaves no lock.

use std::sync::Mutex;
use std::time::Instant;

use crate::emulator::Served;
use crate::harness::World;
use crate::signals::{ended, latest, recorded, start};

const ENDS: [&str; 2] = ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"];
const ROTATE: [&str; 4] = ["rotate", ENDS[0], ENDS[1], "--yes"];
const RUNS: usize = 50;

#[test]
fn of_fifty_runs_at_once_one_writes_and_the_others_end_first() {
    let world = World::new();
    // The winner runs long enough for all others to start and end meanwhile.
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "delay:9000@ModifyVpnConnectionAttribute"]);
    let order = Mutex::new(Vec::new());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for run in 0..RUNS {
            let (served, world, order) = (&served, &world, &order);
            scope.spawn(move || {
                // In either order, and one end alone: all of them need the lock of that end.
                let [one, other] = ENDS;
                let all: [&[&str]; 3] = [&[one, other], &[other, one], &[one]];
                let child = start(served, world, &[&["rotate"], all[run % 3], &["--one-end", "--yes"]].concat());
                let ran = ended(child);
                order.lock().unwrap().push((began.elapsed(), ran));
            });
        }
    });
    let mut order = order.into_inner().unwrap();
    let (last, winner) = order.pop().unwrap();
    assert_eq!(winner.code, 0, "{}", winner.stderr);
    for (when, loser) in &order {
        assert_eq!(loser.code, 7, "{}", loser.stderr);
        assert!(*when < last);
        for part in ["another run holds", "this run did nothing", "tunnelctl operation"] {
            assert!(loser.stderr.contains(part), "{part}: {}", loser.stderr);
        }
    }
    let operations = world.run(&["operation", "list", "-o", "json"]).expect(0).json();
    assert_eq!(operations["operations"].as_array().unwrap().len(), 1);
    let slowest = order.last().unwrap().0;
    eprintln!("{} losers ended within {:.2} s, the winner after {:.2} s", order.len(), slowest.as_secs_f64(), last.as_secs_f64());
}

#[test]
fn a_run_that_was_killed_leaves_no_lock_and_names_itself_while_it_lives() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0", "--fault", "delay:20000@ModifyVpnConnectionAttribute"]);
    let mut winner = start(&served, &world, &ROTATE);
    recorded(&world, "\"attempt\"");
    let id = latest(&world)["operation"].as_str().unwrap().to_owned();
    for words in [ROTATE.as_slice(), &["operation", "resume", &id, "--yes"], &["operation", "rollback", &id, "--yes"]] {
        let ran = served.run(&world, words, &[]).expect(7);
        for part in [format!("pid {}", winner.id()), id.clone(), "state: this run did nothing".to_owned()] {
            assert!(ran.stderr.contains(&part), "{part}: {}", ran.stderr);
        }
    }
    // A command that only reads does not wait for the lock.
    world.run(&["operation", "show", &id]).expect(0);
    winner.kill().unwrap();
    ended(winner);
    // A new rotation names the open operation, which can be resumed at once.
    let ran = served.run(&world, &ROTATE, &[]).expect(1);
    assert!(ran.stderr.contains("is not finished") && ran.stderr.contains(&format!("operation resume {id}")), "{}", ran.stderr);
    served.run(&world, &["operation", "resume", &id, "--yes"], &[]).expect(0);
    assert_eq!(latest(&world)["state"], "committed");
}

#[test]
fn runs_on_different_tunnels_do_not_block_each_other() {
    let world = World::new();
    let served = Served::start(&world, &["--settle-ms", "0"]);
    let pairs = crate::kill::PAIRS.iter().filter(|ends| !ends.concat().contains("cn-east-3"));
    let children: Vec<_> = pairs.map(|ends| start(&served, &world, &["rotate", ends[0], ends[1], "--yes"])).collect();
    for child in children {
        ended(child).expect(0);
    }
}
