use super::file::Setting;
use super::*;

const CONF: &str = "config setup
    ikev1-policy=accept

conn %default
    authby=secret
    ikelifetime=24h

# the tunnel
conn hq
    also=addresses
    ikev2=insist
    ike=aes256-sha2_256;modp2048
    esp=aes256-sha2_256
    leftsubnets={10.1.0.0/24,10.3.0.0/24}
    rightsubnet=10.2.0.0/24
    auto=start

conn addresses
    left=192.0.2.1
    leftid=@hq.example.com
    right=192.0.2.2
";

const SECRETS: &str = "@hq.example.com 192.0.2.2 : PSK \"canary-2y\"\n";

fn named(text: &str, name: &str) -> Result<End, Fault> {
    let ends = read(text, "ipsec.conf", Some(SECRETS))?;
    Ok(ends.into_iter().find(|(known, _)| known == name).unwrap().1)
}

#[test]
fn a_connection_is_an_end_with_one_child_for_each_pair() {
    let end = named(CONF, "hq").unwrap();
    assert_eq!(end.versions, Some(vec![Term::Ikev2]));
    assert_eq!(end.local_id.unwrap().kind, IdKind::Fqdn);
    assert_eq!(end.children.unwrap().len(), 2);
    assert_eq!(end.esp[0].groups, Some(vec![Algorithm::named("group14")]), "pfs takes the group of the IKE SA");
    assert_eq!(end.ike_lifetime_secs, Some(86_400));
    let Psk::Known(secret) = &end.psk else { panic!("no key") };
    assert_eq!(secret.expose(), "canary-2y");
}

#[test]
fn libreswans_words_are_read() {
    let setting = |text: &str| Setting { name: "ike".into(), value: text.into(), line: 1, column: 1 };
    let read = |text: &str, is_ike| algorithms(&setting(text), is_ike).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read("aes256-sha2_256;modp2048", true), ["aes256-sha256-group14"]);
    assert_eq!(read("aes128-sha1-dh19,3des-md5;modp1536", true), ["aes128-sha1-group19", "3des-md5-group5"]);
    assert_eq!(read("aes_gcm256-null;modp2048", false), ["aes256gcm16-none-group14"]);
    assert_eq!(read("aes256+aes128-sha1", false), ["aes256-aes128-sha1-none"]);
}

#[test]
fn faults_are_named_with_line_and_column() {
    let conn = |line: &str| format!("conn a\n left=192.0.2.1\n right=192.0.2.2\n {line}\n");
    for (text, message) in [
        (conn("ikev3=yes"), "line 4, column 2: \"ikev3\" is not a setting of a connection"),
        (conn("ike=aes256-sha3"), "line 4, column 13: \"sha3\" is not a known algorithm"),
        (conn("pfs=maybe"), "line 4, column 6: pfs must be yes or no"),
        (conn("also=b"), "line 4, column 7: there is no connection \"b\""),
        (conn("also"), "line 4, column 2: expected NAME=VALUE"),
        ("include /etc/x\n".into(), "line 1, column 1: include is not followed: name the file that holds the connection itself"),
        ("conn a\n right=192.0.2.2\n".into(), "line 1, column 1: the connection has no left="),
        ("foo bar\n".into(), "line 1, column 1: expected conn NAME or config setup, not \"foo\""),
        (" left=a\n".into(), "line 1, column 2: a setting before the first conn"),
    ] {
        assert_eq!(read(&text, "a", None).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn every_prefix_is_read_or_refused_and_shows_no_key() {
    for end in 0..CONF.len() {
        let _ = read(&CONF[..end], "a", Some(SECRETS));
    }
    for end in 0..SECRETS.len() {
        match read(CONF, "a", Some(&SECRETS[..end])) {
            Ok(ends) => assert!(!format!("{ends:?}").contains("canary")),
            Err(fault) => assert!(!fault.to_string().contains("canary"), "{fault}"),
        }
    }
}
