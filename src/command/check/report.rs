//! What a check prints.

use serde_json::{Map, Value as Json, json};

use crate::agreement::{Agreement, Algorithm, End, Finding, Kind, Mend, Side, Suggestion, Verdict};
use crate::model::{Key, Settings, Value};
use crate::print::output::Table;

/// Two ends with what came of them.
pub(super) struct Checked<'a> {
    pub(super) left: &'a End,
    pub(super) right: &'a End,
    pub(super) agreement: Agreement,
    pub(super) suggestion: Option<Option<Suggestion>>,
}

impl Checked<'_> {
    fn end(&self, side: Side) -> &End {
        if side == Side::Left { self.left } else { self.right }
    }

    pub(super) fn tables(&self) -> Vec<Table> {
        let agreement = &self.agreement;
        let row = |name: &str, verdict: &Verdict| vec![name.to_owned(), verdict.word().to_owned(), verdict.detail()];
        let mut tables = vec![Table {
            head: ["TUNNEL", "VERDICT", ""].map(str::to_owned).to_vec(),
            rows: vec![
                row(&format!("{} and {}", self.left.name, self.right.name), &agreement.verdict),
                row("left starts", &agreement.left_initiates),
                row("right starts", &agreement.right_initiates),
            ],
            ..Table::default()
        }];
        let (weak, apart): (Vec<&Finding>, Vec<&Finding>) = agreement.findings.iter().partition(|finding| finding.rule.is_some());
        if !apart.is_empty() {
            let field = |finding: &Finding| match finding.field == finding.right_field {
                true => finding.field.to_owned(),
                false => format!("{}\n{}", finding.field, finding.right_field),
            };
            let row =
                |finding: &&Finding| vec![finding.severity.word().to_owned(), field(finding), finding.left.clone(), finding.right.clone()];
            let mut rows: Vec<Vec<String>> = apart.iter().map(row).collect();
            rows.dedup();
            tables.push(Table { head: ["SEVERITY", "FIELD", "LEFT", "RIGHT"].map(str::to_owned).to_vec(), rows, ..Table::default() });
            let rows = apart.iter().map(|finding| vec![finding.field.to_owned(), sentence(finding)]).collect();
            tables.push(Table { head: ["FIELD", "WHAT IT MEANS"].map(str::to_owned).to_vec(), rows, ..Table::default() });
            let mut mends: Vec<Vec<String>> = Vec::new();
            // The first is the best, unless they belong together.
            let best = |finding: &&Finding| finding.mends.iter().enumerate().filter(|(place, mend)| *place == 0 || mend.together).count();
            let chosen = agreement.findings.iter().flat_map(|finding| finding.mends.iter().take(best(&finding)));
            for command in chosen.map(|mend| vec![self.command(mend)]) {
                if !mends.contains(&command) {
                    mends.push(command);
                }
            }
            if !mends.is_empty() {
                tables.push(Table { head: vec!["WHAT MENDS THEM, ONE BY ONE".to_owned()], rows: mends, ..Table::default() });
            }
        }
        if !weak.is_empty() {
            let row = |finding: &&Finding| {
                let rule = finding.rule.unwrap_or_default().to_owned();
                vec![finding.severity.word().to_owned(), finding.field.to_owned(), finding.explanation.clone(), rule]
            };
            let head = ["SEVERITY", "FIELD", "WHAT BOTH AGREE ON", "RULE"].map(str::to_owned).to_vec();
            tables.push(Table { head, rows: weak.iter().map(row).collect(), ..Table::default() });
        }
        match &self.suggestion {
            Some(Some(suggestion)) => {
                let rows = suggestion.suite.iter().map(|(key, value)| vec![key.path().to_owned(), value.to_string()]).collect();
                tables.push(Table { head: ["SUGGESTED", "VALUE"].map(str::to_owned).to_vec(), rows, ..Table::default() });
                let command = |(side, settings): &(Side, Settings)| {
                    vec![self.command(&Mend { side: *side, settings: settings.clone(), psk: false, together: true })]
                };
                let rows: Vec<Vec<String>> = suggestion.changes.iter().map(command).collect();
                if !rows.is_empty() {
                    tables.push(Table { head: vec!["WHAT SETS IT".to_owned()], rows, ..Table::default() });
                }
            }
            Some(None) => tables.push(Table {
                head: ["SUGGESTED", "VALUE"].map(str::to_owned).to_vec(),
                rows: vec![vec!["none".to_owned(), "there is no suite that both ends accept".to_owned()]],
                ..Table::default()
            }),
            None => {}
        }
        tables
    }

    /// A change as something to type, or to write into a file.
    fn command(&self, mend: &Mend) -> String {
        let end = self.end(mend.side);
        let Some(reference) = end.reference.as_ref().filter(|_| matches!(end.kind, Kind::Cloud(_))) else {
            if let Some(Value::Rules(rules)) = mend.settings.get(Key::PolicyRules).filter(|_| mend.together) {
                let pairs: Vec<String> =
                    rules.iter().map(|rule| format!("{} with {}", rule.source, rule.destinations.join(", "))).collect();
                return format!("write one child for each pair of nets in {}: {}", end.name, pairs.join("; "));
            }
            let settings: Vec<String> = mend.settings.iter().map(|(key, value)| format!("{} {}", key.path(), one_line(value))).collect();
            let what = if mend.psk { "the other end's key".to_owned() } else { settings.join(", ") };
            return format!("set {what} in {}", end.name);
        };
        let tunnel = end.tunnel.as_deref().map(|tunnel| format!(" --tunnel {}", quoted(tunnel))).unwrap_or_default();
        let flags = if mend.psk { " --psk-file FILE".to_owned() } else { flags(&mend.settings) };
        format!("tunnelctl modify {}{tunnel}{flags}", quoted(&reference.to_string()))
    }

    pub(super) fn to_json(&self) -> Json {
        let agreement = &self.agreement;
        let mut json = agreement.verdict.to_json();
        let Some(object) = json.as_object_mut() else { return json };
        object.insert("left".to_owned(), json!(self.left.name));
        object.insert("right".to_owned(), json!(self.right.name));
        object.insert("left_initiates".to_owned(), agreement.left_initiates.to_json());
        object.insert("right_initiates".to_owned(), agreement.right_initiates.to_json());
        let suite: Map<String, Json> =
            agreement.suite.iter().map(|(field, value): &(&str, Algorithm)| ((*field).to_owned(), json!(value.name()))).collect();
        object.insert("negotiated".to_owned(), Json::Object(suite));
        object.insert("findings".to_owned(), Json::Array(agreement.findings.iter().map(|finding| self.finding(finding)).collect()));
        if let Some(suggestion) = &self.suggestion {
            let change = |(side, settings): &(Side, Settings)| {
                let mend = Mend { side: *side, settings: settings.clone(), psk: false, together: true };
                json!({ "end": side.word(), "command": self.command(&mend) })
            };
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
            "exchange": finding.exchange.map(crate::agreement::Exchange::word),
            "log": Some(&finding.log).filter(|log| !log.is_empty()),
            "explanation": finding.explanation,
            "rule": finding.rule,
            "mends": finding.mends.iter().map(mend).collect::<Vec<_>>(),
        })
    }
}

fn sentence(finding: &Finding) -> String {
    let starts = finding.initiator.map(|side| format!("when the {} end starts: ", side.word())).unwrap_or_default();
    let log = if finding.log.is_empty() { String::new() } else { format!("; the starter sees {}", finding.log) };
    format!("{starts}{}{log}", finding.explanation)
}

/// Settings as flags of `modify`.
fn flags(settings: &Settings) -> String {
    let mut text = String::new();
    for (key, value) in settings.iter() {
        match value {
            Value::Rules(rules) => rules.iter().for_each(|rule| text.push_str(&format!(" --{} {rule}", key.flag()))),
            _ => text.push_str(&format!(" --{} {}", key.flag(), quoted(&one_line(value)))),
        }
    }
    text
}

/// A value in one line, lists with commas.
fn one_line(value: &Value) -> String {
    match value {
        Value::List(items) => items.join(","),
        other => other.to_string().replace('\n', "; "),
    }
}

/// A word that a shell takes as one: what a cloud or file said may hold anything.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:,@+=%".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_read_breaks_out_of_a_command() {
        assert_eq!(quoted("a'; rm -rf /; '"), "'a'\\''; rm -rf /; '\\'''");
        assert_eq!(quoted("hq.example.com"), "hq.example.com");
        assert_eq!(quoted(""), "''");
    }
}
