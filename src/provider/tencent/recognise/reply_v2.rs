//! Saved replies of API 2.0.

use serde_json::{Map, Value as Json};

use super::check::REPLY_V2;
use super::known::{IDS, OPERATIONS, hidden, id, region_before};
use crate::provider::recognise::{Document, Recognised, Role};
use crate::provider::tencent::cloud::{self, reference, v2};
use crate::provider::tencent::{error, read};

/// Whether a JSON object is a reply.
pub(super) fn is_reply(root: &Map<String, Json>) -> bool {
    let has_code = match root.get("code") {
        Some(Json::Number(_)) => true,
        Some(Json::String(text)) => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    // Huawei's identity service has numeric codes as well, but with a title.
    has_code && !root.contains_key("title") && ["codeDesc", "data", "message"].iter().any(|name| root.contains_key(*name))
}

/// Reads a reply.
pub(super) fn reply(document: &mut Document<'_>) -> Option<Recognised> {
    let headed = document.named(OPERATIONS);
    if let Some(error) = error::error(&document.reply(200)) {
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
