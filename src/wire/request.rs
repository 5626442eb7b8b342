//! A request as a value, before and after it is signed.

use std::fmt;

use super::encoding::{Pairs, encode_pairs};
use super::endpoint::Endpoint;
use super::signature::Signature;

/// HTTP methods that the three clouds' operations use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named by HTTP")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// The method as it stands in the request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Reads the method of a request line.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Delete].into_iter().find(|method| method.as_str() == text)
    }
}

/// The body of a request, encoded once: these very bytes are hashed, signed and sent.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// `application/x-www-form-urlencoded` pairs, decoded.
    Form(Pairs),
    /// `application/json` text.
    Json(String),
}

/// A request before it is signed.
#[derive(Clone)]
pub struct Request {
    /// The vendor's name of the operation.
    pub operation: &'static str,
    /// Method.
    pub method: Method,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// Path, encoded, from its first slash.
    pub path: String,
    /// Query, decoded.
    pub query: Pairs,
    /// Headers beyond `Host` and `Content-Type`, which follow from endpoint and body.
    pub headers: Pairs,
    /// Body.
    pub body: Body,
}

impl Request {
    /// The query as it is sent: percent-encoded by RFC 3986, in the order of the pairs; empty without a query.
    #[must_use]
    pub fn query_string(&self) -> String {
        encode_pairs(&self.query)
    }

    /// The body's bytes.
    #[must_use]
    pub fn body_text(&self) -> String {
        match &self.body {
            Body::Empty => String::new(),
            Body::Form(pairs) => encode_pairs(pairs),
            Body::Json(text) => text.clone(),
        }
    }

    /// The `Content-Type` that goes with the body.
    #[must_use]
    pub const fn content_type(&self) -> Option<&'static str> {
        match self.body {
            Body::Empty => None,
            Body::Form(_) => Some("application/x-www-form-urlencoded"),
            Body::Json(_) => Some("application/json"),
        }
    }

    /// The request with what a signature adds to it.
    #[must_use]
    pub fn signed(mut self, signature: Signature) -> Self {
        self.query.extend(signature.query);
        if let Body::Form(pairs) = &mut self.body {
            pairs.extend(signature.form);
        }
        self.headers.extend(signature.headers);
        self
    }

    /// Every header that is sent, `Host` first.
    #[must_use]
    pub fn wire_headers(&self) -> Pairs {
        let mut headers = vec![("Host".to_owned(), self.endpoint.authority.clone())];
        if let Some(content_type) = self.content_type() {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        headers.extend(self.headers.iter().cloned());
        headers
    }

    /// Path and query as they stand in the request line.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query_string()) }
    }
}

impl fmt::Debug for Request {
    /// Names the operation only: path, query and body may carry keys.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", self.operation, self.method.as_str(), self.endpoint)
    }
}
