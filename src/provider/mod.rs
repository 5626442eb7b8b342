//! The clouds, described without I/O: each builds requests and reads replies.

pub mod alibaba;
mod call;
pub mod field;
mod hide;
pub mod huawei;
mod interface;
mod kind;
mod raw;
pub mod recognise;
mod refusal;
mod registration;
pub mod rule;
pub mod tencent;
pub mod vocabulary;

pub use call::{Accepted, CLIENT_TOKEN, Edit, GATEWAY, Page, Profile, Progress, Target};
pub use interface::Provider;
pub use kind::{Kind, Operation};
pub use raw::{Raw, by_method, flatten};
pub use refusal::{ErrorRow, Findings, error_row, may_follow_execution, unsupported};
pub use registration::{Calls, Emulation, Environment, Registration};

use crate::emulated::Store;

/// The clouds there are.
pub const PROVIDERS: &[&Registration] = &[&alibaba::PROVIDER, &huawei::PROVIDER, &tencent::PROVIDER];

/// The cloud of an id.
#[must_use]
pub fn registration(id: &str) -> Option<&'static Registration> {
    PROVIDERS.iter().copied().find(|registration| registration.id == id)
}

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
