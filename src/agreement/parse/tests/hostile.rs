//! Hostile input: every reader accepts it, or refuses it with a place. None panics or shows a key.

use proptest::prelude::*;

use super::super::*;

type Reader = fn(&str) -> Result<Vec<(String, End)>, Fault>;

const READERS: [(&str, Reader); 4] = [
    ("swanctl", |text| swanctl::read(text, "a")),
    ("libreswan", |text| all(libreswan::read(text, "a", None)?)),
    ("secrets", |text| {
        let beside = libreswan::Beside { text, file: "b" };
        all(libreswan::read("conn a\n authby=secret\n left=192.0.2.1\n right=192.0.2.2\n", "a", Some(beside))?)
    }),
    ("toml", |text| toml::read(text, "a").map(|end| vec![(String::new(), end)])),
];

/// The connections of a file of which each can be read.
fn all(ends: Vec<(String, Result<End, Fault>)>) -> Result<Vec<(String, End)>, Fault> {
    ends.into_iter().map(|(name, end)| Ok((name, end?))).collect()
}

/// The files among the fixtures that a reader here accepts, or nearly accepts.
fn fixtures() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut texts = Vec::new();
    for folder in ["ends", "export/swanctl", "export/libreswan"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            // The exports are kept as a test prints them.
            texts.push(std::fs::read_to_string(entry.unwrap().path()).unwrap().replace("\\u{9}", "\t"));
        }
    }
    assert!(texts.len() > 20);
    texts
}

/// Reads bytes with every reader, after checking that they are text, as the command does.
fn read_all(bytes: &[u8]) {
    let text = match text(bytes) {
        Ok(text) => text,
        Err(fault) => return in_place(&fault, bytes),
    };
    for (_, reader) in READERS {
        match reader(text) {
            Ok(ends) => {
                let shown = format!("{ends:?}");
                assert!(!shown.contains("not-the-key") && !shown.contains("canary"), "{shown}");
            }
            Err(fault) => in_place(&fault, bytes),
        }
    }
}

/// Asserts that a fault has a place within the text, a message of readable size, and no part of a key.
fn in_place(fault: &Fault, bytes: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    assert!(fault.line >= 1 && fault.line <= lines.len(), "{fault}");
    assert!(fault.column >= 1 && fault.column <= lines[fault.line - 1].len() + 1, "{fault}: {:?}", lines[fault.line - 1]);
    assert!(!fault.message.is_empty() && fault.message.len() < 500, "{fault}");
    assert!(!fault.message.contains(char::is_control), "{fault}");
    assert!(!fault.message.contains("not-the-key") && !fault.message.contains("canary"), "{fault}");
}

#[test]
fn every_prefix_of_every_fixture_is_read_or_refused_with_a_place() {
    for text in fixtures() {
        // Every prefix of the ends. The many exports are alike, so of those only the prefixes that end with a word.
        let ends = text
            .char_indices()
            .map(|(place, _)| place)
            .filter(|place| text.len() < 1400 || text[..*place].ends_with([' ', '\n', '=', '{', '}']));
        for end in ends.chain([text.len()]) {
            read_all(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn every_fixture_with_a_foreign_byte_is_read_or_refused_with_a_place() {
    for (number, text) in fixtures().into_iter().enumerate() {
        for (place, odd) in (0..text.len()).step_by(17).zip(
            [&b"\x00"[..], b"\xff", b"{", b"}", b"\"", b"=", b"\n", b"\r", b"#", b"\xc3\xa9", b"[", b",", b"-"].iter().cycle().skip(number),
        ) {
            let mut bytes = text.as_bytes().to_vec();
            bytes.splice(place..place, odd.iter().copied());
            read_all(&bytes);
        }
    }
}

#[test]
fn lines_of_a_megabyte_are_refused_but_many_lines_are_not() {
    let long = "x".repeat(1 << 20);
    for head in ["", "connections {\n", "conn a\n ", "[ike]\n", "a = \"", "# "] {
        let text = format!("{head}{long}");
        let fault = super::super::text(text.as_bytes()).unwrap_err();
        in_place(&fault, text.as_bytes());
        assert!(fault.message.contains("the line has"), "{fault}");
    }
    // Just below the limit of a line, and below the limit of a file.
    let wide = "y".repeat((64 << 10) - 64);
    for text in [
        wide.clone(),
        format!("connections {{\n a {{\n  proposals = {wide}\n }}\n}}\n"),
        format!("conn a\n left=192.0.2.1\n right=192.0.2.2\n ike={wide}\n"),
        format!("conn {wide}\n"),
        format!("[ike]\nversion = \"{wide}\"\n"),
        format!("address = \"{wide}\"\n"),
        format!(": PSK {wide}\n"),
        "a {\n".repeat(20_000),
        format!("{}{}", "a {\n".repeat(20_000), "}\n".repeat(20_000)),
        format!("connections {{\n{}\n}}\n", "a : connections {\n}\n".repeat(3000)),
        (0..40).map(|place| format!("s{place} {{\n a : s{} {{\n}}\n b : s{} {{\n}}\n}}\n", place + 1, place + 1)).collect::<String>()
            + "connections : s0 {\n}\n",
        "}\n".repeat(20_000),
        "conn a\n\talso=a\n".repeat(5000),
        "[a]\n".repeat(20_000),
        format!("a = {}", "[".repeat(20_000)),
        format!("{} = 1", "a.".repeat(20_000)),
    ] {
        read_all(text.as_bytes());
    }
}

#[test]
fn includes_and_unknown_words_are_refused_with_a_place_in_every_form() {
    for (place, text, message) in [
        (0, "connections {\n a {\n  colour = red\n }\n}\n", "line 3, column 3: \"colour\" is not a setting"),
        (
            0,
            "connections {\n a {\n  children {\n   n {\n    colour = red\n   }\n  }\n }\n}\n",
            "line 5, column 5: \"colour\" is not a setting",
        ),
        (0, "connections {\n a {\n  friends {\n  }\n }\n}\n", "line 3, column 3: \"friends\" is not a section"),
        (0, "secrets {\n ike {\n  secret \"canary\"\n }\n}\n", "line 3, column 3: expected the name of a section or setting"),
        (0, "secrets {\n ike {\n  secret = \"a\n }\n}\n", "line 3, column 12: the closing quote is missing"),
        (0, "secrets {\n ike {\n  secret = }}canary {\n", "line 3, column 14: text after the end of the section secrets"),
        (0, "x = 1\n", "line 1, column 1: \"x\" is outside"),
        (1, "conn a\n\tcolour=red\n", "line 2, column 2: \"colour\" is not a setting"),
        (1, "colour a\n", "line 1, column 1: expected conn NAME or config setup"),
        (3, "colour = \"red\"\n", "line 1, column 1: \"colour\" is not a known field"),
        (3, "include = \"b\"\n", "line 1, column 1: \"include\" is not a known field"),
    ] {
        let (name, reader) = READERS[place];
        let fault = reader(text).err().unwrap_or_else(|| panic!("{name} takes {text:?}"));
        assert!(fault.to_string().starts_with(message), "{name}: {fault}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn any_words_of_the_languages_are_read_or_refused_with_a_place(
        words in prop::collection::vec(prop::sample::select(vec![
            "connections", "secrets", "children", "conn", "config setup", "a", "also", "left", "right", "ike", "esp", "=", "{", "}", "\n", "\n\t", " ",
            "\"", "\\", "#", ",", "-", ";", "+", "aes256", "sha256", "modp2048", "192.0.2.1", "10.0.0.0/8", "%any", "0x", "0s", ": PSK", "[ike]", "[", "]",
            "version", "2", "proposals", "default", "\u{e9}", "\r", "local_ts", "dynamic", "-1", "99999999999999999999", "h", "1h",
        ]), 0..60)
    ) {
        read_all(words.concat().as_bytes());
    }
}
