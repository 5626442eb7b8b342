//! Cases from the field, decided by real daemons: files that people wrote, and what the tunnel does.

mod strongswan;

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::harness::{Ran, World};

/// The folder of a case.
fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(case)
}

/// A world with the files of a case.
fn world(case: &str) -> World {
    let world = World::new();
    for entry in std::fs::read_dir(folder(case)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            world.write(path.file_name().unwrap().to_str().unwrap(), &std::fs::read_to_string(&path).unwrap());
        }
    }
    world
}

/// What a check says.
struct Checked(Json);

impl Checked {
    fn of(ran: &Ran) -> Self {
        Self(ran.json())
    }

    /// The verdict as `down ike_auth`; when one end starts, or the worse one.
    fn verdict(&self, starter: Option<&str>) -> String {
        let place = match starter {
            None => &self.0["checks"][0],
            Some(side) => &self.0["checks"][0][format!("{side}_initiates")],
        };
        let exchange = place["exchange"].as_str().map(|exchange| format!(" {exchange}")).unwrap_or_default();
        format!("{}{exchange}", place["verdict"].as_str().unwrap())
    }

    /// The findings on a field.
    fn on(&self, field: &str) -> Vec<&Json> {
        self.0["checks"][0]["findings"].as_array().unwrap().iter().filter(|finding| finding["field"] == field).collect()
    }

    /// The fields of the findings that keep the tunnel down.
    fn errors(&self) -> Vec<&str> {
        let all = self.0["checks"][0]["findings"].as_array().unwrap().iter();
        all.filter(|finding| finding["severity"] == "error").map(|finding| finding["field"].as_str().unwrap()).collect()
    }
}

/// Checks two ends among the files of a case.
fn check(case: &str, words: &[&str]) -> Checked {
    Checked::of(&world(case).run(&[&["check", "-o", "json"], words].concat()))
}
