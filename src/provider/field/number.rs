//! Durations and AS numbers as they are typed.

/// Reads a duration: seconds, or a number with `ms`, `s`, `m`, `h` or `d`. In milliseconds.
#[must_use]
pub fn parse_duration_ms(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit_ms = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit_ms)
}

/// Reads an AS number, plain or as `HIGH.LOW`; 1 to 4294967295.
#[must_use]
pub fn parse_asn(text: &str) -> Option<u64> {
    let number = match text.split_once('.') {
        Some((high, low)) => u64::from(high.parse::<u16>().ok()?) << 16 | u64::from(low.parse::<u16>().ok()?),
        None => u64::from(text.parse::<u32>().ok()?),
    };
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_as_number_reads_in_both_notations() {
        assert_eq!(parse_asn("123.456"), Some(8_061_384));
        assert_eq!(parse_asn("4294967295"), Some(4_294_967_295));
        for text in ["0", "4294967296", "0.0", "65536.1", "1.65536", "x", ""] {
            assert_eq!(parse_asn(text), None, "{text}");
        }
    }
}
