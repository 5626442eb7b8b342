//! What documents of both APIs are known by: operations, ids, regions.

use serde_json::{Map, Value as Json};

use crate::provider::field::hide_secrets;
use crate::provider::recognise::Document;
use crate::provider::tencent::cloud::{v2, v3};

/// Operations that are recognised by name.
pub(super) const OPERATIONS: &[&str] = &[v3::MODIFY, v3::DESCRIBE, v2::MODIFY, v2::DESCRIBE, v2::TASK];

/// Fields that can hold the id of a connection.
pub(super) const IDS: &[&str] = &["VpnConnectionId", "unVpnConnId", "vpnConnId", "vpcConnId"];

/// The first id of a connection in these fields.
pub(super) fn id(root: &Map<String, Json>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| root.get(*name)?.as_str().map(str::trim).filter(|id| id.starts_with("vpnx-")).map(str::to_owned))
}

/// The region that a document names, or the text before it.
pub(super) fn region(document: &Document<'_>) -> Option<String> {
    document.text("Region").map(str::to_owned).or_else(|| region_before(document))
}

/// The region in the text before a document, as a header or a parameter.
pub(super) fn region_before(document: &Document<'_>) -> Option<String> {
    document.between("X-TC-Region:", "").or_else(|| document.between("Region=", ""))
}

/// Whether the text before a document names this cloud, or an operation that only it has.
pub(super) fn is_mentioned(document: &Document<'_>) -> bool {
    document.mentions(&["tencent", "qcloud", "tccli", "x-tc-"]) || document.named(&[v2::MODIFY, v2::DESCRIBE, v2::TASK]).is_some()
}

/// Fields with secrets hidden.
pub(super) fn hidden(mut root: Map<String, Json>) -> Map<String, Json> {
    hide_secrets(&mut root);
    root
}
