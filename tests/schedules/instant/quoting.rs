//! Clouds that quote a key in what they say.

use serde_json::{Value as Json, json};
use tunnelctl::testing::Reply;

use super::{Quoting, World};
use crate::pair::NEW;

impl World {
    /// The reply as a cloud gives it that quotes the new key.
    pub(super) fn quoted(&self, mut reply: Reply, write: bool) -> Reply {
        let mut notes = self.notes.borrow_mut();
        match &mut notes.quoting {
            Some(Quoting::Refusals(left)) if write => {
                if *left > 0 {
                    *left -= 1;
                    return reply;
                }
                let text = format!("Refused-{NEW}");
                let body = json!({
                    "Code": text, "Message": text, "RequestId": text, "error_code": text, "error_msg": text, "request_id": text,
                    "Response": { "Error": { "Code": text, "Message": text }, "RequestId": text },
                });
                reply.status = 400;
                reply.body = body.to_string().into_bytes();
            }
            Some(Quoting::Ids) => replace(&mut reply, &["RequestId", "request_id", "TaskId"]),
            Some(Quoting::Words) if !write => replace(&mut reply, &["NetStatus"]),
            _ => {}
        }
        reply
    }
}

/// Puts the key into the members of these names.
fn replace(reply: &mut Reply, names: &[&str]) {
    fn walk(json: &mut Json, names: &[&str]) {
        match json {
            Json::Object(members) => members.iter_mut().for_each(|(name, value)| match value {
                Json::String(text) if names.contains(&name.as_str()) => *text = format!("{text} {NEW}"),
                value => walk(value, names),
            }),
            Json::Array(items) => items.iter_mut().for_each(|item| walk(item, names)),
            _ => {}
        }
    }
    if let Ok(mut json) = serde_json::from_slice::<Json>(&reply.body) {
        walk(&mut json, names);
        reply.body = json.to_string().into_bytes();
    }
}
