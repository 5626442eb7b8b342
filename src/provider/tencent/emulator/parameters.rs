//! The parameters of a modification, read and checked as the service would.

use serde_json::{Map, Value as Json};

use super::flaw::{Flaw, malformed, unknown, wrong_type};
use crate::model::{Key, Settings};
use crate::provider::field::{Field, Form, Rule, Shape, insert_at, take_at};
use crate::provider::tencent::identity::{self, Side};
use crate::provider::tencent::settings;
use crate::provider::vocabulary::Vocabulary;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Settings.
    pub settings: Settings,
    /// Identities: place at API 3.0, and text.
    pub identities: Vec<(&'static str, String)>,
}

/// Reads parameters by the table of an operation. Refuses names that it does not hold.
pub(super) fn read(fields: &'static [Field], sides: &[Side], mut given: Map<String, Json>, typed: bool) -> Result<Wanted, Flaw> {
    let mut wanted = Wanted { settings: Settings::new(), identities: take_identities(sides, &mut given)? };
    if let Some(json) = take_at(&mut given, "IPSECOptionsSpecification.IntegrityAlgorithm") {
        insert_at(&mut given, "IPSECOptionsSpecification.IntegrityAlgorith", json);
    }
    for field in fields.iter().filter(|field| !field.write.is_empty()) {
        match take_at(&mut given, field.write) {
            None | Some(Json::Null) => {}
            Some(json) => {
                check(field, &json, typed)?;
                wanted.settings.set(field.key, field.decode(&json).ok_or_else(|| malformed(field.write))?);
            }
        }
    }
    match given.keys().next() {
        Some(name) => Err(unknown(name)),
        None => Ok(wanted),
    }
}

fn take_identities(sides: &[Side], given: &mut Map<String, Json>) -> Result<Vec<(&'static str, String)>, Flaw> {
    let mut identities = Vec::new();
    for (side, v3) in sides.iter().zip(identity::V3) {
        for (path, target) in [(side.address_path, v3.address_path), (side.name_path, v3.name_path)] {
            match take_at(given, path) {
                None | Some(Json::Null) => {}
                Some(Json::String(text)) if text.len() <= 255 => identities.push((target, text)),
                Some(_) => return Err(malformed(path)),
            }
        }
    }
    Ok(identities)
}

/// Checks a parameter as the service would. Returns what is wrong with it.
fn check(field: &Field, json: &Json, typed: bool) -> Result<(), Flaw> {
    let name = field.write;
    let flaw = match &field.shape {
        Shape::Words(words) => check_word(words, json, name),
        Shape::Number { min, max, form } | Shape::Duration { min, max, form, .. } => {
            check_number(*min, *max, number(json, *form, typed), name)
        }
        Shape::Switch(Form::ZeroOne) => match number(json, Form::Native, typed) {
            Some(0 | 1) => None,
            Some(_) => Some(invalid(name)),
            None => Some(wrong_type(name)),
        },
        Shape::Switch(_) => (!is_switch(json, typed)).then(|| wrong_type(name)),
        Shape::Text(rule) => check_text(field, rule, json),
        Shape::Secret(_) => json.as_str().is_none_or(str::is_empty).then(|| malformed(name)),
        Shape::List { each, .. } => check_items(json, name, |item| item.as_str().is_some_and(each.check)),
        Shape::Rules { names: (source, destinations, _), network, .. } => {
            check_items(json, name, |row| is_rule(row, source, destinations, network))
        }
        Shape::Asn(_) | Shape::Certificate => Some(invalid(name)),
    };
    flaw.map_or(Ok(()), Err)
}

fn check_word(words: &Vocabulary, json: &Json, name: &str) -> Option<Flaw> {
    let Some(text) = json.as_str() else { return Some(wrong_type(name)) };
    // Unlike our own reader, the service accepts only the spelling that is written.
    (!words.terms().any(|term| words.write(term) == Some(text))).then(|| invalid(name))
}

fn check_number(min: u64, max: u64, number: Option<u64>, name: &str) -> Option<Flaw> {
    let Some(number) = number else { return Some(wrong_type(name)) };
    let range = || ("InvalidParameterValue.Range", format!("The parameter `{name}` must be {min} to {max}."));
    (!(min..=max).contains(&number)).then(range)
}

fn is_switch(json: &Json, typed: bool) -> bool {
    if typed { json.is_boolean() } else { json.as_str().is_some_and(|text| matches!(text, "true" | "True" | "false" | "False")) }
}

fn check_text(field: &Field, rule: &Rule, json: &Json) -> Option<Flaw> {
    let name = field.write;
    let Some(text) = json.as_str() else { return Some(wrong_type(name)) };
    if field.key == Key::Name && text.chars().count() > settings::NAME_MAX {
        return Some(("InvalidParameterValue.TooLong", format!("The parameter `{name}` is longer than {}.", settings::NAME_MAX)));
    }
    (!(rule.check)(text)).then(|| malformed(name))
}

fn check_items(json: &Json, name: &str, fits: impl Fn(&Json) -> bool) -> Option<Flaw> {
    let Some(items) = json.as_array() else { return Some(wrong_type(name)) };
    (!items.iter().all(fits)).then(|| malformed(name))
}

fn is_rule(row: &Json, source: &str, destinations: &str, network: &Rule) -> bool {
    let is_network = |item: &Json| item.as_str().is_some_and(network.check);
    row.as_object().is_some_and(|row| {
        row.len() == 2
            && row.get(source).is_some_and(is_network)
            && row.get(destinations).and_then(Json::as_array).is_some_and(|items| !items.is_empty() && items.iter().all(is_network))
    })
}

fn invalid(name: &str) -> Flaw {
    ("InvalidParameterValue", format!("The value of the parameter `{name}` is not valid."))
}

fn number(json: &Json, form: Form, typed: bool) -> Option<u64> {
    if typed && form != Form::Text { json.as_u64() } else { json.as_str()?.parse().ok() }
}
