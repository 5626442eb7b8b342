//! From the arguments of `modify` to a wish.

use std::path::PathBuf;

use clap::ArgMatches;
use uuid::Uuid;

use super::arguments::writable;
use crate::change::{Asked, Flow, Wish};
use crate::command::shared::context::Context;
use crate::command::shared::psk;
use crate::command::shared::target::target;
use crate::error::{Error, Violation};
use crate::model::{Key, Ref, Value};
use crate::print::output::Output;
use crate::provider::field::{Field, Shape, field};
use crate::provider::{CLIENT_TOKEN, Kind, Registration, Target};
use crate::system::files::read_small;

/// Bytes of a certificate file.
const CERTIFICATE_LIMIT: u64 = 64 << 10;

/// The wish that the arguments describe. Faulty settings become violations of it, to be reported together.
///
/// # Errors
/// A missing or malformed id, or an unknown API.
pub(super) fn wish(
    registration: &'static Registration,
    kind: &'static Kind,
    matches: &ArgMatches,
    context: &Context,
) -> Result<Wish, Error> {
    let id = text(matches, "id").ok_or_else(|| Error::usage(format!("no id is given, such as {}", kind.id_example)))?;
    let target = target(kind, id, text(matches, "api").map(String::as_str))?;
    let region = context.options.region.clone();
    let reference = Ref { provider: registration.id.to_owned(), region, kind: kind.name.to_owned(), id: id.clone() };
    let mut asked = Asked {
        psk_generated: matches.try_get_one::<bool>("psk-generate").ok().flatten().copied().unwrap_or(false),
        psk_out: matches.try_get_one::<PathBuf>("psk-out").ok().flatten().cloned(),
        ..Asked::default()
    };
    settings(&target, matches, &mut asked);
    key(kind, matches, &context.output, &mut asked);
    let address = address(&target, matches, &mut asked);
    let token = token(matches, &mut asked);
    let flag = |name: &str| matches.get_flag(name);
    let flow = Flow {
        yes: flag("yes"),
        dry_run: flag("dry-run"),
        exit_code: flag("exit-code"),
        no_read: flag("no-read"),
        no_wait: flag("no-wait"),
        allow_down: flag("allow-down"),
    };
    Ok(Wish { target, reference, address, asked, flow, guard: None, previous: None, token })
}

fn text<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m String> {
    matches.try_get_one::<String>(name).ok().flatten()
}

/// The settings of flags and certificate files.
fn settings(target: &Target, matches: &ArgMatches, asked: &mut Asked) {
    for key in Key::ALL.iter().filter(|key| !key.flag().is_empty()) {
        let Ok(Some(values)) = matches.try_get_many::<String>(key.flag()) else { continue };
        let Some(field) = field(target.operation.fields, *key).or_else(|| writable(target.kind, *key)) else { continue };
        match value(field, values.cloned().collect()) {
            Ok(value) => asked.change.set(*key, value),
            Err(violation) => asked.violations.push(violation),
        }
    }
}

fn value(field: &Field, mut texts: Vec<String>) -> Result<Value, Violation> {
    if matches!(field.shape, Shape::Certificate) {
        let path = PathBuf::from(texts.concat());
        let file = read_small(&path, CERTIFICATE_LIMIT).map_err(|cause| Violation {
            setting: field.key.named(),
            value: Some(path.display().to_string()),
            rule: cause,
        })?;
        texts = vec![file.text.to_string()];
    }
    field.parse(&texts)
}

/// The pre-shared key, from wherever the flags say.
fn key(kind: &Kind, matches: &ArgMatches, output: &Output, asked: &mut Asked) {
    let Some(field) = writable(kind, Key::Psk) else { return };
    match psk::read(matches, output) {
        Ok(None) => {}
        Ok(Some(key)) => {
            asked.advice = psk::advice(&key);
            match field.parse(std::slice::from_ref(&key)) {
                Ok(_) => asked.change.set(Key::Psk, Value::secret(key)),
                Err(violation) => asked.violations.push(violation),
            }
        }
        Err(violation) => asked.violations.push(violation),
    }
}

/// What the operation needs beside settings; what another operation of the kind needs is a fault.
fn address(target: &Target, matches: &ArgMatches, asked: &mut Asked) -> Vec<(&'static str, String)> {
    let own = target.operation.address;
    for (name, _) in target.kind.operations.iter().flat_map(|operation| operation.address) {
        if text(matches, name).is_some() && !own.iter().any(|(known, _)| known == name) {
            let rule = format!("is not used by {}", target.operation.name);
            asked.violations.push(Violation { setting: format!("--{name}"), value: None, rule });
        }
    }
    own.iter().filter_map(|(name, _)| text(matches, name).map(|value| (*name, value.clone()))).collect()
}

/// The token of the change: the one given, or a random one.
fn token(matches: &ArgMatches, asked: &mut Asked) -> String {
    let token = text(matches, CLIENT_TOKEN).cloned().unwrap_or_else(|| Uuid::new_v4().to_string());
    if token.is_empty() || token.len() > 64 || !token.bytes().all(|b| b.is_ascii_graphic()) {
        let rule = "must be 1 to 64 ASCII characters without blanks".to_owned();
        asked.violations.push(Violation { setting: format!("--{CLIENT_TOKEN}"), value: None, rule });
    }
    token
}
