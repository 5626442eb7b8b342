//! Records with times that cannot be right, records that lost everything, records that cannot be read: each is named, can be got
//! past, and stops nothing that it is not about.

use std::path::Path;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use tunnelctl::testing::operation::{Disk, Event, Journal, OperationId, Planned, RealDisk, Record, Site, Sync, Verb, Which};

use crate::harness::{Ran, World};

const TENCENT: &str = "tencent@ap-guangzhou/vpnx-ol6bcqp0";
const OTHER: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";

/// When a record was written, when its request was dated, for how many seconds it counts, and an earlier request's time.
type Times = (DateTime<Utc>, DateTime<Utc>, i64, Option<DateTime<Utc>>);
/// What is done to a journal.
type Spoil = fn(&Path);

/// Puts a change of the name on record, with one request without a reply.
fn record(world: &World, id: &str, written: DateTime<Utc>, at: DateTime<Utc>, validity: i64, not_before: Option<DateTime<Utc>>) {
    let id: OperationId = id.parse().unwrap();
    let disk: Rc<dyn Disk> = Rc::new(RealDisk::default());
    let end = Planned {
        end: TENCENT.to_owned(),
        tunnel: None,
        api: "v3".to_owned(),
        site: Site { emulated: true, ..Site::default() },
        service: "https://vpc.tencentcloudapi.com".to_owned(),
        gateway: None,
        readable: true,
        validity,
        not_before,
        reload: None,
    };
    let name = |text: &str| Some(serde_json::json!({ "name": text }));
    let planned = Event::Planned {
        verb: Verb::Modify,
        ends: vec![end],
        renegotiate: None,
        renegotiate_with: None,
        before: name("tunnel-idc"),
        change: name("x"),
        way_back: true,
    };
    let words = String::new;
    let attempt = Event::Attempt { end: 0, key: Which::New, token: words(), request: words(), nonce: words(), at };
    let mut journal = Journal::create(disk, &world.state().join("operations"), &id).unwrap();
    for event in [planned, Event::Sealed { new: None, old: None }, attempt] {
        journal.append(&Record { time: written, event }, Sync::Now).unwrap();
    }
    journal.finish().unwrap();
}

#[track_caller]
fn calm(ran: Ran, codes: &[i32]) -> Ran {
    assert!(codes.contains(&ran.code) && !ran.stderr.contains("panicked"), "{}: {}\n{}", ran.code, ran.stdout, ran.stderr);
    ran
}

#[test]
fn times_that_cannot_be_right_are_named_and_nothing_waits_for_them() {
    let (now, last, first) = (Utc::now(), DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC);
    let year_9999 = "9999-12-31T23:59:59Z".parse().unwrap();
    let rows: [Times; 8] = [
        (now, last, 300, None),
        (now, first, 300, None),
        (now, year_9999, 300, None),
        (now, now - TimeDelta::days(2), i64::MAX, None),
        (now, now - TimeDelta::days(2), i64::MIN, None),
        (last, last, i64::MAX, Some(last)),
        (first, now - TimeDelta::days(2), 300, None),
        (now, now - TimeDelta::days(2), 300, Some(year_9999)),
    ];
    for (number, (written, at, validity, not_before)) in rows.into_iter().enumerate() {
        let world = World::new();
        let id = "20260102-030405-abcd";
        record(&world, id, written, at, validity, not_before);
        for words in [["operation", "list"].as_slice(), &["operation", "list", "-o", "json"], &["operation", "show", id]] {
            let ran = calm(world.run(words), &[0]);
            assert!(ran.stderr.contains("cannot be right") && ran.stderr.contains(id), "{number}: {}", ran.stderr);
        }
        // A change of the same connection does not wait for it, nor do its resume and its rollback.
        calm(world.emulated(&["modify", TENCENT, "--name", "y", "--yes", "-q", "--timeout", "100s"]), &[0]);
        let ran = calm(world.run(&["operation", "resume", id, "--yes", "--take-over", "--timeout", "100s"]), &[0]);
        assert!(ran.stderr.contains("cannot be right"), "{number}: {}", ran.stderr);
        calm(world.run(&["operation", "rollback", id, "--yes", "--timeout", "100s"]), &[0]);
        calm(world.run(&["operation", "prune", "--forget"]), &[0]);
        assert!(!world.state().join(format!("operations/{id}.journal")).exists(), "{number}");
    }
}

fn journals(world: &World) -> Vec<std::path::PathBuf> {
    let directory = world.state().join("operations");
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "journal"))
        .collect()
}

fn changes(world: &World, reference: &str) -> Ran {
    world.emulated(&["modify", reference, "--name", "another", "--yes", "--query", "outcome"])
}

#[test]
fn a_record_that_cannot_be_read_stops_only_what_it_names() {
    let spoil: [(&str, Spoil); 3] = [
        ("a directory", |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        }),
        ("emptied", |path| std::fs::write(path, "").unwrap()),
        ("no plan", |path| {
            let mut bytes = std::fs::read(path).unwrap();
            bytes[12] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }),
    ];
    for (what, spoil) in spoil {
        let world = World::new();
        world.emulated(&["modify", TENCENT, "--name", "first", "--yes", "-q"]).expect(0);
        spoil(&journals(&world)[0]);
        let ran = changes(&world, OTHER).expect(0);
        assert!(ran.stderr.contains("to mend it: tunnelctl operation show"), "{what}: {}", ran.stderr);
        let ran = world.emulated(&[
            "rotate",
            "tencent@ap-shanghai/vpnx-partneral01",
            "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i",
            "--yes",
            "-q",
        ]);
        assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
        // Of the very connection, where that can still be read.
        let (own, code) = (changes(&world, TENCENT), if what == "no plan" { 9 } else { 0 });
        assert_eq!(own.code, code, "{what}: {}", own.stderr);
        let list = world.run(&["operation", "list"]);
        assert!([1, 9].contains(&list.code) && list.stderr.contains("mv "), "{what}: {} {}", list.code, list.stderr);
    }
}

#[test]
fn an_operation_that_ended_before_its_plan_blocks_nothing() {
    let world = World::new();
    let directory = world.state().join("operations");
    std::fs::create_dir_all(&directory).unwrap();
    for (id, text) in [("20260101-000000-abcd", "\0"), ("20260101-000001-abcd", "00000176 7671\0\0"), ("20991231-000001-abcd", "\0")] {
        std::fs::write(directory.join(format!("{id}.journal")), text).unwrap();
        std::fs::write(directory.join(format!("{id}.keys")), "{}").unwrap();
        let ran = world.run(&["operation", "show", id]).expect(1);
        assert!(["before its plan", "nothing was sent"].iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
        let ran = world.run(&["operation", "resume", id, "--yes"]).expect(1);
        assert!(["before its plan"].iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
    }
    let pair = ["tencent@ap-shanghai/vpnx-partneral01", "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i"];
    world.emulated(&["rotate", pair[0], pair[1], "--yes"]).expect(0);
    assert_eq!(world.run(&["operation", "list", "-o", "json"]).expect(0).json()["operations"].as_array().unwrap().len(), 1);
    world.run(&["operation", "prune"]).expect(0);
    let mut left: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.retain(|name| name.to_str().is_some_and(|name| name.starts_with("202601") || name.starts_with("2099")));
    left.sort();
    // An operation that may have just begun is kept.
    assert_eq!(left, ["20991231-000001-abcd.journal", "20991231-000001-abcd.keys"]);
}
