//! What a change found and what it set, as the record keeps it; and the change that leads back from there.

use serde_json::{Map, Value as Json};

use super::Wish;
use crate::change::plan::Row;
use crate::error::{Error, exit};
use crate::model::{Key, PolicyRule, Ref, Secret, Settings, Value, Word};
use crate::operation::event::Which;
use crate::operation::id::OperationId;
use crate::operation::state::State;
use crate::provider::Target;
use crate::provider::field::{Field, Shape, field};

/// The name under which a secret setting is sealed.
#[must_use]
pub fn sealed_name(which: Which, key: Key) -> String {
    format!("{}:{}", which.word(), key.path())
}

/// Settings by their paths, null where there is no value; of a secret, whether there is one, and its fingerprint.
#[must_use]
pub(super) fn to_json<'a>(rows: impl Iterator<Item = (Key, Option<&'a Value>)>) -> Json {
    let value = |value: &Value| match value {
        // No key is nothing to go back to.
        Value::Secret(secret) if secret.expose().is_empty() => Json::Null,
        value => value.to_json(),
    };
    Json::Object(rows.map(|(key, found)| (key.path().to_owned(), found.map_or(Json::Null, value))).collect::<Map<_, _>>())
}

/// What a plan finds, and what it sets.
#[must_use]
pub(super) fn both(rows: &[Row]) -> (Json, Json) {
    (to_json(rows.iter().map(|row| (row.key, row.now.as_ref()))), to_json(rows.iter().map(|row| (row.key, Some(&row.then)))))
}

/// Settings as the record has them; `secret` opens the sealed ones. What has no value on record is left out.
#[must_use]
pub fn from_json(target: &Target, json: &Json, secret: &dyn Fn(Key) -> Option<Secret>) -> Settings {
    let value = |key: Key| {
        let field = field(target.operation.fields, key)?;
        read(field, json.get(key.path())?, || secret(key))
    };
    Key::ALL.iter().filter_map(|key| Some((*key, value(*key)?))).collect()
}

/// The value that was read once: it need not pass the rules for what is asked, since the cloud had it.
fn read(field: &Field, json: &Json, secret: impl Fn() -> Option<Secret>) -> Option<Value> {
    Some(match (&field.shape, json) {
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

impl Wish {
    /// The wish of a change on record that goes on, forward or `back`; `secrets` are those that were sealed. Of what goes
    /// back, `without` are the paths that stay as they are.
    ///
    /// # Errors
    /// What cannot be read from the record; what cannot be undone, since its former value is not known.
    #[allow(clippy::too_many_arguments, reason = "all of them come from the record; a struct for one call would only repeat it")]
    pub fn again(
        id: &OperationId,
        state: &State,
        target: &Target,
        reference: &Ref,
        back: bool,
        without: &[&str],
        secrets: &[(String, Secret)],
        token: String,
    ) -> Result<Self, Error> {
        let read = |which: Which, json: &Option<Json>| {
            let secret = |key: Key| {
                let name = sealed_name(which, key);
                secrets.iter().find(|(known, _)| *known == name).map(|(_, secret)| Secret::new(secret.expose()))
            };
            json.as_ref().map(|json| from_json(target, json, &secret)).unwrap_or_default()
        };
        let former = Former { before: read(Which::Old, &state.before), asked: read(Which::New, &state.change), take_over: false };
        let set: Vec<&str> = state.change.as_ref().and_then(Json::as_object).into_iter().flatten().map(|(path, _)| path.as_str()).collect();
        if !back && former.asked.iter().count() < set.len() {
            let message = format!("not all that operation {id} sets can be read from its record");
            return Err(Error::new(exit::FAILED, message).state("nothing was sent"));
        }
        let change = if back { goal(id, &set, &former, without)? } else { former.asked.clone() };
        let tunnel = |name: &&'static str| Some((*name, state.ends.first()?.plan.tunnel.clone()?));
        let address = target.operation.address.iter().map(|(name, _)| name).filter(|name| **name == "tunnel").filter_map(tunnel).collect();
        Ok(Self {
            target: target.clone(),
            reference: reference.clone(),
            change,
            violations: Vec::new(),
            advice: Vec::new(),
            psk_generated: false,
            psk_out: None,
            address,
            yes: false,
            dry_run: false,
            no_read: false,
            no_wait: false,
            exit_code: false,
            guard: None,
            former: Some(former),
            token,
        })
    }
}

/// What leads back: refused where something cannot be undone, unless it is named as what stays.
fn goal(id: &OperationId, set: &[&str], former: &Former, without: &[&str]) -> Result<Settings, Error> {
    if let Some(stray) = without.iter().find(|path| !set.contains(path)) {
        return Err(Error::usage(format!("--without {stray}: operation {id} set {}", set.join(", "))).state("nothing was sent"));
    }
    let known = |path: &str| former.before.iter().any(|(key, _)| key.path() == path);
    let lost: Vec<&str> = set.iter().copied().filter(|path| !known(path) && !without.contains(path)).collect();
    let goal = former.before.iter().filter(|(key, _)| !without.contains(&key.path()));
    let goal: Settings = goal.map(|(key, value)| (key, value.clone())).collect();
    if lost.is_empty() && !goal.is_empty() {
        return Ok(goal);
    }
    if lost.is_empty() {
        return Err(Error::usage(format!("--without names all that operation {id} set: nothing is left to undo")).state("nothing was sent"));
    }
    let message = format!("operation {id} cannot undo {}: what it was before is not known", lost.join(", "));
    let error = Error::new(exit::FAILED, message).state("nothing was sent");
    let stay: Vec<&str> = set.iter().copied().filter(|path| !known(path) || without.contains(path)).collect();
    let rest = format!("undo the rest: tunnelctl operation rollback {id} --without {}", stay.join(","));
    Err(if stay.len() < set.len() { error.next(rest) } else { error })
}

/// What a change on record found and set: nobody else's is undone or overwritten with it.
#[derive(Debug)]
pub struct Former {
    /// What it found.
    pub before: Settings,
    /// What it set.
    pub asked: Settings,
    /// Whether what somebody else set since may be overwritten.
    pub take_over: bool,
}

impl Former {
    /// What somebody else has set since, a line each; nothing where a setting is not shown, or was not known before.
    pub(super) fn foreign(&self, shown: &Settings) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, asked) in self.asked.iter() {
            let (Some(found), Some(before)) = (shown.get(key), self.before.get(key)) else { continue };
            if found != asked && found != before {
                let one = |value: &Value| value.to_string().replace('\n', ", ");
                lines.push(format!("{} is {}; it was {} before, and set to {}", key.path(), one(found), one(before), one(asked)));
            }
        }
        lines
    }

    /// The error of what somebody else has set.
    pub(super) fn conflict(name: &str, foreign: &[String]) -> Error {
        let mut message = format!("somebody else has changed {name} since:");
        for line in foreign {
            message.push_str("\n  ");
            message.push_str(line);
        }
        Error::new(exit::FAILED, message).state("nothing was sent by this run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Term;
    use crate::operation::state::unknown;
    use crate::provider::PROVIDERS;

    /// A value of every shape that a setting can have.
    fn sample(field: &Field) -> Value {
        match &field.shape {
            Shape::Words(words) => Value::term(words.terms().next().unwrap()),
            Shape::Number { min, .. } | Shape::Duration { min, .. } => Value::Number(*min),
            Shape::Asn(_) => Value::Number(4_294_967_295),
            Shape::Switch(_) => Value::Switch(true),
            Shape::List { .. } => Value::List(vec!["10.0.0.0/8".into(), "10.1.0.0/16".into()]),
            Shape::Rules { .. } => Value::Rules(vec![PolicyRule::parse("3:10.0.0.0/8=10.1.0.0/16,10.2.0.0/16").unwrap()]),
            Shape::Secret(_) => Value::secret("canary-former-9c1d"),
            Shape::Text(_) | Shape::Certificate => Value::Text("a: \"b\"\n".into()),
        }
    }

    #[test]
    fn every_setting_of_every_cloud_comes_back_as_it_was_and_no_secret_stands_in_between() {
        for kind in PROVIDERS.iter().flat_map(|registration| registration.kinds) {
            for operation in kind.operations {
                let target = Target { kind, operation, id: kind.id_example.to_owned() };
                let settings: Settings = operation.fields.iter().map(|field| (field.key, sample(field))).collect();
                let json = to_json(settings.iter().map(|(key, value)| (key, Some(value))));
                assert!(!json.to_string().contains("canary"), "{json}");
                let json: Json = serde_json::from_str(&json.to_string()).unwrap();
                let back = from_json(&target, &json, &|_| Some(Secret::new("canary-former-9c1d")));
                assert_eq!(back, settings, "{}", operation.name);
            }
        }
    }

    #[test]
    fn a_word_that_no_vocabulary_has_comes_back_as_the_cloud_wrote_it() {
        let kind = PROVIDERS[2].kinds.first().unwrap();
        let target = Target { kind, operation: &kind.operations[0], id: String::new() };
        let found = from_json(&target, &serde_json::json!({ "ike.encryption": "aes-9000" }), &|_| None);
        assert_eq!(found.get(Key::IkeEncryption), Some(&Value::Word(Word::Foreign("aes-9000".into()))));
    }

    #[test]
    fn what_had_no_value_is_unknown_and_what_is_shown_as_neither_is_foreign() {
        let unset = Value::secret("");
        let json = to_json([(Key::Psk, Some(&unset)), (Key::Name, None), (Key::IkeLifetime, Some(&Value::Number(1)))].into_iter());
        assert_eq!(unknown(&json), ["name", "psk"]);
        let one = |term| Settings::from_iter([(Key::IkeVersion, Value::term(term))]);
        let former = Former { before: one(Term::Ikev1), asked: one(Term::Ikev2), take_over: false };
        assert!(former.foreign(&one(Term::Ikev1)).is_empty() && former.foreign(&one(Term::Ikev2)).is_empty());
        assert_eq!(former.foreign(&one(Term::Main)), ["ike.version is main; it was ikev1 before, and set to ikev2"]);
    }
}
