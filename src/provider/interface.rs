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

    /// A call that must come first, such as the one that finds the project id. Its result goes to [`Provider::located`].
    fn locate(&self) -> Option<Call<String>> {
        None
    }

    /// Takes what [`Provider::locate`] found.
    fn located(&mut self, _found: String) {}

    /// Reads one connection.
    fn show(&self, target: &Target) -> Call<Connection>;

    /// Reads one page of the connections of a kind: the first, or the one that [`Page::next`] names.
    fn list(&self, kind: &'static Kind, after: Option<&str>) -> Call<Page>;

    /// A call of any operation, as the user spells it.
    ///
    /// # Errors
    /// What is missing, in words.
    fn raw(&self, raw: &Raw) -> Result<Request, String>;

    /// The index of the tunnel that a change addresses; `None` for the whole connection.
    fn tunnel(&self, _address: &[(&'static str, String)], _connection: &Connection) -> Option<usize> {
        None
    }

    /// Checks the rules that involve several fields, or the current state of the connection.
    fn rules(&self, edit: &Edit<'_>) -> Findings;

    /// The request of a change.
    ///
    /// # Errors
    /// The settings that the input must add, because a block cannot be completed from what was read.
    fn modify(&self, edit: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>>;

    /// The settings that a new key is sent with, for the connection or one of its tunnels. At some clouds the key alone does
    /// not take effect; at others the accompanying settings decide when it does.
    fn key_change(&self, _current: &Connection, _tunnel: Option<usize>, key: &Secret) -> Settings {
        Settings::from_iter([(Key::Psk, Value::secret(key.expose()))])
    }

    /// The call that makes the cloud renegotiate the tunnel with its current configuration; `None` where there is no such
    /// call. It ignores [`Edit::change`].
    fn renegotiate(&self, _edit: &Edit<'_>) -> Option<Result<Call<Accepted>, Vec<Violation>>> {
        None
    }

    /// The same request as a dry run by the cloud, where the cloud has one.
    fn precheck(&self, _edit: &Edit<'_>) -> Option<Call<()>> {
        None
    }

    /// The call to poll after a change. `gateway` and `accepted` are given if they are known.
    fn progress(&self, target: &Target, gateway: Option<&str>, accepted: Option<&Accepted>) -> Call<Progress>;
}
