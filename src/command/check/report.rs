//! The result of a check: for people, and as JSON.

use serde_json::{Map, Value as Json, json};

use super::command::command;
use crate::agreement::{Agreement, Algorithm, End, Exchange, Finding, Mend, Psk, Side, Suggestion, Verdict};
use crate::command::shared::judged::Judged;
use crate::command::shared::key::Source;
use crate::model::Settings;
use crate::print::output::Table;

/// An end, whose values it has, and where its key comes from.
pub(super) struct Origin<'a> {
    pub(super) end: &'a End,
    judged: &'a Judged,
    key: &'a Source,
}

impl<'a> Origin<'a> {
    /// The end at a place.
    pub(super) fn of(ends: &'a [End], judged: &'a [Judged], keys: &'a [Source], place: usize) -> Option<Self> {
        Some(Self { end: ends.get(place)?, judged: judged.get(place)?, key: keys.get(place)? })
    }

    /// Whether its key is not known.
    pub(super) fn lacks_key(&self) -> bool {
        matches!((self.key, &self.end.psk), (Source::Nowhere, Psk::Unreadable))
    }

    /// The members of JSON.
    fn to_json(&self) -> Json {
        let mut json = self.judged.to_json();
        if let Some(object) = json.as_object_mut() {
            object.insert("key".to_owned(), self.key.to_json());
        }
        json
    }
}

/// Two ends, and the result of their check.
pub(super) struct Checked<'a> {
    pub(super) left: Origin<'a>,
    pub(super) right: Origin<'a>,
    pub(super) agreement: Agreement,
    pub(super) suggestion: Option<Option<Suggestion>>,
}

impl Checked<'_> {
    /// The check for people.
    pub(super) fn tables(&self) -> Vec<Table> {
        let agreement = &self.agreement;
        let mut tables = vec![self.verdicts()];
        let rests: Vec<Vec<String>> = self.rests_on().into_iter().map(|(side, text)| vec![side.word().to_owned(), text]).collect();
        if !rests.is_empty() {
            tables.push(table(&["END", "THE VERDICT RESTS ON"], rests));
        }
        let (weak, apart): (Vec<&Finding>, Vec<&Finding>) = agreement.findings.iter().partition(|finding| finding.rule.is_some());
        if !apart.is_empty() {
            tables.push(differences(&apart));
            let rows = apart.iter().map(|finding| vec![finding.field.to_owned(), sentence(finding)]).collect();
            tables.push(table(&["FIELD", "WHAT IT MEANS"], rows));
            let mends = self.mends();
            if !mends.is_empty() {
                tables.push(table(&["HOW TO FIX EACH"], mends));
            }
        }
        if !weak.is_empty() {
            let row = |finding: &&Finding| {
                let rule = finding.rule.unwrap_or_default().to_owned();
                vec![finding.severity.word().to_owned(), finding.field.to_owned(), finding.explanation.clone(), rule]
            };
            tables.push(table(&["SEVERITY", "FIELD", "WHAT BOTH AGREE ON", "RULE"], weak.iter().map(row).collect()));
        }
        if let Some(suggestion) = &self.suggestion {
            tables.extend(self.suggested(suggestion.as_ref()));
        }
        tables
    }

    /// The verdict, and the verdict by who starts. The ends stand one below the other, each in one piece.
    fn verdicts(&self) -> Table {
        let agreement = &self.agreement;
        let row = |name: &str, verdict: &Verdict| vec![name.to_owned(), verdict.word().to_owned(), detail(verdict)];
        let ends = format!("{}\nand {}", self.left.end.name, self.right.end.name);
        let rows = vec![
            row(&ends, &agreement.verdict),
            row("left initiates", &agreement.left_initiates),
            row("right initiates", &agreement.right_initiates),
        ];
        table(&["TUNNEL", "VERDICT", "DETAIL"], rows).keep(0)
    }

    /// What the verdict rests on beside what the ends state.
    fn rests_on(&self) -> Vec<(Side, String)> {
        let ends = [(Side::Left, &self.left), (Side::Right, &self.right)];
        ends.into_iter().filter_map(|(side, origin)| Some((side, origin.key.rests_on()?))).collect()
    }

    /// The commands that mend the findings.
    fn mends(&self) -> Vec<Vec<String>> {
        let mut mends: Vec<Vec<String>> = Vec::new();
        // The first of several mends is the best, unless they belong together.
        let best = |finding: &&Finding| finding.mends.iter().enumerate().filter(|(place, mend)| *place == 0 || mend.together).count();
        let chosen = self.agreement.findings.iter().flat_map(|finding| finding.mends.iter().take(best(&finding)));
        for command in chosen.map(|mend| vec![self.command(mend)]) {
            if !mends.contains(&command) {
                mends.push(command);
            }
        }
        mends
    }

    fn suggested(&self, suggestion: Option<&Suggestion>) -> Vec<Table> {
        let head = ["SUGGESTED", "VALUE"];
        let Some(suggestion) = suggestion else {
            return vec![table(&head, vec![vec!["none".to_owned(), "there is no suite that both ends accept".to_owned()]])];
        };
        let rows = suggestion.suite.iter().map(|(key, value)| vec![key.path().to_owned(), value.to_string()]).collect();
        let commands: Vec<Vec<String>> = suggestion.changes.iter().map(|change| vec![self.command(&whole(change))]).collect();
        let mut tables = vec![table(&head, rows)];
        if !commands.is_empty() {
            tables.push(table(&["COMMANDS"], commands));
        }
        tables
    }

    fn command(&self, mend: &Mend) -> String {
        command(if mend.side == Side::Left { self.left.end } else { self.right.end }, mend)
    }

    /// The check as JSON.
    pub(super) fn to_json(&self) -> Json {
        let agreement = &self.agreement;
        let mut json = agreement.verdict.to_json();
        let Some(object) = json.as_object_mut() else { return json };
        object.insert("left".to_owned(), json!(self.left.end.name));
        object.insert("right".to_owned(), json!(self.right.end.name));
        object.insert("left_initiates".to_owned(), agreement.left_initiates.to_json());
        object.insert("right_initiates".to_owned(), agreement.right_initiates.to_json());
        let suite: Map<String, Json> =
            agreement.suite.iter().map(|(field, value): &(&str, Algorithm)| ((*field).to_owned(), json!(value.name()))).collect();
        object.insert("negotiated".to_owned(), Json::Object(suite));
        object.insert("findings".to_owned(), Json::Array(agreement.findings.iter().map(|finding| self.finding(finding)).collect()));
        object.insert("judged".to_owned(), json!({ "left": self.left.to_json(), "right": self.right.to_json() }));
        let rests: Vec<Json> = self.rests_on().into_iter().map(|(side, text)| json!({ "end": side.word(), "on": text })).collect();
        if !rests.is_empty() {
            object.insert("rests_on".to_owned(), Json::Array(rests));
        }
        if let Some(suggestion) = &self.suggestion {
            let change = |change: &(Side, Settings)| json!({ "end": change.0.word(), "command": self.command(&whole(change)) });
            let suggestion = suggestion.as_ref().map(|suggestion| {
                json!({ "suite": suggestion.suite.to_json(), "changes": suggestion.changes.iter().map(change).collect::<Vec<_>>() })
            });
            object.insert("suggestion".to_owned(), json!(suggestion));
        }
        json
    }

    fn finding(&self, finding: &Finding) -> Json {
        let mend = |mend: &Mend| json!({ "end": mend.side.word(), "settings": mend.settings.to_json(), "command": self.command(mend), "together": mend.together });
        json!({
            "field": finding.field,
            "right_field": finding.right_field,
            "left": finding.left,
            "right": finding.right,
            "severity": finding.severity.word(),
            "effect": finding.effect.word(),
            "initiator": finding.initiator.map_or("either", Side::word),
            "exchange": finding.exchange.map(Exchange::word),
            "log": Some(&finding.log).filter(|log| !log.is_empty()),
            "explanation": finding.explanation,
            "rule": finding.rule,
            "mends": finding.mends.iter().map(mend).collect::<Vec<_>>(),
        })
    }
}

/// A change of one end as a mend.
fn whole((side, settings): &(Side, Settings)) -> Mend {
    Mend { side: *side, settings: settings.clone(), psk: false, together: true }
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> Table {
    Table { head: head.iter().map(|&name| name.to_owned()).collect(), rows, ..Table::default() }
}

fn detail(verdict: &Verdict) -> String {
    Some(verdict.detail()).filter(|detail| !detail.is_empty()).unwrap_or_else(|| "-".to_owned())
}

/// What differs, side by side.
fn differences(findings: &[&Finding]) -> Table {
    let field = |finding: &Finding| match finding.field == finding.right_field {
        true => finding.field.to_owned(),
        false => format!("{}\n{}", finding.field, finding.right_field),
    };
    let row = |finding: &&Finding| vec![finding.severity.word().to_owned(), field(finding), finding.left.clone(), finding.right.clone()];
    let mut rows: Vec<Vec<String>> = findings.iter().map(row).collect();
    rows.dedup();
    table(&["SEVERITY", "FIELD", "LEFT", "RIGHT"], rows)
}

fn sentence(finding: &Finding) -> String {
    let starts = finding.initiator.map(|side| format!("when the {} end starts: ", side.word())).unwrap_or_default();
    let log = if finding.log.is_empty() { String::new() } else { format!("; the initiator sees {}", finding.log) };
    format!("{starts}{}{log}", finding.explanation)
}
