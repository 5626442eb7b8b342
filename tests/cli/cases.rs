//! Cases from the field (`fixtures/cases/`), through the whole binary: the right answer, and that of variants nearby.

mod libreswan;
mod mends;
mod saved;
mod sides;
mod strongswan;

use std::path::Path;

use serde_json::Value as Json;

use crate::harness::World;

/// A world that holds the files of a case.
fn world(name: &str) -> World {
    let world = World::new();
    for entry in std::fs::read_dir(folder(name)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            world.write(path.file_name().unwrap().to_str().unwrap(), &std::fs::read_to_string(&path).unwrap());
        }
    }
    world
}

/// The folder of a case.
fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(name)
}

/// The check of two files, as JSON.
fn check(world: &World, left: &str, right: &str) -> Json {
    world.run(&["check", left, right, "-o", "json"]).json()["checks"][0].clone()
}

/// The fields of the findings of this severity.
fn fields(checked: &Json, severity: &str) -> Vec<String> {
    let findings = checked["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["severity"] == severity).map(|finding| finding["field"].as_str().unwrap().to_owned()).collect()
}

/// The verdict, and where it fails.
fn verdict(checked: &Json) -> (&str, &str) {
    (checked["verdict"].as_str().unwrap_or("?"), checked["exchange"].as_str().unwrap_or(""))
}

/// Changes a file of the world.
fn edit(world: &World, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(world.path().join(file)).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    world.write(file, &text.replace(from, to));
}
