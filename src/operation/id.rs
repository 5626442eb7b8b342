//! The id of an operation.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Letters and digits that cannot be confused when an id is read aloud.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// The format of the time in an id.
const TIME: &str = "%Y%m%d-%H%M%S";
/// Length of the time.
const TIME_LENGTH: usize = 15;
/// Number of random letters.
const TAIL: usize = 4;

/// The id of an operation, such as `20261121-023159-k7f2`: when it began, in UTC, and four random letters or digits (a million
/// combinations within one second). Ids sort by time. An id is a safe file name: nothing else parses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(String);

impl OperationId {
    /// Makes the id of an operation that begins now; uses five bits of each random byte.
    #[must_use]
    pub fn new(now: DateTime<Utc>, random: [u8; TAIL]) -> Self {
        let tail = random.map(|byte| char::from(LETTERS.get(usize::from(byte) % LETTERS.len()).copied().unwrap_or(b'a')));
        Self(format!("{}-{}", now.format(TIME), tail.iter().collect::<String>()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the operation began, to the second.
    #[must_use]
    pub fn began(&self) -> DateTime<Utc> {
        self.0.get(..TIME_LENGTH).and_then(time).unwrap_or_default()
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, TIME).ok().map(|time| time.and_utc())
}

impl FromStr for OperationId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_at_checked(TIME_LENGTH).and_then(|(began, tail)| Some((time(began)?, tail.strip_prefix('-')?)));
        match parsed {
            // It must format back to the same text: chrono's parser accepts blanks and signs too.
            Some((began, tail))
                if text.starts_with(&began.format(TIME).to_string())
                    && tail.len() == TAIL
                    && tail.bytes().all(|byte| LETTERS.contains(&byte)) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err("an operation id looks like 20261121-023159-k7f2".to_owned()),
        }
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl Serialize for OperationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OperationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let at = |secs: i64| DateTime::<Utc>::from_timestamp(1_795_228_319 + secs, 0).unwrap();
        let (early, late) = (OperationId::new(at(0), [255; 4]), OperationId::new(at(1), [0; 4]));
        assert!(early < late);
        assert_eq!(early.began(), at(0));
        assert_eq!(early.as_str().parse(), Ok(early.clone()));
        assert_eq!(serde_json::from_str::<OperationId>(&serde_json::to_string(&late).unwrap()).unwrap(), late);
    }

    #[test]
    fn unsafe_file_name_is_no_id() {
        for text in [
            "",
            "k7f2",
            "../../../../etc/passwd",
            "20261121-023159-k7f",
            "20261121-023159-k7f2x",
            "20261121-023159-K7F2",
            "20261121-023159-k7l2",
            "20261121-023159_k7f2",
            "20261321-023159-k7f2",
            "20261121-023161-k7f2",
            "2026 121-023159-k7f2",
            "+2026121-023159-k7f2",
            "20261121-023159-k7f/",
            "2026112é-02315-k7f2",
        ] {
            assert!(text.parse::<OperationId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_time_and_random_tail_makes_an_id_that_parses(secs in 0_i64..253_402_300_799, random: [u8; 4]) {
            let id = OperationId::new(DateTime::from_timestamp(secs, 0).unwrap(), random);
            prop_assert_eq!(id.as_str().parse::<OperationId>(), Ok(id));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = text.parse::<OperationId>();
        }
    }
}
