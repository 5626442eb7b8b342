//! Libreswan's words for algorithms.

use super::file::Setting;
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::words;
use crate::agreement::{Algorithm, NONE, Proposal, Transform};

/// Reads `ike=` and `esp=`: `aes256-sha2_256;modp2048`, `aes_gcm256-null;dh19`. Commas separate proposals, `+` separates
/// values of one type.
pub(super) fn algorithms(setting: &Setting, is_ike: bool) -> Result<Vec<Proposal>, Fault> {
    let (mut proposals, mut offset) = (Vec::new(), 0);
    for item in setting.value.split(',') {
        let (mut encryption, mut integrity, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        let mut place = offset;
        for (position, part) in item.trim().split(['-', ';']).enumerate() {
            for word in part.split('+') {
                let unknown = || Fault::new(setting.line, setting.column + place, format!("{word:?} is not a known algorithm"));
                match (position, group(word)) {
                    (1.., Some(group)) => groups.push(group),
                    (0, None) => encryption.push(cipher(word).ok_or_else(unknown)?),
                    (1, None) => integrity.push(hash(word).ok_or_else(unknown)?),
                    // A third word is the PRF or a group. In IKEv2 the PRF follows the integrity, so it is not kept.
                    (2, None) if hash(word).is_some() => {}
                    _ => return Err(unknown()),
                }
                place += word.chars().count() + 1;
            }
        }
        let aead = encryption.iter().any(Algorithm::is_aead);
        if integrity.is_empty() {
            integrity = if aead { vec![NONE] } else { ["sha256", "sha512", "sha1"].map(Algorithm::named).to_vec() };
        }
        if groups.is_empty() {
            groups = if is_ike {
                [14, 15, 16, 19, 20, 21, 31].map(|number| Algorithm::made(format!("group{number}"))).to_vec()
            } else {
                vec![NONE]
            };
        }
        let (encryption, integrity, groups) = (Some(encryption), Some(integrity), Some(groups));
        proposals.push(Proposal { encryption, integrity, groups, ..Proposal::default() });
        offset += item.chars().count() + 1;
    }
    Ok(proposals)
}

fn cipher(word: &str) -> Option<Algorithm> {
    let word = word.to_ascii_lowercase();
    Some(Algorithm::named(match word.as_str() {
        "3des" | "3des_cbc" => "3des",
        "des" => "des",
        "aes" | "aes128" | "aes_cbc128" | "aes_128" | "aes_cbc_128" => "aes128",
        "aes192" | "aes_cbc192" | "aes_192" | "aes_cbc_192" => "aes192",
        "aes256" | "aes_cbc256" | "aes_256" | "aes_cbc_256" => "aes256",
        "aes_gcm128" | "aes_gcm_128" | "aes_gcm_c_128" | "aes_gcm_16_128" => "aes128gcm16",
        "aes_gcm192" | "aes_gcm_192" | "aes_gcm_c_192" | "aes_gcm_16_192" => "aes192gcm16",
        "aes_gcm256" | "aes_gcm_256" | "aes_gcm_c_256" | "aes_gcm_16_256" | "aes_gcm" => "aes256gcm16",
        "chacha20_poly1305" | "chacha20poly1305" => "chacha20poly1305",
        "null" => "null",
        _ => return None,
    }))
}

fn hash(word: &str) -> Option<Algorithm> {
    let word = word.to_ascii_lowercase();
    Some(Algorithm::named(match word.as_str() {
        "md5" | "hmac_md5" => "md5",
        "sha1" | "sha" | "hmac_sha1" => "sha1",
        "sha2" | "sha256" | "sha2_256" | "hmac_sha2_256" => "sha256",
        "sha384" | "sha2_384" | "hmac_sha2_384" => "sha384",
        "sha512" | "sha2_512" | "hmac_sha2_512" => "sha512",
        "null" | "none" => "none",
        _ => return None,
    }))
}

fn group(word: &str) -> Option<Algorithm> {
    let word = word.to_ascii_lowercase();
    if let Some(number) = word.strip_prefix("dh").and_then(|number| number.parse::<u8>().ok()) {
        return Some(Algorithm::made(format!("group{number}")));
    }
    words::read(&word).filter(|(transform, _)| *transform == Transform::Group).map(|(_, group)| group)
}
