//! The report of a change: for people, and as JSON.

use serde_json::{Map, Value as Json, json};

use super::plan::Plan;
use super::request;
use super::tunnel::Tunnels;
use super::verify::Verification;
use super::wish::Wish;
use crate::call::client::Client;
use crate::error::Error;
use crate::model::{Connection, Key};
use crate::print::describe;
use crate::print::output::Table;
use crate::wire::{Endpoint, Request};

/// Every setting is as asked already; nothing was sent.
pub(super) const UNCHANGED: &str = "unchanged";
/// Nothing was sent: this is the plan.
pub(super) const PLANNED: &str = "planned";
/// The cloud accepted the change; the program did not wait for it.
pub(super) const ACCEPTED: &str = "accepted";
/// The cloud has finished the change, and every setting reads back as requested.
pub(super) const CONFIGURED: &str = "configured";
/// The cloud has settled; it does not return some of the settings that were asked for.
pub(super) const UNVERIFIED: &str = "unverified";
/// The cloud has settled and shows something else than was asked for.
pub(super) const DIFFERENT: &str = "different";

/// Every outcome.
pub const OUTCOMES: &[&str] = &[UNCHANGED, PLANNED, ACCEPTED, CONFIGURED, UNVERIFIED, DIFFERENT];

/// The columns of CSV; the connection's own fields are reached with `--columns connection.ike.version` and the like.
pub const COLUMNS: &[&str] = &["ref", "operation", "outcome", "request_id", "task", "warnings"];

/// The report of a change, the exit code, and what goes to stderr after the report when something is wrong.
#[derive(Debug)]
pub struct Done {
    /// The report.
    pub report: Report,
    /// Exit code.
    pub exit: u8,
    /// What is wrong.
    pub error: Option<Error>,
}

/// The report of a change.
#[derive(Debug)]
pub struct Report {
    /// The ref.
    pub reference: String,
    /// The id of the tunnel, where one tunnel of the connection is changed.
    pub tunnel: Option<String>,
    /// The cloud's name of the operation.
    pub operation: &'static str,
    /// The endpoint, when it is not the cloud's own.
    pub endpoint: Option<Endpoint>,
    /// One of [`OUTCOMES`].
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
    /// The state of the tunnel before and after, where both were read.
    pub tunnels: Option<Tunnels>,
    /// Which settings are in effect, and which are not.
    pub verification: Option<Verification>,
    /// The connection; as it is after the change, where the program waited for it.
    pub connection: Option<Connection>,
    /// Whether a request was refused because of another change, which then turned out to have set everything as asked.
    pub overtaken: bool,
    /// Whether only settings that the cloud never returns are not shown as asked, and it accepted them earlier.
    pub believed: bool,
    /// The id of the operation on record.
    pub operation_id: Option<String>,
    /// Why the program could not wait for the change: the account may not read.
    pub denied: Option<String>,
    /// The command that shows the connection.
    pub(super) show: String,
    /// The command that waits for the change.
    wait: String,
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
            tunnels: None,
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

    /// Whether what was asked for came true; none where nothing was to be done, or it is not known yet.
    #[must_use]
    pub fn achieved(&self, failed: bool) -> Option<bool> {
        match self.outcome {
            _ if failed => Some(false),
            PLANNED | ACCEPTED => None,
            DIFFERENT => Some(false),
            _ => Some(true),
        }
    }

    /// Whether nothing but the plan was made.
    #[must_use]
    pub fn is_plan(&self) -> bool {
        self.outcome == PLANNED
    }

    /// One sentence that sums up the outcome.
    #[must_use]
    pub fn sentence(&self) -> String {
        let provider = self.reference.split(['@', '/']).next().unwrap_or_default();
        match self.outcome {
            UNCHANGED if self.overtaken => format!("{} is as asked after the other change; nothing more was sent", self.reference),
            UNCHANGED => format!("{} is already as asked; nothing was sent", self.reference),
            PLANNED if self.cloud_agrees => format!("nothing was sent but {provider}'s own dry run, which passed"),
            PLANNED => "nothing was changed".to_owned(),
            ACCEPTED => {
                let task = self.task.as_ref().map(|task| format!(" --task {task}")).unwrap_or_default();
                if let Some(why) = &self.denied {
                    return format!(
                        "{provider} accepted the change; whether it is in effect is not known, since these credentials may not read \
                         ({why}). With credentials that may: {}{task}",
                        self.wait
                    );
                }
                format!("{provider} accepted the change; it may not be in effect yet. Wait for it: {}{task}", self.wait)
            }
            CONFIGURED => format!("{provider} has finished the change; every setting reads back as requested"),
            UNVERIFIED => {
                let keys = self
                    .verification
                    .as_ref()
                    .map(|seen| seen.unreadable.iter().map(|key| key.path()).collect::<Vec<_>>().join(", "))
                    .unwrap_or_default();
                format!(
                    "{provider} accepted the change and has settled; it does not return {keys}, so whether that is in effect is not verified"
                )
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
            tables.push(request::table(request));
        }
        if let Some(connection) = &self.connection {
            tables.extend(describe::tables(std::slice::from_ref(connection)));
        }
        tables
    }

    /// The report as JSON: what `tunnelctl schema modify` describes. `failed`: an error follows.
    #[must_use]
    pub fn to_json(&self, failed: bool) -> Json {
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
            object.insert("request".to_owned(), request::to_json(request));
        }
        object.insert("achieved".to_owned(), json!(self.achieved(failed)));
        if let Some(tunnels) = self.tunnels {
            object.insert("tunnel_before".to_owned(), json!(tunnels.before.word()));
            object.insert("tunnel_after".to_owned(), json!(tunnels.after.word()));
        }
        if let Some(seen) = &self.verification {
            let paths = |keys: &[Key]| keys.iter().map(|key| key.path()).collect::<Vec<_>>();
            let verification = json!({
                "in_effect": paths(&seen.in_effect), "unreadable": paths(&seen.unreadable),
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
