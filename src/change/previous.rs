//! What a change on record found and set, so that nobody else's change is overwritten when it is resumed or rolled back.

use crate::error::{Error, exit};
use crate::model::{Settings, Value};

/// What a change on record found and set.
#[derive(Debug)]
pub struct Previous {
    /// What it found.
    pub before: Settings,
    /// What it set.
    pub asked: Settings,
    /// Whether what somebody else has set since may be overwritten.
    pub take_over: bool,
}

impl Previous {
    /// What somebody else has set since, a line each. A setting that is not shown, or was not known before, is left out.
    pub(super) fn foreign(&self, shown: &Settings) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, asked) in self.asked.iter() {
            let (Some(found), Some(before)) = (shown.get(key), self.before.get(key)) else { continue };
            if found != asked && found != before {
                let one = |value: &Value| value.to_string().replace('\n', ", ");
                lines.push(format!("{} is {}; it was {} before, and set to {}", key.path(), one(found), one(before), one(asked)));
            }
        }
        lines
    }

    /// The error of what somebody else has set.
    pub(super) fn conflict(name: &str, foreign: &[String]) -> Error {
        let mut message = format!("somebody else has changed {name} since:");
        for line in foreign {
            message.push_str("\n  ");
            message.push_str(line);
        }
        Error::new(exit::FAILED, message).state("nothing was sent by this run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, Term};

    #[test]
    fn a_value_that_was_neither_found_nor_set_is_foreign() {
        let one = |term| Settings::from_iter([(Key::IkeVersion, Value::term(term))]);
        let previous = Previous { before: one(Term::Ikev1), asked: one(Term::Ikev2), take_over: false };
        assert!(previous.foreign(&one(Term::Ikev1)).is_empty() && previous.foreign(&one(Term::Ikev2)).is_empty());
        assert_eq!(previous.foreign(&one(Term::Main)), ["ike.version is main; it was ikev1 before, and set to ikev2"]);
    }
}
