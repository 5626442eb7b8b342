//! What people type for a word of the model: the names that RFCs, daemons and devices have for it.

/// MODP groups by their length in bits (RFC 2409, RFC 3526), ECP groups by theirs (RFC 5903), and their IANA numbers.
const GROUPS: [(&str, &str); 12] = [
    ("modp768", "1"),
    ("modp1024", "2"),
    ("modp1536", "5"),
    ("modp2048", "14"),
    ("modp3072", "15"),
    ("modp4096", "16"),
    ("modp6144", "17"),
    ("modp8192", "18"),
    ("ecp256", "19"),
    ("ecp384", "20"),
    ("ecp521", "21"),
    ("modp2048s256", "24"),
];

/// The words that a text may stand for, whether or not a cloud has them: `AES-256` is `aes256`, `14` and `modp2048` are `group14`.
#[must_use]
pub fn meant(text: &str) -> Vec<String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let mut words = vec![plain.clone()];
    let group = GROUPS.iter().find(|(name, _)| *name == plain).map_or_else(
        || ["dhgroup", "group", "dh", "g"].iter().find_map(|prefix| plain.strip_prefix(prefix)).unwrap_or(&plain),
        |(_, number)| number,
    );
    words.push(format!("group{group}"));
    let version = ["ike", "v"].iter().find_map(|prefix| plain.strip_prefix(prefix)).unwrap_or(&plain);
    words.push(format!("ikev{}", version.trim_start_matches('v')));
    // aes-256-cbc and aes-cbc-256; aes256gcm, aes-gcm-256 and aes256gcm128 (the ICV in bits).
    words.push(plain.replace("cbc", ""));
    let aead = plain.split_once("gcm").and_then(|(before, behind)| {
        let key = [before.strip_prefix("aes")?, behind].into_iter().find(|bits| ["128", "192", "256"].contains(bits))?;
        Some(format!("aes{key}gcm16"))
    });
    words.extend(aead);
    // sha2-256, hmac-sha256, sha256-128 and sha-1.
    let hash = plain.strip_prefix("hmac").unwrap_or(&plain);
    words.extend([hash.replace("sha2256", "sha256").replace("sha2384", "sha384").replace("sha2512", "sha512"), format!("{hash}1")]);
    words.extend(["128", "192", "256", "96"].iter().filter_map(|cut| hash.strip_suffix(cut)).map(str::to_owned));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_field_lead_to_our_words() {
        for (typed, word) in [
            ("14", "group14"),
            ("dh-group14", "group14"),
            ("MODP2048", "group14"),
            ("ecp256", "group19"),
            ("AES-256", "aes256"),
            ("aes-256-cbc", "aes256"),
            ("aes_cbc_256", "aes256"),
            ("aes256gcm", "aes256gcm16"),
            ("aes256gcm128", "aes256gcm16"),
            ("AES-GCM-256", "aes256gcm16"),
            ("SHA-1", "sha1"),
            ("sha", "sha1"),
            ("SHA2-256", "sha256"),
            ("hmac-sha-256", "sha256"),
            ("sha256-128", "sha256"),
            ("2", "ikev2"),
            ("IKEv2", "ikev2"),
            ("v1", "ikev1"),
        ] {
            assert!(meant(typed).iter().any(|known| known == word), "{typed}: {:?}", meant(typed));
        }
    }
}
