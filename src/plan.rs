//! What a change alters: field, now, then, and what the operator should know before.

use serde_json::{Value as Json, json};

use crate::model::{Connection, Key, Settings, Value};
use crate::output::Table;

/// One setting that would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Setting.
    pub key: Key,
    /// What it is, where that could be read.
    pub now: Option<Value>,
    /// What it would be.
    pub then: Value,
}

/// A change as a difference.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether the connection was read, so that "now" is known.
    pub read: bool,
    /// What would change, in the model's order.
    pub rows: Vec<Row>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// The difference between what is and what is asked for. What is already as asked is left out.
#[must_use]
pub fn plan(current: Option<&Connection>, change: &Settings, warnings: Vec<String>) -> Plan {
    let now = |key| current.and_then(|connection| connection.settings.get(key));
    let rows = change
        .iter()
        .filter(|(key, then)| now(*key) != Some(*then))
        .map(|(key, then)| Row { key, now: now(key).cloned(), then: then.clone() })
        .collect();
    Plan { read: current.is_some(), rows, warnings }
}

impl Plan {
    /// The settings that would change.
    #[must_use]
    pub fn change(&self) -> Settings {
        self.rows.iter().map(|row| (row.key, row.then.clone())).collect()
    }

    /// The plan for people.
    #[must_use]
    pub fn table(&self) -> Table {
        let now = |row: &Row| match &row.now {
            Some(value) => value.to_string(),
            None if self.read => "(not returned)".to_owned(),
            None => "(not read)".to_owned(),
        };
        Table {
            head: ["FIELD", "NOW", "THEN"].map(str::to_owned).to_vec(),
            rows: self.rows.iter().map(|row| vec![row.key.path().to_owned(), now(row), row.then.to_string()]).collect(),
        }
    }

    /// The plan as JSON: `[{"field":...,"now":...,"then":...}]`; `now` is null where it is not known.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let row = |row: &Row| json!({ "field": row.key.path(), "now": row.now.as_ref().map(Value::to_json), "then": row.then.to_json() });
        Json::Array(self.rows.iter().map(row).collect())
    }
}

/// What the cloud shows after a change, against what was asked and what was there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Asked for, and shown.
    pub in_force: Vec<Key>,
    /// Asked for, and not shown: the cloud does not return it.
    pub unreadable: Vec<Key>,
    /// Asked for, and something else is shown.
    pub missing: Vec<Key>,
    /// Not asked for, and different from before.
    pub collateral: Vec<Key>,
}

/// Compares what is shown after a change with what was asked for, and everything else with what was there before.
#[must_use]
pub fn outcome(before: Option<&Settings>, asked: &Settings, after: &Settings) -> Outcome {
    let mut outcome = Outcome::default();
    for (key, wanted) in asked.iter() {
        match after.get(key) {
            Some(shown) if shown == wanted => outcome.in_force.push(key),
            Some(_) => outcome.missing.push(key),
            // What was there to be read and is gone is no secret.
            None if before.is_some_and(|before| before.has(key)) => outcome.missing.push(key),
            None => outcome.unreadable.push(key),
        }
    }
    if let Some(before) = before {
        let moves_by_itself = |key: Key| matches!(key, Key::BgpState | Key::HealthCheckState);
        let follows = |key: Key| follows_from(key, asked);
        outcome.collateral = Key::ALL
            .iter()
            .copied()
            .filter(|key| !asked.has(*key) && !moves_by_itself(*key) && !follows(*key) && before.get(*key) != after.get(*key))
            .collect();
    }
    outcome
}

/// Whether a setting is derived from one that was asked for: a change of the one changes the other by itself.
fn follows_from(key: Key, asked: &Settings) -> bool {
    let sources: &[Key] = match key {
        Key::LocalSubnets => &[Key::PolicyRules],
        Key::RemoteSubnets => &[Key::PolicyRules],
        Key::PolicyRules => &[Key::RemoteSubnets],
        Key::IkeMode => &[Key::IkeVersion],
        Key::LocalId => &[Key::LocalIdType],
        Key::LocalIdType => &[Key::LocalId],
        Key::RemoteId => &[Key::RemoteIdType, Key::CustomerGateway],
        Key::RemoteIdType => &[Key::RemoteId],
        Key::BgpPeerAddress => &[Key::BgpTunnelCidr, Key::BgpLocalAddress, Key::BgpEnabled],
        Key::BgpPeerAsn => &[Key::CustomerGateway, Key::BgpEnabled],
        Key::BgpLocalAsn | Key::BgpTunnelCidr | Key::BgpLocalAddress => &[Key::BgpEnabled],
        // Clouds fill in what a probe needs when it is turned on, and may drop it when it is turned off.
        Key::DpdTimeout | Key::DpdInterval | Key::DpdAction | Key::DpdMessage => &[Key::DpdEnabled],
        Key::HealthCheckLocal
        | Key::HealthCheckRemote
        | Key::HealthCheckInterval
        | Key::HealthCheckTimeout
        | Key::HealthCheckRetries
        | Key::HealthCheckProbe
        | Key::HealthCheckPolicy => &[Key::HealthCheckEnabled],
        _ => &[],
    };
    sources.iter().any(|source| asked.has(*source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Term};

    fn settings(rows: &[(Key, Value)]) -> Settings {
        rows.iter().cloned().collect()
    }

    #[test]
    fn what_is_already_as_asked_is_not_in_the_plan() {
        let mut current = Connection::new(Ref::parse("alibaba/vco-1").unwrap());
        current.settings = settings(&[(Key::IkeVersion, Value::term(Term::Ikev2)), (Key::IkeLifetime, Value::Number(3600))]);
        let asked = settings(&[(Key::IkeVersion, Value::term(Term::Ikev2)), (Key::IkeLifetime, Value::Number(7200))]);
        let plan = plan(Some(&current), &asked, Vec::new());
        assert_eq!(plan.to_json(), json!([{ "field": "ike.lifetime_secs", "now": 3600, "then": 7200 }]));
        assert_eq!(plan.change(), settings(&[(Key::IkeLifetime, Value::Number(7200))]));
    }

    #[test]
    fn without_a_read_everything_asked_is_in_the_plan() {
        let asked = settings(&[(Key::Name, Value::Text("a".into()))]);
        let plan = plan(None, &asked, Vec::new());
        assert_eq!(plan.table().rows, [["name", "(not read)", "a"]]);
    }

    #[test]
    fn what_was_shown_before_and_is_gone_is_no_secret() {
        let (one, two) = (settings(&[(Key::Name, Value::Text("a".into()))]), settings(&[(Key::Name, Value::Text("b".into()))]));
        assert_eq!(outcome(Some(&one), &two, &Settings::new()).missing, [Key::Name]);
        assert_eq!(outcome(Some(&Settings::new()), &two, &Settings::new()).unreadable, [Key::Name]);
    }

    #[test]
    fn what_a_cloud_fills_in_with_a_switch_is_no_other_change() {
        let asked = settings(&[(Key::HealthCheckEnabled, Value::Switch(true)), (Key::DpdEnabled, Value::Switch(true))]);
        let after =
            asked.with(&settings(&[(Key::HealthCheckLocal, Value::Text("169.254.128.1".into())), (Key::DpdTimeout, Value::Number(30))]));
        assert!(outcome(Some(&Settings::new()), &asked, &after).collateral.is_empty());
        assert_eq!(outcome(Some(&Settings::new()), &Settings::new(), &after).collateral.len(), 4);
    }

    #[test]
    fn the_outcome_tells_what_is_in_force_from_what_is_not() {
        let before =
            settings(&[(Key::Name, Value::Text("a".into())), (Key::IkeLifetime, Value::Number(1)), (Key::DpdTimeout, Value::Number(9))]);
        let asked = settings(&[(Key::Name, Value::Text("b".into())), (Key::IkeLifetime, Value::Number(2)), (Key::Psk, Value::secret("k"))]);
        let after = settings(&[(Key::Name, Value::Text("b".into())), (Key::IkeLifetime, Value::Number(1))]);
        let outcome = outcome(Some(&before), &asked, &after);
        assert_eq!(outcome.in_force, [Key::Name]);
        assert_eq!(outcome.missing, [Key::IkeLifetime]);
        assert_eq!(outcome.unreadable, [Key::Psk]);
        assert_eq!(outcome.collateral, [Key::DpdTimeout]);
    }
}
