//! The names and numbers of an export: derived from the ref, so that a second export has the same ones.

use crate::model::Ref;

/// How one tunnel is called on a device.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// The name for sections: letters, digits, `-` and `_`.
    pub whole: String,
    /// A shorter name, of at most 24 characters, for devices that limit names.
    pub short: String,
    /// The shortest name, of at most 13 characters: FortiOS and USG accept 15 in some places.
    pub tag: String,
    /// A number from the ref.
    seed: u32,
    /// The place of the tunnel in its connection.
    place: u32,
}

impl Name {
    /// The name of a tunnel, or of a connection without tunnels.
    pub(super) fn of(reference: &Ref, tunnel: Option<usize>) -> Self {
        let clean = |text: &str| text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect::<String>();
        let end = tunnel.map(|place| format!("-{}", place + 1)).unwrap_or_default();
        let id: String = clean(&reference.id).chars().take(64).collect();
        let tail: String = id.chars().skip(id.chars().count().saturating_sub(12)).collect();
        let seed = fnv(&reference.to_string());
        Self {
            whole: format!("{}-{id}{end}", clean(&reference.provider)),
            short: format!("vpn-{}{end}", tail.trim_start_matches('-')),
            tag: format!("tc-{seed:08x}{end}"),
            seed,
            place: tunnel.and_then(|place| u32::try_from(place).ok()).unwrap_or_default(),
        }
    }

    /// A number between the two, both included: the same for each export of a ref, and another one for its second tunnel.
    pub(super) fn number(&self, first: u32, last: u32) -> u32 {
        let pairs = (last.saturating_sub(first) / 2).max(1);
        first + self.seed % pairs * 2 + self.place % 2
    }
}

/// FNV-1a: a hash that stays the same from version to version.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_range_and_differ_between_the_tunnels_of_a_connection() {
        for id in 0..200 {
            let reference = Ref::parse(&format!("alibaba@cn-x/vco-{id}")).unwrap();
            let [first, second] = [0, 1].map(|place| Name::of(&reference, Some(place)));
            for (low, high) in [(1, 99), (3000, 3999), (1000, 9999)] {
                let numbers = [first.number(low, high), second.number(low, high)];
                assert!(numbers[0] != numbers[1] && numbers.iter().all(|number| (low..=high).contains(number)), "{numbers:?}");
            }
            assert!(first.tag != second.tag && first.tag.len() <= 13 && first.short.len() <= 24, "{first:?}");
        }
    }

    #[test]
    fn a_name_is_the_same_in_every_version() {
        let name = Name::of(&Ref::parse("tencent@ap-beijing/vpnx-partnerhw01").unwrap(), None);
        assert_eq!((name.short.as_str(), name.tag.as_str(), name.number(1000, 9999)), ("vpn-partnerhw01", "tc-1286893c", 5854));
    }
}
