mod included;
mod keys;
mod words;

use super::{Beside, read};
use crate::agreement::parse::Fault;
use crate::agreement::{Address, Algorithm, End, IdKind, Method, Peers, Psk};
use crate::model::Term;

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
    with_secrets(text, name, SECRETS)
}

fn with_secrets(text: &str, name: &str, secrets: &str) -> Result<End, Fault> {
    let ends = read(text, "ipsec.conf", Some(Beside { text: secrets, file: "ipsec.secrets" }))?;
    ends.into_iter().find(|(known, _)| known == name).unwrap().1
}

/// A connection with these further settings.
fn with(settings: &str) -> Result<End, Fault> {
    let conf = "conn a\n\tauthby=secret\n\tleft=192.0.2.1\n\tright=198.51.100.1\n\tleftsubnet=10.1.0.0/24\n\trightsubnet=10.2.0.0/24\n";
    with_secrets(&format!("config setup\n\tikev1-policy=accept\n{conf}{settings}"), "a", ": PSK \"canary\"\n")
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
fn faults_are_named_with_line_and_column() {
    let conn = |line: &str| format!("conn a\n left=192.0.2.1\n right=192.0.2.2\n {line}\n");
    for (text, message) in [
        (conn("ikev3=yes"), "line 4, column 2: \"ikev3\" is not a setting of a connection"),
        (conn("ike=aes256-sha3"), "line 4, column 13: \"sha3\" is not a hash that Libreswan knows"),
        (conn("pfs=maybe"), "line 4, column 6: pfs must be yes or no"),
        (conn("also=b"), "line 4, column 7: there is no connection \"b\""),
        (conn("also"), "line 4, column 2: expected NAME=VALUE"),
        (
            conn("ike=aes256, aes128"),
            "line 4, column 6: a value with white space must stand in double quotes: Libreswan does not load the file",
        ),
        (conn("type=passthrough"), "line 4, column 7: type=passthrough: this connection sets up no tunnel"),
        ("conn a\n right=192.0.2.2\n".into(), "line 1, column 1: the connection has no left="),
        ("foo bar\n".into(), "line 1, column 1: expected conn NAME or config setup, not \"foo\""),
        (" left=a\n".into(), "line 1, column 2: a setting before the first conn"),
        ("conn a\nleft=a\n".into(), "line 2, column 1: a setting must stand behind white space; without it, a line starts a section"),
    ] {
        let fault = read(&text, "a", None).map(|ends| ends.into_iter().next().unwrap().1.unwrap_err()).unwrap_or_else(|fault| fault);
        assert_eq!(fault.to_string(), message, "{text}");
    }
}

#[test]
fn comments_stand_anywhere() {
    let end = named("conn a # the office\n\tauthby=secret # as agreed\n\tleft=192.0.2.1\t#us\n#\tleft=1\n\n\tleftid=\"@a # b\" # x\n\tright=192.0.2.2 \n", "a").unwrap();
    assert_eq!(end.local_id.unwrap().text, "a # b");
    assert_eq!(end.auth.local, [Method::Psk]);
    assert!(
        matches!(named("conn a\n left=192.0.2.1#x\n right=192.0.2.2\n", "a"), Err(fault) if fault.line == 2),
        "no white space, no comment"
    );
}

#[test]
fn the_method_is_a_certificate_unless_a_key_is_asked_for() {
    let methods = |settings: &str| {
        let conf = format!("conn a\n ikev2=insist\n left=192.0.2.1\n right=192.0.2.2\n{settings}");
        let end = named(&conf, "a").unwrap();
        (end.auth.sends(), end.auth.expects(false), end.refusals.len())
    };
    let words = |local: &str, remote: &str, refused: usize| (local.to_owned(), remote.to_owned(), refused);
    assert_eq!(methods(""), words("certificate", "certificate", 0));
    assert_eq!(methods(" leftrsasigkey=%cert\n"), words("certificate", "certificate", 0));
    assert_eq!(methods(" authby=secret\n leftrsasigkey=%cert\n"), words("psk", "psk", 0));
    assert_eq!(methods(" authby=secret,rsasig\n"), words("certificate", "psk or certificate", 0));
    assert_eq!(methods(" leftauth=secret\n rightauth=secret\n"), words("psk", "psk", 0));
    assert_eq!(methods(" authby=null\n"), words("null", "null", 0));
    for refused in [
        " authby=psk\n",
        " authby=secret|rsasig\n",
        " authby=secret\n leftauth=secret\n",
        " authby=secret\n leftauth=secret\n rightauth=rsasig\n",
    ] {
        assert_eq!(methods(refused).2, 1, "{refused}");
    }
}

#[test]
fn the_version_is_one_alone() {
    for (setting, version) in [
        ("", Term::Ikev2),
        ("ikev2=propose", Term::Ikev2),
        ("ikev2=yes", Term::Ikev2),
        ("ikev2=permit", Term::Ikev1),
        ("ikev2=never", Term::Ikev1),
        ("keyexchange=ike", Term::Ikev2),
    ] {
        assert_eq!(with(&format!("\t{setting}\n").replace("\t\n", "")).unwrap().versions, Some(vec![version]), "{setting}");
    }
}

#[test]
fn ikev1_is_loaded_only_where_the_policy_accepts_it() {
    let conn = "conn a\n\tikev2=no\n\tauthby=secret\n\tleft=192.0.2.1\n\tright=192.0.2.2\n";
    let counts = |setup: &str| {
        let end = named(&format!("{setup}{conn}"), "a").unwrap();
        (end.refusals.len(), end.doubts.len())
    };
    assert_eq!(counts("config setup\n\tikev1-policy=accept\n"), (0, 0));
    assert_eq!(counts("config setup\n\tikev1-policy=drop # hardened\n"), (1, 0));
    assert_eq!(counts("config setup\n\tikev1-policy = reject\n"), (1, 0));
    assert_eq!(counts("config setup\n\tuniqueids=yes\n"), (0, 1));
    assert_eq!(counts(""), (0, 1));
}

#[test]
fn a_neighbour_or_a_template_stops_nobody_else() {
    let conf = "conn broken\n\tike=nonsense\n\tleft=192.0.2.1\n\tright=192.0.2.9\n\nconn base\n\tleft=192.0.2.1\n\tauthby=secret\n\nconn a\n\talso=base\n\tright=192.0.2.2\n";
    let ends = read(conf, "x", None).unwrap();
    let names: Vec<(&str, bool)> = ends.iter().map(|(name, end)| (name.as_str(), end.is_ok())).collect();
    assert_eq!(names, [("broken", false), ("a", true)]);
}

#[test]
fn the_right_end_may_be_this_machine() {
    let swapped = "conn a\n\tauthby=secret\n\tleft=198.51.100.1\n\tleftid=@far\n\tleftsubnet=10.2.0.0/24\n\tright=%defaultroute\n\trightid=@near\n\trightsubnet=10.1.0.0/24\n";
    let end = named(swapped, "a").unwrap();
    assert_eq!((end.address, end.local_id.unwrap().text.as_str()), (Address::Any, "near"));
    assert!(matches!(end.peers, Peers::Listed(nets) if nets[0].addr().to_string() == "198.51.100.1"));
    assert_eq!(end.children.unwrap()[0].local[0].to_string(), "10.1.0.0/24");
}

#[test]
fn line_ends_of_windows_are_not_loaded() {
    let text = "conn a\n left=192.0.2.1\n right=192.0.2.2\n";
    let refused = |text: &str| with_secrets(text, "a", "").unwrap().refusals.iter().any(|refusal| refusal.value == "CR LF");
    assert!(refused(&text.replace('\n', "\r\n")) && refused(&text.replace(".1\n", ".1\n\r\n")));
    assert!(!refused(text) && !refused(&text.replace(".1\n", ".1 # office\r\n# now\r\n")), "a comment may end so");
}

#[test]
fn strongswans_old_form_is_refused_by_its_name() {
    let conn = "conn a\n\tleft=192.0.2.1\n\tright=192.0.2.2\n\tauto=start\n";
    for line in [
        "keyexchange=ikev2",
        "ike=aes256-sha256-modp2048!",
        "closeaction=restart",
        "leftfirewall=yes",
        "authby=psk",
        "leftsubnet=10.0.0.0/24,10.1.0.0/24",
    ] {
        let error = read(&format!("{conn}\t{line}\n"), "a", None).unwrap_err().to_string();
        assert!(
            error.contains("line 5, column 2: this is strongSwan's ipsec.conf, not Libreswan's") && error.contains("swanctl.conf"),
            "{error}"
        );
    }
    let setup = read(&format!("config setup\n\tcharondebug=\"ike 2\"\n{conn}"), "a", None).unwrap_err();
    assert!(setup.message.contains("(charondebug)"), "{setup}");
    // What only Libreswan has decides.
    let mixed = read(&format!("{conn}\tcloseaction=restart\n\tikev2=insist\n"), "a", None).unwrap().remove(0).1.unwrap_err();
    assert_eq!(mixed.message, "\"closeaction\" is a setting of strongSwan's ipsec.conf, not of Libreswan's");
}

#[test]
fn every_prefix_is_read_or_refused_and_shows_no_key() {
    for end in 0..CONF.len() {
        let _ = read(&CONF[..end], "a", Some(Beside { text: SECRETS, file: "b" }));
    }
    for end in 0..SECRETS.len() {
        let ends = read(CONF, "a", Some(Beside { text: &SECRETS[..end], file: "b" })).unwrap();
        assert!(!format!("{ends:?}").contains("canary"));
    }
}
