//! Keys that a connection shows: from then on they are hidden in all output.

use super::gate::watch;
use crate::model::{Connection, Settings, Value};

/// Hides the keys of a connection and of all its tunnels.
pub fn watch_keys(connection: &Connection) {
    let all = std::iter::once(&connection.settings).chain(connection.tunnels.iter().map(|tunnel| &tunnel.settings));
    for (_, value) in all.flat_map(Settings::iter) {
        if let Value::Secret(key) = value {
            watch(key);
        }
    }
}
