//! Alibaba's error replies: JSON and XML.

use serde_json::{Map, Value as Json};

use super::codes::ERRORS;
use crate::error::{ApiError, Class};
use crate::print::gate::scrub;
use crate::provider::field::without_secrets;
use crate::provider::{error_row, may_follow_execution};
use crate::wire::{Reply, xml};

/// The error code that means a dry run passed.
pub(super) const DRY_RUN: &str = "DryRunOperation";

/// The parts of an error body.
pub(super) struct Parts {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
}

/// The error in a reply, if there is one. A dry run that passed is not an error.
pub(super) fn error(reply: &Reply) -> Option<ApiError> {
    let parts = parts(reply);
    let success = (200..300).contains(&reply.status);
    match parts {
        Some(parts) if parts.code == DRY_RUN => None,
        Some(parts) => Some(explain(parts, reply.status)),
        None if success => None,
        None => Some(ApiError {
            class: Class::Ambiguous,
            code: reply.status.to_string(),
            message: format!("HTTP {} with a body that is not a reply of the cloud", reply.status),
            meaning: "the reply is not from the cloud's API, or was cut short",
            advice: "read the connection to see whether anything changed; check the endpoint and the proxy",
            request_id: reply.header("x-acs-request-id").map(str::to_owned),
        }),
    }
}

/// Code, message and request id of an error body, JSON or XML.
pub(super) fn parts(reply: &Reply) -> Option<Parts> {
    let fields = match reply.json() {
        Some(Json::Object(fields)) => fields,
        Some(_) => return None,
        None => xml_error(&reply.body)?,
    };
    let inner = fields.get("Error").and_then(Json::as_object).unwrap_or(&fields);
    let code = text(inner, "Code").filter(|code| !code.is_empty())?;
    // Some products report success with the code 200, Success or OK.
    if (200..300).contains(&reply.status) && (text(inner, "Message").is_none() || ["200", "Success", "OK"].contains(&code.as_str())) {
        return None;
    }
    let message = without_signed_text(&without_secrets(&text(inner, "Message").unwrap_or_default()));
    let request_id = text(inner, "RequestId").or_else(|| text(&fields, "RequestId")).filter(|id| !id.is_empty());
    Some(Parts { code, message, request_id })
}

/// A field by its name, ignoring case: the vendor's SDKs accept `code` as well as `Code`.
fn text(fields: &Map<String, Json>, name: &str) -> Option<String> {
    match &fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?.1 {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn explain(parts: Parts, status: u16) -> ApiError {
    let row = error_row(ERRORS, &parts.code);
    let unknown = if parts.code.ends_with("NotFound") {
        (Class::NotFound, "", "check the id and the region")
    } else if parts.code == "Throttling" || parts.code.starts_with("Throttling.") {
        (Class::Rate, "", "try again in a moment")
    } else if status >= 500 || may_follow_execution(&parts.code) {
        // An undocumented code from a failing server, or of a time-out, does not prove that nothing was executed.
        (Class::Ambiguous, "", "read the connection to see whether anything changed")
    } else {
        (Class::Final, "", "")
    };
    let (class, meaning, advice) = row.map_or(unknown, |row| (row.1, row.2, row.3));
    ApiError { class, code: parts.code, message: parts.message, meaning, advice, request_id: parts.request_id }
}

/// The message without the string to sign: signature errors repeat it, and it contains all parameters with the key.
fn without_signed_text(message: &str) -> String {
    const MOST: usize = 1000;
    let lower = message.to_ascii_lowercase();
    let cut = ["string to sign", "stringtosign", "string-to-sign", "canonical"].iter().filter_map(|mark| lower.find(mark)).min();
    match cut.and_then(|place| message.get(..place)) {
        Some(head) => format!("{head}(the rest repeats the request and is omitted)"),
        // A key that is cut in two is not found any more.
        None => scrub(message).chars().take(MOST).collect(),
    }
}

/// The fields of an XML error; `None` for another document, or when text follows its end.
fn xml_error(body: &[u8]) -> Option<Map<String, Json>> {
    let text = std::str::from_utf8(body).ok()?;
    let xml = xml::read(text).ok()?;
    let whole = text.get(xml.end..).is_some_and(|rest| rest.trim().is_empty());
    (whole && xml.name.eq_ignore_ascii_case("Error")).then_some(xml.root)
}

#[cfg(test)]
mod tests;
