use std::path::Path;

use super::super::super::disk::{Death, MemoryDisk, RealDisk};
use super::super::VARIABLE;
use super::super::key::FLAG;
use super::*;
use crate::print::gate::scrub;

const CANARY: &str = "Canary9SealedKeyThatNobodyMaySeeInAnyFile0123";

fn id() -> OperationId {
    "20261121-023159-k7f2".parse().unwrap()
}

fn directory() -> &'static Path {
    Path::new("/state/operations")
}

fn key(byte: u8) -> Rc<SealKey> {
    let mut bytes = Zeroizing::new([byte; 32]);
    bytes[0] ^= 1;
    Rc::new(SealKey::new(bytes, format!("/config/tunnelctl/seal-{byte}.key").into()))
}

fn sealer(disk: &Rc<MemoryDisk>) -> Sealer {
    Sealer::new(disk.clone(), directory(), &id(), key(1))
}

fn bytes(disk: &MemoryDisk) -> Vec<u8> {
    disk.read(&path(directory(), &id())).unwrap()
}

/// A disk that holds these bytes as the sealed keys.
fn holding(bytes: &[u8]) -> Rc<MemoryDisk> {
    let disk = MemoryDisk::new();
    disk.replace(&path(directory(), &id()), bytes).unwrap();
    Rc::new(disk)
}

#[test]
fn sealed_keys_are_opened_by_name_and_stay_when_more_are_sealed() {
    let disk = Rc::new(MemoryDisk::new());
    let odd = "é\" \u{1f600}&<\\";
    sealer(&disk).seal(&[("old", &Secret::new(odd)), ("new", &Secret::new(CANARY))]).unwrap();
    sealer(&disk).seal(&[("back", &Secret::new("")), ("new", &Secret::new(CANARY))]).unwrap();
    for (name, text) in [("old", odd), ("new", CANARY), ("back", "")] {
        assert_eq!(sealer(&disk).open(name).unwrap().expose(), text);
    }
    let all = sealer(&disk).open_all().unwrap();
    assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["old", "new", "back"]);
    assert_eq!(all[1].1.expose(), CANARY);
    let (head, lines) = parse(&bytes(&disk)).unwrap();
    assert_eq!((head.sealed_with.as_str(), lines[1].fp.clone()), (key(1).name(), fingerprint(&Secret::new(CANARY))));
    // From here on it is hidden in all output.
    assert!(!scrub(&format!("psk {CANARY}")).contains(CANARY));
}

#[test]
fn key_is_never_overwritten_by_another_of_its_name() {
    let disk = Rc::new(MemoryDisk::new());
    sealer(&disk).seal(&[("new", &Secret::new("one"))]).unwrap();
    let before = bytes(&disk);
    let error = sealer(&disk).seal(&[("new", &Secret::new("two"))]).unwrap_err();
    assert!(error.message.contains("another key with the name new"), "{error}");
    assert_eq!(bytes(&disk), before);
}

#[test]
fn same_key_sealed_twice_differs_and_never_shows() {
    let disk = Rc::new(MemoryDisk::new());
    sealer(&disk).seal(&[("a", &Secret::new(CANARY)), ("b", &Secret::new(CANARY))]).unwrap();
    let text = String::from_utf8(bytes(&disk)).unwrap();
    let lines: Vec<Line> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_ne!(lines[0].nonce, lines[1].nonce);
    assert_ne!(lines[0].sealed, lines[1].sealed);
    assert!(!text.contains(CANARY) && !text.contains(&STANDARD.encode(CANARY)) && !text.contains(&crate::model::hex(CANARY.as_bytes())));
}

/// Sealed by another implementation: the AEAD of draft-irtf-cfrg-xchacha A.3.1, its own key, nonce and text.
#[test]
fn cipher_is_xchacha20_poly1305() {
    let key: [u8; 32] = std::array::from_fn(|place| 0x80 + place as u8);
    let nonce: [u8; 24] = std::array::from_fn(|place| 0x40 + place as u8);
    let bound = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
    let mut text = *b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    let cipher = XChaCha20Poly1305::new(&key.into());
    let tag = cipher.encrypt_inout_detached(&XNonce::from(nonce), &bound, text.as_mut_slice().into()).unwrap();
    assert_eq!(crate::model::hex(&text[..16]), "bd6d179d3e83d43b9576579493c0e939");
    assert_eq!(crate::model::hex(&tag), "c0875924c1c7987947deafd8780acf49");
}

#[test]
fn wrong_sealing_key_is_named_with_what_to_pass() {
    let disk = Rc::new(MemoryDisk::new());
    sealer(&disk).seal(&[("new", &Secret::new(CANARY))]).unwrap();
    let other = Sealer::new(disk, directory(), &id(), key(2));
    for error in [other.open("new").unwrap_err(), other.seal(&[("x", &Secret::new("x"))]).unwrap_err()] {
        let text = error.to_string();
        assert_eq!(error.exit, exit::CREDENTIALS);
        for part in [key(1).name(), key(2).name(), "/config/tunnelctl/seal-2.key", FLAG, VARIABLE, id().as_str()] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn changed_file_is_refused_or_opens_the_same_keys() {
    let disk = Rc::new(MemoryDisk::new());
    sealer(&disk).seal(&[("old", &Secret::new("first key")), ("new", &Secret::new(CANARY))]).unwrap();
    let whole = bytes(&disk);
    for place in 0..whole.len() {
        for change in [0x01, 0x20, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= change;
            let sealer = sealer(&holding(&changed));
            for (name, text) in [("old", "first key"), ("new", CANARY)] {
                match sealer.open(name) {
                    Ok(opened) => assert_eq!(opened.expose(), text, "byte {place} ^ {change:02x}"),
                    Err(error) => assert!(!error.to_string().contains(CANARY)),
                }
            }
        }
        let _ = sealer(&holding(&whole[..place])).open("new");
    }
}

#[test]
fn sealed_key_under_another_name_or_operation_is_refused() {
    let disk = Rc::new(MemoryDisk::new());
    sealer(&disk).seal(&[("old", &Secret::new("first key")), ("new", &Secret::new(CANARY))]).unwrap();
    let text = String::from_utf8(bytes(&disk)).unwrap();
    let swapped = text.replace("\"old\"", "\"x\"").replace("\"new\"", "\"old\"").replace("\"x\"", "\"new\"");
    let error = sealer(&holding(swapped.as_bytes())).open("new").unwrap_err();
    assert!(error.message.contains("was changed"), "{error}");
    let other: OperationId = "20261121-023159-aaaa".parse().unwrap();
    let moved = text.replace(id().as_str(), other.as_str());
    let disk = MemoryDisk::new();
    disk.replace(&path(directory(), &other), moved.as_bytes()).unwrap();
    assert!(Sealer::new(Rc::new(disk), directory(), &other, key(1)).open("new").is_err());
    // The same file under another operation's name.
    let disk = MemoryDisk::new();
    disk.replace(&path(directory(), &other), text.as_bytes()).unwrap();
    let error = Sealer::new(Rc::new(disk), directory(), &other, key(1)).open("new").unwrap_err();
    assert!(error.message.contains("it belongs to operation 20261121-023159-k7f2"), "{error}");
}

#[test]
fn earlier_keys_open_after_death_at_any_instant_of_sealing() {
    let begin = Rc::new(MemoryDisk::new());
    sealer(&begin).seal(&[("old", &Secret::new("first key"))]).unwrap();
    let whole = Rc::new(begin.copy());
    sealer(&whole).seal(&[("new", &Secret::new(CANARY))]).unwrap();
    for nth in 1..=whole.effects() + 1 {
        for death in [Death::Kill, Death::Power, Death::Torn(1), Death::Torn(200)] {
            let disk = Rc::new(begin.copy());
            disk.die_at(nth, death);
            let sealed = sealer(&disk).seal(&[("new", &Secret::new(CANARY))]).is_ok();
            disk.revive();
            assert_eq!(sealer(&disk).open("old").unwrap().expose(), "first key", "effect {nth}, {death:?}");
            match sealer(&disk).open("new") {
                Ok(key) => assert_eq!(key.expose(), CANARY),
                Err(_) => assert!(!sealed, "effect {nth}, {death:?}"),
            }
            // What the death left behind does not get in the way.
            sealer(&disk).seal(&[("new", &Secret::new(CANARY))]).unwrap();
            disk.cut_power();
            disk.revive();
            assert_eq!(sealer(&disk).open("new").unwrap().expose(), CANARY);
        }
    }
}

#[test]
fn failing_disk_is_reported_and_keeps_earlier_keys() {
    let begin = Rc::new(MemoryDisk::new());
    sealer(&begin).seal(&[("old", &Secret::new("first key"))]).unwrap();
    for nth in 1..=5 {
        let disk = Rc::new(begin.copy());
        disk.fail_at(nth, io::ErrorKind::StorageFull);
        let error = sealer(&disk).seal(&[("new", &Secret::new(CANARY))]).unwrap_err().to_string();
        assert!(error.contains("make room") && !error.contains(CANARY), "{error}");
        disk.cut_power();
        disk.revive();
        assert_eq!(sealer(&disk).open("old").unwrap().expose(), "first key");
    }
}

#[test]
fn shredded_keys_are_overwritten_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let disk: Rc<dyn Disk> = Rc::new(RealDisk::default());
    let sealer = Sealer::new(Rc::clone(&disk), home.path(), &id(), key(1));
    let shred = || disk.shred(&path(home.path(), &id()));
    shred().unwrap();
    sealer.seal(&[("new", &Secret::new(CANARY))]).unwrap();
    let file = path(home.path(), &id());
    let length = file.metadata().unwrap().len();
    let open = std::fs::File::open(&file).unwrap();
    // Left by a death while writing.
    std::fs::write(home.path().join(".20261121-023159-k7f2.keys.part"), "sealed").unwrap();
    shred().unwrap();
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    assert_eq!(std::io::read_to_string(open).unwrap(), "\0".repeat(length as usize));
    assert!(sealer.open("new").unwrap_err().message.contains("shredded"));
}
