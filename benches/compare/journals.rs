//! Journals on a disk, written and read.

use std::path::Path;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tunnelctl::testing::operation::{Disk, Journal, MemoryDisk, OperationId, RealDisk, Sync, journal};

use super::{JOURNALS, RECORDS};

// The journals.

/// As large and as nested as what a rotation records.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    event: String,
    at: DateTime<Utc>,
    end: String,
    attempt: u32,
    direction: String,
    fp: String,
    token: String,
    note: Option<String>,
}

/// Writes the journals of finished operations, without waiting for a disk.
pub fn write_journals(directory: &Path) {
    let began = DateTime::from_timestamp(1_795_228_319, 0).unwrap();
    let record = |attempt| Record {
        event: "attempt".to_owned(),
        at: began,
        end: "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i".to_owned(),
        attempt,
        direction: "forward".to_owned(),
        fp: "3f2a9c41".to_owned(),
        token: "b7d1b5a2-6f0e-4a41-9f5b-0d6f3c1f8e77".to_owned(),
        note: None,
    };
    std::fs::create_dir(directory).unwrap();
    for number in 0..JOURNALS {
        let disk = Rc::new(MemoryDisk::new());
        let random = [number, number >> 5, number >> 10, 0].map(|part| u8::try_from(part & 31).unwrap());
        let id = OperationId::new(began + TimeDelta::seconds(number), random);
        let mut journal = Journal::create(disk.clone(), directory, &id).unwrap();
        (0..RECORDS).for_each(|number| journal.append(&record(number), Sync::Now).unwrap());
        let path = journal::path(directory, &id);
        std::fs::write(&path, disk.read(&path).unwrap()).unwrap();
    }
}

/// Reads every journal, as a listing of all operations does.
pub fn journals(directory: &Path) {
    let disk = RealDisk::default();
    let ids = journal::list(&disk, directory).unwrap();
    let records: usize = ids.iter().map(|id| journal::peek::<Record>(&disk, directory, id).unwrap().records.len()).sum();
    assert_eq!(records, JOURNALS as usize * RECORDS as usize);
}
