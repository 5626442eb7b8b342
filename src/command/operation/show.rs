//! `operation show`.

use std::path::PathBuf;
use std::rc::Rc;

use chrono::Utc;
use clap::ArgMatches;

use crate::change::write_key;
use crate::command::shared::record::present;
use crate::command::shared::seal::seal_key_of;
use crate::error::{Error, exit};
use crate::operation::event::Verb;
use crate::operation::id::OperationId;
use crate::operation::records::Records;
use crate::operation::report;
use crate::print::output::Output;

/// Shows an operation, and writes one of its keys to a file where `--psk-out` is given.
///
/// # Errors
/// When the record or the key cannot be read.
pub(super) fn show(matches: &ArgMatches, id: &OperationId, records: &Records, output: &Output) -> Result<u8, Error> {
    let (state, damage) = records.known(id)?;
    // The keys can be written even where the journal is damaged.
    if let Some(path) = matches.get_one::<PathBuf>("psk-out") {
        let seal = Rc::new(seal_key_of(matches, state.as_ref())?);
        let which = matches.get_one::<String>("which").map_or("new", String::as_str);
        // The key of a modify is one of the settings that it sets.
        let modify = state.as_ref().is_some_and(|state| state.verb == Verb::Modify);
        let name = if modify { format!("{which}:psk") } else { which.to_owned() };
        let key = records.sealer(id, &seal).open(&name)?;
        write_key(path, &key)?;
    }
    match (state, damage) {
        (Some(state), damage) => {
            report::odd(id, &state, Utc::now()).iter().for_each(|odd| output.warn(odd));
            present(id, &state, Utc::now(), output, None);
            damage.map_or(Ok(exit::DONE), Err)
        }
        (None, Some(damage)) => Err(damage),
        // `peek` words the error.
        (None, None) => records.peek(id).map(|_| exit::DONE),
    }
}
