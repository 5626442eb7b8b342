//! `operation prune`.

use chrono::{TimeDelta, Utc};
use clap::ArgMatches;
use serde_json::json;

use crate::error::{Error, exit};
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::print::output::{Output, Table};

/// How long the keys of a finished operation are kept, unless `--days` says otherwise.
const GRACE: TimeDelta = TimeDelta::days(7);

/// Deletes the keys of finished operations, and with `--forget` the operations themselves.
///
/// # Errors
/// When a record cannot be read or deleted.
pub(super) fn prune(matches: &ArgMatches, records: &Records, output: &Output) -> Result<u8, Error> {
    let now = Utc::now();
    let grace = matches.get_one::<i64>("days").map_or(GRACE, |days| TimeDelta::try_days(*days).unwrap_or(TimeDelta::MAX));
    let (mut shredded, mut forgotten) = (0, 0);
    for id in records.list()? {
        let Ok(state) = records.peek(&id) else { continue };
        // The clock may have been ahead, as an emulator's can be: an age below zero counts as zero. Where the time on record
        // cannot be right, that of the id counts.
        let changed = if state.odd_times(now).is_empty() { state.changed } else { id.began() };
        if state.outcome.is_none() || (now - changed).max(TimeDelta::zero()) < grace {
            continue;
        }
        // An operation that another run works on is kept.
        let Ok(lock) = Lock::take(&records.locks, &format!("operation {id}"), &Holder::this("prune", Some(&id), now)) else { continue };
        if !state.shredded && state.sealed.iter().flatten().any(Option::is_some) {
            records.shred(&id, now)?;
            shredded += 1;
        }
        if matches.get_flag("forget") {
            records.forget(&id)?;
            forgotten += 1;
            lock.remove();
        }
    }
    if shredded + forgotten > 0 {
        output.changed();
    }
    records.sweep(now)?;
    output.result(
        || {
            vec![Table {
                head: Vec::new(),
                rows: vec![
                    vec!["keys deleted".to_owned(), shredded.to_string()],
                    vec!["operations deleted".to_owned(), forgotten.to_string()],
                ],
                ..Table::default()
            }]
        },
        || json!({ "shredded": shredded, "forgotten": forgotten }),
    );
    Ok(exit::DONE)
}
