use super::super::{Beside, read, read_with};
use crate::agreement::parse::{Connections, Followed};
use crate::agreement::{End, Psk};

/// A distribution's file, with an include at its end, and a file of keys that is nothing but one.
const CONF: &str = "config setup\n\nconn tunnel\n also=base\n right=192.0.2.2\n\ninclude /etc/ipsec.d/*.conf\n";
const KEYS: &str = "include /etc/ipsec.d/*.secrets\n: PSK \"canary-of-the-file\"\n";

/// Reads both with what stands in the included files.
fn with(conf: &str, secrets: &str) -> Connections {
    let follow = |keys: bool, from: &str, pattern: &str| -> Option<Followed> {
        assert_eq!((from, pattern), ("", if keys { "/etc/ipsec.d/*.secrets" } else { "/etc/ipsec.d/*.conf" }));
        let (name, text) = if keys { ("/etc/ipsec.d/a.secrets", secrets) } else { ("/etc/ipsec.d/a.conf", conf) };
        Some(Followed { files: vec![(name.to_owned(), text.to_owned().into())], notes: Vec::new() })
    };
    read_with(CONF, "ipsec.conf", Some(Beside { text: KEYS, file: "ipsec.secrets" }), &follow).unwrap()
}

fn key(end: &End) -> &str {
    match &end.psk {
        Psk::Known(key) => key.expose(),
        Psk::Unreadable => "?",
        Psk::Missing => "",
    }
}

#[test]
fn included_connections_and_keys_stand_where_the_include_stands() {
    let ends = with("conn base\n left=192.0.2.1\n authby=secret\n", ": PSK \"canary-included\"\n");
    assert_eq!(ends.len(), 1, "a template is none");
    let end = ends[0].1.as_ref().unwrap();
    assert_eq!((key(end), end.notes.as_slice()), ("canary-included", &[][..]), "of equals the first");
}

#[test]
fn a_fault_in_an_included_file_names_that_file() {
    let fault = |conf: &str| with(conf, "").remove(0).1.unwrap_err().to_string();
    assert_eq!(
        fault("conn base\n left=192.0.2.1\n ike=aex\n"),
        "line 7, column 1: /etc/ipsec.d/a.conf: line 3, column 6: \"aex\" is not a cipher that Libreswan knows"
    );
    let ends = with("conn base\n left=192.0.2.1\n authby=secret\n", "@a :PSK \"canary-glued\"\n");
    let end = ends[0].1.as_ref().unwrap();
    assert_eq!(key(end), "canary-of-the-file");
    assert!(
        end.notes[0].starts_with("ipsec.secrets: line 1, column 1: /etc/ipsec.d/a.secrets: line 1, column 4: no blank"),
        "{:?}",
        end.notes
    );
}

#[test]
fn what_is_not_followed_is_noted() {
    let ends = read("conn a\n left=192.0.2.1\n right=192.0.2.2\ninclude /etc/ipsec.d/*.conf\n", "f", None).unwrap();
    assert_eq!(ends[0].1.as_ref().unwrap().notes, ["line 4, column 1: include /etc/ipsec.d/*.conf is not followed"]);
    let ends = read(CONF, "f", None).unwrap();
    assert_eq!(
        ends[0].1.as_ref().unwrap_err().to_string(),
        "line 4, column 7: there is no connection \"base\" in what was read (line 7, column 1: include /etc/ipsec.d/*.conf is not followed)"
    );
}
