//! The marks by which documents are recognised.

use serde_json::{Map, Value as Json};

use crate::provider::alibaba::cloud::{
    DESCRIBE_CONNECTION, DESCRIBE_GATEWAY, LIST_ATTACHMENTS, LIST_CONNECTIONS, LIST_SERVERS, MODIFY_ATTACHMENT, MODIFY_CONNECTION,
    MODIFY_TUNNEL, UPDATE_SERVER,
};
use crate::provider::field::hide_secrets;
use crate::provider::recognise::Document;

/// The operations whose documents are recognised by name.
pub(super) const OPERATIONS: &[&str] = &[
    MODIFY_CONNECTION,
    MODIFY_ATTACHMENT,
    UPDATE_SERVER,
    DESCRIBE_CONNECTION,
    LIST_CONNECTIONS,
    LIST_ATTACHMENTS,
    LIST_SERVERS,
    DESCRIBE_GATEWAY,
    MODIFY_TUNNEL,
];

/// Whether a field is a text with this prefix, as ids have one.
pub(super) fn starts(json: Option<&Json>, prefix: &str) -> bool {
    json.and_then(Json::as_str).is_some_and(|text| text.trim().starts_with(prefix))
}

/// The region in the host name before the document.
pub(super) fn region(document: &Document<'_>) -> Option<String> {
    document.between("//vpc.", ".aliyuncs.com").or_else(|| document.between("host: vpc.", ".aliyuncs.com"))
}

/// The fields with their secrets hidden.
pub(super) fn hidden(mut root: Map<String, Json>) -> Map<String, Json> {
    hide_secrets(&mut root);
    root
}
