//! The checks that need no network.

use super::wish::Wish;
use crate::error::{Error, Violation};
use crate::model::{Key, Settings, Value};
use crate::provider::field::field;
use crate::provider::{Provider, unsupported};

/// Checks what can be checked without reading the connection.
///
/// # Errors
/// Every rule that is broken, by single fields and by fields together.
pub fn check_input(provider: &dyn Provider, wish: &Wish) -> Result<(), Error> {
    let asked = &wish.asked;
    let mut violations = asked.violations.clone();
    violations.extend(unsupported(&wish.target, &asked.change));
    let known: Settings = asked
        .change
        .iter()
        .filter(|(key, _)| !violations.iter().any(|fault| fault.setting == key.named()))
        .map(|(key, value)| (key, value.clone()))
        .collect();
    // A second complaint about a setting that is already faulty only follows from the first. And a setting that seems to be
    // missing may exist in the cloud: only reading tells, unless nothing is going to be read.
    let decided = |fault: &Violation| {
        let named = |(key, _): (Key, &Value)| fault.setting == key.named();
        !violations.iter().any(|other| other.setting == fault.setting) && (wish.flow.no_read || known.iter().any(named))
    };
    let further: Vec<Violation> = provider.rules(&wish.edit(None, &known)).violations.into_iter().filter(decided).collect();
    violations.extend(further);
    violations.extend(lost_key(wish));
    if !violations.is_empty() {
        return Err(wish.invalid(&violations));
    }
    if asked.change.is_empty() {
        return Err(Error::usage(format!("nothing to change is given for {}", wish.reference))
            .next(format!("tunnelctl modify {} {} --help lists the settings", wish.reference.provider, wish.target.kind.name)));
    }
    Ok(())
}

/// A generated key that is neither written to a file nor returned by the cloud.
fn lost_key(wish: &Wish) -> Option<Violation> {
    let returned = field(wish.target.operation.fields, Key::Psk).is_some_and(|field| !field.read.is_empty());
    (wish.asked.psk_generated && wish.asked.psk_out.is_none() && !returned).then(|| Violation {
        setting: "--psk-generate".to_owned(),
        value: None,
        rule: format!("{} never returns a key: name a new file with --psk-out, or it would be lost", wish.reference.provider),
    })
}
