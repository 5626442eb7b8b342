//! Journals of which a byte has changed, or that lost their end.

use super::super::line::HEAD;
use super::*;

#[test]
fn a_byte_that_is_changed_is_noticed_in_the_last_line_too() {
    let bytes = written(6);
    for place in 0..bytes.len() {
        for change in [0x01, 0x20, 0x80, 0xff, bytes[place], bytes[place] ^ b'\n'].into_iter().filter(|change| *change != 0) {
            let mut changed = bytes.clone();
            changed[place] ^= change;
            let reading = look(&changed);
            assert!(records(6).starts_with(&reading.records), "byte {place} ^ {change:02x}");
            match reading.damage {
                Some(error) => {
                    assert!(error.to_string().contains("20261121-023159-k7f2"), "{error}");
                    assert!(error.to_string().contains(&format!("record {} ", reading.records.len() + 1)), "{error}");
                }
                // Without its line feed and nothing else missing, a line looks as if its write was torn there.
                None => assert!(
                    reading.cut && place == bytes.len() - 1 || reading.torn && place == bytes.len() - 2 && change == b'\n',
                    "byte {place} ^ {change:02x}"
                ),
            }
        }
    }
}

#[test]
fn a_lost_end_is_noticed_wherever_the_file_is_cut() {
    let bytes = written(6);
    for cut in 0..bytes.len() {
        let reading = look(&bytes[..cut]);
        assert!(reading.cut && reading.damage.is_none(), "{cut}");
        // It gets an end again together with the next record only, even when the process dies in between.
        for nth in 1..=5 {
            let disk = holding(&bytes[..cut]);
            let (_, mut journal) = open(&disk).unwrap();
            assert!(journal.is_cut());
            disk.die_at(nth, Death::Kill);
            let appended = journal.append(&record(99), Sync::Now).is_ok();
            disk.revive();
            let reading = peek::<Record>(&*disk, directory(), &id()).unwrap();
            assert!(reading.cut || reading.records.last() == Some(&record(99)), "{cut} {nth}");
            assert!(!appended || !reading.cut);
        }
    }
    // Format 0 had no end: its journals are read as they are.
    let line = super::super::line::compose(br#"[1,"x"]"#, &"0".repeat(64)).unwrap();
    assert!(!look(&line).cut);
}

#[test]
fn length_that_spans_two_lines_is_damage() {
    let bytes = written(6);
    let ends: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] == b'\n').collect();
    let [.., before, first, second] = ends[..] else { panic!("three lines") };
    let mut changed = bytes.clone();
    changed[before + 1..before + 9].copy_from_slice(format!("{:08x}", second - before - 1 - HEAD).as_bytes());
    let reading = look(&changed);
    assert!(reading.damage.is_some() && first < second);
    // And one that spans more than the file.
    changed[before + 1..before + 9].copy_from_slice(b"ffffffff");
    assert!(look(&changed).damage.is_some());
}
