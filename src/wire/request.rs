//! A request as a value, unsigned or signed.

use std::fmt;

use super::encoding::{Pairs, encode_pairs};
use super::endpoint::Endpoint;
use super::signature::Signature;

/// HTTP methods that the three clouds' operations use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

impl Method {
    /// The method in the request line.
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

/// The body of a request. It is encoded the same way for hashing, signing and sending.
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
    /// The service.
    pub endpoint: Endpoint,
    /// Path, encoded, with its first slash.
    pub path: String,
    /// Query, decoded.
    pub query: Pairs,
    /// Headers besides `Host` and `Content-Type`, which follow from endpoint and body.
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

    /// The body as it is sent.
    #[must_use]
    pub fn body_text(&self) -> String {
        match &self.body {
            Body::Empty => String::new(),
            Body::Form(pairs) => encode_pairs(pairs),
            Body::Json(text) => text.clone(),
        }
    }

    /// The `Content-Type` of the body.
    #[must_use]
    pub const fn content_type(&self) -> Option<&'static str> {
        match self.body {
            Body::Empty => None,
            Body::Form(_) => Some("application/x-www-form-urlencoded"),
            Body::Json(_) => Some("application/json"),
        }
    }

    /// The request with its signature.
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

    /// Path and query in the request line.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query_string()) }
    }
}

impl fmt::Debug for Request {
    /// Only the operation: path, query and body can contain keys.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", self.operation, self.method.as_str(), self.endpoint)
    }
}
