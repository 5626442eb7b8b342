//! `DescribeVpcTaskResult`.

use serde_json::{Value as Json, json};

use super::named::value;
use super::reply::{Flaw, success};
use crate::emulated::Store;
use crate::wire::Pairs;

/// Reports the progress of a task.
pub(super) fn task(pairs: &Pairs, store: &Store) -> Result<Json, Flaw> {
    let done =
        value(pairs, "taskId").and_then(|id| store.task_done(id)).ok_or((5000, "InvalidTask.NotFound", "no such task".to_owned()))?;
    Ok(success(json!({ "status": if done { 0 } else { 2 } })))
}
