//! How a run ended, on record and in its errors.

use super::ledger::Ledger;
use crate::call::client::Client;
use crate::change::report::{ACCEPTED, CONFIGURED, DIFFERENT, Done, UNCHANGED, UNVERIFIED};
use crate::error::{Error, exit};
use crate::operation::event::{Evidence, Which};
use crate::operation::report::commands;

impl Ledger {
    /// Notes how the run ended, and adds the commands that resume or roll back to its errors.
    pub(in crate::change) fn conclude(&mut self, client: &Client, done: Result<Done, Error>) -> Result<Done, Error> {
        if self.entry.opened.is_none() {
            return done;
        }
        self.note_end(client, &done);
        let Some((id, state)) = self.operation() else { return done };
        // What was changed may have to be undone, even where the operation is over.
        let failed = done.as_ref().is_ok_and(|done| done.error.is_some());
        let next = if state.outcome.is_none() || failed { commands(id, state, client.now()) } else { Vec::new() };
        let name = |error: Error| {
            let mut error = next.iter().cloned().fold(error, Error::next);
            if !error.state.is_empty() && !next.is_empty() {
                error.state.push_str(&format!(" (operation {id})"));
            }
            error
        };
        match done {
            Ok(mut done) => {
                done.report.operation_id = Some(id.to_string());
                done.error = done.error.map(name);
                Ok(done)
            }
            Err(error) => Err(name(error)),
        }
    }

    fn note_end(&mut self, client: &Client, done: &Result<Done, Error>) {
        let (now, aim, open) = (client.now(), self.course.aim, self.entry.is_open());
        match done {
            Ok(done) if done.report.outcome == UNCHANGED && self.course.resumed => {
                let by = if done.report.believed { Evidence::Acknowledged } else { Evidence::ReadBack };
                if let Err(error) = self.turn(client, &[]) {
                    self.desk.output.warn(&error.message);
                }
                self.entry.reached(now, aim, by);
            }
            Ok(done) if open && done.report.outcome == CONFIGURED => self.entry.reached(now, aim, Evidence::ReadBack),
            Ok(done) if open && done.report.outcome == UNVERIFIED => self.entry.reached(now, aim, Evidence::Acknowledged),
            Ok(done) if open && done.report.outcome == DIFFERENT && done.exit == exit::FAILED && aim == Which::New => {
                self.entry.not_made(now);
            }
            Ok(done) if [ACCEPTED, DIFFERENT].contains(&done.report.outcome) => {}
            // An operation that may have been executed stays open; any other is closed.
            _ if open && !self.entry.is_touched() => {
                let reason = done.as_ref().err().map_or("as asked already", |error| error.message.as_str()).to_owned();
                self.entry.close(now, &reason);
            }
            _ => {}
        }
    }
}
