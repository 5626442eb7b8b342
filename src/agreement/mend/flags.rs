//! A change as flags of `modify`.

use super::accept::typed;
use super::change::Change;
use super::words::words;
use crate::agreement::end::End;
use crate::model::{Key, Settings};

/// The settings of a change that a cloud's connection has words for, and the same as flags of `modify` with their values; the key, which
/// no flag takes, is not among the latter.
#[must_use]
pub fn flags(end: &End, change: &Change) -> (Settings, Vec<(&'static str, String)>) {
    let settings = change.settings.iter().filter_map(|setting| words(end, setting)).fold(Settings::new(), |all, one| all.with(&one));
    let mut words = Vec::new();
    for (key, value) in settings.iter().filter(|(key, _)| *key != Key::Psk) {
        words.extend(typed(key, value).into_iter().map(|text| (key.flag(), text)));
    }
    (settings, words)
}
