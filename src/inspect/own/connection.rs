//! One connection in the model's JSON, read back.

use serde_json::{Map, Value as Json};

use crate::model::{Connection, Key, Ref, Secret, Settings, Status, Term, Tunnel, Value, Word, is_mask};
use crate::provider::field::{Field, Shape, field, stored};
use crate::provider::{PROVIDERS, registration};

/// Whether an object names a connection of a known cloud.
pub(super) fn is_named(object: &Map<String, Json>) -> bool {
    reference(object).is_some()
}

fn reference(object: &Map<String, Json>) -> Option<Ref> {
    Ref::parse(object.get("ref")?.as_str()?).ok().filter(|reference| registration(&reference.provider).is_some())
}

/// Reads a connection.
///
/// # Errors
/// What cannot be read, or is missing.
pub(super) fn read(object: &Map<String, Json>) -> Result<Connection, String> {
    let reference = reference(object).ok_or("it names no connection")?;
    let name = reference.to_string();
    let text = |member: &str| object.get(member).and_then(Json::as_str).map(str::to_owned);
    let mut connection = Connection::new(reference);
    connection.gateway = text("gateway");
    connection.gateway_address = text("gateway_address");
    connection.created = text("created");
    connection.updated = text("updated");
    connection.status = status(object.get("status"));
    connection.settings = settings(&connection.reference.provider, object).map_err(|fault| format!("{name}: {fault}"))?;
    for (place, tunnel) in object.get("tunnels").and_then(Json::as_array).into_iter().flatten().enumerate() {
        let tunnel = tunnel.as_object().ok_or_else(|| format!("{name}: tunnel {} cannot be read", place + 1))?;
        connection.tunnels.push(self::tunnel(&connection.reference.provider, tunnel).map_err(|fault| format!("{name}: {fault}"))?);
    }
    if let Some(Json::Object(extra)) = object.get("extra") {
        connection.extra.clone_from(extra);
    }
    whole(&connection)?;
    Ok(connection)
}

fn tunnel(provider: &str, object: &Map<String, Json>) -> Result<Tunnel, String> {
    let text = |member: &str| object.get(member).and_then(Json::as_str).map(str::to_owned);
    Ok(Tunnel {
        id: text("id").ok_or("a tunnel has no id")?,
        role: text("role"),
        gateway_address: text("gateway_address"),
        settings: settings(provider, object)?,
        status: status(object.get("status")),
    })
}

/// Refuses a connection of which the document leaves out what decides whether a tunnel comes up: a query or a list may do so.
fn whole(connection: &Connection) -> Result<(), String> {
    const PHASES: [(&str, [Key; 3]); 2] = [
        ("ike", [Key::IkeVersion, Key::IkeEncryption, Key::IkeDhGroup]),
        ("ipsec", [Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs]),
    ];
    let lacks = |settings: &Settings| {
        PHASES.iter().filter(|(_, keys)| !keys.iter().any(|key| settings.has(*key))).map(|(name, _)| *name).collect::<Vec<_>>()
    };
    let ends: Vec<(String, Vec<&str>)> = match connection.tunnels.as_slice() {
        [] => vec![(connection.reference.to_string(), lacks(&connection.settings))],
        tunnels => tunnels
            .iter()
            .map(|tunnel| (format!("{}#{}", connection.reference, tunnel.id), lacks(&connection.settings.with(&tunnel.settings))))
            .collect(),
    };
    match ends.into_iter().find(|(_, lacking)| !lacking.is_empty()) {
        None => Ok(()),
        Some((name, lacking)) => Err(format!(
            "{name}: its {} settings are missing; save all of it: tunnelctl show {} -o json",
            lacking.join(" and "),
            connection.reference
        )),
    }
}

fn status(json: Option<&Json>) -> Status {
    let word = |member: &str| json?.get(member)?.as_str().and_then(Term::from_word);
    let reported = json.and_then(|json| json.get("reported")).and_then(Json::as_object).into_iter().flatten();
    Status {
        change: word("change").unwrap_or(Term::Unknown),
        tunnel: word("tunnel").unwrap_or(Term::Unknown),
        reported: reported.filter_map(|(field, word)| Some((field.clone().into(), word.as_str()?.to_owned()))).collect(),
    }
}

/// The settings in an object: keys nest at their dots.
fn settings(provider: &str, object: &Map<String, Json>) -> Result<Settings, String> {
    let mut settings = Settings::new();
    for key in Key::ALL.iter().copied() {
        let mut names = key.path().split('.');
        let first = names.next().and_then(|name| object.get(name));
        let Some(json) = first.and_then(|first| names.try_fold(first, |json, name| json.get(name))).filter(|json| !json.is_null()) else {
            continue;
        };
        let shape = &row(provider, key).ok_or_else(|| format!("{} cannot be read", key.path()))?.shape;
        match value(shape, json) {
            Some(value) => settings.set(key, value),
            None if matches!(shape, Shape::Secret(_)) => {}
            None => return Err(format!("{} cannot be read", key.path())),
        }
    }
    Ok(settings)
}

/// The row of a setting in a table of this cloud, or else of another one.
fn row(provider: &str, key: Key) -> Option<&'static Field> {
    let of = |wanted: bool| {
        let registrations = PROVIDERS.iter().filter(move |registration| (registration.id == provider) == wanted);
        registrations.flat_map(|registration| registration.kinds).flat_map(|kind| kind.operations.iter().map(|operation| operation.fields))
    };
    of(true).chain(of(false)).find_map(|fields| field(fields, key))
}

/// A value. A key is known only where it was revealed; a fingerprint or a placeholder is none.
fn value(shape: &Shape, json: &Json) -> Option<Value> {
    match (shape, json) {
        (Shape::Words(_), Json::String(word)) => {
            let known = Term::ALL.iter().copied().find(|term| term.word() == word);
            Some(known.map_or_else(|| Value::Word(Word::Foreign(word.clone())), Value::term))
        }
        (Shape::Secret(_), _) if json.get("state").and_then(Json::as_str) == Some("unset") => Some(Value::secret("")),
        _ => stored(shape, json, || {
            let key = json.get("value")?.as_str()?;
            (!key.is_empty() && !is_mask(key)).then(|| Secret::new(key))
        }),
    }
}
