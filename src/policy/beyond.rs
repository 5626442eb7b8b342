//! Algorithms that daemons support but no cloud does: the model has no word for them, but they can be judged by name.

/// Their names, as the readers of the daemons' files spell them.
const KNOWN: &[&str] = &[
    "aes128gcm8",
    "aes128gcm12",
    "aes256gcm8",
    "aes256gcm12",
    "aes128ccm16",
    "aes256ccm16",
    "aes128ctr",
    "aes192ctr",
    "aes256ctr",
    "chacha20poly1305",
    "camellia128",
    "camellia256",
    "sha256_96",
    "aesxcbc",
    "aescmac",
];

/// Whether a name is one of them.
pub(super) fn is_known(name: &str) -> bool {
    let group = || name.strip_prefix("group").is_some_and(|number| number.parse().is_ok_and(|number: u8| (1..=32).contains(&number)));
    KNOWN.contains(&name) || group()
}
