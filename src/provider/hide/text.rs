//! Texts that hold a key: configurations of routers and daemons, XML, headers, in a field of any name.

use super::name::is_secret_name;
use crate::model::HIDDEN;

/// Words behind which a configuration has its key, in lower case, without blanks, hyphens and underscores.
const MARKS: &[&str] = &[
    "psk",
    "presharedkey",
    "presharekey",
    "presharedsecret",
    "sharedkey",
    "sharedsecret",
    "passphrase",
    "password",
    "passwd",
    "secret",
    "privatekey",
    "authkey",
    "apikey",
    "authorization",
    "bearer",
    "credential",
    "cookie",
    "keystring",
    "cipher",
    "预共享密钥",
    "密钥",
    "密码",
];

/// The text without its keys; `None` where it has none. A text of several lines, or of XML, is hidden whole; of one line,
/// what stands behind the word that announces a key.
pub(super) fn without_keys(text: &str) -> Option<String> {
    let mark = first_mark(text)?;
    let lines = text.trim().lines().count();
    if lines > 1 || text.trim_start().starts_with(['<', '{', '[']) || text.contains("\\n") {
        return Some(HIDDEN.to_owned());
    }
    let head = text.get(..mark)?;
    Some(format!("{head} {HIDDEN}"))
}

/// The byte behind the first word that announces a key, where something stands behind it.
fn first_mark(text: &str) -> Option<usize> {
    if !text.is_ascii() && MARKS.iter().any(|mark| !mark.is_ascii() && text.contains(mark)) {
        let end = MARKS.iter().filter(|mark| !mark.is_ascii()).filter_map(|mark| Some(text.find(mark)? + mark.len())).min()?;
        return Some(end);
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return text.find("-----BEGIN ");
    }
    let mut words: Vec<(usize, String)> = Vec::new();
    for (start, word) in words_of(text).filter(|(_, word)| !word.is_empty()) {
        let end = start + word.len();
        let behind = text.get(end..).unwrap_or_default();
        let joined = |from: usize| words.iter().skip(from).map(|(_, word)| word.as_str()).collect::<String>() + &word.to_ascii_lowercase();
        let announces = (words.len().saturating_sub(2)..=words.len()).any(|from| {
            let joined = joined(from);
            MARKS.contains(&joined.as_str())
        }) || (is_secret_name(word) && (!word.eq_ignore_ascii_case("auth") || assigns(behind)));
        if announces && has_value(behind) {
            return Some(end);
        }
        words.push((start, word.to_ascii_lowercase()));
    }
    None
}

/// Whether a word gets a value: `auth: x`, `"auth" = x`. Without that, `auth` is mostly a word of a sentence.
fn assigns(behind: &str) -> bool {
    behind.trim_start_matches(['"', '\'', ' ', '\\']).starts_with([':', '='])
}

/// Whether anything stands behind a word that could be a value.
fn has_value(behind: &str) -> bool {
    behind.chars().any(char::is_alphanumeric)
}

/// The words of a text, with the byte where each begins.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(move |piece| {
        let place = start;
        start += piece.len();
        (place, piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_show_no_key() {
        for text in [
            "<?xml version=\"1.0\"?>\n<ike><pre_shared_key>CANARY</pre_shared_key></ike>",
            "<ike><pre-shared-key>CANARY</pre-shared-key></ike>",
            "crypto isakmp key CANARY address 192.0.2.1",
            "crypto isakmp key 6 CANARY address 192.0.2.1",
            "crypto ikev2 keyring K\n peer P\n  pre-shared-key CANARY",
            "pre-shared-key local cipher CANARY",
            "ike peer a\n pre-shared-key simple CANARY\n",
            "tunnel-group 192.0.2.1 ipsec-attributes\n ikev1 pre-shared-key CANARY",
            "set security ike policy P pre-shared-key ascii-text \"CANARY\"",
            "set vpn ipsec site-to-site peer 192.0.2.1 authentication pre-shared-secret CANARY",
            "set psksecret CANARY",
            "/ip ipsec identity add peer=a secret=\"CANARY\"",
            "connections { a { } } secrets { ike-a { secret = CANARY } }",
            "secrets {\n  ike-a {\n    secret = 0sQ0FOQVJZ\n  }\n}",
            "192.0.2.1 192.0.2.2 : PSK \"CANARY\"",
            ": PSK 'CANARY'",
            "[Peer]\nPresharedKey = CANARY",
            "username admin password 7 CANARY",
            "enable secret 5 CANARY",
            "key CANARY",
            "Authorization: Bearer CANARY",
            "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----",
            "the key is CANARY",
            "预共享密钥：CANARY",
            "psk=CANARY",
            "auth: CANARY",
            "PSKCANARY psk:CANARY",
        ] {
            let clean = without_keys(text).unwrap_or_else(|| panic!("{text}"));
            assert!(!clean.contains("CANARY") || clean.starts_with("PSKCANARY psk "), "{text}: {clean}");
            assert!(clean.contains(HIDDEN), "{text}: {clean}");
        }
    }

    #[test]
    fn other_texts_stay() {
        for text in [
            "",
            "vpn connection test",
            "the tunnel to the monkey house",
            "authentication by certificates",
            "auth failed after 3 tries",
            "rekey after 3600 s",
            "master key",
            "10.0.0.0/24",
        ] {
            assert_eq!(without_keys(text), None, "{text}");
        }
    }
}
