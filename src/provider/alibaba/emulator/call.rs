//! A call: a request whose signature is right, and its parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::reply::Failure;

/// What an operation returns: the reply's object without its request id.
pub(super) type Outcome = Result<Map<String, Json>, Failure>;

/// A request whose signature is right.
pub(super) struct Call {
    pub(super) action: String,
    /// Parameters of the operation, without those of the signature.
    pub(super) parameters: BTreeMap<String, String>,
}

impl Call {
    /// A parameter, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A mandatory parameter.
    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| {
            Failure::new(
                400,
                "MissingParameter",
                format!("The input parameter \"{name}\" that is mandatory for processing this request is not supplied."),
            )
        })
    }

    /// A switch. The vendor's Python SDKs write `True` and `False`.
    pub(super) fn switch(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::invalid(name)),
        }
    }

    /// A number from 1 to `max`.
    pub(super) fn number(&self, name: &str, default: usize, max: usize) -> Result<usize, Failure> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse().ok().filter(|number| (1..=max).contains(number)).ok_or_else(|| Failure::invalid(name))
    }

    /// A parameter that contains a JSON object.
    pub(super) fn block(&self, name: &str) -> Result<Option<Map<String, Json>>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match serde_json::from_str(text) {
            Ok(Json::Object(block)) => Ok(Some(block)),
            _ => Err(Failure::illegal(name)),
        }
    }
}
