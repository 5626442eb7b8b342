//! Saved replies of API 2.0.

use serde_json::{Map, Value as Json};

use super::check::REPLY_V2;
use super::known::{IDS, OPERATIONS, hidden, id, is_mentioned, region_before};
use crate::provider::recognise::{Document, Recognised, Role};
use crate::provider::tencent::cloud::{self, reference, v2};
use crate::provider::tencent::{error, read};

/// Whether a JSON object is a reply. Code, message and data alone are no evidence: many services reply with them.
pub(super) fn is_reply(document: &Document<'_>) -> bool {
    let root = &document.root;
    let has_code = match root.get("code") {
        Some(Json::Number(_)) => true,
        Some(Json::String(text)) => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    // Huawei's identity service has numeric codes as well, but with a title.
    let named = root.get("codeDesc").is_some_and(Json::is_string);
    // Its messages begin with a number of their own.
    let numbered = root.get("message").and_then(Json::as_str).is_some_and(|message| {
        message
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .is_some_and(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()))
    });
    let rows = match root.get("data") {
        Some(Json::Array(rows)) => rows.iter().filter_map(Json::as_object).collect(),
        Some(Json::Object(data)) => vec![data],
        _ => Vec::new(),
    };
    let ours = rows.iter().any(|row| id(row, IDS).is_some());
    // A name behind the number says what the error is: without it, a document that was cut does not tell.
    if document.cut && !named && !ours {
        return false;
    }
    let shaped = ["codeDesc", "data", "message"].iter().any(|name| root.contains_key(*name));
    has_code && !root.contains_key("title") && shaped && (named || numbered || ours || is_mentioned(document))
}

/// Reads a reply.
pub(super) fn reply(document: &mut Document<'_>) -> Option<Recognised> {
    let headed = document.named(OPERATIONS);
    if let Some(error) = error::error(&document.reply(document.status().unwrap_or(200))) {
        document.root.clear();
        let mut found = Recognised::new(cloud::ID, Role::Reply, headed.unwrap_or_default(), "code and message of API 2.0");
        found.error = Some(error);
        return Some(found);
    }
    let region = region_before(document);
    let mut root = std::mem::take(&mut document.root);
    let recognised = |operation| Recognised::new(cloud::ID, Role::Reply, operation, "code and data of API 2.0");
    Some(match root.remove("data") {
        Some(Json::Array(items)) => {
            let mut found = recognised(v2::DESCRIBE);
            for item in items {
                let Json::Object(item) = item else { continue };
                add(&mut found, region.clone(), item);
            }
            found
        }
        Some(Json::Object(data)) if id(&data, IDS).is_some() => {
            let mut found = recognised(headed.unwrap_or(v2::MODIFY));
            add(&mut found, region, data);
            found
        }
        data => {
            if let Some(Json::Object(data)) = data {
                root.extend(data);
            }
            let is_task = root.contains_key("status");
            let mut found = recognised(headed.unwrap_or(if is_task { v2::TASK } else { "" }));
            found.facts = hidden(root);
            found
        }
    })
}

/// Adds a connection.
pub(super) fn add(found: &mut Recognised, region: Option<String>, item: Map<String, Json>) {
    let id = id(&item, IDS).unwrap_or_default();
    found.add(read::v2::connection(&reference(region, id), item), &REPLY_V2);
}
