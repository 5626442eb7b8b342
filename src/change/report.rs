//! What a change did, or would do, as data: for the table, and as JSON.

use serde_json::{Map, Value as Json, json};

use super::{Done, Wish};
use crate::call::client::Client;
use crate::change::plan::{Outcome, Plan, elsewhere, outcome};
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Settings};
use crate::print::describe;
use crate::print::output::Table;
use crate::wire::{Body, Endpoint, Request};

/// Everything is as asked already; nothing was sent.
pub(super) const UNCHANGED: &str = "unchanged";
/// Nothing was sent; this is what would be.
pub(super) const PLANNED: &str = "planned";
/// The cloud took the change, and was not waited for.
pub(super) const ACCEPTED: &str = "accepted";
/// The cloud has settled and shows every setting as asked.
pub(super) const CONFIGURED: &str = "configured";
/// The cloud has settled; some settings that were asked for cannot be read back.
pub(super) const UNVERIFIED: &str = "unverified";
/// The cloud has settled and shows something else than asked.
pub(super) const DIFFERENT: &str = "different";

/// Every outcome there is.
pub const OUTCOMES: &[&str] = &[UNCHANGED, PLANNED, ACCEPTED, CONFIGURED, UNVERIFIED, DIFFERENT];

/// The columns of CSV; the connection's own fields are reached with `--columns connection.ike.version` and the like.
pub const COLUMNS: &[&str] = &["ref", "operation", "outcome", "request_id", "task", "warnings"];

/// The report of a change.
#[derive(Debug)]
pub struct Report {
    /// The ref.
    pub reference: String,
    /// The id of the tunnel, where the change is of one that was read.
    pub tunnel: Option<String>,
    /// The cloud's name of the operation.
    pub operation: &'static str,
    /// Where it went, when that is not the cloud's own endpoint.
    pub endpoint: Option<Endpoint>,
    /// One of this module's words.
    pub outcome: &'static str,
    /// What changes, and the warnings.
    pub plan: Plan,
    /// The request that would be sent, without secrets and signature; for a dry run.
    pub request: Option<Request>,
    /// Whether the cloud's own dry run passed.
    pub cloud_agrees: bool,
    /// The cloud's id of the request.
    pub request_id: Option<String>,
    /// The cloud's task.
    pub task: Option<String>,
    /// What is in force and what is not.
    pub verification: Option<Outcome>,
    /// The connection: after the change where it was waited for.
    pub connection: Option<Connection>,
    /// Whether something was sent before everything turned out to be as asked, and was refused for another change.
    pub overtaken: bool,
    /// Whether all that is not shown as asked is what the cloud never returns, and it took that earlier.
    pub believed: bool,
    /// The operation that the change is on record as.
    pub operation_id: Option<String>,
    /// Why the change could not be waited for, where the account may not read.
    pub denied: Option<String>,
    /// The command that shows it.
    show: String,
    /// The command that waits for it.
    wait: String,
}

/// One line that says what is about to be done, and where.
pub(super) fn headline(wish: &Wish, client: &Client) -> String {
    let call = client.provider.show(&wish.target);
    let place = if call.request.endpoint.tls { String::new() } else { format!(" at {}", call.request.endpoint) };
    format!("{} of {}{}{place}", wish.target.operation.name, wish.reference, wish.tunnel())
}

impl Report {
    /// A report before anything was done.
    #[must_use]
    pub fn new(wish: &Wish, client: &Client, plan: Plan) -> Self {
        let endpoint = client.provider.show(&wish.target).request.endpoint;
        Self {
            reference: wish.reference.to_string(),
            tunnel: None,
            operation: wish.target.operation.name,
            endpoint: endpoint.is_loopback().then_some(endpoint),
            outcome: PLANNED,
            plan,
            request: None,
            cloud_agrees: false,
            request_id: None,
            task: None,
            verification: None,
            connection: None,
            overtaken: false,
            believed: false,
            operation_id: None,
            denied: None,
            show: client.command("show", &wish.reference, &wish.target),
            wait: client.command("wait", &wish.reference, &wish.target),
        }
    }

    /// Compares what is shown after the change with what was asked for.
    pub(super) fn judge(mut self, wish: &Wish, before: Option<&Connection>, change: &Settings, after: Connection, client: &Client) -> Done {
        let subject = |connection: &Connection| wish.subject(&*client.provider, connection);
        let mut seen = outcome(before.map(subject).as_ref(), change, &subject(&after));
        if let Some(before) = before {
            seen.elsewhere = elsewhere(before, change, &after, client.provider.tunnel(&wish.address, before));
        }
        let names = |keys: &[Key]| keys.iter().map(|key| key.path()).collect::<Vec<_>>().join(", ");
        let error = if !seen.missing.is_empty() {
            let as_before = |before: &Connection| {
                let (before, after) = (subject(before), subject(&after));
                seen.besides().is_empty() && seen.missing.iter().all(|key| before.get(*key) == after.get(*key))
            };
            let (code, state) = match (seen.in_force.as_slice(), before.is_some_and(as_before), seen.unreadable.as_slice()) {
                ([], true, []) => (exit::FAILED, "everything is as it was before".to_owned()),
                ([], true, hidden) => {
                    (exit::UNKNOWN, format!("everything that can be read is as it was before; it does not return {}", names(hidden)))
                }
                ([], false, _) if before.is_none() => {
                    (exit::HALF_WAY, "nothing that was asked for is shown; what was there before was not read".to_owned())
                }
                ([], false, _) => (exit::HALF_WAY, "it is neither as it was before nor as asked".to_owned()),
                (shown, ..) => (exit::HALF_WAY, format!("a part of the change is in force: {}", names(shown))),
            };
            let error = Error::new(
                code,
                format!("{} took the change of {} and shows something else for {}", client.id(), self.reference, names(&seen.missing)),
            );
            Some(error.state(state).next(self.show.clone()))
        } else if !seen.besides().is_empty() {
            let error = Error::new(
                exit::HALF_WAY,
                format!("{} changed more than was asked of {}: {}", client.id(), self.reference, seen.besides().join(", ")),
            );
            Some(
                error
                    .state("what was asked for is in force")
                    .next("compare the plan with the result, and set those fields back where they matter"),
            )
        } else {
            None
        };
        self.outcome = match &error {
            Some(_) if !seen.missing.is_empty() => DIFFERENT,
            _ if !seen.unreadable.is_empty() => UNVERIFIED,
            _ => CONFIGURED,
        };
        self.verification = Some(seen);
        self.connection = Some(after);
        Done { exit: error.as_ref().map_or(exit::DONE, |error| error.exit), report: self, error }
    }

    /// Whether this is only what would be done.
    #[must_use]
    pub fn is_plan(&self) -> bool {
        self.outcome == PLANNED
    }

    /// One sentence on what is true now.
    #[must_use]
    pub fn sentence(&self) -> String {
        let provider = self.reference.split(['@', '/']).next().unwrap_or_default();
        match self.outcome {
            UNCHANGED if self.overtaken => format!("{} is as asked now, by the other change; nothing more was sent", self.reference),
            UNCHANGED => format!("{} is already as asked; nothing was sent", self.reference),
            PLANNED if self.cloud_agrees => format!("nothing was sent but {provider}'s own dry run, which passed"),
            PLANNED => "nothing was changed".to_owned(),
            ACCEPTED => {
                let task = self.task.as_ref().map(|task| format!(" --task {task}")).unwrap_or_default();
                if let Some(why) = &self.denied {
                    return format!(
                        "{provider} took the change; these credentials may not read ({why}), so that it is in force is not known. \
                         With others that may: {}{task}",
                        self.wait
                    );
                }
                format!("{provider} took the change; it may not be in force yet. See when it is: {}{task}", self.wait)
            }
            CONFIGURED => format!("{provider} has settled and shows every setting as asked"),
            UNVERIFIED => {
                let keys = self
                    .verification
                    .as_ref()
                    .map(|seen| seen.unreadable.iter().map(|key| key.path()).collect::<Vec<_>>().join(", "))
                    .unwrap_or_default();
                format!("{provider} took the change and has settled; it does not return {keys}, so that this is in force is not verified")
            }
            _ => format!("{provider} shows something else than was asked for"),
        }
    }

    /// The report for people: the plan where it is the result, the request, the connection.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        if self.outcome == PLANNED {
            tables.push(self.plan.table());
        }
        if let Some(request) = &self.request {
            tables.push(request_table(request));
        }
        if let Some(connection) = &self.connection {
            tables.extend(describe::tables(std::slice::from_ref(connection)));
        }
        tables
    }

    /// The report as JSON, documented in the README.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        object.insert("ref".to_owned(), json!(self.reference));
        if let Some(tunnel) = &self.tunnel {
            object.insert("tunnel".to_owned(), json!(tunnel));
        }
        object.insert("operation".to_owned(), json!(self.operation));
        if let Some(id) = &self.operation_id {
            object.insert("operation_id".to_owned(), json!(id));
        }
        object.insert("outcome".to_owned(), json!(self.outcome));
        object.insert("plan".to_owned(), self.plan.to_json());
        object.insert("warnings".to_owned(), json!(self.plan.warnings));
        if let Some(endpoint) = &self.endpoint {
            object.insert("endpoint".to_owned(), json!(endpoint.to_string()));
        }
        for (name, value) in [("request_id", &self.request_id), ("task", &self.task)] {
            if let Some(value) = value {
                object.insert(name.to_owned(), json!(value));
            }
        }
        if self.cloud_agrees {
            object.insert("cloud_dry_run".to_owned(), json!("passed"));
        }
        if let Some(request) = &self.request {
            object.insert("request".to_owned(), request_json(request));
        }
        if let Some(seen) = &self.verification {
            let paths = |keys: &[Key]| keys.iter().map(|key| key.path()).collect::<Vec<_>>();
            let verification = json!({
                "in_force": paths(&seen.in_force), "unreadable": paths(&seen.unreadable),
                "different": paths(&seen.missing), "changed_besides": seen.besides(),
            });
            object.insert("verification".to_owned(), verification);
        }
        if let Some(connection) = &self.connection {
            object.insert("connection".to_owned(), connection.to_json());
        }
        Json::Object(object)
    }
}

/// The parameters of a request by place. Values that are JSON text stay text, as they are sent.
fn parameters(request: &Request) -> Vec<(&'static str, String, Json)> {
    let row = |place| move |(name, value): &(String, String)| (place, name.clone(), json!(value));
    let mut rows: Vec<_> = request.query.iter().map(row("query")).collect();
    match &request.body {
        Body::Empty => {}
        Body::Form(pairs) => rows.extend(pairs.iter().map(row("form"))),
        Body::Json(text) => match serde_json::from_str(text) {
            Ok(Json::Object(object)) => rows.extend(object.into_iter().map(|(name, value)| ("body", name, value))),
            Ok(other) => rows.push(("body", String::new(), other)),
            Err(_) => rows.push(("body", String::new(), json!(text))),
        },
    }
    rows
}

fn request_table(request: &Request) -> Table {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Object(_) | Json::Array(_) => format!("{value:#}"),
        other => other.to_string(),
    };
    Table {
        head: vec![format!("REQUEST {}", request.operation), format!("{} {}{}", request.method.as_str(), request.endpoint, request.path)],
        rows: parameters(request).into_iter().map(|(place, name, value)| vec![format!("{place} {name}"), text(&value)]).collect(),
        ..Table::default()
    }
}

fn request_json(request: &Request) -> Json {
    let mut places = Map::new();
    for (place, name, value) in parameters(request) {
        if let Json::Object(inner) = places.entry(place).or_insert_with(|| Json::Object(Map::new())) {
            inner.insert(name, value);
        }
    }
    places.insert("operation".to_owned(), json!(request.operation));
    places.insert("method".to_owned(), json!(request.method.as_str()));
    places.insert("url".to_owned(), json!(format!("{}{}", request.endpoint, request.path)));
    Json::Object(places)
}
