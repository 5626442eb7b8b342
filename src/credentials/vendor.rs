//! What the vendors' own files can contain, and how they are read. Each cloud's `credentials.rs` knows its files.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::ini::Ini;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::system::private::{Shelter, read};
use crate::system::{home, variable};
use crate::wire::{Call, Credentials, Endpoint, ReadError, Reply, Request};

/// A value, and where it was found: a flag, a variable, a file with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was found.
    pub from: String,
}

impl<T> Sourced<T> {
    /// A value and its source.
    pub fn new(value: T, from: impl Into<String>) -> Self {
        Self { value, from: from.into() }
    }
}

/// How to obtain credentials.
#[derive(Debug)]
pub enum Signer {
    /// They are here.
    Ready(Credentials),
    /// A call, signed with other credentials, returns them.
    Exchange {
        /// What the call is signed with.
        base: Credentials,
        /// The call.
        call: Box<Call<Credentials>>,
        /// What the call does, such as `to assume the role acs:ram::1:role/x`.
        doing: String,
    },
    /// The metadata service of this machine returns them.
    Instance(Box<Instance>),
}

/// The metadata service of a cloud's machines.
pub struct Instance {
    /// Its URL.
    pub endpoint: Endpoint,
    /// The request for a token, which later requests contain.
    pub token: Request,
    /// The header for the token.
    pub token_header: &'static str,
    /// Whether it may be used without a token.
    pub without_token: bool,
    /// The request for the role's name; with the name added to its path, the request for the role's credentials.
    pub roles: Request,
    /// The role's name, if given.
    pub role: Option<String>,
    /// Reads the credentials in a reply.
    pub read: fn(&Reply) -> Result<Credentials, ReadError>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "instance role {:?}", self.role)
    }
}

/// Credentials that were found.
#[derive(Debug)]
pub struct Found {
    /// How to obtain them.
    pub signer: Signer,
    /// Where they were found, in words.
    pub from: String,
}

/// The content of a vendor's own files.
#[derive(Debug, Default)]
pub struct Vendor {
    /// Credentials, or why they cannot be used.
    pub keys: Option<Result<Found, Error>>,
    /// Region.
    pub region: Option<Sourced<String>>,
    /// Project id.
    pub project_id: Option<Sourced<String>>,
    /// URL of the identity service.
    pub identity_endpoint: Option<Sourced<String>>,
}

impl Vendor {
    /// Adds from another file what is missing here.
    pub fn fill(&mut self, other: Self) {
        self.keys = self.keys.take().or(other.keys);
        self.region = self.region.take().or(other.region);
        self.project_id = self.project_id.take().or(other.project_id);
        self.identity_endpoint = self.identity_endpoint.take().or(other.identity_endpoint);
    }
}

/// A key pair, as a file has it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Pair<'a> {
    /// Access key id.
    pub id: Option<&'a str>,
    /// Secret key.
    pub secret: Option<&'a str>,
    /// Token of temporary credentials.
    pub token: Option<&'a str>,
}

impl Pair<'_> {
    /// The credentials; `None` without both id and secret.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn credentials(self, from: &str) -> Option<Result<Credentials, Error>> {
        let half = |missing: &str| Some(Err(unusable(from, &format!("half of the key pair is missing: there is no {missing}"))));
        match (self.id, self.secret) {
            (None, None) => None,
            (Some(_), None) => half("secret key"),
            (None, Some(_)) => half("access key id"),
            (Some(id), Some(secret)) => {
                let token = self.token.map(Secret::new);
                Some(Ok(Credentials { id: id.to_owned(), secret: Secret::new(secret), token, bearer: None }))
            }
        }
    }

    /// The credentials, with their source.
    pub fn found(self, from: &str) -> Option<Result<Found, Error>> {
        let ready = |credentials| Found { signer: Signer::Ready(credentials), from: from.to_owned() };
        self.credentials(from).map(|credentials| credentials.map(ready))
    }
}

/// The error for credentials that cannot be used.
#[must_use]
pub fn unusable(from: &str, why: &str) -> Error {
    Error::new(exit::CREDENTIALS, format!("the credentials in {from} cannot be used: {why}")).state("nothing was sent")
}

/// Reads a JSON object; `None` when there is no such file.
///
/// # Errors
/// When it is not a JSON object, with line and column, or others could read or change it.
pub fn json(path: &Path, shelter: Shelter) -> Result<Option<Json>, Error> {
    let Some(text) = read(path, shelter)? else { return Ok(None) };
    let parsed = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}'));
    match parsed {
        Ok(value @ Json::Object(_)) => Ok(Some(value)),
        Ok(_) => Err(Error::new(exit::CREDENTIALS, format!("{}:1:1: not a JSON object", path.display()))),
        Err(error) => {
            let text = error.to_string();
            // The message starts with the place, like all errors in files.
            let rule = text.split(" at line ").next().unwrap_or_default();
            Err(Error::new(exit::CREDENTIALS, format!("{}:{}:{}: {rule}", path.display(), error.line(), error.column())))
        }
    }
}

/// Reads an INI file; `None` when there is no such file.
///
/// # Errors
/// When a line is wrong, or others could read or change it.
pub fn ini(path: &Path) -> Result<Option<Ini>, Error> {
    let Some(text) = read(path, Shelter::None)? else { return Ok(None) };
    Ini::parse(&text).map(Some).map_err(|error| Error::new(exit::CREDENTIALS, format!("{}:{error}", path.display())))
}

/// A member of a JSON object that is a text and not empty.
#[must_use]
pub fn text<'a>(object: &'a Json, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

/// What is odd about an object that should have texts under these names: it is none, one of them is no text, or has another
/// spelling. Without that, it simply has no credentials.
#[must_use]
pub fn odd(object: &Json, names: &[&str]) -> Option<String> {
    let Json::Object(members) = object else { return Some("it is not a JSON object".to_owned()) };
    let plain = |name: &str| name.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
    members.iter().find_map(|(key, value)| {
        let name = names.iter().find(|name| plain(name) == plain(key))?;
        match value {
            _ if name != key => Some(format!("{key:?} is not a name of the vendor's: it must be {name:?}")),
            Json::String(_) | Json::Null => None,
            _ => Some(format!("{key:?} must be a text")),
        }
    })
}

/// The profiles of a file that has a list of them under `profiles`, or what is odd about it. An empty file has none.
///
/// # Errors
/// That there is no list.
pub fn profiles(file: &Json) -> Result<&[Json], String> {
    match file.get("profiles") {
        Some(Json::Array(profiles)) => Ok(profiles),
        Some(Json::Null) => Ok(&[]),
        Some(_) => Err("\"profiles\" must be a list".to_owned()),
        None if file.as_object().is_none_or(Map::is_empty) => Ok(&[]),
        None => Err("it has no list \"profiles\"".to_owned()),
    }
}

/// The file that a variable names, or else a file in the home directory.
#[must_use]
pub fn named(names: &[&'static str], file: &str) -> Option<PathBuf> {
    variable(names).map(|(_, path)| PathBuf::from(path)).or_else(|| home(file))
}

/// Whether a variable is `true`.
#[must_use]
pub fn is_on(name: &'static str) -> bool {
    variable(&[name]).is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn odd_shapes_are_named() {
        let said = |json: Json| odd(&json, &["secretId", "secretKey"]);
        assert_eq!(said(json!({ "secretId": "", "secretKey": null, "more": 7 })), None);
        assert_eq!(said(json!({ "secretId": 7 })).unwrap(), "\"secretId\" must be a text");
        assert_eq!(said(json!({ "secret_id": "x" })).unwrap(), "\"secret_id\" is not a name of the vendor's: it must be \"secretId\"");
        assert_eq!(said(json!([])).unwrap(), "it is not a JSON object");
        assert_eq!(profiles(&json!({ "profiles": {} })).unwrap_err(), "\"profiles\" must be a list");
        assert!(profiles(&json!({})).unwrap().is_empty() && profiles(&json!({ "current": "a" })).is_err());
    }
}
