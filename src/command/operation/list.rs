//! `operation list`.

use chrono::Utc;
use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::error::{Error, exit};
use crate::operation::id::OperationId;
use crate::operation::records::Records;
use crate::operation::report;
use crate::operation::state::State;
use crate::print::output::{Output, Rows, Table};

/// Lists the operations on record.
///
/// # Errors
/// When a record cannot be read, after the others were printed.
pub(super) fn list(matches: &ArgMatches, records: &Records, output: &Output) -> Result<u8, Error> {
    let now = Utc::now();
    let mut found: Vec<(OperationId, State)> = Vec::new();
    let mut damaged = None;
    let limit = matches.get_one::<usize>("limit").copied().unwrap_or(usize::MAX);
    for id in records.list()?.into_iter().rev() {
        // Ids of the same second are not in order: those operations are sorted by their start below.
        if found.len() >= limit && found.last().is_none_or(|(last, _)| last.began() != id.began()) {
            break;
        }
        let (state, damage) = match records.known(&id) {
            Ok(known) => known,
            Err(error) => (None, Some(error)),
        };
        if let Some(error) = damage {
            output.warn(&error.message);
            damaged = Some(error);
        } else if let Some(state) = state.filter(|state| state.outcome.is_none() || !matches.get_flag("open")) {
            report::odd(&id, &state, now).iter().for_each(|odd| output.warn(odd));
            found.push((id, state));
        }
    }
    found.sort_by_key(|(_, state)| std::cmp::Reverse(state.started));
    found.truncate(limit);
    // Two lines, so that ids and refs stay whole at 80 columns.
    let row = |(id, state): &(OperationId, State)| {
        let ends: Vec<&str> = state.ends.iter().map(|end| end.plan.end.as_str()).collect();
        vec![
            format!("{id}\n  {}, {}", state.verb.word(), report::phase(state)),
            format!("{}\n  {}", ends.join("\n"), report::age(now - state.changed)),
        ]
    };
    output.rows(
        Rows { member: "operations", columns: || vec!["operation", "verb", "state", "changed"] },
        || {
            vec![
                Table {
                    head: ["OPERATION\n  VERB, STATE", "ENDS\n  CHANGED"].map(str::to_owned).to_vec(),
                    rows: found.iter().map(row).collect(),
                    ..Table::default()
                }
                .keep(0)
                .keep(1),
            ]
        },
        || json!({ "operations": found.iter().map(|(id, state)| report::to_json(id, state, now, None)).collect::<Vec<Json>>() }),
    );
    damaged.map_or(Ok(exit::DONE), Err)
}
