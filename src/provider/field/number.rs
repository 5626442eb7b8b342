//! Durations and AS numbers as they are typed.

/// Reads a duration: seconds, or numbers with `ms`, `s`, `m`, `h` or `d`, the largest unit first, such as `8h30m`. In
/// milliseconds.
#[must_use]
pub fn parse_duration_ms(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    if let Ok(seconds) = text.parse::<u64>() {
        return seconds.checked_mul(1000).filter(|_| text.starts_with(|c: char| c.is_ascii_digit()));
    }
    let (mut rest, mut sum, mut least) = (text, 0_u64, u64::MAX);
    while !rest.is_empty() {
        let (number, behind) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
        let (unit, behind) = behind.split_at_checked(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()))?;
        let ms = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        if ms >= least {
            return None;
        }
        (rest, least) = (behind, ms);
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(ms)?)?;
    }
    (least < u64::MAX).then_some(sum)
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
    fn a_duration_is_seconds_or_numbers_with_units_the_largest_first() {
        for (text, ms) in [("90", 90_000), ("1500ms", 1500), ("8h30m", 30_600_000), ("1d12h0m1s5ms", 129_601_005), ("0", 0), ("007", 7000)]
        {
            assert_eq!(parse_duration_ms(text), Some(ms), "{text}");
        }
        for text in ["", "h", "8h30", "30m8h", "8h8h", "1.5h", "-1", "+5", "8 h", "1w", "18446744073709551615d"] {
            assert_eq!(parse_duration_ms(text), None, "{text}");
        }
    }

    #[test]
    fn an_as_number_reads_in_both_notations() {
        assert_eq!(parse_asn("123.456"), Some(8_061_384));
        assert_eq!(parse_asn("4294967295"), Some(4_294_967_295));
        for text in ["0", "4294967296", "0.0", "65536.1", "1.65536", "x", ""] {
            assert_eq!(parse_asn(text), None, "{text}");
        }
    }
}
