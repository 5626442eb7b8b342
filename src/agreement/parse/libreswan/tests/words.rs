//! Lists of algorithms.

use super::super::algorithms::{Place, algorithms, left_out};
use super::super::file::Setting;
use crate::agreement::Proposal;

fn texts(proposals: &[Proposal]) -> Vec<String> {
    proposals.iter().map(ToString::to_string).collect()
}

fn list(text: &str, place: Place) -> Result<Vec<String>, String> {
    let setting = Setting { name: "ike".into(), value: text.into(), line: 1, start: 1, column: 1, origin: None };
    algorithms(&setting, place).map(|proposals| texts(&proposals)).map_err(|fault| fault.to_string())
}

const IKE: Place = Place { ike: true, v1: false, pfs: true };
const ESP: Place = Place { ike: false, v1: false, pfs: true };
const IKE_V1: Place = Place { ike: true, v1: true, pfs: true };
const ESP_V1: Place = Place { ike: false, v1: true, pfs: true };
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
        ("aes_gcm_8_256", ESP, "aes256gcm8-none-?"),
        ("aes256+aes128-sha1", ESP, "aes256-aes128-sha1-?"),
        ("3des", ESP, "3des-sha512-sha256-?"),
        ("aes256-aes_xcbc", ESP, "aes256-aesxcbc-?"),
        ("aes-sha1;none", ESP, "aes256-aes128-sha1-none"),
        ("aes_gmac256-null", ESP, "aes256gmac-none-?"),
        ("null-sha1", ESP, "null-sha1-?"),
        ("aes256", ESP_V1, "aes256-sha1-?"),
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
        ("aes_ctr256-sha1_96-dh15", IKE, "column 20: \"dh15\" is not a PRF"),
        ("aes_gcm256-null-dh19", IKE, "column 17: \"dh19\" is not a PRF"),
        ("aes128-sha1;none", ESP_V1, "IKEv1 has no word for no group"),
        ("aes256-sha1;dh14,aes128-sha1", ESP, "column 18: with pfs=yes either all"),
        ("aes256-sha1,aes128-sha1;none", ESP_V1, "IKEv1 has no word for no group"),
        ("aes256-sha1,aes128-sha1;dh14", ESP_V1, "with pfs=yes either all"),
        ("aes256-sha1;dh14,aes128-sha1;dh15+dh14", ESP, "the same group first"),
    ] {
        let error = list(text, place).unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn groups_of_esp_go_together_as_libreswan_wants_them() {
    let without = Place { pfs: false, ..ESP };
    for (text, place) in [
        ("aes256-sha1;dh14,aes128-sha1;none", ESP),
        ("aes256-sha1;dh14+dh15,aes128-sha1;dh14", ESP),
        ("aes256-sha1;none+dh15,aes128-sha1;dh14", ESP),
        ("aes256-sha1;dh14,aes128-sha1;dh15", without),
        ("aes256-sha1;dh14,aes128-sha1", without),
        ("aes256-sha1+none", ESP),
    ] {
        assert!(list(text, place).is_ok(), "{text}");
    }
}

#[test]
fn what_is_left_out_is_libreswans_own() {
    assert_eq!(texts(&left_out(IKE))[0], format!("aes256gcm16-none-sha512-sha256-{ALL}"));
    assert_eq!(texts(&left_out(ESP)), ["aes256gcm16-none-?", "aes128gcm16-none-?", "aes256-sha512-sha256-?", "aes128-sha512-sha256-?"]);
    assert_eq!(texts(&left_out(IKE_V1))[0], "aes256-aes128-sha256-sha512-sha1-group14");
    assert_eq!(texts(&left_out(ESP_V1)), ["aes128-aes256-sha1-?", "3des-sha1-?"]);
}
