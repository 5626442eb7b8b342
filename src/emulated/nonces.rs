//! Nonces that an emulated cloud has seen: each is accepted once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How long a nonce is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 30 * 60 * 1000;

/// Nonces, each with the time until which it is remembered, in the store's milliseconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Nonces(BTreeMap<String, i64>);

impl Nonces {
    /// Remembers a nonce; false when it was used within the last half hour.
    pub(super) fn take(&mut self, nonce: &str, now_ms: i64) -> bool {
        self.0.insert(nonce.to_owned(), now_ms + REMEMBERED_MS).is_none()
    }

    /// Forgets the nonces whose time is over.
    pub(super) fn expire(&mut self, now_ms: i64) {
        self.0.retain(|_, until| *until > now_ms);
    }

    /// The times, to shift them.
    pub(super) fn times_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.0.values_mut()
    }
}
