//! Random faults: the same seed and the same requests give the same faults.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, What};

/// The faults that can meet any request. Those in which a cloud says one thing and does another are left out.
const FAULTS: [What; 10] = [
    What::Throttle,
    What::Busy,
    What::Internal,
    What::Cut,
    What::LoseReply,
    What::Garble,
    What::Duplicate,
    What::Delay,
    What::Late,
    What::Echo,
];

/// How late a request arrives, in milliseconds: from almost at once to later than any cloud accepts.
const LATE: [u64; 6] = [100, 2_000, 20_000, 200_000, 600_000, 1_200_000];

/// A source of faults.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Chance {
    /// Seed.
    pub seed: u64,
    /// How many requests in a hundred meet a fault.
    pub percent: u32,
    /// How many requests it was asked about.
    drawn: u64,
}

impl Chance {
    /// A source at its beginning.
    #[must_use]
    pub const fn new(seed: u64, percent: u32) -> Self {
        Self { seed, percent, drawn: 0 }
    }

    /// The fault that the next request meets, if it meets one.
    pub(crate) fn draw(&mut self) -> Option<Fault> {
        self.drawn += 1;
        let number = mix(self.seed.wrapping_add(self.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        if number % 100 >= u64::from(self.percent) {
            return None;
        }
        let what = pick(&FAULTS, number >> 8)?;
        let ms = match what {
            What::Delay => (number >> 16) % 1000,
            _ => pick(&LATE, number >> 16)?,
        };
        Some(Fault { ms, ..Fault::new(what) })
    }
}

/// An item that the number selects.
fn pick<T: Copy>(items: &[T], number: u64) -> Option<T> {
    let count = u64::try_from(items.len()).ok()?;
    items.get(usize::try_from(number % count).ok()?).copied()
}

/// The mixing step of SplitMix64.
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_same_faults_at_the_given_rate() {
        let draws = |seed| {
            let mut chance = Chance::new(seed, 30);
            (0..1000).map(|_| chance.draw()).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        let met = draws(7).into_iter().flatten().collect::<Vec<_>>();
        assert!((250..350).contains(&met.len()), "{}", met.len());
        assert!(FAULTS.iter().all(|what| met.iter().any(|fault| fault.what == *what)));
        assert!((0..100).all(|_| Chance::new(1, 0).draw().is_none() && Chance::new(1, 100).draw().is_some()));
    }
}
