//! Values as a cloud's JSON spells them, both ways.

use serde_json::{Map, Value as Json, json};

use super::number::parse_asn;
use super::shape::{Field, Form, Shape};
use crate::model::{PolicyRule, Value, Word};

impl Field {
    /// The value as the cloud's JSON has it; `None` where the cloud has no such word.
    #[must_use]
    pub fn encode(&self, value: &Value) -> Option<Json> {
        let number = |number: u64, form: Form| if form == Form::Text { json!(number.to_string()) } else { json!(number) };
        Some(match (&self.shape, value) {
            (Shape::Words(words), Value::Word(Word::Known(term))) => json!(words.write(*term)?),
            // A word that was read and is not ours goes back as it came, when a block is completed.
            (Shape::Words(_), Value::Word(Word::Foreign(text))) => json!(text),
            (Shape::Number { form, .. } | Shape::Asn(form), Value::Number(value)) => number(*value, *form),
            (Shape::Duration { unit_ms, form, .. }, Value::Number(value)) => number(value * self.key_unit_ms() / unit_ms, *form),
            (Shape::Switch(form), Value::Switch(on)) => match form {
                Form::Native => json!(on),
                Form::Text => json!(on.to_string()),
                Form::ZeroOne => json!(u8::from(*on)),
            },
            (Shape::List { comma: true, .. }, Value::List(items)) => json!(items.join(",")),
            (Shape::List { .. }, Value::List(items)) => json!(items),
            (Shape::Rules { names: (source, destinations, index), .. }, Value::Rules(rules)) => {
                let row = |rule: &PolicyRule| {
                    let mut row = Map::new();
                    row.insert((*source).to_owned(), json!(rule.source));
                    row.insert((*destinations).to_owned(), json!(rule.destinations));
                    if let (Some(name), Some(index)) = (index, rule.index) {
                        row.insert((*name).to_owned(), json!(index));
                    }
                    Json::Object(row)
                };
                Json::Array(rules.iter().map(row).collect())
            }
            (_, Value::Secret(secret)) => json!(secret.expose()),
            (_, Value::Text(text)) => json!(text),
            _ => return None,
        })
    }

    /// Reads a cloud's value, leniently: numbers as texts, booleans as texts or numbers, unknown words as they came.
    /// `None` for null, an empty text and what cannot be this setting.
    #[must_use]
    pub fn decode(&self, json: &Json) -> Option<Value> {
        let text = match json {
            Json::String(text) => text.trim().to_owned(),
            Json::Number(number) => number.to_string(),
            Json::Bool(on) => on.to_string(),
            Json::Null => return None,
            Json::Array(_) | Json::Object(_) => String::new(),
        };
        let scalar = !text.is_empty();
        Some(match &self.shape {
            Shape::Words(words) if scalar => Value::Word(words.read(&text)),
            Shape::Number { .. } => Value::Number(text.parse().ok()?),
            Shape::Asn(_) => Value::Number(parse_asn(&text)?),
            Shape::Duration { unit_ms, .. } => Value::Number(text.parse::<u64>().ok()?.checked_mul(*unit_ms)? / self.key_unit_ms()),
            Shape::Switch(_) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "enable" => Value::Switch(true),
                "false" | "0" | "-1" | "disable" => Value::Switch(false),
                _ => return None,
            },
            Shape::List { .. } => {
                let items: Vec<String> = match json {
                    Json::Array(items) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
                    _ => text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect(),
                };
                if items.is_empty() {
                    return None;
                }
                Value::List(items)
            }
            Shape::Rules { names: (source, destinations, index), .. } => {
                let rules: Vec<PolicyRule> =
                    json.as_array()?.iter().filter_map(|row| decode_rule(row, source, destinations, *index)).collect();
                Value::Rules(rules)
            }
            Shape::Secret(_) if scalar => {
                // A key keeps its blanks, if it has any.
                Value::secret(json.as_str()?)
            }
            // A text keeps its blanks too: what is read back is compared with what was asked for.
            Shape::Text(_) if scalar => Value::Text(json.as_str().map_or(text, str::to_owned)),
            Shape::Certificate if scalar => Value::Text(text),
            _ => return None,
        })
    }
}

fn decode_rule(row: &Json, source: &str, destinations: &str, index: Option<&str>) -> Option<PolicyRule> {
    Some(PolicyRule {
        index: index.and_then(|name| row.get(name)?.as_u64()),
        source: row.get(source)?.as_str()?.to_owned(),
        destinations: row.get(destinations)?.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
    })
}
