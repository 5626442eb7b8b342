//! `--columns`: whether the rows of a command have a column, by the schema of its document.

use serde_json::Value as Json;

use super::document::{COMMANDS, commands, schema};
use crate::error::Error;
use crate::print::describe;

/// Refuses columns that no row of a command has.
///
/// # Errors
/// Every unknown column, and the nearest known one.
pub fn check_columns(command: &str, columns: &[String]) -> Result<(), Error> {
    let command = if command == "update" { "modify" } else { command };
    if columns.is_empty() || !commands().any(|name| name == command) {
        return Ok(());
    }
    let schema = schema(Some(command))?;
    let member = COMMANDS.iter().find(|(name, _, _)| *name == command).map_or("", |(_, _, member)| member);
    let row = step(&schema, &schema, member);
    let row = row.and_then(|list| step(&schema, list, "0")).unwrap_or(&schema);
    let known = |path: &str| path.split('.').try_fold(row, |shape, name| step(&schema, shape, name)).is_some();
    let unknown: Vec<&String> = columns.iter().filter(|column| !known(column)).collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    let names: Vec<String> = unknown.iter().map(|column| format!("{column:?}")).collect();
    let error = Error::usage(format!("--columns: the rows of {command} have no {}", names.join(", "))).state("nothing was sent");
    let near = describe::paths()
        .into_iter()
        .filter(|path| known(path))
        .map(|path| (strsim::jaro_winkler(first, path), path))
        .filter(|(score, _)| *score > 0.8);
    let near = near.max_by(|(left, _), (right, _)| left.total_cmp(right)).map(|(_, path)| format!("did you mean {path}?"));
    Err(error.next(near.unwrap_or_default()).next(format!("tunnelctl schema {command} lists the paths")))
}

/// The shape one step deeper; `None` where a document has nothing there. An open shape may have any member.
fn step<'a>(root: &'a Json, shape: &'a Json, name: &str) -> Option<&'a Json> {
    let shape = match shape.get("$ref").and_then(Json::as_str) {
        Some(path) => root.pointer(path.strip_prefix('#')?)?,
        None => shape,
    };
    if let Some(choices) = shape.get("anyOf").and_then(Json::as_array) {
        return choices.iter().find_map(|choice| step(root, choice, name));
    }
    match shape.get("properties") {
        Some(properties) => properties.get(name),
        None if shape.get("items").is_some() => shape.get("items").filter(|_| name.bytes().all(|b| b.is_ascii_digit())),
        None => shape.get("additionalProperties"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(command: &str, columns: &[&str]) -> Option<String> {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        check_columns(command, &columns).err().map(|error| error.to_string())
    }

    #[test]
    fn a_path_of_the_model_is_a_column_and_another_is_refused_with_the_nearest() {
        for path in describe::paths() {
            assert_eq!(refused("list", &[path]), None, "{path}");
        }
        for path in ["extra.VpcId", "status.reported.State", "tunnels.0.ike.version", "policy_rules.0.source", "local_subnets.1"] {
            assert_eq!(refused("show", &[path]), None, "{path}");
        }
        let text = refused("list", &["id", "ike.dhgroup", "nonsense"]).unwrap();
        assert!(text.contains("\"ike.dhgroup\", \"nonsense\"") && text.contains("did you mean ike.dh_group?"), "{text}");
        assert_eq!(refused("modify", &["outcome", "connection.ike.version", "plan.0.new"]), None);
        assert!(refused("update", &["ike.version"]).is_some());
        // No advice names a column that these rows do not have.
        assert!(!refused("inspect", &["id"]).unwrap().contains("did you mean"));
        assert_eq!(refused("providers", &["provider", "flag"]), None);
        assert_eq!(refused("emulate", &["anything"]), None);
    }
}
