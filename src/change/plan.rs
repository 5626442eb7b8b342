//! The plan of a change: field, current value, new value, and what the operator should know beforehand.

use serde_json::{Value as Json, json};

use crate::model::{Key, Settings, Value};
use crate::print::output::Table;

/// One setting that would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Setting.
    pub key: Key,
    /// Its current value, where that could be read.
    pub current: Option<Value>,
    /// The value that is asked for.
    pub new: Value,
}

/// A change as a difference to what is there.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether the connection was read: only then are current values known.
    pub read: bool,
    /// What would change, in the model's order.
    pub rows: Vec<Row>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// The difference between what is there and what is asked for. Settings that are as asked already are left out.
#[must_use]
pub fn plan(current: Option<&Settings>, change: &Settings, warnings: Vec<String>) -> Plan {
    let found = |key| current.and_then(|settings| settings.get(key));
    let rows = change
        .iter()
        .filter(|(key, new)| found(*key) != Some(*new))
        .map(|(key, new)| Row { key, current: found(key).cloned(), new: new.clone() })
        .collect();
    Plan { read: current.is_some(), rows, warnings }
}

impl Plan {
    /// The settings that would change.
    #[must_use]
    pub fn change(&self) -> Settings {
        self.rows.iter().map(|row| (row.key, row.new.clone())).collect()
    }

    /// The plan for people.
    #[must_use]
    pub fn table(&self) -> Table {
        let current = |row: &Row| match &row.current {
            Some(value) => value.to_string(),
            None if self.read => "(not returned)".to_owned(),
            None => "(not read)".to_owned(),
        };
        Table {
            head: ["FIELD", "CURRENT", "NEW"].map(str::to_owned).to_vec(),
            rows: self.rows.iter().map(|row| vec![row.key.path().to_owned(), current(row), row.new.to_string()]).collect(),
            ..Table::default()
        }
    }

    /// The plan as JSON: `[{"field":...,"current":...,"new":...}]`; `current` is null where it is not known.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let row =
            |row: &Row| json!({ "field": row.key.path(), "current": row.current.as_ref().map(Value::to_json), "new": row.new.to_json() });
        Json::Array(self.rows.iter().map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Term;

    fn settings(rows: &[(Key, Value)]) -> Settings {
        rows.iter().cloned().collect()
    }

    #[test]
    fn what_is_already_as_asked_is_not_in_the_plan() {
        let current = settings(&[(Key::IkeVersion, Value::term(Term::Ikev2)), (Key::IkeLifetime, Value::Number(3600))]);
        let asked = settings(&[(Key::IkeVersion, Value::term(Term::Ikev2)), (Key::IkeLifetime, Value::Number(7200))]);
        let plan = plan(Some(&current), &asked, Vec::new());
        assert_eq!(plan.to_json(), json!([{ "field": "ike.lifetime_secs", "current": 3600, "new": 7200 }]));
        assert_eq!(plan.change(), settings(&[(Key::IkeLifetime, Value::Number(7200))]));
    }

    #[test]
    fn without_a_read_everything_asked_is_in_the_plan() {
        let asked = settings(&[(Key::Name, Value::Text("a".into()))]);
        let plan = plan(None, &asked, Vec::new());
        assert_eq!(plan.table().rows, [["name", "(not read)", "a"]]);
    }
}
