//! Journals that are written, cut, and read again.

mod damage;

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;

use std::path::Path;
use std::rc::Rc;

use super::super::disk::{Death, Disk, MemoryDisk, RealDisk};
use super::super::id::OperationId;
use super::line::{CRC, sum};
use super::read::Reading;
use super::*;
use crate::error::{Error, exit};

type Record = (u32, String);

fn id() -> OperationId {
    "20261121-023159-k7f2".parse().unwrap()
}

fn directory() -> &'static Path {
    Path::new("/state/operations")
}

fn record(number: u32) -> Record {
    (number, format!("\u{202e}é\"\\\n\u{0}\u{1f600} {}", "x".repeat(number as usize % 40)))
}

fn records(count: u32) -> Vec<Record> {
    (0..count).map(record).collect()
}

/// The bytes of a journal of this many records; every third shares the next one's line.
fn written(count: u32) -> Vec<u8> {
    let disk = Rc::new(MemoryDisk::new());
    let mut journal = Journal::create(disk.clone(), directory(), &id()).unwrap();
    for number in 0..count {
        journal.append(&record(number), if number % 3 == 1 { Sync::WithNext } else { Sync::Now }).unwrap();
    }
    journal.finish().unwrap();
    disk.read(&path(directory(), &id())).unwrap()
}

/// A disk that holds these bytes as the journal, synced.
fn holding(bytes: &[u8]) -> Rc<MemoryDisk> {
    let disk = MemoryDisk::new();
    let path = path(directory(), &id());
    disk.create(&path, 0).unwrap();
    disk.write(&path, 0, bytes).unwrap();
    disk.sync(&path).unwrap();
    disk.sync_directory(directory()).unwrap();
    Rc::new(disk)
}

fn open(disk: &Rc<MemoryDisk>) -> Result<(Vec<Record>, Journal), Error> {
    Journal::open(disk.clone(), directory(), &id())
}

fn look(bytes: &[u8]) -> Reading<Record> {
    peek(&*holding(bytes), directory(), &id()).unwrap()
}

#[test]
fn records_are_read_back_in_order() {
    let bytes = written(12);
    let reading = look(&bytes);
    assert_eq!(reading.records, records(12));
    assert!(!reading.torn && reading.damage.is_none() && !reading.cut);
    // A record that waits shares the next one's line.
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 8);
}

#[test]
fn line_follows_the_format() {
    // CRC-32C's own check value, and SHA-256 of the first line by another program.
    assert_eq!(CRC.checksum(b"123456789"), 0xe306_9283);
    let text = String::from_utf8(written(3)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let fields: Vec<&str> = lines[0].splitn(4, ' ').collect();
    assert_eq!(usize::from_str_radix(fields[0], 16).unwrap(), fields[3].len());
    assert_eq!(u32::from_str_radix(fields[1], 16).unwrap(), CRC.checksum(&lines[0].as_bytes()[18..]));
    assert_eq!(fields[2], format!("{:064}", 1));
    assert_eq!(lines[1].split(' ').nth(2).unwrap(), sum(format!("{}\n", lines[0]).as_bytes()));
    assert_eq!(serde_json::from_str::<Record>(fields[3]).unwrap(), record(0));
}

#[test]
fn every_prefix_of_a_journal_is_read_and_can_be_appended_to() {
    let bytes = written(6);
    for cut in 0..=bytes.len() {
        for zeros in [0, 1, 4096] {
            let mut bytes = bytes[..cut].to_vec();
            bytes.resize(cut + zeros, 0);
            let disk = holding(&bytes);
            let (read, mut journal) = open(&disk).unwrap();
            assert!(records(6).starts_with(&read));
            // Reading changes nothing.
            assert_eq!(disk.read(&path(directory(), &id())).unwrap(), bytes);
            journal.append(&record(99), Sync::Now).unwrap();
            let expected: Vec<Record> = read.into_iter().chain([record(99)]).collect();
            disk.cut_power();
            disk.revive();
            assert_eq!(open(&disk).unwrap().0, expected);
        }
    }
}

#[test]
fn missing_swapped_or_repeated_line_is_damage() {
    let bytes = written(6);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for order in [vec![1, 2, 3], vec![0, 2, 3], vec![0, 1, 1], vec![0, 2, 1, 3], vec![0, 0]] {
        let bytes: Vec<u8> = order.iter().flat_map(|place| lines[*place]).copied().collect();
        let error = look(&bytes).damage.unwrap();
        assert!(error.message.contains("does not follow"), "{error}");
    }
}

#[test]
fn unknown_record_is_named_but_not_shown() {
    let disk = Rc::new(MemoryDisk::new());
    let mut journal = Journal::create(disk.clone(), directory(), &id()).unwrap();
    journal.append(&record(0), Sync::Now).unwrap();
    journal.append(&serde_json::json!({ "new": 1 }), Sync::Now).unwrap();
    let error = open(&disk).unwrap_err();
    assert!(error.message.contains("record 2 ") && error.message.contains("this version"), "{error}");
}

#[test]
fn acknowledged_records_survive_death_at_any_instant() {
    let run = |disk: &Rc<MemoryDisk>| {
        let mut done = 0;
        let Ok(mut journal) = Journal::create(disk.clone(), directory(), &id()) else { return done };
        for number in 0..4 {
            if journal.append(&record(number), Sync::Now).is_err() {
                assert!(journal.append(&record(9), Sync::Now).is_err());
                return done;
            }
            done = number + 1;
        }
        let _ = journal.finish();
        done
    };
    let whole = Rc::new(MemoryDisk::new());
    run(&whole);
    for nth in 1..=whole.effects() {
        for death in [Death::Kill, Death::Power, Death::Torn(0), Death::Torn(1), Death::Torn(90), Death::Torn(1000)] {
            let disk = Rc::new(MemoryDisk::new());
            disk.die_at(nth, death);
            let done = run(&disk);
            assert!(disk.dead().get());
            disk.revive();
            let Ok((read, mut journal)) = open(&disk) else {
                assert_eq!(done, 0, "effect {nth}, {death:?}");
                continue;
            };
            assert!(records(4).starts_with(&read));
            assert!(read.len() >= done as usize, "effect {nth}, {death:?}");
            // Appending works again, even after a second death.
            for second in 1..=8 {
                let copy = Rc::new(disk.copy());
                copy.die_at(second, death);
                let Ok((_, mut journal)) = open(&copy) else { continue };
                let appended = journal.append(&record(7), Sync::Now).is_ok();
                copy.revive();
                copy.cut_power();
                copy.revive();
                let mut expected = read.clone();
                expected.push(record(7));
                let again = open(&copy).map(|(again, _)| again);
                // Its name was never synced, so the file may be gone.
                let again = if done == 0 { again.unwrap_or_default() } else { again.unwrap() };
                // What was never synced may be gone; what was acknowledged may not.
                assert!(expected.starts_with(&again) && again.len() >= done as usize, "{nth} {second} {death:?}");
                assert!(!appended || again == expected);
            }
            journal.append(&record(7), Sync::Now).unwrap();
        }
    }
}

#[test]
fn failed_write_or_sync_is_final_and_leaves_no_duplicate() {
    for nth in 1..=2 {
        for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
            let disk = Rc::new(MemoryDisk::new());
            let mut journal = Journal::create(disk.clone(), directory(), &id()).unwrap();
            journal.append(&record(0), Sync::Now).unwrap();
            disk.fail_at(nth, kind);
            let error = journal.append(&record(1), Sync::Now).unwrap_err();
            assert!(error.message.contains("cannot write the journal of operation 20261121-023159-k7f2"), "{error}");
            assert_eq!(error.next.is_empty(), kind == ErrorKind::Other);
            let effects = disk.effects();
            for sync in [Sync::Now, Sync::WithNext] {
                assert!(journal.append(&record(2), sync).unwrap_err().message.contains("nothing more is done"));
            }
            assert!(journal.finish().is_err());
            assert_eq!(disk.effects(), effects);
            // Another process reads what is seen, syncs it, and appends.
            let (mut read, mut journal) = open(&disk).unwrap();
            read.push(record(3));
            journal.append(&record(3), Sync::Now).unwrap();
            disk.cut_power();
            disk.revive();
            assert_eq!(open(&disk).unwrap().0, read);
        }
    }
}

#[test]
fn full_disk_fails_before_anything_is_sent() {
    for nth in 1..=3 {
        let disk = Rc::new(MemoryDisk::new());
        disk.fail_at(nth, ErrorKind::StorageFull);
        let error = Journal::create(disk.clone(), directory(), &id()).unwrap_err();
        assert!(error.to_string().contains("make room") && error.state == "nothing was sent", "{error}");
        assert!(list(&*disk, directory()).unwrap().is_empty());
    }
}

#[test]
fn waiting_records_are_written_with_the_next_and_at_the_end() {
    let disk = Rc::new(MemoryDisk::new());
    let mut journal = Journal::create(disk.clone(), directory(), &id()).unwrap();
    let effects = disk.effects();
    journal.append(&record(0), Sync::WithNext).unwrap();
    assert_eq!(disk.effects(), effects);
    journal.append(&record(1), Sync::Now).unwrap();
    assert_eq!(disk.effects(), effects + 2);
    journal.append(&record(2), Sync::WithNext).unwrap();
    journal.finish().unwrap();
    assert_eq!(open(&disk).unwrap().0, records(3));
}

#[test]
fn real_file_is_private_and_its_reserved_room_is_given_back() {
    use std::os::unix::fs::MetadataExt;
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("state/operations");
    let disk: Rc<dyn Disk> = Rc::new(RealDisk::default());
    let mut journal = Journal::create(disk.clone(), &directory, &id()).unwrap();
    assert!(Journal::create(disk.clone(), &directory, &id()).is_err());
    let meta = || path(&directory, &id()).metadata().unwrap();
    let reserved = meta().blocks();
    assert_eq!((meta().len(), meta().permissions().mode() & 0o777), (64 << 10, 0o600));
    assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    journal.append(&record(0), Sync::Now).unwrap();
    let (_, mut journal) = Journal::open::<Record>(disk.clone(), &directory, &id()).unwrap();
    journal.append(&record(1), Sync::Now).unwrap();
    journal.finish().unwrap();
    assert!(meta().blocks() < reserved && meta().len() < 1024);
    std::fs::write(directory.join("20261121-023159-k7f2.keys"), "").unwrap();
    std::fs::write(directory.join("x.journal"), "").unwrap();
    assert_eq!(list(&*disk, &directory).unwrap(), [id()]);
    assert_eq!(peek::<Record>(&*disk, &directory, &id()).unwrap().records, records(2));
    assert!(list(&*disk, &home.path().join("none")).unwrap().is_empty());
    let none = "20261121-023159-aaaa".parse().unwrap();
    assert_eq!(peek::<Record>(&*disk, &directory, &none).unwrap_err().exit, exit::NOT_FOUND);
}
