//! A value from the model's own JSON: what a record keeps, and what `show` printed.

use serde_json::Value as Json;

use super::shape::Shape;
use crate::model::{PolicyRule, Secret, Value, Word};

/// One value from the model's JSON; `secret` gives the value of a secret, which JSON does not have. It need not pass the rules
/// for new values, since the cloud held it. `None`: there is no value, or one of another type.
pub fn stored(shape: &Shape, json: &Json, secret: impl Fn() -> Option<Secret>) -> Option<Value> {
    Some(match (shape, json) {
        (_, Json::Null) => return None,
        (Shape::Secret(_), _) => Value::secret(secret()?.expose()),
        (Shape::Words(words), Json::String(word)) => {
            words.parse(word).map_or_else(|_| Value::Word(Word::Foreign(word.clone())), Value::term)
        }
        (_, Json::String(text)) => Value::Text(text.clone()),
        (_, Json::Bool(on)) => Value::Switch(*on),
        (_, Json::Number(number)) => Value::Number(number.as_u64()?),
        (Shape::Rules { .. }, Json::Array(rules)) => Value::Rules(rules.iter().map(rule).collect::<Option<_>>()?),
        (_, Json::Array(items)) => Value::List(texts(items)?),
        (_, Json::Object(_)) => return None,
    })
}

fn texts(items: &[Json]) -> Option<Vec<String>> {
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn rule(json: &Json) -> Option<PolicyRule> {
    Some(PolicyRule {
        index: json.get("index").and_then(Json::as_u64),
        source: json.get("source")?.as_str()?.to_owned(),
        destinations: texts(json.get("destinations")?.as_array()?)?,
    })
}
