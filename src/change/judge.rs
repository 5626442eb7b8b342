//! The verdict on a change that has settled.

use super::report::{CONFIGURED, DIFFERENT, Done, Report, UNVERIFIED};
use super::verify::{Verification, elsewhere, verify};
use super::wish::Wish;
use crate::call::client::Client;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Settings};

impl Report {
    /// Compares what is shown after the change with what was asked for.
    pub(super) fn judge(mut self, wish: &Wish, before: Option<&Connection>, change: &Settings, after: Connection, client: &Client) -> Done {
        let subject = |connection: &Connection| wish.subject(&*client.provider, connection);
        let (old, new) = (before.map(subject), subject(&after));
        let mut seen = verify(old.as_ref(), change, &new);
        if let Some(before) = before {
            seen.elsewhere = elsewhere(before, change, &after, client.provider.tunnel(&wish.address, before));
        }
        let error = if !seen.missing.is_empty() {
            Some(self.different(client.id(), &seen, old.as_ref(), &new))
        } else if !seen.besides().is_empty() {
            Some(self.more_than_asked(client.id(), &seen))
        } else {
            None
        };
        self.outcome = match (&error, seen.missing.is_empty(), seen.unreadable.is_empty()) {
            (Some(_), false, _) => DIFFERENT,
            (_, _, false) => UNVERIFIED,
            _ => CONFIGURED,
        };
        self.verification = Some(seen);
        self.connection = Some(after);
        Done { exit: error.as_ref().map_or(exit::DONE, |error| error.exit), report: self, error }
    }

    /// The cloud accepted the change and shows something else.
    fn different(&self, cloud: &str, seen: &Verification, before: Option<&Settings>, after: &Settings) -> Error {
        let as_before = |before: &Settings| seen.besides().is_empty() && seen.missing.iter().all(|key| before.get(*key) == after.get(*key));
        let (code, state) = match (seen.in_effect.as_slice(), before.is_some_and(as_before), seen.unreadable.as_slice()) {
            ([], true, []) => (exit::FAILED, "everything is as it was before".to_owned()),
            ([], true, hidden) => {
                (exit::UNKNOWN, format!("everything that can be read is as it was before; it does not return {}", names(hidden)))
            }
            ([], false, _) if before.is_none() => {
                (exit::HALF_WAY, "nothing that was asked for is shown; what was there before was not read".to_owned())
            }
            ([], false, _) => (exit::HALF_WAY, "it is neither as it was before nor as asked".to_owned()),
            (shown, ..) => (exit::HALF_WAY, format!("a part of the change is in effect: {}", names(shown))),
        };
        let missing = names(&seen.missing);
        Error::new(code, format!("{cloud} accepted the change of {} and shows something else for {missing}", self.reference))
            .state(state)
            .next(self.show.clone())
    }

    /// The cloud made the change, and another one beside it.
    fn more_than_asked(&self, cloud: &str, seen: &Verification) -> Error {
        Error::new(exit::HALF_WAY, format!("{cloud} changed more than was asked of {}: {}", self.reference, seen.besides().join(", ")))
            .state("what was asked for is in effect")
            .next("compare the plan with the result, and set those fields back where they matter")
    }
}

fn names(keys: &[Key]) -> String {
    keys.iter().map(|key| key.path()).collect::<Vec<_>>().join(", ")
}
