//! What an end can be set to.

use super::end::{End, Kind};
use crate::model::{Key, Ref, Value, Word};
use crate::provider::field::{self, Shape};
use crate::provider::registration;

/// Whether an end accepts a value: a daemon accepts all, a cloud what its tables list.
pub(super) fn can_set(end: &End, key: Key, value: &Value) -> bool {
    let Kind::Cloud(provider) = &end.kind else { return true };
    let Some(registration) = registration(provider) else { return false };
    let kind = end.reference.as_ref().map_or(Ref::DEFAULT_KIND, |reference| reference.kind.as_str());
    let operations = registration.kinds.iter().filter(|one| one.name == kind).flat_map(|kind| kind.operations);
    operations.flat_map(|operation| field::field(operation.fields, key)).any(|field| {
        let fits = match (&field.shape, value) {
            (Shape::Words(words), Value::Word(Word::Known(term))) => words.write(*term).is_some(),
            (Shape::Words(_), _) => false,
            (Shape::List { max, .. }, Value::List(items)) => items.len() <= *max,
            _ => field.encode(value).is_some(),
        };
        fits && !field.write.is_empty()
    })
}
