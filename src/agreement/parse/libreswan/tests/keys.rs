//! The choice of a key.

use super::with_secrets;
use crate::agreement::Psk;

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
        ("%any, %any: PSK 'K'\n".to_owned(), "K"),
        (format!("{ours} {theirs} : PSK\n  \"K\"\n"), "K"),
        (format!("{ours}\n# remark\n\n {theirs}\n : PSK\n \"K\"\n"), "K"),
        (" : PSK \"K\"\n".to_owned(), "none"),
        ("%any : PSK \"L\"\n : PSK \"K\"\n".to_owned(), "none"),
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
