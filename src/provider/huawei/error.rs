//! Error replies, in every shape that the VPN service, the API gateway and the identity service use.

use serde_json::{Map, Value as Json};

use super::codes::{canonical, row};
use super::read::request_id;
use crate::error::{ApiError, Class};
use crate::print::gate::scrub;
use crate::provider::field::without_secrets;
use crate::provider::may_follow_execution;
use crate::wire::Reply;

/// A longer message is cut to this many characters.
const LONGEST_MESSAGE: usize = 200;

/// The error that a reply reports; `None` when it reports none.
#[must_use]
pub(super) fn read(reply: &Reply) -> Option<ApiError> {
    let success = (200..300).contains(&reply.status);
    // The name of every code ends in `code`. A successful reply without one is not parsed a second time.
    if success && !reply.body.windows(5).any(|bytes| bytes.eq_ignore_ascii_case(b"code\"")) {
        return None;
    }
    let body = reply.json();
    let said = body.as_ref().and_then(Json::as_object).and_then(code_and_message);
    if success {
        // No documented error has a success status. A reply that carries an error code anyway is treated as an error.
        said.as_ref().filter(|(code, _)| code.starts_with(|c: char| c.is_ascii_alphabetic()) && code.contains('.'))?;
    }
    let parsed = said.is_some();
    let (code, message) = said.unwrap_or_default();
    let message = without_echo(&message);
    // The identity service repeats the HTTP status as its code.
    let code = if code.bytes().all(|b| b.is_ascii_digit()) { String::new() } else { code };
    let row = row(&code);
    let class = class(reply.status, &code, row.map(|row| row.1), message, parsed);
    let (meaning, advice) = row.map_or(("", ""), |row| (row.2, row.3));
    let message = if message.is_empty() { format!("HTTP {} without a message", reply.status) } else { short(&without_secrets(message)) };
    let code = if code.is_empty() { reply.status.to_string() } else { code };
    Some(ApiError { class, code, message, meaning, advice, request_id: request_id(reply) })
}

/// Code and message. The SDKs look for the same pairs of names in the same order, then in nested objects.
fn code_and_message(object: &Map<String, Json>) -> Option<(String, String)> {
    const NAMES: [(&str, &str); 3] = [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")];
    let text = |name: &str| match object.get(name) {
        Some(Json::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Json::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let here = NAMES.iter().find_map(|(code, message)| Some((text(code)?, text(message).unwrap_or_default())));
    here.or_else(|| object.values().filter_map(Json::as_object).find_map(code_and_message))
}

fn class(status: u16, code: &str, known: Option<Class>, message: &str, parsed: bool) -> Class {
    let message = message.to_ascii_lowercase();
    let about_time = ["signature expired", "signature time", "server time"].iter().any(|words| message.contains(words));
    match (canonical(code).as_str(), known) {
        ("VPN.0003", _) if message.contains("not ready") => Class::Busy,
        ("" | "APIGW.0301", _) if about_time => Class::Clock,
        ("APIGW.0303", _) if message.contains("incorrect app") && !about_time => Class::Auth,
        (_, Some(Class::Final)) | (_, None) => by_status(status, code, known.is_some(), parsed),
        (_, Some(class)) => class,
    }
}

/// The class by HTTP status, where the code does not tell more.
fn by_status(status: u16, code: &str, known: bool, parsed: bool) -> Class {
    match status {
        429 => Class::Rate,
        500.. => Class::Ambiguous,
        _ if known => Class::Final,
        409 => Class::Busy,
        401 => Class::Auth,
        _ if !parsed || status < 400 => Class::Ambiguous,
        404 => Class::NotFound,
        _ if code.ends_with("NotFound") => Class::NotFound,
        _ if may_follow_execution(code) => Class::Ambiguous,
        _ => Class::Final,
    }
}

/// The message without the canonical request that follows a rejected signature: it echoes what we sent.
fn without_echo(message: &str) -> &str {
    let lower = message.to_ascii_lowercase();
    let echo = ["canonicalrequest", "canonical request", "stringtosign", "string to sign"].iter().filter_map(|word| lower.find(word)).min();
    message.get(..echo.unwrap_or(message.len())).unwrap_or_default().trim_end_matches([' ', ',', ':'])
}

fn short(text: &str) -> String {
    // A key that is cut in two is not found any more.
    let text = scrub(text);
    let mut short: String = text.chars().take(LONGEST_MESSAGE).collect();
    if text.chars().count() > LONGEST_MESSAGE {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests;
