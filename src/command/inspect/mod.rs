//! `inspect`: what a saved reply or request contains, offline.

mod json;
mod tables;
mod words;

use std::cell::Cell;

use clap::{Arg, ArgMatches, Command};

use super::shared::context::Context;
use super::shared::flag::switch;
use super::shared::saved::saved;
use crate::error::{Error, exit};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg(Arg::new("file").value_name("FILE").help("Saved reply or request [default: -, standard input]"))
        .arg(switch("exit-code", "Exit with 10 if it is an error, breaks a rule or was cut"))
        .after_help(
            "Reads JSON, XML, queries and forms of any of the clouds, also inside a list, JSON lines or a log,\n\
             and escaped, quoted or encoded. Sends no request.\n\n\
             Example:\n  tunnelctl inspect reply.json",
        )
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or recognised.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let all = saved(matches.get_one::<String>("file").map_or("-", String::as_str), context)?;
    let telling = all.iter().any(|one| one.found.error.is_some() || !one.found.findings.is_empty() || one.cut.is_some());
    for cut in all.iter().filter_map(|one| one.cut.as_ref()) {
        context.output.warn(&format!("{cut}: the document was cut; only what is complete of it is shown"));
    }
    // The JSON of a large list is large as well: the documents are dropped while it is built.
    let all = Cell::new(all);
    context.output.result(|| tables::tables(&all.take()), || json::json(all.take()));
    Ok(if telling && matches.get_flag("exit-code") { exit::REPORT } else { exit::DONE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::decode;
    use crate::inspect::salvage;
    use crate::inspect::tests::FIXTURES;
    use crate::inspect::tests::wrappings::WRAPPINGS;

    /// The keys of the samples.
    const KEYS: [&str; 5] = ["pgw6dy7d1i8in7x5", "tencenttest", "Dual-canary", "Cfd123-canary", "canary"];

    /// Without the gate: no key reaches it. YAML, CSV and JSON lines are made from the same JSON.
    #[test]
    fn no_key_of_a_sample_in_any_wrapping_is_shown() {
        for (path, text) in FIXTURES {
            for (name, wrap) in WRAPPINGS {
                let wrapped = wrap(text);
                let read = || decode(wrapped.as_bytes()).and_then(|text| salvage(&text));
                let all = match read() {
                    Ok(all) => all,
                    Err(fault) => panic!("{path} in {name}: {fault}"),
                };
                let tables: String = tables::tables(&all).iter().map(|table| table.render(usize::MAX)).collect();
                let json = json::json(all).to_string();
                for key in KEYS {
                    assert!(!tables.contains(key) && !json.contains(key), "{path} in {name}: {key}\n{tables}\n{json}");
                }
            }
        }
    }
}
