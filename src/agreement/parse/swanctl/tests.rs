use super::*;
use crate::agreement::{IdKind, NONE, Psk};

const CONF: &str = r#"# a tunnel
connections {
    hq {
        version = 2
        local_addrs = 192.0.2.1
        remote_addrs = 192.0.2.2
        proposals = aes256-sha256-modp2048, aes256gcm16-prfsha384-ecp384
        dpd_delay = 30s
        local { auth = psk
            id = @hq.example.com
        }
        remote {
            auth = psk
            id = 192.0.2.2
        }
        children {
            net {
                local_ts = 10.1.0.0/24,10.3.0.0/24
                remote_ts = 10.2.0.0/24
                esp_proposals = aes256-sha256-modp2048-modpnone
                life_time = 1h
                start_action = start
            }
        }
    }
}
secrets {
    ike-1 {
        id = 192.0.2.9
        secret = "canary-other"
    }
    ike-2 {
        id = 192.0.2.2
        secret = 0x63616e6172792d317a
    }
}
"#;

fn one(text: &str) -> Result<End, Fault> {
    read(text, "a.conf").map(|mut ends| ends.remove(0).1)
}

#[test]
fn a_connection_is_an_end() {
    let end = one(CONF).unwrap();
    assert_eq!(end.name, "a.conf:hq");
    assert_eq!(end.versions, Some(vec![Term::Ikev2]));
    assert_eq!(end.ike.len(), 2);
    assert_eq!(end.ike[1].to_string(), "aes256gcm16-none-sha384-group20");
    assert_eq!(end.esp[0].groups.as_ref().unwrap().last(), Some(&NONE));
    assert_eq!(end.local_id, Some(Identity { kind: IdKind::Fqdn, text: "hq.example.com".into() }));
    assert_eq!(end.children.as_ref().unwrap()[0].local.len(), 2);
    assert_eq!((end.child_lifetime_secs, end.start), (Some(3600), Some(Start::Always)));
    let Psk::Known(secret) = &end.psk else { panic!("no key") };
    assert_eq!(secret.expose(), "canary-1z", "the key of this peer, decoded");
}

#[test]
fn faults_are_named_with_line_and_column() {
    for (text, message) in [
        ("connections {\n  a {\n", "line 2, column 1: the file ends inside \"a\", opened on line 2"),
        ("connections {\n}\n}\n", "line 3, column 1: } without a matching {"),
        ("  include x.conf\n", "line 1, column 3: include is not followed: name the file that holds the connection itself"),
        ("connections {\n a {\n  versoin = 2\n }\n}\n", "line 3, column 3: \"versoin\" is not a setting of \"a\""),
        ("connections {\n a {\n  version = 3\n }\n}\n", "line 3, column 13: version must be 0, 1 or 2"),
        ("connections {\n a {\n  proposals = aes256-sha3-modp2048\n }\n}\n", "line 3, column 22: \"sha3\" is not a known algorithm"),
        ("connections {\n a : b {\n }\n}\n", "line 2, column 2: references to other sections are not followed"),
        ("foo {\n}\n", "line 1, column 1: \"foo\" is not a section of swanctl.conf"),
        ("connections {\n a {\n  dpd_delay = soon\n }\n}\n", "line 3, column 15: dpd_delay must be a time, such as 3600, 60m or 8h"),
        ("hello world\n", "line 1, column 1: expected the name of a section or setting"),
        (
            "secrets {\n ike-1 {\n  secret = 0xzz-canary\n }\n}\n",
            "line 3, column 12: the secret starts with 0x or 0s, but is not valid hex or base64",
        ),
    ] {
        assert_eq!(read(text, "a").unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn every_prefix_is_read_or_refused_and_shows_no_key() {
    for end in 0..CONF.len() {
        match read(&CONF[..end], "a") {
            Ok(ends) => assert!(!format!("{ends:?}").contains("canary")),
            Err(fault) => assert!(!fault.to_string().contains("canary"), "{fault}"),
        }
    }
}

#[test]
fn defaults_are_those_of_strongswan() {
    let end = one("connections {\n a {\n  remote_addrs = 192.0.2.2\n  children { n { } }\n }\n}\n").unwrap();
    assert_eq!(end.versions, Some(vec![Term::Ikev2, Term::Ikev1]));
    assert_eq!(end.remote_id, Some(Identity::any()));
    assert_eq!(end.start, Some(Start::ByHand));
    assert!(matches!(end.psk, Psk::Missing));
}
