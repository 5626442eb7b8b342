//! A request as it arrived.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::wire::{Pairs, Request, decode_pairs};

/// A request, undecoded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Incoming {
    /// Method.
    pub method: String,
    /// Request target: path and query, still encoded; the absolute form (`http://host/path`) is reduced to these.
    pub target: String,
    /// Headers in the order of arrival; names may have any case.
    pub headers: Pairs,
    /// Body.
    pub body: Vec<u8>,
    /// The time at the emulated cloud, which signatures are checked against.
    #[serde(skip)]
    pub at: DateTime<Utc>,
}

impl Incoming {
    /// One of our own requests, as a server would receive it.
    #[must_use]
    pub fn from_request(request: &Request, at: DateTime<Utc>) -> Self {
        Self {
            method: request.method.as_str().to_owned(),
            target: request.target(),
            headers: request.wire_headers(),
            body: request.body_text().into_bytes(),
            at,
        }
    }

    /// The value of a header, unchanged.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path, still encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query, still encoded; empty without one.
    #[must_use]
    pub fn raw_query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The query, decoded; empty when it cannot be decoded.
    #[must_use]
    pub fn query(&self) -> Pairs {
        decode_pairs(self.raw_query()).unwrap_or_default()
    }

    /// The form in the body, decoded; empty when the content type is another.
    #[must_use]
    pub fn form(&self) -> Pairs {
        let is_form =
            self.header("content-type").is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        let text = std::str::from_utf8(&self.body).ok().filter(|_| is_form);
        text.and_then(decode_pairs).unwrap_or_default()
    }

    /// Query and form together, decoded.
    #[must_use]
    pub fn parameters(&self) -> Pairs {
        let mut pairs = self.query();
        pairs.extend(self.form());
        pairs
    }

    /// Whether the request names an id, as a whole word in the path, a parameter or the body.
    #[must_use]
    pub fn names(&self, id: &str) -> bool {
        let body = String::from_utf8_lossy(&self.body);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        [self.target.as_str(), &body].into_iter().any(|text| text.split(|c| !is_part(c)).any(|word| word == id))
    }

    /// Whether it asks for a negotiation: an operation that resets, or Alibaba's `EffectImmediately`.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        let switch = || self.parameters().iter().any(|(name, value)| name == "EffectImmediately" && value.eq_ignore_ascii_case("true"));
        let operation = self.operation();
        matches!(operation.as_str(), "ResetVpnConnection" | "ResetVpnConnSA") || operation.ends_with("/reset") || switch()
    }

    /// The cloud's name of the operation; method and path for a cloud whose paths name it.
    #[must_use]
    pub fn operation(&self) -> String {
        let header = ["x-acs-action", "x-tc-action"].into_iter().find_map(|name| self.header(name).map(str::to_owned));
        let parameter = || self.parameters().into_iter().find(|(name, _)| name == "Action").map(|(_, value)| value);
        header.or_else(parameter).unwrap_or_else(|| format!("{} {}", self.method, self.path()))
    }
}
