//! From a ref, or the name of a provider, to what it names.

use crate::error::{Error, exit};
use crate::model::Ref;
use crate::provider::{Kind, Operation, PROVIDERS, Registration, Target, registration};

/// The names of the providers, for messages.
#[must_use]
pub(in crate::command) fn provider_names() -> String {
    PROVIDERS.iter().map(|registration| registration.id).collect::<Vec<_>>().join(", ")
}

/// The provider of a name.
///
/// # Errors
/// The providers there are, when this is none.
pub(in crate::command) fn provider(name: &str) -> Result<&'static Registration, Error> {
    registration(name).ok_or_else(|| Error::usage(format!("{name:?} is not a provider; expected one of {}", provider_names())))
}

/// The provider and the kind that a ref names.
///
/// # Errors
/// Which there are, when it names none of them.
pub fn known_kind(reference: &Ref) -> Result<(&'static Registration, &'static Kind), Error> {
    let registration = provider(&reference.provider)?;
    let kind = registration.kinds.iter().find(|kind| kind.name == reference.kind).ok_or_else(|| {
        let kinds: Vec<&str> = registration.kinds.iter().map(|kind| kind.name).collect();
        Error::new(
            exit::UNSUPPORTED,
            format!("{:?} is not a kind of {}; expected {}", reference.kind, registration.title, kinds.join(", ")),
        )
    })?;
    Ok((registration, kind))
}

/// What a ref names, with the operation that `--api` chooses.
pub(in crate::command) fn resolve(reference: &Ref, api: Option<&str>) -> Result<(&'static Registration, Target), Error> {
    let (registration, kind) = known_kind(reference)?;
    Ok((registration, target(kind, &reference.id, api)?))
}

/// The target of a kind, its id checked.
pub(in crate::command) fn target(kind: &'static Kind, id: &str, api: Option<&str>) -> Result<Target, Error> {
    if !(kind.id_rule.check)(id) {
        return Err(
            Error::usage(format!("id {id:?}: must be {}, such as {}", kind.id_rule.text, kind.id_example)).state("nothing was sent")
        );
    }
    let apis = || kind.operations.iter().map(|operation| operation.api).collect::<Vec<_>>().join(", ");
    let wanted = |operation: &&Operation| api.is_none_or(|api| operation.api == api);
    let operation = kind.operations.iter().find(wanted).ok_or_else(|| match apis() {
        list if list.is_empty() => Error::new(exit::UNSUPPORTED, format!("--api: there is one API for {}", kind.name)),
        list => Error::usage(format!("--api {}: expected one of {list}", api.unwrap_or_default())),
    })?;
    Ok(Target { kind, operation, id: id.to_owned() })
}
