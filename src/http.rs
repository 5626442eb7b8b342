//! Requests and replies as values, and the encodings they need. No sockets.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Secret;

/// Names with values, decoded, in order.
pub type Pairs = Vec<(String, String)>;

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

/// Scheme and authority of a service, `https://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it is https.
    pub tls: bool,
    /// Host, with the port when it is not the scheme's own: exactly what the `Host` header carries and what is signed.
    pub authority: String,
}

impl Endpoint {
    /// An https endpoint.
    #[must_use]
    pub fn https(host: impl Into<String>) -> Self {
        Self { tls: true, authority: host.into() }
    }

    /// Reads `https://host[:port]`, or `http://` with a loopback host.
    ///
    /// # Errors
    /// What is wrong: another scheme, plain http to another machine, a path, credentials in the URL.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (tls, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            Some((scheme, _)) => return Err(format!("scheme {scheme:?} is not https")),
            None => (true, text),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '@' | '?' | '#' | '\\');
        if authority.is_empty() || authority.contains(bad) {
            return Err("expected https://host[:port] without a path".to_owned());
        }
        // An IPv6 address in brackets has colons of its own.
        let after_address = authority.rfind(']').map_or(authority, |end| authority.get(end..).unwrap_or_default());
        let port = after_address.split_once(':').map(|(_, port)| port);
        if port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()) || !port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err("the port must be a number from 1 to 65535".to_owned());
        }
        if !tls && !is_loopback(authority) {
            return Err("plain http is for loopback only; use https".to_owned());
        }
        Ok(Self { tls, authority: authority.to_ascii_lowercase() })
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.authority)
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", if self.tls { "https" } else { "http" }, self.authority)
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

/// A reply. Header names are lower case.
#[derive(Clone, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Pairs,
    /// Body, at most 8 MiB.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Debug for Reply {
    /// Status and size only: bodies hold keys.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HTTP {} with {} bytes", self.status, self.body.len())
    }
}

/// What makes one attempt unlike every other. Taken once per attempt, in `client.rs`.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// Time of signing.
    pub time: DateTime<Utc>,
    /// Never used twice.
    pub nonce: Uuid,
}

/// What to add to the request.
#[derive(Debug)]
pub struct Signature {
    /// What was signed; kept for tests. It can hold a PSK.
    pub string_to_sign: Secret,
    /// Query parameters to add.
    pub query: Pairs,
    /// Form parameters to add.
    pub form: Pairs,
    /// Headers to add.
    pub headers: Pairs,
}

/// Percent-encodes by RFC 3986: `A-Z a-z 0-9 - _ . ~` stay, every other byte becomes `%XX` in upper case.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                encoded.push(DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
    encoded
}

/// Encodes pairs as `name=value&...`.
#[must_use]
pub fn encode_pairs(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
    encoded.join("&")
}

/// Decodes `name=value&...`; `+` is a space, as forms have it. `None` when an escape is broken or not UTF-8.
#[must_use]
pub fn decode_pairs(text: &str) -> Option<Pairs> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((percent_decode(&name.replace('+', " "))?, percent_decode(&value.replace('+', " "))?))
        })
        .collect()
}

/// Undoes [`percent_encode`]; `+` stays.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_keeps_the_unreserved_bytes_only() {
        assert_eq!(percent_encode("aZ09-_.~ *+/é\n"), "aZ09-_.~%20%2A%2B%2F%C3%A9%0A");
        assert_eq!(percent_decode("%C3%a9%0A+").as_deref(), Some("é\n+"));
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(percent_decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn forms_decode_plus_as_a_space() {
        assert_eq!(
            decode_pairs("a=1+2&b=%2B&c"),
            Some(vec![("a".into(), "1 2".into()), ("b".into(), "+".into()), ("c".into(), String::new())])
        );
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9/", "https://vpc.example.test", "vpc.example.test"] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1",
            "http://127.0.0.1.evil.test",
            "ftp://x",
            "https://a/b",
            "https://u@h",
            "",
            "https://a\nb",
            "http://localhost.evil.test",
            "http://127.0.0.1:99999",
            "https://a:0",
            "https://a:",
            "https://a:1:2",
            "https://[::1]:x",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }
}
