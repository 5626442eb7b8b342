//! What the rules look at: a change, the settings before it, and the settings after it.

use crate::model::{Connection, Key, Settings, Value};
use crate::provider::Edit;
use crate::provider::alibaba::tunnels;

/// A change with the settings before and after it, as far as they are known. When the change names a tunnel, they are
/// those of the connection overlaid with those of the tunnel.
pub(in crate::provider::alibaba) struct Subject<'a> {
    pub(in crate::provider::alibaba) edit: &'a Edit<'a>,
    /// The current settings; `None` when nothing was read.
    pub(in crate::provider::alibaba) current: Option<Settings>,
    /// The current settings with the change.
    pub(in crate::provider::alibaba) new: Settings,
}

impl<'a> Subject<'a> {
    /// The subject of a change.
    pub(super) fn new(edit: &'a Edit<'a>) -> Self {
        let place = |connection| tunnels::place(connection, tunnels::named(edit.address)?);
        let current = edit.current.map(|connection| connection.seen_from(place(connection)));
        let new = current.as_ref().map_or_else(|| edit.change.clone(), |current| current.with(edit.change));
        Subject { edit, current, new }
    }

    /// Whether one of these settings changes.
    pub(in crate::provider::alibaba) fn changes(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.edit.change.has(*key))
    }

    /// The value that a setting changes to.
    pub(in crate::provider::alibaba) fn changed(&self, key: Key) -> Option<&Value> {
        self.edit.change.get(key)
    }

    /// The connection as it was read.
    pub(in crate::provider::alibaba) fn connection(&self) -> Option<&Connection> {
        self.edit.current
    }
}
