//! The service that a request goes to.

use std::fmt;

/// Scheme and authority of a service, `https://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it is https.
    pub tls: bool,
    /// Host, with the port unless it is the scheme's default: the exact text of the `Host` header, which is signed.
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
    ///
    /// Capitals, the dot at the end of a host name and the scheme's default port do not count (RFC 3986, section 6.2).
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.to_ascii_lowercase();
        let text = text.as_str();
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
        // An IPv6 address in brackets contains colons as well.
        let after_address = authority.rfind(']').map_or(authority, |end| authority.get(end..).unwrap_or_default());
        let port = after_address.split_once(':').map(|(_, port)| port);
        if port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()) || !port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err("the port must be a number from 1 to 65535".to_owned());
        }
        let default = if tls { 443 } else { 80 };
        let host = port.map_or(authority, |port| authority.strip_suffix(port).and_then(|host| host.strip_suffix(':')).unwrap_or(authority));
        let host = host.strip_suffix('.').unwrap_or(host);
        let port = port.and_then(|port| port.parse::<u16>().ok()).filter(|port| *port != default);
        let authority = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if host.is_empty() {
            return Err("expected https://host[:port] without a path".to_owned());
        }
        if !tls && !is_loopback(&authority) {
            return Err("plain http is for loopback only; use https".to_owned());
        }
        Ok(Self { tls, authority })
    }

    /// The service by what it is, not by how it is spelled: this machine has one name.
    #[must_use]
    pub fn service(&self) -> String {
        let host = ["127.0.0.1", "[::1]"].into_iter().find_map(|name| self.authority.strip_prefix(name));
        let port = host.filter(|rest| rest.is_empty() || rest.starts_with(':'));
        let authority = port.map_or_else(|| self.authority.clone(), |port| format!("localhost{port}"));
        Self { authority, ..*self }.to_string()
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.authority)
    }
}

/// Whether an authority is this machine.
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

#[cfg(test)]
mod tests {
    use super::*;

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
            "https://.",
            "https://:443",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn spellings_of_one_service_are_one_service() {
        for spelled in ["https://VPC.example.test", "vpc.example.test.", "HTTPS://vpc.example.test:443/", "https://vpc.example.test.:0443"]
        {
            assert_eq!(Endpoint::parse(spelled).unwrap(), Endpoint::https("vpc.example.test"), "{spelled}");
        }
        for spelled in ["http://127.0.0.1:8080", "http://LocalHost:8080", "http://[::1]:8080/", "http://localhost.:08080"] {
            assert_eq!(Endpoint::parse(spelled).unwrap().service(), "http://localhost:8080", "{spelled}");
        }
        for other in ["http://127.0.0.1", "http://127.0.0.2:8080", "https://127.0.0.1:8080", "http://127.0.0.1:80"] {
            assert_ne!(Endpoint::parse(other).unwrap().service(), "http://localhost:8080", "{other}");
        }
    }
}
