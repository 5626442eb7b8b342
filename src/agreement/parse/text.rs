//! Bytes as the text of a configuration file, and durations in it.

use super::fault::Fault;
use crate::provider::field::parse_duration_ms;

/// The largest file that is read, in bytes.
pub const LIMIT: u64 = 4 << 20;
/// The longest line, in bytes. Nobody writes longer ones, and the limit keeps messages short.
const LONGEST_LINE: usize = 64 << 10;

/// The text of a file.
///
/// # Errors
/// A place that is not UTF-8, a control character, or a line that is too long.
pub fn text(bytes: &[u8]) -> Result<&str, Fault> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or_default();
            return Err(Fault::at(good, good.len(), "is not text (UTF-8)"));
        }
    };
    for (number, line) in text.lines().enumerate() {
        if line.len() > LONGEST_LINE {
            return Err(Fault::new(number + 1, 1, format!("the line has {} bytes; the limit is {LONGEST_LINE}", line.len())));
        }
        if let Some(place) = line.chars().position(|c| c.is_control() && c != '\t' && c != '\r') {
            return Err(Fault::new(number + 1, place + 1, "a control character: this is not a configuration file"));
        }
    }
    Ok(text)
}

/// Reads a duration as the daemons write it: seconds, or a number with `s`, `m`, `h` or `d`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    Some(parse_duration_ms(text).filter(|_| !text.ends_with("ms"))? / 1000)
}
