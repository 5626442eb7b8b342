use super::*;

const SWANCTL: &str = "# keys\r\nconnections {\r\n  a : template {\r\n    version = 2\r\n  }\r\n}\r\nsecrets {\r\n  eap-x {\r\n    secret = \"password\"\r\n  }\r\n  \
                       ike-branch {\r\n    id = @branch.example.com\r\n    secret = \"canary \\\"one\\\" #1\" # since 2020\r\n  }\r\n  ike-hq { id = @hq\r\n    secret = canary-two }\r\n}\r\n";

const IPSEC: &str = "# keys\n@a @b : PSK \"canary #1 'q'\" # old\n192.0.2.1\t2001:db8::1 :PSK 0x63616e6172792d74776f\n: RSA {\n\tModulus: 0x12\n\t}\n\
                     @c : XAUTH \"password\"\n@d\n  %any : psk\n  'canary-three'\n: PSK 0sY2FuYXJ5LWZvdXI=";

fn read(text: &str, name: &str) -> KeyFile {
    KeyFile::read(text, Some(name)).unwrap()
}

fn fault(text: &str, name: Option<&str>) -> String {
    KeyFile::read(text, name).unwrap_err().to_string()
}

#[test]
fn a_key_of_swanctl_is_replaced_by_hex_and_nothing_else_changes() {
    let file = read(SWANCTL, "ike-branch");
    assert_eq!((file.form(), file.key().expose()), (Form::Swanctl, "canary \"one\" #1"));
    let new = Secret::new("new key");
    let text = file.with_key(&new);
    assert_eq!(*text, SWANCTL.replace("\"canary \\\"one\\\" #1\"", "0x6e6577206b6579"));
    assert!(read(&text, "ike-branch").key().matches(&new));
    assert_eq!(read(&text, "ike-hq").key().expose(), "canary-two");
    assert_eq!(*read(SWANCTL, "ike-hq").with_key(&new), SWANCTL.replace("canary-two", "0x6e6577206b6579"));
}

#[test]
fn a_key_of_ipsec_secrets_is_replaced_by_hex_and_nothing_else_changes() {
    let new = Secret::new("new key");
    for (name, key, written) in [
        ("@a @b", "canary #1 'q'", "\"canary #1 'q'\""),
        ("@b  @a", "canary #1 'q'", "\"canary #1 'q'\""),
        ("2001:db8::1 192.0.2.1", "canary-two", "0x63616e6172792d74776f"),
        ("@d %any", "canary-three", "'canary-three'"),
        ("%any", "canary-four", "0sY2FuYXJ5LWZvdXI="),
    ] {
        let file = read(IPSEC, name);
        assert_eq!((file.form(), file.key().expose()), (Form::IpsecSecrets, key), "{name}");
        let text = file.with_key(&new);
        assert_eq!(*text, IPSEC.replace(written, "0x6e6577206b6579"), "{name}");
        assert!(read(&text, name).key().matches(&new), "{name}");
    }
}

#[test]
fn a_file_of_one_line_is_the_key_itself() {
    for (text, key) in [("0xcanary", "0xcanary"), ("canary\r\n", "canary"), (" ca:nary \"x\"\n", " ca:nary \"x\"")] {
        let file = KeyFile::read(text, None).unwrap();
        assert_eq!((file.form(), file.key().expose(), file.name()), (Form::Plain, key, None));
        assert_eq!(*file.with_key(&Secret::new("new")), text.replace(key, "new"));
    }
    assert!(fault("canary\n", Some("a")).ends_with("leave out :a"));
}

#[test]
fn the_wanted_key_must_be_unambiguous() {
    let one = "secrets {\n ike {\n secret = canary\n }\n}\n";
    assert_eq!(KeyFile::read(one, None).unwrap().name(), Some("ike"));
    for (text, name, message) in [
        (
            SWANCTL,
            None,
            "line 13, column 14: there are several pre-shared keys: ike-branch, ike-hq; name one after the file and a colon, as in file:PATH:ike-hq",
        ),
        (SWANCTL, Some("ike-x"), "line 13, column 14: there is no pre-shared key \"ike-x\" in it; there are: ike-branch, ike-hq"),
        (SWANCTL, Some("eap-x"), "line 13, column 14: there is no pre-shared key \"eap-x\" in it; there are: ike-branch, ike-hq"),
        (
            IPSEC,
            None,
            "line 2, column 13: there are several pre-shared keys: @a @b, 192.0.2.1 2001:db8::1, @d %any, %any; name one after the file and a colon, \
             as in file:PATH:%any",
        ),
        (
            "@a @b : PSK 'canary'\n@b @a : PSK 'canary-2'\n",
            Some("@a @b"),
            "line 2, column 13: \"@a @b\" occurs more than once, on line 1 and here: remove one, since it is not known which one counts",
        ),
        (
            "# x\ninclude /etc/ipsec.d/*.secrets\n",
            None,
            "line 2, column 1: there is no pre-shared key in it; line 2 includes other files, which are not followed: name the file that holds the key itself",
        ),
        (
            "include x\n: RSA key.pem\n",
            None,
            "line 1, column 1: there is no pre-shared key in it; line 1 includes other files, which are not followed: name the file that holds the key itself",
        ),
        ("connections {\n}\n", None, "line 1, column 1: there is no pre-shared key in it"),
        (
            "secrets {\n ike-a : b {\n }\n}\n",
            None,
            "line 2, column 2: the secret has no value here, and references to other sections are not followed",
        ),
    ] {
        assert_eq!(fault(text, name), message);
    }
}

#[test]
fn two_keys_for_one_peer_are_warned_of() {
    let text = "secrets {\n ike-a {\n id = @b\n secret = x\n }\n ike-b {\n id = @b\n secret = y\n }\n}\n";
    assert_eq!(
        read(text, "ike-a").warnings(),
        ["line 8: ike-b is for the same peer: a daemon that holds two keys for one peer may send either of them"]
    );
    assert!(read(SWANCTL, "ike-branch").warnings().is_empty());
}

#[test]
fn binary_keys_and_other_files_are_refused() {
    for (text, message) in [
        (
            ": PSK 0xff00",
            "line 1, column 7: the key is binary: decoded, it is not text (UTF-8), and a cloud can hold only text; use a key that is text",
        ),
        (": PSK 0xzz", "line 1, column 7: the key starts with 0x or 0s, but is not valid hex or base64"),
        (": PSK \"\"", "line 1, column 7: the key is empty"),
        (": PSK \"a\" b", "line 1, column 11: text after the key: enclose the key in quotes, of the kind that it does not contain"),
        (": PSK \"a", "line 1, column 7: the closing quote of the key is missing"),
        ("@a @b : PSK\n@c : PSK 'x'", "line 1, column 1: expected [IDS] : PSK \"KEY\""),
        ("\n", "line 1, column 1: there is no pre-shared key in it: the file is empty"),
        ("# a\n", "line 1, column 1: there is no pre-shared key in it: only comments"),
        ("config setup\n\nconn a\n left=%any\n", "line 1, column 1: this is an ipsec.conf, which holds no key: name its ipsec.secrets"),
        (
            "a\nb\n",
            "line 1, column 1: expected a swanctl.conf with secrets, an ipsec.secrets (@a @b : PSK \"...\"), or a file of one line that is the key",
        ),
    ] {
        assert_eq!(fault(text, None), message, "{text}");
    }
}

#[test]
fn hex_is_decoded_as_strongswan_does() {
    for (written, key) in [("0x261", "\u{2}a"), ("\"0X61\"", "a"), ("0S YQ==", ""), ("0SYQ==", "a"), ("61", "61")] {
        let text = format!("secrets {{\n ike {{\n secret = {written}\n }}\n}}\n");
        assert_eq!(KeyFile::read(&text, None).map_or(String::new(), |file| file.key().expose().to_owned()), key, "{written}");
    }
}

#[test]
fn every_prefix_and_every_lost_byte_is_read_or_refused_and_shows_no_key() {
    for whole in [SWANCTL, IPSEC] {
        for place in 0..whole.len() {
            for text in [whole[..place].to_owned(), [&whole[..place], &whole[place + 1..]].concat()] {
                for name in [None, Some("ike-branch"), Some("@a @b")] {
                    match KeyFile::read(&text, name) {
                        Ok(file) => {
                            assert!(!format!("{file:?}").contains("canary"));
                            let new = Secret::new("new key");
                            assert!(KeyFile::read(&file.with_key(&new), file.name()).unwrap().key().matches(&new), "{text}");
                        }
                        Err(fault) => assert!(!fault.to_string().contains("canary"), "{fault}: {text}"),
                    }
                }
            }
        }
    }
}
