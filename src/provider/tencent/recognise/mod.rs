//! Recognises saved requests and replies of Tencent Cloud, of either API.

mod check;
mod known;
mod reply_v2;
mod reply_v3;
mod request;

use super::cloud::{self, v2, v3};
use crate::provider::recognise::{Document, Recognised, Role, Syntax};

/// The document, if it is one of this cloud. Takes its fields then.
pub fn recognise(document: &mut Document<'_>) -> Option<Recognised> {
    match &document.syntax {
        Syntax::Xml(_) => None,
        Syntax::Form => request::is_request(document).then(|| request::request(document)),
        Syntax::Json if reply_v3::is_reply(document) => reply_v3::reply(document),
        Syntax::Json if reply_v3::is_refusal(document) => reply_v3::bare_refusal(document),
        Syntax::Json if reply_v2::is_reply(document) => reply_v2::reply(document),
        Syntax::Json if request::is_request(document) => Some(request::request(document)),
        Syntax::Json => item(document),
    }
}

/// One connection that was cut out of a list.
fn item(document: &mut Document<'_>) -> Option<Recognised> {
    let is_v3 = known::id(&document.root, &["VpnConnectionId"]).is_some();
    if !is_v3 && known::id(&document.root, &["unVpnConnId"]).is_none() {
        return None;
    }
    // Of a document that was cut, what it lacks tells nothing: it may be a request.
    if document.cut && !request::is_reported(&document.root) {
        return None;
    }
    let region = known::region(document);
    let root = std::mem::take(&mut document.root);
    let operation = if is_v3 { v3::DESCRIBE } else { v2::DESCRIBE };
    let mut found = Recognised::new(cloud::ID, Role::Reply, operation, "the fields of one connection");
    if is_v3 {
        reply_v3::add(&mut found, region, root);
    } else {
        reply_v2::add(&mut found, region, root);
    }
    Some(found)
}
