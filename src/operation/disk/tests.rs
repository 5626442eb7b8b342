use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::real::LIMIT;
use super::*;

/// What any disk does while nothing fails.
fn story(disk: &dyn Disk, directory: &Path) {
    let (one, two) = (directory.join("one"), directory.join("two"));
    disk.make_directory(directory).unwrap();
    disk.create(&one, 4096).unwrap();
    assert_eq!(disk.create(&one, 0).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(disk.read(&one).unwrap(), [0; 4096]);
    disk.write(&one, 0, b"abc").unwrap();
    disk.write(&one, 3, b"def").unwrap();
    disk.sync(&one).unwrap();
    disk.write(&one, 0, b"ABCD").unwrap();
    disk.truncate(&one, 7).unwrap();
    disk.write(&one, 7, b"g").unwrap();
    assert_eq!(disk.read(&one).unwrap(), b"ABCDef\0g");
    disk.truncate(&one, 2).unwrap();
    disk.extend(&one, 2).unwrap();
    disk.write(&one, 2, b"c").unwrap();
    assert_eq!(disk.read(&one).unwrap(), b"ABc\0");
    disk.replace(&one, b"new").unwrap();
    disk.write(&one, 3, b"er").unwrap();
    assert_eq!(disk.read(&one).unwrap(), b"newer");
    disk.replace(&two, b"2").unwrap();
    disk.rename(&two, &one).unwrap();
    assert_eq!(disk.read(&one).unwrap(), b"2");
    assert_eq!(disk.list(directory).unwrap(), ["one"]);
    disk.shred(&one).unwrap();
    disk.shred(&one).unwrap();
    for result in [disk.write(&one, 0, b""), disk.extend(&one, 1), disk.sync(&one), disk.truncate(&one, 0), disk.remove(&one)] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(disk.read(&one).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(disk.list(directory).unwrap().is_empty());
}

#[test]
fn real_disk_and_memory_disk_behave_alike() {
    let home = tempfile::tempdir().unwrap();
    story(&RealDisk::default(), &home.path().join("state/operations"));
    story(&MemoryDisk::new(), Path::new("/state/operations"));
}

#[test]
fn files_are_private_and_links_are_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let disk = RealDisk::default();
    let (victim, link) = (home.path().join("victim"), home.path().join("link"));
    disk.replace(&victim, b"text").unwrap();
    assert_eq!(victim.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    symlink(&victim, &link).unwrap();
    let outcomes = [disk.create(&link, 0), disk.write(&link, 0, b"x"), disk.extend(&link, 1), disk.read(&link).map(drop)];
    assert!(outcomes.iter().all(Result::is_err));
    // The link itself is replaced, not the file behind it.
    disk.replace(&link, b"other").unwrap();
    assert_eq!(disk.read(&victim).unwrap(), b"text");
}

#[test]
fn file_larger_than_any_of_ours_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("file");
    File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
    assert_eq!(RealDisk::default().read(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
}

fn memory() -> (Rc<MemoryDisk>, PathBuf) {
    let (disk, path) = (MemoryDisk::new(), PathBuf::from("/state/file"));
    disk.create(&path, 0).unwrap();
    disk.write(&path, 0, b"old").unwrap();
    disk.sync(&path).unwrap();
    disk.sync_directory(Path::new("/state")).unwrap();
    (Rc::new(disk), path)
}

#[test]
fn power_cut_loses_what_was_not_synced_and_a_kill_does_not() {
    for (death, expected) in [(Death::Kill, Some("old new")), (Death::Power, Some("old"))] {
        let (disk, path) = memory();
        let second = path.with_file_name("second");
        disk.write(&path, 3, b" new").unwrap();
        disk.create(&second, 0).unwrap();
        disk.sync(&second).unwrap();
        disk.die_at(1, death);
        assert!(disk.sync(&path).is_err() && disk.dead().get());
        assert!(disk.read(&path).is_err() && disk.list(Path::new("/state")).is_err() && disk.step().is_err());
        disk.revive();
        assert_eq!(disk.read(&path).ok().as_deref(), expected.map(str::as_bytes));
        assert_eq!(disk.read(&second).is_ok(), death == Death::Kill);
    }
}

#[test]
fn torn_write_leaves_its_beginning() {
    let (disk, path) = memory();
    disk.write(&path, 3, b" and").unwrap();
    disk.die_at(1, Death::Torn(2));
    assert!(disk.write(&path, 7, b" new").is_err());
    disk.revive();
    assert_eq!(disk.read(&path).unwrap(), b"old and n");
}

#[test]
fn failed_sync_loses_bytes_for_good() {
    let (disk, path) = memory();
    disk.write(&path, 3, b" lost").unwrap();
    disk.fail_at(1, ErrorKind::Other);
    assert!(disk.sync(&path).is_err());
    disk.write(&path, 8, b" kept").unwrap();
    disk.sync(&path).unwrap();
    assert_eq!(disk.read(&path).unwrap(), b"old lost kept");
    disk.cut_power();
    disk.revive();
    assert_eq!(disk.read(&path).unwrap(), b"old\0\0\0\0\0 kept");
}

#[test]
fn outside_effect_can_be_the_one_the_process_dies_at() {
    let (disk, path) = memory();
    let dead = disk.dead();
    disk.die_at(2, Death::Kill);
    disk.write(&path, 3, b"x").unwrap();
    assert!(!dead.get());
    assert!(disk.step().is_err() && dead.get());
    let copy = disk.copy();
    assert!(copy.step().is_ok());
}
