//! The keys in a text, and the choice of one of them.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::agreement::parse::Fault;

/// A key in a text.
pub(super) struct Candidate {
    /// Its name: a section, or identities.
    pub(super) name: String,
    /// The line of the key.
    pub(super) line: usize,
    /// The column of the key.
    pub(super) column: usize,
    /// The bytes of the key in the text, quotes included.
    pub(super) span: Range<usize>,
    /// The identities that it is for, sorted: with the same ones, two keys are for one peer.
    pub(super) ids: Vec<String>,
    /// The bytes of the key itself; `None` where they cannot be decoded.
    pub(super) key: Option<Zeroizing<Vec<u8>>>,
}

impl Candidate {
    fn is_called(&self, name: &str) -> bool {
        if self.name == name {
            return true;
        }
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        // Of a list of identities, order and blanks do not count.
        self.name.contains(char::is_whitespace) && words(&self.name) == words(name)
    }
}

/// The keys of a text.
pub(super) struct Found {
    /// The keys, in order.
    pub(super) candidates: Vec<Candidate>,
    /// Includes of other files, which are not followed.
    pub(super) unread: Vec<Fault>,
}

impl Found {
    /// The named key, or the only one.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<&Candidate, Fault> {
        let all = &self.candidates;
        let named: Vec<&Candidate> = match name {
            Some(name) => all.iter().filter(|one| one.is_called(name)).collect(),
            None => all.iter().collect(),
        };
        let names = || all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        let (line, column) = all.first().map_or((1, 1), |one| (one.line, one.column));
        match (named.as_slice(), name) {
            ([one], _) => Ok(one),
            ([], _) if all.is_empty() => {
                let (line, column) = self.unread.first().map_or((1, 1), |fault| (fault.line, fault.column));
                Err(Fault::new(line, column, format!("there is no pre-shared key in it{}", self.includes())))
            }
            ([], name) => {
                let name = name.unwrap_or_default();
                let message = format!("there is no pre-shared key {name:?} in it; there are: {}{}", names(), self.includes());
                Err(Fault::new(line, column, message))
            }
            ([first, .., last], Some(name)) => {
                let message = format!(
                    "{name:?} occurs more than once, on line {} and here: remove one, since it is not known which one counts",
                    first.line
                );
                Err(Fault::new(last.line, last.column, message))
            }
            ([_, .., last], None) => {
                let message = format!(
                    "there are several pre-shared keys: {}; name one after the file and a colon, as in file:PATH:{}",
                    names(),
                    last.name
                );
                Err(Fault::new(line, column, message))
            }
        }
    }

    /// A hint for a missing key: an included file may hold it.
    fn includes(&self) -> String {
        self.unread.first().map_or(String::new(), |fault| {
            format!("; line {} includes other files, which are not followed: name the file that holds the key itself", fault.line)
        })
    }
}
