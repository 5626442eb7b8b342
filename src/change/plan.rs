//! What a change alters: field, now, then, and what the operator should know before.

use serde_json::{Value as Json, json};

use crate::model::{Connection, Key, Settings, Tunnel, Value};
use crate::print::output::Table;

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
pub fn plan(current: Option<&Settings>, change: &Settings, warnings: Vec<String>) -> Plan {
    let now = |key| current.and_then(|settings| settings.get(key));
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
            ..Table::default()
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
    /// The same at tunnels that the change was not of, as `tunnel[slave].ike.version`.
    pub elsewhere: Vec<String>,
}

impl Outcome {
    /// The paths of what was not asked for, and is different from before.
    #[must_use]
    pub fn besides(&self) -> Vec<String> {
        self.collateral.iter().map(|key| key.path().to_owned()).chain(self.elsewhere.iter().cloned()).collect()
    }
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
        outcome.collateral = moved(before, asked, after).filter(|key| !asked.has(*key)).collect();
    }
    outcome
}

/// What is different at the tunnels that a change was not of; `tunnel` is the place of the one that it was of.
#[must_use]
pub fn elsewhere(before: &Connection, asked: &Settings, after: &Connection, tunnel: Option<usize>) -> Vec<String> {
    // What is set for both tunnels at once shows at each.
    let of_both: Settings =
        [Key::TunnelsBgp, Key::TunnelsBgpCidrs].into_iter().filter_map(|key| Some((key, asked.get(key)?.clone()))).collect();
    let twin = |old: &Tunnel| after.tunnels.iter().find(|new| new.id == old.id);
    let others = before.tunnels.iter().enumerate().filter(|(place, _)| Some(*place) != tunnel);
    let pairs = others.filter_map(|(_, old)| Some((old, twin(old)?)));
    let path = |old: &Tunnel, key: Key| format!("tunnel[{}].{}", old.role.as_deref().unwrap_or(&old.id), key.path());
    pairs.flat_map(|(old, new)| moved(&old.settings, &of_both, &new.settings).map(move |key| path(old, key))).collect()
}

/// What differs, beyond what moves by itself or follows from what was asked for.
fn moved<'a>(before: &'a Settings, asked: &'a Settings, after: &'a Settings) -> impl Iterator<Item = Key> + 'a {
    let moves_by_itself = |key: Key| matches!(key, Key::BgpState | Key::HealthCheckState);
    let differs = move |key: &Key| !moves_by_itself(*key) && !follows_from(*key, asked) && before.get(*key) != after.get(*key);
    Key::ALL.iter().copied().filter(differs)
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
        Key::BgpPeerAddress => &[Key::BgpTunnelCidr, Key::BgpLocalAddress, Key::BgpEnabled, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::BgpPeerAsn => &[Key::CustomerGateway, Key::BgpEnabled, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::BgpEnabled => &[Key::TunnelsBgp],
        Key::BgpLocalAddress => &[Key::BgpEnabled, Key::BgpTunnelCidr, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::BgpLocalAsn | Key::BgpTunnelCidr => &[Key::BgpEnabled, Key::TunnelsBgp, Key::TunnelsBgpCidrs],
        Key::TunnelsBgpCidrs => &[Key::BgpTunnelCidr],
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
    use crate::model::Term;

    fn settings(rows: &[(Key, Value)]) -> Settings {
        rows.iter().cloned().collect()
    }

    #[test]
    fn what_is_already_as_asked_is_not_in_the_plan() {
        let current = settings(&[(Key::IkeVersion, Value::term(Term::Ikev2)), (Key::IkeLifetime, Value::Number(3600))]);
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
