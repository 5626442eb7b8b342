//! Refs: one word that names a connection.

use std::fmt;

/// `<provider>[@<region>]/[<kind>/]<id>`, such as `alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    /// Id of the provider.
    pub provider: String,
    /// Region, if given.
    pub region: Option<String>,
    /// Kind; `connection` if not given.
    pub kind: String,
    /// Id at the cloud.
    pub id: String,
}

/// A text that is not a ref.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a ref: expected <provider>[@<region>]/[<kind>/]<id>, such as alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i")]
pub struct RefError {
    /// The text.
    pub text: String,
}

impl Ref {
    /// The kind of a ref that names none.
    pub const DEFAULT_KIND: &'static str = "connection";

    /// Reads a ref. Does not check whether provider, kind and id exist.
    ///
    /// # Errors
    /// [`RefError`] when a part is missing or empty.
    pub fn parse(text: &str) -> Result<Self, RefError> {
        let error = || RefError { text: text.to_owned() };
        let mut parts = text.split('/');
        let (head, rest): (&str, Vec<&str>) = (parts.next().unwrap_or_default(), parts.collect());
        let (provider, region) = match head.split_once('@') {
            Some((provider, region)) if !region.is_empty() => (provider, Some(region.to_owned())),
            Some(_) => return Err(error()),
            None => (head, None),
        };
        let (kind, id) = match rest.as_slice() {
            [id] => (Self::DEFAULT_KIND, *id),
            [kind, id] if !kind.is_empty() => (*kind, *id),
            _ => return Err(error()),
        };
        if provider.is_empty() || id.is_empty() {
            return Err(error());
        }
        Ok(Self { provider: provider.to_owned(), region, kind: kind.to_owned(), id: id.to_owned() })
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.provider)?;
        if let Some(region) = &self.region {
            write!(out, "@{region}")?;
        }
        if self.kind != Self::DEFAULT_KIND {
            write!(out, "/{}", self.kind)?;
        }
        write!(out, "/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_prints_as_it_is_read() {
        for text in [
            "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i",
            "alibaba@cn-hangzhou/ipsec-server/iss-bp1bo3xuvcxo7ixll",
            "tencent@ap-guangzhou/vpnx-ol6bcqp0",
            "huawei/98c5af8a-0000-4000-8000-ae2280a6f4c3",
        ] {
            assert_eq!(Ref::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Ref::parse("alibaba/connection/vco-1").unwrap().to_string(), "alibaba/vco-1");
    }

    #[test]
    fn text_with_a_missing_part_is_not_a_ref() {
        for text in ["", "alibaba", "alibaba/", "/vco-1", "alibaba@/vco-1", "alibaba//vco-1", "alibaba/a/b/c"] {
            assert!(Ref::parse(text).is_err(), "{text}");
        }
    }
}
