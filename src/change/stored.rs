//! Settings in a record: what a change found and what it set. Secrets are sealed beside it.

use serde_json::{Map, Value as Json};

use super::plan::Row;
use crate::model::{Key, Secret, Settings, Value};
use crate::operation::event::Which;
use crate::provider::Target;
use crate::provider::field::{field, stored};

/// The name under which a secret setting is sealed.
#[must_use]
pub(super) fn sealed_name(which: Which, key: Key) -> String {
    format!("{}:{}", which.word(), key.path())
}

/// Settings by their paths, null where there is no value. A secret becomes its state and fingerprint.
#[must_use]
pub(super) fn to_json<'a>(rows: impl Iterator<Item = (Key, Option<&'a Value>)>) -> Json {
    let value = |value: &Value| match value {
        // Neither an empty key nor a mask is a value to roll back to.
        Value::Secret(secret) if !secret.is_readable() => Json::Null,
        value => value.to_json(),
    };
    Json::Object(rows.map(|(key, found)| (key.path().to_owned(), found.map_or(Json::Null, value))).collect::<Map<_, _>>())
}

/// The current and the new values of a plan.
#[must_use]
pub(super) fn both(rows: &[Row]) -> (Json, Json) {
    (to_json(rows.iter().map(|row| (row.key, row.current.as_ref()))), to_json(rows.iter().map(|row| (row.key, Some(&row.new)))))
}

/// Settings from a record; `secret` opens the sealed ones. A setting without a value on record is left out.
#[must_use]
pub(super) fn from_json(target: &Target, json: &Json, secret: &dyn Fn(Key) -> Option<Secret>) -> Settings {
    let value = |key: Key| {
        let field = field(target.operation.fields, key)?;
        stored(&field.shape, json.get(key.path())?, || secret(key))
    };
    Key::ALL.iter().filter_map(|key| Some((*key, value(*key)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PolicyRule, Word};
    use crate::provider::PROVIDERS;
    use crate::provider::field::{Field, Shape};

    /// A value of every shape that a setting can have.
    fn sample(field: &Field) -> Value {
        match &field.shape {
            Shape::Words(words) => Value::term(words.terms().next().unwrap()),
            Shape::Number { min, .. } | Shape::Duration { min, .. } => Value::Number(*min),
            Shape::Asn(_) => Value::Number(4_294_967_295),
            Shape::Switch(_) => Value::Switch(true),
            Shape::List { .. } => Value::List(vec!["10.0.0.0/8".into(), "10.1.0.0/16".into()]),
            Shape::Rules { .. } => Value::Rules(vec![PolicyRule::parse("3:10.0.0.0/8=10.1.0.0/16,10.2.0.0/16").unwrap()]),
            Shape::Secret(_) => Value::secret("canary-previous-9c1d"),
            Shape::Text(_) | Shape::Certificate => Value::Text("a: \"b\"\n".into()),
        }
    }

    #[test]
    fn every_setting_of_every_cloud_survives_the_record_and_no_secret_is_in_it() {
        for kind in PROVIDERS.iter().flat_map(|registration| registration.kinds) {
            for operation in kind.operations {
                let target = Target { kind, operation, id: kind.id_example.to_owned() };
                let settings: Settings = operation.fields.iter().map(|field| (field.key, sample(field))).collect();
                let json = to_json(settings.iter().map(|(key, value)| (key, Some(value))));
                assert!(!json.to_string().contains("canary"), "{json}");
                let json: Json = serde_json::from_str(&json.to_string()).unwrap();
                let back = from_json(&target, &json, &|_| Some(Secret::new("canary-previous-9c1d")));
                assert_eq!(back, settings, "{}", operation.name);
            }
        }
    }

    #[test]
    fn a_word_in_no_vocabulary_survives_the_record() {
        let kind = PROVIDERS[2].kinds.first().unwrap();
        let target = Target { kind, operation: &kind.operations[0], id: String::new() };
        let found = from_json(&target, &serde_json::json!({ "ike.encryption": "aes-9000" }), &|_| None);
        assert_eq!(found.get(Key::IkeEncryption), Some(&Value::Word(Word::Foreign("aes-9000".into()))));
    }

    #[test]
    fn a_setting_without_a_previous_value_is_unknown() {
        let unset = Value::secret("");
        let json = to_json([(Key::Psk, Some(&unset)), (Key::Name, None), (Key::IkeLifetime, Some(&Value::Number(1)))].into_iter());
        assert_eq!(crate::operation::state::unknown(&json), ["name", "psk"]);
    }
}
