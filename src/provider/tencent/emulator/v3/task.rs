//! `DescribeVpcTaskResult`, and how its tasks are started.

use serde_json::{Map, Value as Json, json};

use crate::emulated::{Store, Task};
use crate::provider::tencent::emulator::flaw::Flaw;
use crate::provider::tencent::emulator::verify::Signed;

/// Starts a task. Its id is that of the request.
pub(super) fn start(store: &mut Store, request_id: &str) {
    let due_ms = store.now_ms() + store.settle_ms;
    store.tasks.push(Task { id: request_id.to_owned(), due_ms });
}

/// Reports the progress of a task.
pub(super) fn task(signed: &Signed, store: &Store) -> Result<Map<String, Json>, Flaw> {
    let id = signed.parameters.get("TaskId").and_then(Json::as_str).unwrap_or_default();
    let done = store.task_done(id).ok_or_else(|| ("ResourceNotFound", format!("The task `{id}` is not found.")))?;
    let status = if done { "SUCCESS" } else { "RUNNING" };
    Ok(Map::from_iter([("Status".to_owned(), json!(status)), ("Output".to_owned(), json!("")), ("Result".to_owned(), json!([]))]))
}
