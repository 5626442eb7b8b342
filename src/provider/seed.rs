//! What the emulated clouds hold at first.

use super::PROVIDERS;
use crate::emulated::Store;

/// A store with the things of a new emulator.
#[must_use]
pub fn seeded() -> Store {
    let mut store = Store::new();
    for registration in PROVIDERS {
        (registration.emulation.seed)(&mut store);
    }
    store
}

/// Adds thousands of generated connections, spread evenly over the clouds. Existing ones stay.
pub fn scale(store: &mut Store, thousands: u32) {
    let total = usize::try_from(thousands).unwrap_or_default().saturating_mul(1000);
    store.index();
    for (place, registration) in PROVIDERS.iter().enumerate() {
        let extra = usize::from(place < total % PROVIDERS.len());
        (registration.emulation.scale)(store, total / PROVIDERS.len() + extra);
    }
}
