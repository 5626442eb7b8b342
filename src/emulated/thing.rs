//! What the emulated clouds hold one of: a connection, gateway, customer gateway, IPsec server or project.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A resource of an emulated cloud.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Thing {
    /// Id of the cloud.
    pub provider: String,
    /// Region.
    pub region: String,
    /// What it is, such as `connection` or `gateway`; the cloud's emulator chooses the words.
    pub class: String,
    /// Id.
    pub id: String,
    /// Its current data, spelled as the cloud spells it. Keys are in it in clear: they are fake.
    pub data: Map<String, Json>,
    /// The change that is being made to it.
    pub pending: Option<Pending>,
}

impl Thing {
    /// Whether a change is still being made.
    #[must_use]
    pub const fn is_changing(&self) -> bool {
        self.pending.is_some()
    }

    /// A text of its data; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.data.get(name).and_then(Json::as_str).unwrap_or_default()
    }
}

/// A change that is being made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// The data afterwards.
    pub data: Map<String, Json>,
    /// When the change is done, in the store's milliseconds.
    pub due_ms: i64,
    /// Numbers of the tunnels that renegotiate once the change is done, whatever it changes.
    #[serde(default)]
    pub restarts: Vec<usize>,
    /// Whether that negotiation fails.
    #[serde(default)]
    pub fails: bool,
}

/// A change that took effect.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    /// Index of the thing in [`super::Store::things`].
    pub(crate) place: usize,
    /// The thing's data before the change.
    pub(crate) before: Map<String, Json>,
    /// As [`Pending::restarts`].
    pub(crate) restarts: Vec<usize>,
    /// As [`Pending::fails`].
    pub(crate) fails: bool,
}
