//! Blocks such as `IkeConfig`: sent whole, because the cloud may reset what a block leaves out to its default.

use crate::error::Violation;
use crate::model::{Key, Settings, Value};
use crate::provider::alibaba::settings::block;
use crate::provider::field::Field;

/// A change with the blocks that it touches completed from the current settings.
///
/// # Errors
/// When the block that contains the key is touched, and the current key is not known.
pub(super) fn completed(change: &Settings, fields: &'static [Field], current: Option<&Settings>) -> Result<Settings, Vec<Violation>> {
    let ike = fields.iter().find(|field| field.key == Key::IkeVersion).and_then(block);
    let needs_key = ike.is_some_and(|ike| touches(change, fields, ike));
    with_key(with_blocks(change, fields, current), change, current, needs_key)
}

/// The same for an IPsec server: its key is outside the blocks, and goes with every change of more than the name.
///
/// # Errors
/// When the key is needed, and the current one is not known.
pub(super) fn completed_for_server(
    change: &Settings,
    fields: &'static [Field],
    current: Option<&Settings>,
) -> Result<Settings, Vec<Violation>> {
    let has_key = current.is_none_or(|current| current.switch(Key::PskEnabled) != Some(false));
    let needs_key = has_key && change.iter().any(|(key, _)| key != Key::Name);
    with_key(with_blocks(change, fields, current), change, current, needs_key)
}

fn touches(change: &Settings, fields: &'static [Field], name: &str) -> bool {
    fields.iter().any(|field| block(field) == Some(name) && change.has(field.key))
}

fn with_blocks(change: &Settings, fields: &'static [Field], current: Option<&Settings>) -> Settings {
    let mut whole = change.clone();
    let touched = |field: &&Field| block(field).is_some_and(|name| touches(change, fields, name));
    for field in fields.iter().filter(touched).filter(|field| !change.has(field.key)) {
        if let Some(value) = current.and_then(|current| current.get(field.key)) {
            whole.set(field.key, value.clone());
        }
    }
    whole
}

fn with_key(mut whole: Settings, change: &Settings, current: Option<&Settings>, needs_key: bool) -> Result<Settings, Vec<Violation>> {
    if needs_key && !change.has(Key::Psk) {
        whole.set(Key::Psk, readable_key(current).ok_or_else(|| vec![unreadable_key(current.is_some())])?);
    }
    Ok(whole)
}

/// The current key, unless it is masked.
fn readable_key(current: Option<&Settings>) -> Option<Value> {
    let value = current?.get(Key::Psk)?;
    let Value::Secret(secret) = value else { return None };
    // How the cloud masks a key is not documented. The user is asked for a key that looks masked.
    secret.is_readable().then(|| value.clone())
}

fn unreadable_key(read: bool) -> Violation {
    let why = if read { "the cloud masks the current key" } else { "the current key was not read" };
    let rule = format!(
        "{why}, and the cloud may replace it when these settings are changed without the key; give it with --psk-file or --psk-stdin"
    );
    Violation::of(Key::Psk, rule)
}
