use super::*;
use crate::agreement::{Address, Auth, IdKind, Identity, Method, NONE, Peers, Psk, Start};

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
        ("connections {\n a {\n  versoin = 2\n }\n}\n", "line 3, column 3: \"versoin\" is not a setting of \"a\""),
        ("connections {\n a {\n  version = 3\n }\n}\n", "line 3, column 13: version must be 0, 1 or 2"),
        ("connections {\n a {\n  proposals = aes256-sha3-modp2048\n }\n}\n", "line 3, column 22: \"sha3\" is not a known algorithm"),
        ("connections {\n a : b {\n }\n}\nb : b {\n}\n", "line 5, column 5: \"b\" refers to itself"),
        ("connections {\n a : b\n}\n", "line 2, column 2: expected { after \"a\""),
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

/// A connection in the odd forms that strongSwan reads all the same, with what each form changes.
fn settled(text: &str) -> End {
    one(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

const PLAIN: &str = "connections {\n a {\n  version = 1\n  remote_addrs = 192.0.2.2\n  local {\n   auth = psk\n  }\n }\n}\n";

#[test]
fn the_syntax_is_that_of_strongswan() {
    for text in [
        PLAIN.replace(" {\n", "\n{\n"),
        PLAIN.replace('\n', "\r\n"),
        PLAIN.replace("= 1\n", "= 1# old\n").replace(" a {", " a { # the office"),
        PLAIN.replace("{\n   auth = psk\n  }", "{ auth = \"psk\" }"),
        PLAIN.replace("version = 1", "version = 2\n version =1\n mobike ="),
        PLAIN.replace("version = 1", "version = 1\n }\n a {"),
        PLAIN.replace("version = 1", "version = 1\n }\n}\nconnections {\n a {"),
        PLAIN
            .replace(" a {\n  version = 1", " a : b\n {")
            .replace("connections", "b {\n version = 1\n remote_addrs = 192.0.2.9\n}\nconnections"),
        PLAIN.replace(" a {\n  version = 1", " a : none, common.old {")
            + "common {\n old : x {\n local { auth = pubkey }\n}\n}\nx {\n version = 1\n}\n",
        format!("include conf.d/*.conf\n{PLAIN}include \"x.conf\" # more\n"),
    ] {
        let end = settled(&text);
        assert_eq!(end.versions, Some(vec![Term::Ikev1]), "{text}");
        assert_eq!(end.peers.start().unwrap().to_string(), "192.0.2.2", "{text}");
        assert_eq!(end.auth.local, [Method::Psk], "{text}");
    }
}

#[test]
fn a_setting_without_a_value_takes_away_the_inherited_one() {
    let text = "connections {\n a : b {\n  version =\n }\n}\nb {\n version = 1\n}\n";
    assert_eq!(settled(text).versions, Some(vec![Term::Ikev2, Term::Ikev1]));
}

#[test]
fn what_is_passed_over_is_noted() {
    let text = format!("{PLAIN}include conf.d/*.conf\nconections {{\n}}\nsecrets {{\n ike-1 {{\n  id = a\n }}\n}}\n");
    let end = settled(&text);
    let starts = [
        "line 10, column 1: include conf.d",
        "line 11, column 1: strongSwan passes over \"conections\"",
        "line 14, column 2: \"ike-1\" has no secret",
    ];
    assert_eq!(end.notes.len(), starts.len(), "{:?}", end.notes);
    for (note, start) in end.notes.iter().zip(starts) {
        assert!(note.starts_with(start), "{note}");
    }
    assert!(matches!(end.psk, Psk::Unreadable), "an included file may hold the key");
}

#[test]
fn included_files_are_part_of_the_section_that_includes_them() {
    let follow = |from: &str, pattern: &str| {
        let texts: &[(&str, &str)] = match (from, pattern) {
            ("", "conf.d/*") => &[("d/1", "connections { b { version = 1 } }"), ("d/2", "secrets {\n include keys\n}\n")],
            ("d/2", "keys") => &[("d/keys", "ike-2 { secret = canary }")],
            ("", "loop") | ("l", "loop") => &[("l", "include loop")],
            _ => &[("bad", "\nconnections { c { version = 9 } }")],
        };
        let files = texts.iter().map(|(name, text)| ((*name).to_owned(), zeroize::Zeroizing::new((*text).to_owned()))).collect();
        Some(crate::agreement::parse::Followed { files, notes: Vec::new() })
    };
    let ends = read_with(&format!("{PLAIN}include conf.d/*\n"), "f", &follow).unwrap();
    assert_eq!(ends.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(ends.iter().all(|(_, end)| end.as_ref().is_ok_and(|end| matches!(end.psk, Psk::Known(_)) && end.notes.is_empty())));
    let read = read_with(&format!("{PLAIN}include bad\n"), "f", &follow).unwrap();
    let fault = read[1].1.as_ref().unwrap_err();
    assert_eq!(fault.to_string(), "line 10, column 1: bad: line 2, column 29: version must be 0, 1 or 2");
    let fault = read_with("include loop\n", "f", &follow).unwrap_err();
    assert!(fault.to_string().ends_with("files include each other too often"), "{fault}");
}

#[test]
fn a_neighbour_that_cannot_be_read_does_not_stop_the_others() {
    let text = PLAIN.replace("connections {\n", "connections {\n b {\n  remote_addrs = vpn/x\n }\n");
    assert!(read(&text, "f").is_err());
    let read = read_with(&text, "f", &include::nothing).unwrap();
    assert!(read[0].1.is_err() && read[1].1.is_ok());
}

#[test]
fn rounds_are_read_with_their_methods() {
    let auth = |rounds: &str| settled(&format!("connections {{\n a {{\n{rounds}\n }}\n}}\n")).auth;
    let open = Auth { local: vec![Method::Certificate], remote: vec![vec![]] };
    assert_eq!([auth(""), auth("local { id = a }\n remote { id = b }")], [open.clone(), open.clone()]);
    assert_eq!(auth("remote { auth = pubkey }"), Auth { remote: vec![vec![Method::Certificate]], ..open });
    let text = "connections {\n a {\n remote { auth = any }\n }\n}\n";
    assert!(read_with(text, "f", &include::nothing).unwrap().remove(0).1.is_err(), "strongSwan 5.9.8 does not load it");
    let two = auth("local-2 {\n auth = eap-mschapv2\n round = 2\n}\n local-1 {\n auth = psk\n round = 1\n}\n remote { auth = psk }");
    assert_eq!(two, Auth { local: vec![Method::Psk, Method::Eap], remote: vec![vec![Method::Psk]] });
}

#[test]
fn children_keep_their_own_proposals_and_modes() {
    let end = settled(
        "connections {\n a {\n  remote_addrs = 192.0.2.2\n  local_addrs = 0.0.0.0\n  children {\n   one {\n    esp_proposals = aes128-sha1\n    start_action = start\n   }\n   \
         two {\n    mode = transport\n   }\n  }\n }\n}\n",
    );
    assert_eq!(end.address, Address::Any);
    assert!(matches!(end.peers, Peers::Listed(_)));
    let children = end.children.unwrap();
    assert_eq!(children[0].esp.len(), 1);
    assert!(children[1].esp.len() == 2 && children[1].transport && !children[0].transport);
    assert_eq!((end.esp.len(), end.start), (3, Some(Start::Always)));
}
