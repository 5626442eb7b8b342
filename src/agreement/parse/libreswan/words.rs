//! Libreswan's words for algorithms, as its own `algparse` (4.10) takes and refuses them.

/// A cipher: its words, our name without a key length, its key lengths (none: it takes no length), and where it is known.
type Cipher = (&'static [&'static str], &'static str, &'static [u16], Use);

/// Where a cipher can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// In both phases, with both versions.
    Everywhere,
    /// In both phases, with IKEv2 only.
    Ikev2,
    /// For Child SAs only.
    Esp,
    /// For Child SAs, and in phase 1 with IKEv2 only.
    NotIkev1,
}

const AES: &[u16] = &[256, 128, 192];

/// All ciphers. A `*` in our name stands for the key length.
const CIPHERS: &[Cipher] = &[
    (&["aes", "aes_cbc"], "aes*", AES, Use::Everywhere),
    (&["3des", "3des_cbc"], "3des", &[], Use::Everywhere),
    (&["camellia", "camellia_cbc"], "camellia*", AES, Use::Everywhere),
    (&["aes_gcm", "aes_gcm_16", "aes_gcm_c"], "aes*gcm16", AES, Use::NotIkev1),
    (&["aes_gcm_12", "aes_gcm_b"], "aes*gcm12", AES, Use::NotIkev1),
    (&["aes_gcm_8", "aes_gcm_a"], "aes*gcm8", AES, Use::NotIkev1),
    (&["aes_ctr", "aesctr"], "aes*ctr", AES, Use::Everywhere),
    (&["chacha20_poly1305", "chacha20poly1305"], "chacha20poly1305", &[], Use::Ikev2),
    (&["aes_ccm", "aes_ccm_16", "aes_ccm_c"], "aes*ccm16", AES, Use::Esp),
    (&["aes_ccm_12", "aes_ccm_b"], "aes*ccm12", AES, Use::Esp),
    (&["aes_ccm_8", "aes_ccm_a"], "aes*ccm8", AES, Use::Esp),
    (&["null_auth_aes_gmac", "aes_gmac"], "aes*gmac", AES, Use::Esp),
    (&["null"], "null", &[], Use::Esp),
    // Known, but refused when the connection is loaded.
    (&["des"], "des", &[], Use::Everywhere),
];

/// Hashes: the words, our name, and whether the word can stand for a PRF, that is, in `ike=` first.
const HASHES: &[(&[&str], &str, bool)] = &[
    (&["md5", "hmac_md5"], "md5", true),
    (&["hmac_md5_96"], "md5", false),
    (&["sha", "sha1", "hmac_sha1"], "sha1", true),
    (&["sha1_96", "hmac_sha1_96"], "sha1", false),
    (&["sha2", "sha256", "sha2_256", "hmac_sha2_256"], "sha256", true),
    (&["sha2_256_128", "hmac_sha2_256_128"], "sha256", false),
    (&["sha384", "sha2_384", "hmac_sha2_384"], "sha384", true),
    (&["sha2_384_192", "hmac_sha2_384_192"], "sha384", false),
    (&["sha512", "sha2_512", "hmac_sha2_512"], "sha512", true),
    (&["sha2_512_256", "hmac_sha2_512_256"], "sha512", false),
    (&["aes_xcbc", "aes128_xcbc"], "aesxcbc", true),
    (&["aes_xcbc_96"], "aesxcbc", false),
    (&["aes_cmac", "aes_cmac_96"], "aescmac", false),
];

/// Groups: the words beside `dhNUMBER`, and the number. 1, 2 and 22 to 24 are known, but refused when the connection is
/// loaded.
const GROUPS: &[(&str, u8)] = &[
    ("modp768", 1),
    ("modp1024", 2),
    ("modp1536", 5),
    ("modp2048", 14),
    ("modp3072", 15),
    ("modp4096", 16),
    ("modp6144", 17),
    ("modp8192", 18),
    ("ecp_256", 19),
    ("ecp256", 19),
    ("ecp_384", 20),
    ("ecp384", 20),
    ("ecp_521", 21),
    ("ecp521", 21),
    ("curve25519", 31),
];

/// The groups that `dhNUMBER` names.
const NUMBERS: &[u8] = &[1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 31];

/// A cipher and its key lengths in order of preference; `None`: no such word.
///
/// # Errors
/// That the cipher has no such key length.
pub(super) fn cipher(word: &str, length: Option<&str>) -> Option<Result<(Vec<String>, Use), String>> {
    let word = word.to_ascii_lowercase();
    let exact = |word: &str| CIPHERS.iter().find(|(words, ..)| words.contains(&word));
    let (row, length) = match exact(&word) {
        Some(row) => (row, length.map(str::to_owned)),
        None => {
            // The length may follow at once, or behind an underscore.
            let start = word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let (stem, digits) = word.split_at(start);
            let row = exact(stem).or_else(|| exact(stem.strip_suffix('_')?))?;
            if digits.is_empty() || length.is_some() {
                return None;
            }
            (row, Some(digits.to_owned()))
        }
    };
    let (_, name, lengths, place) = row;
    Some(match length {
        None if lengths.is_empty() => Ok((vec![(*name).to_owned()], *place)),
        // Without a length it is the longest and the shortest: 256 and 128.
        None => Ok((lengths.iter().take(2).map(|length| name.replace('*', &length.to_string())).collect(), *place)),
        Some(_) if lengths.is_empty() => Err(format!("{word:?} takes no key length")),
        Some(length) => match lengths.iter().find(|known| known.to_string() == length) {
            Some(_) => Ok((vec![name.replace('*', &length)], *place)),
            None => Err(format!("a key length of {length} is not known for {word:?}: 128, 192 or 256")),
        },
    })
}

/// A hash, and whether it can be a PRF.
pub(super) fn hash(word: &str) -> Option<(&'static str, bool)> {
    let word = word.to_ascii_lowercase();
    HASHES.iter().find(|(words, ..)| words.contains(&word.as_str())).map(|(_, name, prf)| (*name, *prf))
}

/// The number of a group; 0 is none.
pub(super) fn group(word: &str) -> Option<u8> {
    let word = word.to_ascii_lowercase();
    if word == "none" || word == "null" || word == "dh0" {
        return Some(0);
    }
    let number = || word.strip_prefix("dh")?.parse::<u8>().ok().filter(|number| NUMBERS.contains(number));
    GROUPS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number).or_else(number)
}

/// The word of a cipher with its key length.
pub(super) fn cipher_word(name: &str) -> Option<String> {
    CIPHERS.iter().find_map(|(words, pattern, lengths, _)| {
        let word = words.first()?;
        if lengths.is_empty() {
            return (*pattern == name).then(|| (*word).to_owned());
        }
        let length = lengths.iter().find(|length| pattern.replace('*', &length.to_string()) == name)?;
        Some(format!("{word}{length}"))
    })
}

/// The word of a hash, which can also stand for a PRF.
pub(super) fn hash_word(name: &str) -> Option<&'static str> {
    let (words, ..) = HASHES.iter().find(|(_, ours, prf)| *ours == name && *prf)?;
    // The word that says the most: sha2_256 before sha2, sha1 before sha.
    words.iter().find(|word| word.starts_with("sha2_") || **word == "sha1").or(words.first()).copied()
}

/// The word of a group that Libreswan loads.
pub(super) fn group_word(number: u8) -> Option<String> {
    let is_loaded = NUMBERS.contains(&number) && !matches!(number, 1 | 2 | 22..=24);
    let word = GROUPS.iter().find(|(word, of)| *of == number && word.starts_with("modp")).map(|(word, _)| (*word).to_owned());
    is_loaded.then(|| word.unwrap_or_else(|| format!("dh{number}")))
}
