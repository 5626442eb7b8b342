//! `operation resume` and `operation rollback`.

use chrono::Utc;
use clap::ArgMatches;

use super::resume_modify::resume_modify;
use super::resume_rotation::resume_rotation;
use crate::command::shared::context::Context;
use crate::error::Error;
use crate::operation::event::{Verb, Which};
use crate::operation::id::OperationId;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::operation::report;
use crate::operation::state::State;

/// Resumes an operation, or rolls it back.
///
/// # Errors
/// Why that is not possible, or how the operation was interrupted again.
pub(super) async fn resume(matches: &ArgMatches, id: &OperationId, records: &Records, context: &Context, aim: Which) -> Result<u8, Error> {
    // What its `pass_env` names is seen by the commands that run later.
    context.options.config.file()?;
    // Held until the operation is done.
    let _lock = Lock::take(&records.locks, &format!("operation {id}"), &Holder::this("operation", Some(id), Utc::now()))?;
    let state = records.peek(id)?;
    report::odd(id, &state, Utc::now()).iter().for_each(|odd| context.output.warn(odd));
    check_flags(matches, id, &state, aim)?;
    if state.verb == Verb::Modify {
        resume_modify(matches, records, id, &state, aim, context).await
    } else {
        resume_rotation(matches, records, id, state, aim, context).await
    }
}

/// Refuses flags that do not fit the operation.
fn check_flags(matches: &ArgMatches, id: &OperationId, state: &State, aim: Which) -> Result<(), Error> {
    let refuse = |flag: &str, why: &str| Err(Error::usage(format!("--{flag}: operation {id} {why}")).state("nothing was sent"));
    let reload = matches.contains_id("reload");
    if state.verb == Verb::Modify {
        if reload {
            return refuse("reload", "is a modify");
        }
        if aim == Which::New && matches.get_flag("renegotiate") {
            return refuse("renegotiate", "is a modify");
        }
        return Ok(());
    }
    if matches.try_get_many::<String>("without").ok().flatten().is_some() {
        return refuse("without", "is a rotation");
    }
    if reload && !state.ends.iter().any(|end| end.plan.end.starts_with("file:")) {
        return refuse("reload", "has no file: end");
    }
    Ok(())
}
