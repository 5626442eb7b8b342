//! What every cloud can do: it builds requests and reads replies, and never sends.

use super::call::{Accepted, Edit, Page, Progress, Target};
use super::kind::Kind;
use super::raw::Raw;
use super::refusal::Findings;
use super::registration::Registration;
use crate::error::{ApiError, Violation};
use crate::model::{Connection, Key, Secret, Settings, Value};
use crate::wire::{Call, Credentials, Reply, Request, Signature, Stamp};

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

    /// What a new key is sent with, at the connection or at one of its tunnels: at some clouds the key alone does not
    /// take effect, and at some what goes along decides when it does.
    fn key_change(&self, _current: &Connection, _tunnel: Option<usize>, key: &Secret) -> Settings {
        Settings::from_iter([(Key::Psk, Value::secret(key.expose()))])
    }

    /// The call that makes the ends negotiate anew with what is configured; `None` where the cloud has none. Of the edit,
    /// all but the change counts.
    fn renegotiate(&self, _edit: &Edit<'_>) -> Option<Result<Call<Accepted>, Vec<Violation>>> {
        None
    }

    /// The same request as the cloud's own dry run, where it has one.
    fn precheck(&self, _edit: &Edit<'_>) -> Option<Call<()>> {
        None
    }

    /// What to poll after a change. `gateway` and `accepted` are there when they are known.
    fn progress(&self, target: &Target, gateway: Option<&str>, accepted: Option<&Accepted>) -> Call<Progress>;
}
