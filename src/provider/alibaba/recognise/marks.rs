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

/// The vendor's name in hosts, tools and libraries.
const VENDOR: &[&str] = &["aliyun", "alibaba"];

/// Whether a request id is spelled as this cloud spells it: a UUID in capitals. Other clouds write small letters.
pub(super) fn is_request_id(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.split('-').all(digits) && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// Whether a document, or the text before it, shows that it is this cloud's: its host, its help, a request id as it spells one.
pub(super) fn is_ours(document: &Document<'_>, fields: &Map<String, Json>) -> bool {
    let text = |name: &str| {
        let field = fields.iter().chain(&document.root).find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.and_then(|(_, json)| json.as_str()).unwrap_or_default()
    };
    text("HostId").ends_with("aliyuncs.com")
        || text("Recommend").contains("aliyun.com")
        || is_request_id(text("RequestId"))
        || document.mentions(VENDOR)
        || document.named(OPERATIONS).is_some_and(|name| name != LIST_CONNECTIONS)
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
