//! `config show`.

use serde_json::{Map, Value as Json, json};

use super::lines::{lines, short};
use crate::command::shared::context::Context;
use crate::config::{self, Config, lookup};
use crate::error::{Error, exit};
use crate::print::output::Table;
use crate::provider::Registration;

/// Shows every value in use, and its source.
///
/// # Errors
/// When the configuration cannot be read.
pub(super) fn show(providers: &[&'static Registration], context: &Context) -> Result<u8, Error> {
    let options = &context.options;
    let file = options.config.file()?;
    let profile = lookup::profile(options, file.as_deref())?;
    let place = config::path().map(|path| path.display().to_string()).unwrap_or_default();
    let there = if file.is_some() { "-" } else { "not there" };
    let mut rows = vec![row("config", &place, there)];
    if let Some(profile) = &profile {
        rows.push(row("profile", &profile.value, &profile.from));
    }
    let (mut clouds, mut wrong) = (Map::new(), false);
    for registration in providers {
        let lines = lines(registration, options, &context.output)?;
        wrong |= lines.iter().any(|line| line.wrong);
        for line in &lines {
            let from = if line.wrong {
                "wrong"
            } else if line.from.is_empty() && line.value.is_empty() {
                "not set"
            } else {
                &line.from
            };
            rows.push(row(&format!("{}.{}", registration.id, line.name), &line.value, from));
        }
        let fields: Map<String, Json> = lines.iter().map(|line| (line.name.to_owned(), line.json())).collect();
        clouds.insert(registration.id.to_owned(), Json::Object(fields));
    }
    let names = |config: &Config| {
        let tunnels =
            config.tunnels.iter().map(|(name, given)| (format!("tunnels.{name}"), given.value.to_string(), config.at(given.line)));
        let pairs = config.pairs.iter().map(|(name, given)| (format!("pairs.{name}"), given.value.join(" and "), config.at(given.line)));
        tunnels.chain(pairs).collect::<Vec<_>>()
    };
    rows.extend(file.as_deref().map(names).unwrap_or_default().iter().map(|(name, value, from)| row(name, value, from)));
    let tunnels: Map<String, Json> = file
        .iter()
        .flat_map(|config| {
            config
                .tunnels
                .iter()
                .map(|(name, given)| (name.clone(), json!({ "value": given.value.to_string(), "from": config.at(given.line) })))
        })
        .collect();
    let pairs: Map<String, Json> = file
        .iter()
        .flat_map(|config| {
            config.pairs.iter().map(|(name, given)| (name.clone(), json!({ "value": given.value, "from": config.at(given.line) })))
        })
        .collect();
    let profile = profile.map(|profile| json!({ "value": profile.value, "from": profile.from }));
    let json = json!({
        "path": place, "exists": file.is_some(), "profile": profile, "providers": clouds, "tunnels": tunnels, "pairs": pairs,
    });
    let head = ["SETTING", "VALUE", "FROM"].map(str::to_owned).to_vec();
    context.output.result(|| vec![Table { head, rows, ..Table::default() }], || json);
    Ok(if wrong { exit::CREDENTIALS } else { exit::DONE })
}

fn row(name: &str, value: &str, from: &str) -> Vec<String> {
    let value = if value.is_empty() { "-" } else { value };
    vec![name.to_owned(), short(value), short(from)]
}
