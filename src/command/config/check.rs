//! `config check`.

use serde_json::json;

use super::lines::{advice, lines, short};
use crate::command::shared::context::Context;
use crate::config::lookup::{self, Lookup};
use crate::config::{self, Hidden, Own};
use crate::error::{Error, exit};
use crate::print::gate::{escape, scrub};
use crate::print::output::{Format, Output};
use crate::provider::{PROVIDERS, Registration};
use crate::system::private;

/// Checks the configuration file and the credentials; prints what is wrong, one line each.
///
/// # Errors
/// When something is wrong. A faulty file is reported first, since nothing else can be checked then.
pub(super) fn check(providers: &[&'static Registration], context: &Context) -> Result<u8, Error> {
    let (options, output) = (&context.options, &context.output);
    let file = options.config.file()?;
    lookup::profile(options, file.as_deref())?;
    let (mut faults, mut usable) = (Vec::new(), Vec::new());
    for registration in providers {
        let lookup = Lookup::new(registration, options)?;
        if let Some(Own::Keys { secret, token, .. }) = lookup.own_keys() {
            for hidden in [Some(secret), token.as_ref()].into_iter().flatten() {
                faults.extend(reachable(hidden, lookup.own_from().unwrap_or_default(), output));
            }
        }
        let lines = lines(registration, options, output)?;
        faults.extend(lines.iter().filter(|line| line.wrong).map(|line| format!("{}: {}", registration.id, line.value)));
        let credentials = lines.iter().find(|line| line.name == "credentials");
        match credentials {
            Some(line) if line.wrong => {}
            Some(line) if !line.value.is_empty() => usable.push(registration.id),
            // Credentials are needed only for clouds that are named, here or in the profile.
            _ => match lookup.table() {
                Some(table) => faults.push(format!("{}: there are no credentials, and the profile names it at {table}", registration.id)),
                None if providers.len() < PROVIDERS.len() => faults.push(format!("{}: there are no credentials", registration.id)),
                None => {}
            },
        }
    }
    if usable.is_empty() && faults.is_empty() {
        faults.push("there are credentials for no provider".to_owned());
    }
    let path = config::path().map(|path| path.display().to_string()).unwrap_or_default();
    let json = json!({ "path": path, "exists": file.is_some(), "usable": usable, "faults": faults });
    match output.shape.format {
        // Whole lines, for `grep` and for pasting.
        Format::Table => output.raw(&escape(&scrub(&faults.iter().map(|fault| format!("{}\n", short(fault))).collect::<String>()))),
        _ => output.result(Vec::new, || json),
    }
    if !faults.is_empty() {
        return Err(Error::new(exit::CREDENTIALS, found(faults.len())).next("tunnelctl config show"));
    }
    output.note(&format!("no faults; there are credentials for {}", usable.join(", ")));
    Ok(exit::DONE)
}

/// Why a secret cannot be read, as far as that shows without running its command.
fn reachable(hidden: &Hidden, from: String, output: &Output) -> Option<String> {
    match hidden {
        Hidden::Inline(_) => {
            output.warn(&format!("{from}; better: secret_file or secret_command"));
            None
        }
        Hidden::File(path) => match private::read(path, private::Shelter::None) {
            Ok(Some(_)) => None,
            Ok(None) => Some(format!("{from}: there is no such file")),
            Err(error) => Some(advice(&error)),
        },
        Hidden::Command(words) => {
            let program = words.first().map(std::path::PathBuf::from).unwrap_or_default();
            let on_path =
                || std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|place| place.join(&program).is_file()));
            let there = if program.is_absolute() { program.is_file() } else { on_path() };
            (!there).then(|| format!("{from}: there is no such program"))
        }
    }
}

fn found(count: usize) -> String {
    if count == 1 { "found 1 fault".to_owned() } else { format!("found {count} faults") }
}
