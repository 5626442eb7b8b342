//! An operation as tables.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::super::event::{Outcome, Verb};
use super::super::id::OperationId;
use super::super::state::{Negotiation, State};
use super::failure::unused;
use super::next::commands;
use super::words::{holds, phase, traffic};
use crate::print::output::Table;

/// An operation as tables: its state, the settings of a modify, its ends, and the commands to type next.
#[must_use]
pub fn tables(id: &OperationId, state: &State, now: DateTime<Utc>) -> Vec<Table> {
    let mut tables = vec![summary(id, state, now)];
    tables.extend(settings(state));
    tables.push(ends(state, now));
    let commands = commands(id, state, now);
    if !commands.is_empty() {
        tables.push(Table {
            head: vec!["NEXT".to_owned()],
            rows: commands.into_iter().map(|command| vec![command]).collect(),
            ..Table::default()
        });
    }
    tables
}

fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn summary(id: &OperationId, state: &State, now: DateTime<Utc>) -> Table {
    let mut rows = vec![
        ["operation", id.as_str()].map(str::to_owned),
        ["verb", state.verb.word()].map(str::to_owned),
        ["state", phase(state)].map(str::to_owned),
        ["started".to_owned(), time(state.started)],
        ["last change".to_owned(), time(state.changed)],
    ];
    if let Some([old, new]) = &state.sealed {
        let kept = if state.shredded { "shredded" } else { "sealed" };
        for (name, fp) in [("previous key", old), ("new key", new)] {
            rows.extend(fp.as_ref().map(|fp| [name.to_owned(), format!("fp {fp}, {kept}")]));
        }
    }
    rows.extend(state.turned.clone().map(|reason| ["rolled back because".to_owned(), reason]));
    if state.verb == Verb::Rotate {
        let verified = match &state.negotiation {
            Negotiation::Proved(proof, detail) => format!("{}: {detail}", proof.word()),
            _ => "no".to_owned(),
        };
        rows.push(["tunnel".to_owned(), verified]);
    }
    rows.push(["traffic".to_owned(), traffic(state, now)]);
    rows.push(["rollback", way_back(state)].map(str::to_owned));
    rows.extend(unused(state).map(|text| ["unused key".to_owned(), text]));
    Table { head: Vec::new(), rows: rows.into_iter().map(Vec::from).collect(), ..Table::default() }
}

/// Whether the operation can be rolled back.
fn way_back(state: &State) -> &'static str {
    match state.verb {
        _ if matches!(state.outcome, Some(Outcome::RolledBack | Outcome::Closed)) => "not needed",
        Verb::Modify if state.way_back => "possible",
        Verb::Modify => "not possible: the previous settings are not known",
        Verb::Rotate if state.shredded => "not possible: the keys are shredded",
        Verb::Rotate if state.way_back => "possible",
        Verb::Rotate => "not possible: the previous key is not known",
    }
}

fn ends(state: &State, now: DateTime<Utc>) -> Table {
    let rows = state.ends.iter().map(|end| {
        let tunnel = end.plan.tunnel.as_ref().map(|tunnel| format!(", tunnel {tunnel}")).unwrap_or_default();
        // Two lines, so that refs stay whole at 80 columns.
        vec![format!("{}{tunnel}\n  {}\n  {}", end.plan.end, holds(state, end, now), time(end.since))]
    });
    Table { head: vec!["END\n  HOLDS\n  SINCE".to_owned()], rows: rows.collect(), ..Table::default() }
}

/// The settings before a modify and those that it asked for; of a key, the fingerprint.
fn settings(state: &State) -> Option<Table> {
    let (before, change) = (state.before.as_ref()?, state.change.as_ref()?.as_object()?);
    let text = |value: Option<&Json>| match value {
        None | Some(Json::Null) => "(not known)".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Bool(on)) => if *on { "on" } else { "off" }.to_owned(),
        Some(Json::Array(items)) => {
            let item = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(item).collect::<Vec<_>>().join("\n")
        }
        Some(value) => match value.get("fingerprint").and_then(Json::as_str) {
            Some(fp) => format!("set, fp {fp}"),
            None => value.to_string(),
        },
    };
    Some(Table {
        head: ["FIELD", "BEFORE", "REQUESTED"].map(str::to_owned).to_vec(),
        rows: change.iter().map(|(path, asked)| vec![path.clone(), text(before.get(path)), text(Some(asked))]).collect(),
        ..Table::default()
    })
}
