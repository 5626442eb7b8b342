//! Whether a cloud accepts a change: its tables, and the rules of `modify`.

use super::apply::applied;
use super::change::{Change, Setting};
use super::words::words;
use crate::agreement::end::{End, Kind};
use crate::agreement::parse::libreswan::go_together;
use crate::model::{Key, Ref, Settings, Value};
use crate::provider::field::{Shape, field};
use crate::provider::{Edit, Operation, Profile, Target, registration, unsupported};

/// The name of a tunnel among what an operation needs beside settings.
const TUNNEL: &str = "tunnel";

/// Whether an end accepts a change as one. A daemon does, as long as its file can say it; what else it loads is for the check to say.
pub(super) fn accepts(end: &End, change: &Change) -> bool {
    let Kind::Cloud(_) = &end.kind else { return can_be_written(end, change) };
    let Some(settings) = all(end, change) else { return false };
    let Some((target, reference)) = target(end) else { return false };
    if !fits(target.operation, &settings) || !unsupported(&target, &settings).is_empty() {
        return false;
    }
    // Without the connection as it was read, the tables are all that is known.
    let Some(connection) = &end.connection else { return true };
    let Some(registration) = registration(&reference.provider) else { return false };
    let nowhere = Profile { region: String::new(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
    let provider = (registration.connect)(nowhere);
    let address: Vec<(&'static str, String)> = end
        .tunnel
        .iter()
        .filter(|_| target.operation.address.iter().any(|(name, _)| *name == TUNNEL))
        .map(|id| (TUNNEL, id.clone()))
        .collect();
    let edit = Edit { target: &target, current: Some(connection), change: &settings, address: &address, token: "token" };
    provider.rules(&edit).violations.is_empty() && provider.modify(&edit).is_ok()
}

/// Whether the file of a Libreswan can hold the end as it is after the change: its proposals of Child SAs have to go together.
fn can_be_written(end: &End, change: &Change) -> bool {
    let concerns = |setting: &Setting| matches!(setting, Setting::Esp(..) | Setting::Versions(_));
    end.kind != Kind::Libreswan || !change.settings.iter().any(concerns) || go_together(&applied(end, change).esp)
}

/// A change in the model's words.
pub(super) fn all(end: &End, change: &Change) -> Option<Settings> {
    change.settings.iter().try_fold(Settings::new(), |all, setting| Some(all.with(&words(end, setting)?)))
}

fn target(end: &End) -> Option<(Target, Ref)> {
    let Kind::Cloud(provider) = &end.kind else { return None };
    let registration = registration(provider)?;
    let default = || Ref { provider: provider.clone(), region: None, kind: Ref::DEFAULT_KIND.to_owned(), id: String::new() };
    let reference = end.reference.clone().unwrap_or_else(default);
    let kind = registration.kinds.iter().find(|kind| kind.name == reference.kind)?;
    let operation = kind.operations.first()?;
    Some((Target { kind, operation, id: reference.id.clone() }, reference))
}

/// Whether each value passes the rule of its field, as it is typed.
fn fits(operation: &Operation, settings: &Settings) -> bool {
    settings.iter().all(|(key, value)| {
        field(operation.fields, key).is_some_and(|field| match (&field.shape, value) {
            (Shape::Secret(rule), Value::Secret(secret)) => (rule.check)(secret.expose()),
            _ => !field.write.is_empty() && field.parse(&typed(key, value)).is_ok(),
        })
    })
}

/// A value as it is typed behind its flag: rules one by one, lists with commas.
pub(super) fn typed(key: Key, value: &Value) -> Vec<String> {
    match value {
        Value::Rules(rules) => rules.iter().map(ToString::to_string).collect(),
        Value::List(items) => vec![items.join(",")],
        Value::Number(number) if key.path().ends_with("_secs") => vec![format!("{number}s")],
        value => vec![value.to_string()],
    }
}
