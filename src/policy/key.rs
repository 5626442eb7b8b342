//! The strength of a pre-shared key. No message repeats any part of one.

use std::collections::BTreeSet;

/// Keys from the vendors' documentation, samples and Terraform providers.
const DOCUMENTED: [&str; 6] = ["Test@123", "1234****", "tencenttest", "pgw6dy7d1i8in7x5", "Example-Psk-2026", "123456****"];

/// Whether a key is published in a vendor's documentation.
pub(super) fn is_documented(key: &str) -> bool {
    DOCUMENTED.contains(&key)
}

/// Whether a key has fewer than the 32 random characters that NIST SP 800-77r1 appendix A recommends.
pub(super) fn is_short(key: &str) -> bool {
    key.chars().count() < 32
}

/// Whether a key has fewer than 128 bits, judged by its length and characters. That is an upper bound: a phrase has fewer.
pub(super) fn is_weak(key: &str) -> bool {
    let length = u32::try_from(key.chars().count()).unwrap_or(u32::MAX);
    let distinct = u32::try_from(key.chars().collect::<BTreeSet<_>>().len()).unwrap_or(u32::MAX);
    let pool: u32 = classes(key).iter().zip([26, 26, 10, 33]).filter(|(used, _)| **used).map(|(_, size)| size).sum();
    // A few characters in many repetitions are not drawn from the whole class.
    let pool = if distinct * 4 <= length { distinct } else { pool };
    // It has 128 bits where the number of possible keys overflows 128 bits; this needs no logarithm.
    u128::from(pool).checked_pow(length).is_some()
}

/// Whether a key has characters of one class only.
pub(super) fn is_monotonous(key: &str) -> bool {
    classes(key).iter().filter(|class| **class).count() == 1
}

/// Whether a key starts with a prefix that the daemons' files, or AWS, interpret or refuse.
pub(super) fn has_prefix(key: &str) -> bool {
    key.starts_with('0')
}

/// Whether a key shows traces of pasting: blanks at an end, control characters, or characters outside ASCII.
pub(super) fn is_pasted(key: &str) -> bool {
    key.trim() != key || key.chars().any(|c| c.is_control() || !c.is_ascii())
}

/// The classes that occur: lower case, upper case, digits, others.
fn classes(key: &str) -> [bool; 4] {
    let has = |class: fn(char) -> bool| key.chars().any(class);
    let other = |c: char| !c.is_ascii_alphanumeric();
    [has(|c| c.is_ascii_lowercase()), has(|c| c.is_ascii_uppercase()), has(|c| c.is_ascii_digit()), has(other)]
}
