use super::algorithms::{Place, algorithms, left_out};
use super::file::Setting;
use super::{Beside, read};
use crate::agreement::parse::Fault;
use crate::agreement::{Address, Algorithm, End, IdKind, Method, Peers, Proposal, Psk};
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

fn texts(proposals: &[Proposal]) -> Vec<String> {
    proposals.iter().map(ToString::to_string).collect()
}

fn list(text: &str, place: Place) -> Result<Vec<String>, String> {
    let setting = Setting { name: "ike".into(), value: text.into(), line: 1, start: 1, column: 1 };
    algorithms(&setting, place).map(|proposals| texts(&proposals)).map_err(|fault| fault.to_string())
}

const IKE: Place = Place { ike: true, v1: false };
const ESP: Place = Place { ike: false, v1: false };
const IKE_V1: Place = Place { ike: true, v1: true };
const ESP_V1: Place = Place { ike: false, v1: true };
const ALL: &str = "group14-group15-group16-group18-group19-group20-group21-group31";

/// What `algparse` of 4.10 prints for each.
#[test]
fn libreswans_words_are_read() {
    for (text, place, expected) in [
        ("aes256-sha2_256;modp2048", IKE, "aes256-sha256-group14"),
        ("aes128-sha1-dh19", IKE, "aes128-sha1-group19"),
        ("aes256;modp2048", IKE, "aes256-sha512-sha256-group14"),
        ("aes", IKE, &format!("aes256-aes128-sha512-sha256-{ALL}")),
        ("AES-256-SHA1;dh14", IKE, "aes256-sha1-group14"),
        ("aes-128+aes-256-sha1;dh14", IKE, "aes128-aes256-sha1-group14"),
        ("aes_gcm256-sha2;dh20+dh21", IKE, "aes256gcm16-none-sha256-group20-group21"),
        ("aes_gcm-none-sha2;ecp_256", IKE, "aes256gcm16-aes128gcm16-none-sha256-group19"),
        ("chacha20poly1305;curve25519", IKE, "chacha20poly1305-none-sha512-sha256-group31"),
        ("aes256-sha1_96-sha2;dh14", IKE, "aes256-sha1-sha256-group14"),
        ("aes_gcm256-null;modp2048", ESP, "aes256gcm16-none-group14"),
        ("aes_gcm_8_256", ESP, "aes256gcm8-none-none"),
        ("aes256+aes128-sha1", ESP, "aes256-aes128-sha1-none"),
        ("3des", ESP, "3des-sha512-sha256-none"),
        ("aes256-aes_xcbc", ESP, "aes256-aesxcbc-none"),
        ("aes-sha1;none", ESP, "aes256-aes128-sha1-none"),
        ("aes_gmac256-null", ESP, "aes256gmac-none-none"),
        ("null-sha1", ESP, "null-sha1-none"),
        ("aes256", ESP_V1, "aes256-sha1-none"),
    ] {
        assert_eq!(list(text, place), Ok(vec![expected.to_owned()]), "{text}");
    }
    assert_eq!(list("aes256-sha1", IKE_V1).unwrap(), ["aes256-sha1-group14", "aes256-sha1-group5"]);
    assert_eq!(list("aes256-sha1;modp2048,3des-md5", IKE_V1).unwrap(), ["aes256-sha1-group14", "3des-md5-group14", "3des-md5-group5"]);
}

#[test]
fn what_libreswan_refuses_is_refused_with_its_place() {
    for (text, place, message) in [
        ("aes256-sha1;modp2048!", IKE, "line 1, column 13: \"modp2048!\" is not a group"),
        ("aes128-sha1;none", IKE, "column 13: \"none\": the IKE SA needs a group"),
        ("twofish-sha1", IKE, "column 1: \"twofish\" is not a cipher"),
        ("aes256-sha1;modp2048;modp4096", IKE, "column 22: \"modp4096\" is too much"),
        ("aes256-prfsha256", IKE, "column 8: \"prfsha256\" is not a hash"),
        ("aes256-modp2048", IKE, "column 8: \"modp2048\" is not a hash"),
        ("aes256-sha1-sha2", IKE, "column 13: \"sha2\" is not a group"),
        ("aes_ccm", IKE, "does not support \"aes_ccm\" for the IKE SA"),
        ("aes_gcm-sha1", ESP, "this cipher has integrity of its own"),
        ("aes-none", ESP, "goes without a hash"),
        ("aes256,aes256-sha1;esn", ESP, "column 20: \"esn\" is not a group"),
        ("aes512", ESP, "a key length of 512"),
        ("3des192", ESP, "takes no key length"),
        ("aes256gcm16", ESP, "\"aes256gcm16\" is not a cipher"),
        ("aes+aes_gcm", ESP, "cannot be joined"),
        ("aes256-sha1;modp2048+modp1536", IKE_V1, "IKEv1 takes one value here"),
        ("aes_gcm", IKE_V1, "for the IKE SA of IKEv1"),
        ("aes256,,", IKE, "\"\" is not a cipher"),
    ] {
        let error = list(text, place).unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn what_is_left_out_is_libreswans_own() {
    assert_eq!(texts(&left_out(IKE))[0], format!("aes256gcm16-none-sha512-sha256-{ALL}"));
    assert_eq!(
        texts(&left_out(ESP)),
        ["aes256gcm16-none-none", "aes128gcm16-none-none", "aes256-sha512-sha256-none", "aes128-sha512-sha256-none"]
    );
    assert_eq!(texts(&left_out(IKE_V1))[0], "aes256-aes128-sha256-sha512-sha1-group14");
    assert_eq!(texts(&left_out(ESP_V1)), ["aes128-aes256-sha1-none", "3des-sha1-none"]);
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
        (end.auth.sends(), end.auth.expects(), end.refusals.len())
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

/// The key that an end at 192.0.2.1 takes for 198.51.100.1: measured with 4.10.
#[test]
fn the_best_fit_counts_and_of_equals_the_first() {
    let (ours, theirs, other) = ("192.0.2.1", "198.51.100.1", "203.0.113.77");
    for (secrets, expected) in [
        (format!("{ours} {theirs} : PSK \"K\"\n"), "K"),
        (format!("{theirs} {ours} : PSK \"K\"\n"), "K"),
        (format!("{ours} : PSK \"K\"\n"), "K"),
        (": PSK \"K\"\n".to_owned(), "K"),
        (format!("{theirs} : PSK \"K\"\n"), "none"),
        (format!("{ours} {other} : PSK \"K\"\n"), "none"),
        (format!("{ours} {theirs} {other} : PSK \"K\"\n"), "K"),
        (format!("{ours} : PSK \"K\"\n{ours} {theirs} : PSK \"L\"\n"), "L"),
        (format!(": PSK \"L\"\n{ours} : PSK \"K\"\n"), "K"),
        (format!("%any : PSK \"L\"\n{ours} %any : PSK \"K\"\n"), "K"),
        (format!("{ours} : PSK \"L\"\n{ours} %any : PSK \"K\"\n"), "K"),
        (format!("%any {theirs} : PSK \"L\"\n{ours} %any : PSK \"K\"\n"), "K"),
        ("%any : PSK \"K\"\n%any %any : PSK \"L\"\n".to_owned(), "K"),
        (": PSK \"K\"\n: PSK \"L\"\n".to_owned(), "K"),
        (format!("0.0.0.0 {theirs} : PSK \"K\"\n"), "K"),
        (format!("@{ours} @{theirs} : PSK \"K\"\n"), "none"),
        (format!("{ours} {theirs}: psk\t'K'# remark\n"), "K"),
        (": PSK \"K\"\n%any : PSK \"L\"\n".to_owned(), "K"),
        (format!("%any : PSK \"L\"\n{theirs} %any : PSK \"K\"\n"), "K"),
        (format!("{ours} : PSK \"K\"\n{theirs} %any : PSK \"L\"\n"), "K"),
        (format!("{other} %any : PSK \"K\"\n: PSK \"L\"\n"), "K"),
        (format!("{ours} {theirs} : PSK \"K\"\n{ours} {theirs} %any : PSK \"L\"\n"), "K"),
        (format!("{ours} {ours} : PSK \"K\"\n"), "none"),
        (format!("{ours}, : PSK \"K\"\n"), "K"),
        (format!("{ours}\t{theirs}: psk\t'K' # remark\n"), "K"),
        (format!("{ours} {theirs} :PSK \"K\"\n"), "none"),
        (format!("{ours}, {theirs} : PSK \"K\"\n"), "none"),
        (format!("%any, %any: PSK 'K'\n"), "K"),
        (format!("{ours} {theirs} : PSK\n  \"K\"\n"), "K"),
        (format!("{ours}\n# remark\n\n {theirs}\n : PSK\n \"K\"\n"), "K"),
        (" : PSK \"K\"\n".to_owned(), "none"),
        (format!("%any : PSK \"L\"\n : PSK \"K\"\n"), "none"),
        (": PSK K\n".to_owned(), "none"),
        (": PSK 0x4b\n".to_owned(), "K"),
        (": PSK 0tK L\n".to_owned(), "K L"),
        (": PSK \"K\" L\n".to_owned(), "none"),
        (": RSA {\n  Modulus: 1\n }\n@x : XAUTH \"L\"\n: PSK \"K\"\n".to_owned(), "K"),
        ("# nothing\n".to_owned(), "none"),
        ("include /etc/ipsec.d/*.secrets\n".to_owned(), "?"),
        ("vpn.example.com : PSK \"L\"\n".to_owned(), "?"),
        (format!("vpn.example.com : PSK \"L\"\n{ours} {theirs} : PSK \"K\"\n"), "K"),
    ] {
        let end = with_secrets("conn a\n\tauthby=secret\n\tleft=192.0.2.1\n\tright=198.51.100.1\n", "a", &secrets).unwrap();
        let found = match &end.psk {
            Psk::Known(key) => key.expose().to_owned(),
            Psk::Missing => "none".to_owned(),
            Psk::Unreadable => "?".to_owned(),
        };
        assert_eq!(found, expected, "{secrets}{:?}", end.notes);
    }
}

#[test]
fn what_gives_no_key_is_noted_with_its_place_and_shows_none() {
    for (secrets, note) in [
        ("192.0.2.1 :PSK \"canary\"\n", "ipsec.secrets: line 1, column 11: no blank stands behind the colon"),
        ("192.0.2.1 PSK \"canary\"\n", "line 1, column 1: there is no colon before PSK"),
        (": PSK canary\n", "line 1, column 7: the key is neither in quotes"),
        (": PSK \"canary\n", "line 1, column 7: the closing quote"),
        (": PSK \"canary\" canary\n", "line 1, column 16: something stands behind the key"),
        (" : PSK \"canary\"\n", "line 1, column 2: a blank before the first entry"),
    ] {
        let end = with_secrets("conn a\n\tauthby=secret\n\tleft=192.0.2.1\n\tright=198.51.100.1\n", "a", secrets).unwrap();
        assert!(end.notes.iter().any(|text| text.contains(note)), "{secrets}: {:?}", end.notes);
        assert!(!end.notes.iter().any(|text| text.contains("canary")), "{:?}", end.notes);
        assert!(matches!(end.psk, Psk::Missing));
    }
}

#[test]
fn an_end_without_an_address_takes_the_entry_that_names_its_peer() {
    let conf = "conn a\n\tauthby=secret\n\tleft=%defaultroute\n\tright=198.51.100.1\n";
    let end = with_secrets(conf, "a", "203.0.113.5 198.51.100.1 : PSK \"K\"\n").unwrap();
    assert!(matches!(end.psk, Psk::Known(_)));
    let end = with_secrets(conf, "a", "203.0.113.5 198.51.100.1 : PSK \"K\"\n203.0.113.6 198.51.100.1 : PSK \"L\"\n").unwrap();
    assert!(matches!(end.psk, Psk::Unreadable) && end.notes.len() == 1, "{:?}", end.notes);
}
