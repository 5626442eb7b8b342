//! What a modification makes of a connection.

use serde_json::{Map, Value as Json};

use super::parameters::Wanted;
use crate::model::{Key, PolicyRule, Value};
use crate::provider::field::{at, insert_at, write_all};
use crate::provider::tencent::settings;

/// The data of a connection after a modification.
pub(super) fn merge(current: &Map<String, Json>, mut wanted: Wanted) -> Map<String, Json> {
    // At API 2.0 the remote networks can be given alone: then the local one stays.
    if let Some(Value::List(remote)) = wanted.settings.remove(Key::RemoteSubnets)
        && !wanted.settings.has(Key::PolicyRules)
    {
        let source = at(&Json::Object(current.clone()), "SecurityPolicyDatabaseSet")
            .and_then(|rows| rows.get(0)?.get("LocalCidrBlock")?.as_str().map(str::to_owned));
        let rule = PolicyRule { index: None, source: source.unwrap_or_else(|| "0.0.0.0/0".to_owned()), destinations: remote };
        wanted.settings.set(Key::PolicyRules, Value::Rules(vec![rule]));
    }
    let mut written = write_all(settings::V3, &wanted.settings);
    if let Some(rules) = written.remove("SecurityPolicyDatabases") {
        written.insert("SecurityPolicyDatabaseSet".to_owned(), rules);
    }
    let mut after = current.clone();
    for (name, value) in written {
        match (after.get_mut(&name), value) {
            (Some(Json::Object(inner)), Json::Object(value)) => inner.extend(value),
            (_, value) => {
                after.insert(name, value);
            }
        }
    }
    for (path, text) in wanted.identities {
        insert_at(&mut after, path, Json::String(text));
    }
    after
}
