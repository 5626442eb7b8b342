//! The result of a check: for people, and as JSON.

use serde_json::{Map, Value as Json, json};

use super::steps::{Run, Step, steps};
use crate::agreement::{Algorithm, Change, End, Exchange, Finding, Fix, Mend, Mended, Psk, Side, Suggestion, Verdict, flags};
use crate::command::shared::judged::Judged;
use crate::command::shared::key::Source;
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
    pub(super) mended: Mended,
    pub(super) suggestion: Option<Option<Suggestion>>,
    /// What the commands repeat.
    pub(super) run: &'a Run,
}

impl Checked<'_> {
    /// The check for people.
    pub(super) fn tables(&self) -> Vec<Table> {
        let agreement = &self.mended.agreement;
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
            let fixes = &self.mended.fixes;
            if !fixes.is_empty() {
                let rows = fixes.iter().map(|fix| vec![fix.field.to_owned(), self.told(&fix.mend)]).collect();
                tables.push(table(&["FIELD", "HOW TO FIX IT"], rows).keep(0).keep(1));
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
        let agreement = &self.mended.agreement;
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

    /// A mend as text: commands, and lines below the name of their file.
    fn told(&self, mend: &Mend) -> String {
        let mut steps: Vec<Step> = Vec::new();
        for (_, step) in steps_of(self, mend) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        let together = if steps.len() > 1 { "all of these together:\n" } else { "" };
        let text = |step: &Step| match step {
            Step::Command(command) => command.clone(),
            Step::Lines(name, lines) => {
                format!("in {name}:\n{}", lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
            }
        };
        format!("{together}{}", steps.iter().map(text).collect::<Vec<_>>().join("\n"))
    }

    fn suggested(&self, suggestion: Option<&Suggestion>) -> Vec<Table> {
        let head = ["SUGGESTED", "VALUE"];
        let Some(suggestion) = suggestion else {
            return vec![table(&head, vec![vec!["none".to_owned(), "there is no suite that both ends accept".to_owned()]])];
        };
        let rows = suggestion.suite.iter().map(|(key, value)| vec![key.path().to_owned(), value.to_string()]).collect();
        let mut tables = vec![table(&head, rows)];
        let told = self.told(&Mend { changes: suggestion.changes.clone() });
        if !told.is_empty() {
            tables.push(table(&["HOW TO SET IT"], vec![vec![told]]));
        }
        tables
    }

    /// The check as JSON.
    pub(super) fn to_json(&self) -> Json {
        let agreement = &self.mended.agreement;
        let mut json = agreement.verdict.to_json();
        let Some(object) = json.as_object_mut() else { return json };
        object.insert("left".to_owned(), json!(self.left.end.name));
        object.insert("right".to_owned(), json!(self.right.end.name));
        object.insert("left_initiates".to_owned(), agreement.left_initiates.to_json());
        object.insert("right_initiates".to_owned(), agreement.right_initiates.to_json());
        let suite: Map<String, Json> =
            agreement.suite.iter().map(|(field, value): &(&str, Algorithm)| ((*field).to_owned(), json!(value.name()))).collect();
        object.insert("negotiated".to_owned(), Json::Object(suite));
        let findings = agreement.findings.iter().zip(&self.mended.mends).map(|(finding, mends)| self.finding(finding, mends));
        object.insert("findings".to_owned(), Json::Array(findings.collect()));
        let fix = |fix: &Fix| json!({ "field": fix.field, "changes": self.changes(&fix.mend) });
        object.insert("fixes".to_owned(), Json::Array(self.mended.fixes.iter().map(fix).collect()));
        object.insert("judged".to_owned(), json!({ "left": self.left.to_json(), "right": self.right.to_json() }));
        let rests: Vec<Json> = self.rests_on().into_iter().map(|(side, text)| json!({ "end": side.word(), "on": text })).collect();
        if !rests.is_empty() {
            object.insert("rests_on".to_owned(), Json::Array(rests));
        }
        if let Some(suggestion) = &self.suggestion {
            let suggestion = suggestion.as_ref().map(|suggestion| {
                json!({ "suite": suggestion.suite.to_json(), "changes": self.changes(&Mend { changes: suggestion.changes.clone() }) })
            });
            object.insert("suggestion".to_owned(), json!(suggestion));
        }
        json
    }

    /// The changes of a mend: a command or lines for each.
    fn changes(&self, mend: &Mend) -> Json {
        let settings =
            |side: Side| mend.at(side).map(|change: &Change| flags(side.of((self.left.end, self.right.end)), change).0.to_json());
        let change = |(side, step): (Side, Step)| {
            let (command, lines) = match step {
                Step::Command(command) => (Some(command), None),
                Step::Lines(_, lines) => (None, Some(lines)),
            };
            json!({ "end": side.word(), "settings": settings(side), "command": command, "lines": lines })
        };
        Json::Array(steps_of(self, mend).into_iter().map(change).collect())
    }

    fn finding(&self, finding: &Finding, mends: &[Mend]) -> Json {
        let mend = |mend: &Mend| json!({ "changes": self.changes(mend) });
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
            "mends": mends.iter().map(mend).collect::<Vec<_>>(),
        })
    }
}

/// How a mend of two ends is made.
fn steps_of(checked: &Checked<'_>, mend: &Mend) -> Vec<(Side, Step)> {
    steps(checked.left.end, checked.right.end, mend, checked.run)
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
