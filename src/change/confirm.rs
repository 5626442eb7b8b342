//! The last step before anything is sent: show the plan, ask, and write a generated key to its file.

use std::io::IsTerminal;
use std::path::Path;

use super::plan::Plan;
use super::wish::Wish;
use crate::call::client::Client;
use crate::error::{Error, exit};
use crate::model::{Key, Secret, Value};
use crate::print::output::Output;
use crate::system::files::write_new;

/// Shows the plan, and asks unless `--yes` is given.
pub(super) fn confirm(client: &Client, wish: &Wish, plan: &Plan) -> Result<(), Error> {
    let output = &client.output;
    output.note(&headline(wish, client));
    output.preview(&plan.table());
    for warning in &plan.warnings {
        output.warn(warning);
    }
    if wish.flow.yes {
        return Ok(());
    }
    let count = plan.rows.len();
    let question = format!("Change {count} setting{} of {}{}?", if count == 1 { "" } else { "s" }, wish.reference, wish.tunnel_suffix());
    ask(&question, output, "nothing was changed", "look with --dry-run, then pass --yes")
}

/// One line that names what is about to be done, and where.
fn headline(wish: &Wish, client: &Client) -> String {
    let call = client.provider.show(&wish.target);
    let place = if call.request.endpoint.tls { String::new() } else { format!(" at {}", call.request.endpoint) };
    format!("{} of {}{}{place}", wish.target.operation.name, wish.reference, wish.tunnel_suffix())
}

/// Asks a question on the terminal.
///
/// # Errors
/// A refusal, with `state` as what is true then; without a terminal, `advice` is what to do instead.
pub fn ask(question: &str, output: &Output, state: &str, advice: &str) -> Result<(), Error> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage("confirmation is needed, but standard input is not a terminal").state(state).next(advice));
    }
    match output.confirm(question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(exit::FAILED, "not confirmed").state(state)),
        Err(cause) => Err(Error::usage(format!("the answer cannot be read: {cause}")).state(state).next("pass --yes")),
    }
}

/// Writes a generated key to the user's file before any cloud has it.
pub(super) fn keep_generated(wish: &Wish) -> Result<(), Error> {
    match (&wish.asked.psk_out, wish.asked.change.get(Key::Psk)) {
        (Some(path), Some(Value::Secret(key))) => write_key(path, key).map_err(|error| error.state("nothing was sent")),
        _ => Ok(()),
    }
}

/// Writes a key to the new file of `--psk-out`, a line.
///
/// # Errors
/// Why it cannot be written; an existing file is never overwritten.
pub fn write_key(path: &Path, key: &Secret) -> Result<(), Error> {
    write_new(path, format!("{}\n", key.expose()).as_bytes()).map_err(|cause| {
        Error::usage(format!("--psk-out {}: {cause}", path.display())).next("name a new file in a directory that you can write to")
    })
}
