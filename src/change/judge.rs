//! The verdict on a change that has settled.

use super::report::{CONFIGURED, DIFFERENT, Done, Report, UNVERIFIED};
use super::tunnel::Tunnels;
use super::verify::{Verification, elsewhere, verify};
use super::wish::Wish;
use crate::call::client::Client;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Settings, Term};

impl Report {
    /// Compares what is shown after the change with what was asked for.
    pub(super) fn judge(mut self, wish: &Wish, before: Option<&Connection>, change: &Settings, after: Connection, client: &Client) -> Done {
        let subject = |connection: &Connection| wish.subject(&*client.provider, connection);
        let (old, new) = (before.map(subject), subject(&after));
        let mut seen = verify(old.as_ref(), change, &new);
        if let Some(before) = before {
            seen.elsewhere = elsewhere(before, change, &after, client.provider.tunnel(&wish.address, before));
        }
        self.tunnels = before.map(|before| Tunnels::of(before, &after));
        let lost = self.tunnels.filter(|tunnels| tunnels.is_lost());
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
        let error = match lost {
            Some(_) if wish.flow.allow_down => {
                let warning = format!("the tunnel of {} was up before this change and is down now", self.reference);
                client.output.warn(&warning);
                self.plan.warnings.push(warning);
                error
            }
            Some(tunnels) => Some(self.lost(tunnels, error)),
            None => error,
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

    /// A tunnel that was up is down: the first thing to know, whatever else is to be said.
    fn lost(&self, tunnels: Tunnels, other: Option<Error>) -> Error {
        let state = if tunnels.after == Term::Down { "down" } else { tunnels.after.word() };
        let mut message = format!("the tunnel of {} was up before this change and is {state} now", self.reference);
        let Some(other) = other else {
            return Error::new(exit::HALF_WAY, message)
                .state("what was asked for is in effect")
                .next(format!("see what differs between the ends: tunnelctl check {} OTHER-END", self.reference));
        };
        message.push_str(&format!("; besides, {}", other.message));
        Error { message, exit: if other.exit == exit::UNKNOWN { exit::UNKNOWN } else { exit::HALF_WAY }, ..other }
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
