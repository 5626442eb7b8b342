//! A change as lines of the file that describes the end.

mod libreswan;
mod section;
mod swanctl;
mod toml;

use super::change::Change;
use crate::agreement::end::{End, Kind};
use crate::agreement::form::Form;

/// What to write into an end's file, line by line. A comment (`#`) says where a line belongs that cannot stand alone.
#[must_use]
pub fn lines(end: &End, change: &Change) -> Vec<String> {
    match (end.form, &end.kind) {
        (Some(Form::Swanctl), _) | (None, Kind::Strongswan) => swanctl::lines(end, change),
        (Some(Form::Libreswan), _) | (None, Kind::Libreswan) => libreswan::lines(end, change),
        _ => toml::lines(end, change),
    }
}
