//! What makes a key unusable, without showing any of it.

/// Keys from the vendors' documentation: everybody knows them.
const DOCUMENTED: [&str; 5] = ["Test@123", "1234****", "tencenttest", "pgw6dy7d1i8in7x5", "Example-Psk-2026"];

/// The position, from 1, of the first character that a rule refuses by itself.
#[must_use]
pub fn offender(key: &str, check: fn(&str) -> bool) -> Option<usize> {
    // Long enough, and of enough classes, for every cloud's rule.
    const FILLER: &str = "Aa1Bb2Cc3Dd4Ee5F";
    key.chars().position(|c| !check(&format!("{FILLER}{c}{FILLER}"))).map(|place| place + 1)
}

/// What is wrong with a key at every end, whatever the clouds accept.
#[must_use]
pub fn faults(key: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let at = |wrong: &dyn Fn(char) -> bool| key.chars().position(wrong).map(|place| place + 1);
    if key.is_empty() {
        faults.push("it is empty".to_owned());
    }
    if key.starts_with(char::is_whitespace) || key.ends_with(char::is_whitespace) {
        faults.push("it begins or ends with a blank".to_owned());
    }
    if let Some(place) = at(&|c| c.is_control()) {
        faults.push(format!("character {place} is a control character"));
    }
    if let Some(place) = at(&|c| ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'].contains(&c)) {
        faults.push(format!("character {place} is a curly quotation mark, which word processors put in place of a straight one"));
    } else if let Some(place) = at(&|c| !c.is_ascii()) {
        faults.push(format!("character {place} is not ASCII"));
    }
    if DOCUMENTED.contains(&key) {
        faults.push("it is published in a vendor's documentation: everybody knows it".to_owned());
    }
    faults
}
