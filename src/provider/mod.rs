//! The clouds, described without I/O: each builds requests and reads replies.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::config::vendor::Vendor;
use crate::emulator::{Incoming, Refusal, Store};
use crate::error::Error;
use crate::http::{Body, Endpoint, Method, Pairs, Reply, Request, Signature, Stamp};
use crate::model::{Connection, Key, Secret, Settings, Term};

pub mod alibaba;
pub mod field;
pub mod huawei;
pub mod recognise;
pub mod rule;
pub mod tencent;
pub mod vocabulary;
pub mod xml;

use field::Field;

/// The clouds there are.
pub const PROVIDERS: &[&Registration] = &[&alibaba::PROVIDER, &huawei::PROVIDER, &tencent::PROVIDER];

/// The cloud of an id.
#[must_use]
pub fn registration(id: &str) -> Option<&'static Registration> {
    PROVIDERS.iter().copied().find(|registration| registration.id == id)
}

/// What is known about a cloud before anything is connected: data only. Help, configuration and emulator read it.
#[derive(Debug)]
pub struct Registration {
    /// Its id in refs and commands.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What can be modified, the default kind first.
    pub kinds: &'static [Kind],
    /// Environment variables.
    pub environment: Environment,
    /// Signature schemes, the default first.
    pub signatures: &'static [&'static str],
    /// Regions known when this version was made; others are let through with a note.
    pub regions: &'static [&'static str],
    /// What the vendor's own files say, of a profile of theirs or of the one that they take by default.
    pub files: fn(Option<&str>) -> Result<Vendor, Error>,
    /// Makes the provider for a profile.
    pub connect: fn(Profile) -> Box<dyn Provider>,
    /// Says whether a saved document is this cloud's, and what it holds.
    pub recognise: Recognise,
    /// The cloud's part of the emulator.
    pub emulation: Emulation,
}

/// A function that takes a document's fields when it knows the document, and leaves it alone otherwise.
pub type Recognise = fn(&mut recognise::Document<'_>) -> Option<recognise::Recognised>;

/// Names of environment variables, those of the vendor's own SDK first.
#[derive(Debug)]
pub struct Environment {
    /// Access key id.
    pub id: &'static [&'static str],
    /// Secret key.
    pub secret: &'static [&'static str],
    /// Token of temporary credentials.
    pub token: &'static [&'static str],
    /// Token that replaces the key pair (Huawei IAM); empty elsewhere.
    pub bearer: &'static [&'static str],
    /// Region.
    pub region: &'static [&'static str],
    /// Project id; empty where the cloud has none.
    pub project: &'static [&'static str],
    /// URL of the identity service; empty where none is asked.
    pub identity_endpoint: &'static [&'static str],
    /// Our own variable for the endpoint.
    pub endpoint: &'static str,
}

/// The cloud's part of the emulator.
#[derive(Debug, Clone, Copy)]
pub struct Emulation {
    /// The fake key pair that it accepts, `(id, secret)`.
    pub credentials: (&'static str, &'static str),
    /// Fills an empty store.
    pub seed: fn(&mut Store),
    /// Adds this many generated connections to the first region that is seeded.
    pub scale: fn(&mut Store, usize),
    /// Answers a request: signature and time first, then the operation.
    pub handle: fn(&Incoming, &mut Store) -> Reply,
    /// The cloud's own way to refuse a request, for faults on demand.
    pub refuse: fn(Refusal, &Incoming) -> Reply,
    /// The reply that shows a connection, from its id and data.
    pub envelope: fn(&str, serde_json::Map<String, serde_json::Value>) -> serde_json::Value,
    /// The key in force, where replies do not hold it.
    pub key: fn(&serde_json::Map<String, serde_json::Value>) -> Option<&str>,
    /// Writes into a connection's data whether its tunnel of this number is up.
    pub set_up: fn(&mut serde_json::Map<String, serde_json::Value>, usize, bool),
}

/// Something that can be modified.
#[derive(Debug)]
pub struct Kind {
    /// Its name in refs and commands.
    pub name: &'static str,
    /// One line for help.
    pub about: &'static str,
    /// What an id looks like.
    pub id_example: &'static str,
    /// Whether a text can be an id, and the rule in words.
    pub id_rule: field::Rule,
    /// Whether it has a list of its own; a part of something that is listed has none.
    pub listed: bool,
    /// The operations that modify it, the default first.
    pub operations: &'static [Operation],
    /// A worked example for help, without the program's name.
    pub example: &'static str,
}

/// An operation that modifies, with its table.
#[derive(Debug)]
pub struct Operation {
    /// Value of `--api`; empty where there is only one.
    pub api: &'static str,
    /// The vendor's name of the operation.
    pub name: &'static str,
    /// Its settings.
    pub fields: &'static [Field],
    /// What it wants beside the id and settings, as `(flag, help line)`; taken from what was read when not given.
    pub address: &'static [(&'static str, &'static str)],
    /// Whether the cloud can check a change without making it.
    pub dry_run: bool,
}

/// What a provider needs to know to build requests.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Region.
    pub region: String,
    /// The service, when it is not the cloud's own for the region.
    pub endpoint: Option<Endpoint>,
    /// The identity service, when it is not the cloud's own.
    pub identity_endpoint: Option<Endpoint>,
    /// Project id (Huawei).
    pub project_id: Option<String>,
    /// Signature scheme, one of [`Registration::signatures`]; the first when `None`.
    pub signature: Option<&'static str>,
}

/// What requests are signed with.
#[derive(Debug)]
pub struct Credentials {
    /// Access key id.
    pub id: String,
    /// Secret key.
    pub secret: Secret,
    /// Token of temporary credentials.
    pub token: Option<Secret>,
    /// Token that replaces the key pair.
    pub bearer: Option<Secret>,
}

/// One thing at a cloud, and the operation that is used on it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Kind.
    pub kind: &'static Kind,
    /// Operation, one of the kind's.
    pub operation: &'static Operation,
    /// Id, checked against the kind's rule.
    pub id: String,
}

/// A change on its way: what is asked, and what is known.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// What is changed.
    pub target: &'a Target,
    /// What was read before; `None` with `--no-read`.
    pub current: Option<&'a Connection>,
    /// What is asked for. Each value has passed its field's rule.
    pub change: &'a Settings,
    /// What the operation wants beside settings (`vpc-id`, `gateway`), as given.
    pub address: &'a [(&'static str, String)],
    /// The token of the change, the same for every attempt; at most 64 ASCII characters.
    pub token: &'a str,
}

/// The name under [`Operation::address`] of a change's token, for clouds that take one.
pub const CLIENT_TOKEN: &str = "client-token";

/// The name under [`Operation::address`] of the gateway that the thing belongs to.
pub const GATEWAY: &str = "gateway";

/// A request and the function that reads its reply.
pub struct Call<T> {
    /// The request, not yet signed.
    pub request: Request,
    /// Reads a reply that is no error.
    #[allow(clippy::type_complexity, reason = "a name for it would say less")]
    pub read: Box<dyn Fn(&Reply) -> Result<T, ReadError> + Send + Sync>,
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(out)
    }
}

/// Why a reply could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not what the cloud's documentation says.
    #[error("the reply is not what {0} returns: {1}")]
    Shape(&'static str, String),
    /// It is well formed and says that there is no such thing.
    #[error("{0} is not among what the cloud returned")]
    Missing(String),
}

/// A call of any operation.
#[derive(Debug)]
pub struct Raw {
    /// The cloud's name of the operation; for Huawei also a path.
    pub operation: &'static str,
    /// API of the cloud, where it has several.
    pub api: Option<String>,
    /// Method, where the user chose one.
    pub method: Option<Method>,
    /// Parameters, nested as the user nested them.
    pub parameters: Map<String, Json>,
    /// The body, when it is given whole.
    pub body: Option<String>,
}

/// Nested parameters as names with values: `name.key` for objects, `name.N` for lists, counted from `first`; nothing for
/// null. With `objects_are_text` an object at the top stays JSON text, as Alibaba has its blocks.
#[must_use]
pub fn flatten(parameters: &Map<String, Json>, first: usize, objects_are_text: bool) -> Pairs {
    fn add(pairs: &mut Pairs, name: &str, value: &Json, first: usize, objects_are_text: bool) {
        match value {
            Json::Null => {}
            Json::Bool(on) => pairs.push((name.to_owned(), on.to_string())),
            Json::Number(number) => pairs.push((name.to_owned(), number.to_string())),
            Json::String(text) => pairs.push((name.to_owned(), text.clone())),
            Json::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    // An object inside a list is a struct of the API, not a text.
                    add(pairs, &format!("{name}.{}", place + first), item, first, false);
                }
            }
            Json::Object(_) if objects_are_text => pairs.push((name.to_owned(), value.to_string())),
            Json::Object(object) => object.iter().for_each(|(key, item)| add(pairs, &format!("{name}.{key}"), item, first, false)),
        }
    }
    let mut pairs = Vec::new();
    parameters.iter().for_each(|(name, value)| add(&mut pairs, name, value, first, objects_are_text));
    pairs
}

/// A raw call by the method that the user chose: a form can go as a query by GET.
///
/// # Errors
/// When the method is none that this request can go by.
pub fn by_method(mut request: Request, method: Option<Method>) -> Result<Request, String> {
    match (method, request.body) {
        (Some(Method::Get), Body::Form(pairs)) => {
            request.method = Method::Get;
            request.query.extend(pairs);
            request.body = Body::Empty;
        }
        (None | Some(Method::Post), body) => request.body = body,
        (Some(method), _) => return Err(format!("--method {}: this call goes by POST, or as a form by GET", method.as_str())),
    }
    Ok(request)
}

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Connections, in the cloud's order. A reply may hold several kinds.
    pub connections: Vec<Connection>,
    /// What the next page is asked for with; `None` after the last.
    pub next: Option<String>,
}

/// What a cloud said when it took a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Id of the request, to quote to the vendor.
    pub request_id: Option<String>,
    /// Id of the task to poll, where there is one.
    pub task: Option<String>,
}

/// How far a change is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// `settled`, `changing`, `failed`, `gone` or `unknown`.
    pub change: Term,
    /// The cloud's own words, such as `State updating`.
    pub reported: String,
}

/// A rule that the input breaks. The value of a secret is never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Flag or setting.
    pub setting: String,
    /// The value as given.
    pub value: Option<String>,
    /// What is wrong, and what is allowed.
    pub rule: String,
}

impl Violation {
    /// A violation of a setting whose value need not be repeated.
    pub fn of(key: Key, rule: impl Into<String>) -> Self {
        Self { setting: key.named(), value: None, rule: rule.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.setting)?;
        match &self.value {
            Some(value) => write!(out, " {value}: {}", self.rule),
            None => write!(out, ": {}", self.rule),
        }
    }
}

/// What the cloud's rules say about a change.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Each forbids the change.
    pub violations: Vec<Violation>,
    /// Each is shown in the plan.
    pub warnings: Vec<String>,
}

/// What kind of refusal an error is: decides on retry, on the exit code and on the advice
/// (by vendor code first, HTTP status only when there is no code).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Refused for going too fast; not executed.
    Rate,
    /// Another change is being made; not executed.
    Busy,
    /// The time stamp is too far off; not executed.
    Clock,
    /// Key, token or signature refused.
    Auth,
    /// There is no such thing.
    NotFound,
    /// Any other refusal of this attempt; nothing was changed by it.
    Final,
    /// The request may or may not have been executed.
    Ambiguous,
}

/// An error that a cloud returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// What kind of refusal it is.
    pub class: Class,
    /// The cloud's code; the HTTP status as text when it gave none.
    pub code: String,
    /// The cloud's message, without what it may repeat of our request.
    pub message: String,
    /// What the code means, in a sentence; empty for codes we do not know.
    pub meaning: &'static str,
    /// What to do next; empty for codes we do not know.
    pub advice: &'static str,
    /// Id of the request.
    pub request_id: Option<String>,
}

/// A row of a cloud's table of error codes. A code that ends in `.*` stands for all below it.
pub type ErrorRow = (&'static str, Class, &'static str, &'static str);

/// The row of a code: the exact one before the longest prefix.
#[must_use]
pub fn error_row(rows: &'static [ErrorRow], code: &str) -> Option<&'static ErrorRow> {
    let prefix = |row: &&ErrorRow| {
        row.0.strip_suffix(".*").is_some_and(|head| code == head || code.strip_prefix(head).is_some_and(|rest| rest.starts_with('.')))
    };
    rows.iter().find(|row| row.0 == code).or_else(|| rows.iter().filter(prefix).max_by_key(|row| row.0.len()))
}

/// One cloud, for one profile. Builds and reads, never sends.
pub trait Provider: Send + Sync {
    /// The cloud's data.
    fn registration(&self) -> &'static Registration;

    /// Signs a request: a pure function of its arguments and the profile's scheme.
    fn sign(&self, request: &Request, credentials: &Credentials, stamp: &Stamp) -> Signature;

    /// The error that a reply is, if it is one.
    fn error(&self, reply: &Reply) -> Option<ApiError>;

    /// A call that must come before all others: what it finds goes to [`Provider::located`].
    fn locate(&self) -> Option<Call<String>> {
        None
    }

    /// Takes what [`Provider::locate`] found.
    fn located(&mut self, _found: String) {}

    /// Reads one connection.
    fn show(&self, target: &Target) -> Call<Connection>;

    /// Reads one page of the connections of a kind: the first, or the one that a page before pointed at.
    fn list(&self, kind: &'static Kind, after: Option<&str>) -> Call<Page>;

    /// A call of any operation, as the user spells it.
    ///
    /// # Errors
    /// What is missing, in words.
    fn raw(&self, raw: &Raw) -> Result<Request, String>;

    /// The place, among a connection's tunnels, of the one that a change is of; `None` when it is of the whole.
    fn tunnel(&self, _address: &[(&'static str, String)], _connection: &Connection) -> Option<usize> {
        None
    }

    /// The rules that one field alone cannot show: field against field, and against what was read.
    fn rules(&self, edit: &Edit<'_>) -> Findings;

    /// The request of a change.
    ///
    /// # Errors
    /// What must be given first, when a block cannot be completed from what was read.
    fn modify(&self, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>>;

    /// The same request as the cloud's own dry run, where it has one.
    fn precheck(&self, _edit: &Edit<'_>) -> Option<Call<()>> {
        None
    }

    /// What to poll after a change. `gateway` and `accepted` are there when they are known.
    fn progress(&self, target: &Target, gateway: Option<&str>, accepted: Option<&Accepted>) -> Call<Progress>;
}

/// The settings of a change that an operation cannot set, as violations.
#[must_use]
pub fn unsupported(target: &Target, change: &Settings) -> Vec<Violation> {
    let missing = |key: &Key| field::field(target.operation.fields, *key).is_none_or(|field| field.write.is_empty());
    let rule = format!("is not a setting of {}", target.operation.name);
    change.iter().map(|(key, _)| key).filter(missing).map(|key| Violation::of(key, rule.clone())).collect()
}

/// The JSON object of a reply, for readers.
///
/// # Errors
/// [`ReadError::Shape`] when the body is no JSON object.
pub fn object(operation: &'static str, reply: &Reply) -> Result<Map<String, Json>, ReadError> {
    match reply.json() {
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(ReadError::Shape(operation, "not a JSON object".to_owned())),
        None => Err(ReadError::Shape(operation, format!("{} bytes that are not JSON", reply.body.len()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flat(parameters: &Json, first: usize, objects_are_text: bool) -> String {
        let pairs = flatten(parameters.as_object().unwrap(), first, objects_are_text);
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_count_from_where_the_cloud_counts() {
        let parameters = json!({ "A": ["x", { "B": 1 }], "C": { "D": true }, "E": null });
        assert_eq!(flat(&parameters, 0, false), "A.0=x A.1.B=1 C.D=true");
        assert_eq!(flat(&parameters, 1, true), "A.1=x A.2.B=1 C={\"D\":true}");
    }
}
