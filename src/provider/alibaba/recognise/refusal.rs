//! Saved error replies.

use serde_json::Value as Json;

use super::marks::{OPERATIONS, is_ours};
use crate::provider::alibaba::cloud::ID;
use crate::provider::alibaba::{codes::ERRORS, error};
use crate::provider::error_row;
use crate::provider::recognise::{Document, Recognised, Role, Syntax};

/// An error, or the reply to a dry run, which reports success as an error.
pub(super) fn refusal(document: &mut Document<'_>) -> Option<Recognised> {
    let told_by = told_by(document)?;
    let reply = document.reply(document.status().unwrap_or(400));
    let parts = error::parts(&reply)?;
    let mut found = Recognised::new(ID, Role::Reply, document.named(OPERATIONS).unwrap_or_default(), told_by);
    found.request_id.clone_from(&parts.request_id);
    if parts.code == error::DRY_RUN {
        found.facts.insert("dry_run".to_owned(), Json::String("passed: the cloud would accept the request as it is".to_owned()));
    }
    found.error = error::error(&reply);
    document.root.clear();
    Some(found)
}

/// What shows that a document is an error of this cloud. Other clouds have codes and messages too, some of them the same.
fn told_by(document: &Document<'_>) -> Option<&'static str> {
    let root = &document.root;
    let inner = root.get("Error").and_then(Json::as_object).unwrap_or(root);
    let code = |name: &str| inner.get(name).and_then(Json::as_str);
    // Codes that name this cloud's things stand for themselves.
    let own = |code: &str| {
        let things = ["Vpn", "Ipsec", "IPsec", "CustomerGateway", "IDaaS"];
        error_row(ERRORS, code).is_some_and(|row| row.0 == code) && things.iter().any(|thing| code.contains(thing))
    };
    match &document.syntax {
        Syntax::Xml(name) if name == "Error" && code("Code").is_some_and(|code| own(code) || is_ours(document, inner)) => {
            Some("the root element Error")
        }
        Syntax::Json
            if code("Code").is_some_and(|code| own(code) || is_ours(document, inner))
                && (document.cut || inner.contains_key("Message")) =>
        {
            Some("the fields Code and Message")
        }
        Syntax::Json if code("code").is_some_and(|code| own(code) || (error_row(ERRORS, code).is_some() && is_ours(document, inner))) => {
            Some("an error code of this cloud")
        }
        _ => None,
    }
}
