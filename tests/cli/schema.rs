//! Checks the JSON that commands print against the schema, and the schema against the one on record.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::harness::World;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where a value does not match its schema. Stricter than the standard: a member that the schema does not name is a fault,
/// so that nothing undocumented is printed.
fn faults(root: &Json, schema: &Json, value: &Json, place: &str) -> Vec<String> {
    if schema == &Json::Bool(true) {
        return Vec::new();
    }
    if let Some(path) = schema.get("$ref").and_then(Json::as_str) {
        return faults(root, root.pointer(path.trim_start_matches('#')).unwrap(), value, place);
    }
    let mut found = Vec::new();
    if let Some(choices) = schema.get("anyOf").and_then(Json::as_array) {
        let tried: Vec<_> = choices.iter().map(|choice| faults(root, choice, value, place)).collect();
        if !tried.iter().any(Vec::is_empty) {
            found.extend(tried.into_iter().min_by_key(Vec::len).unwrap());
        }
    }
    if let Some(words) = schema.get("enum").and_then(Json::as_array)
        && !words.contains(value)
    {
        found.push(format!("{place}: {value} is none of {words:?}"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{place}: {value} is not {}", schema["const"]));
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    let fits = match &schema["type"] {
        Json::String(name) => is(name),
        Json::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        _ => true,
    };
    if !fits {
        found.push(format!("{place}: {value} is no {}", schema["type"]));
    }
    if let Some(object) = value.as_object().filter(|_| schema["type"] == "object") {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            if !object.contains_key(name) {
                found.push(format!("{place}: has no {name}"));
            }
        }
        for (name, value) in object {
            let place = format!("{place}.{name}");
            match schema["properties"].get(name).or(schema.get("additionalProperties")) {
                Some(schema) => found.extend(faults(root, schema, value, &place)),
                None => found.push(format!("{place}: is not in the schema")),
            }
        }
    }
    if let (Some(items), Some(schema)) = (value.as_array(), schema.get("items")) {
        found.extend(items.iter().enumerate().flat_map(|(n, item)| faults(root, schema, item, &format!("{place}[{n}]"))));
    }
    found
}

#[track_caller]
fn check(world: &World, command: &str, value: &Json, line: &str) {
    let schema = world.run(&["schema", command]).expect(0).json();
    let found = faults(&schema, &schema, value, "");
    assert!(found.is_empty(), "{line}\n{}", found.join("\n"));
}

/// The commands of a transcript that print a whole JSON document, with what they print.
fn documents(text: &str) -> Vec<(String, Json)> {
    let mut found = Vec::new();
    for run in text.split("\n$ ") {
        let (line, printed) = run.trim_start_matches("$ ").split_once('\n').unwrap_or((run, ""));
        let is_json = line.contains("-o json") && !line.contains("-o jsonl") && !line.contains("--query") && !line.contains('|');
        let stdout: Vec<&str> =
            printed.lines().filter(|line| !["! ", "? ", "# ", "< ", "!"].iter().any(|mark| line.starts_with(mark))).collect();
        if is_json && let Ok(value) = serde_json::from_str(&stdout.join("\n")) {
            found.push((line.to_owned(), value));
        }
    }
    found
}

#[test]
fn the_schema_is_the_one_on_record() {
    let path = root().join("fixtures/schema.json");
    let now = World::new().run(&["schema"]).expect(0).stdout;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap();
    assert!(
        known == now,
        "the JSON of a command has changed. When a member went away or means something else, count up VERSION in src/print/version.rs; \
         then UPDATE=1 cargo test --test cli schema"
    );
}

#[test]
fn all_json_of_the_transcripts_matches_the_schema() {
    let world = World::new();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("fixtures/cli")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, value) in documents(&text) {
            let command = line.split(' ').nth(1).unwrap().replace("update", "modify");
            let command = command.as_str();
            // A schema has no schema here, and the cloud decides what is in a raw reply.
            if !["schema", "api"].contains(&command) {
                check(&world, command, &value, &format!("{}: {line}", Path::new(path.file_name().unwrap()).display()));
                count += 1;
            }
        }
    }
    assert!(count >= 4, "{count}");
}

#[test]
fn the_json_of_every_command_matches_the_schema() {
    let world = World::new();
    let regions = ["alibaba@cn-shanghai", "alibaba@cn-hangzhou", "tencent@ap-guangzhou", "tencent@ap-shanghai", "huawei@cn-north-4"];
    let mut list = vec!["list", "-o", "json", "--emulated"];
    list.extend(regions);
    let listed = world.run(&list).json();
    check(&world, "list", &listed, "list");
    assert!(listed["connections"].as_array().unwrap().len() > 4);
    for connection in listed["connections"].as_array().unwrap() {
        let reference = connection["ref"].as_str().unwrap();
        check(&world, "show", &world.emulated(&["show", reference, "-o", "json"]).expect(0).json(), reference);
        let modify = world.emulated(&["modify", reference, "--name", "other", "-o", "json", "--dry-run"]);
        if modify.code == 0 {
            check(&world, "modify", &modify.json(), reference);
            check(&world, "wait", &world.emulated(&["wait", reference, "-o", "json"]).expect(0).json(), reference);
        }
    }
    for pair in crate::kill::PAIRS {
        let words = ["rotate", pair[0], pair[1], "-o", "json"];
        let planned = world.emulated(&[words.as_slice(), &["--dry-run"]].concat()).expect(0).json();
        check(&world, "rotate", &planned, "rotate --dry-run");
        let rotated = world.emulated(&[words.as_slice(), &["--yes"]].concat()).expect(0).json();
        check(&world, "rotate", &rotated, "rotate");
        let id = rotated["operation"].as_str().unwrap();
        check(&world, "operation", &world.run(&["operation", "show", id, "-o", "json"]).expect(0).json(), "operation show");
        let back = world.run(&["operation", "rollback", id, "--yes", "-o", "json"]).expect(0).json();
        check(&world, "operation", &back, "operation rollback");
    }
    let modified = ["modify", crate::kill::PAIRS[0][0], "--name", "x", "--yes"];
    world.emulated(&modified).expect(0);
    check(&world, "operation", &world.run(&["operation", "list", "-o", "json"]).expect(0).json(), "operation list");
    check(&world, "operation", &world.run(&["operation", "prune", "--days", "0", "-o", "json"]).expect(0).json(), "operation prune");
    check(&world, "providers", &world.run(&["providers", "-o", "json"]).expect(0).json(), "providers");
    check(&world, "providers", &world.run(&["providers", "--compare", "-o", "json"]).expect(0).json(), "providers --compare");
}

#[test]
fn a_fault_is_found() {
    let world = World::new();
    let schema = world.run(&["schema", "wait"]).expect(0).json();
    for wrong in [r#"{"connection":{}}"#, "[]", r#"{"schema_version":2}"#, r#"{"schema_version":3,"connection":{"more":1}}"#] {
        assert!(!faults(&schema, &schema, &serde_json::from_str(wrong).unwrap(), "").is_empty(), "{wrong}");
    }
}
