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
mod seed;
pub mod tencent;
pub mod vocabulary;

pub use call::{Accepted, CLIENT_TOKEN, Edit, GATEWAY, Page, Profile, Progress, Target};
pub use interface::Provider;
pub use kind::{Kind, Operation};
pub use raw::{Raw, by_method, flatten};
pub use refusal::{ErrorRow, Findings, error_row, unsupported};
pub use registration::{Emulation, Environment, Registration};
pub use seed::{scale, seeded};

/// The clouds there are.
pub const PROVIDERS: &[&Registration] = &[&alibaba::PROVIDER, &huawei::PROVIDER, &tencent::PROVIDER];

/// The cloud of an id.
#[must_use]
pub fn registration(id: &str) -> Option<&'static Registration> {
    PROVIDERS.iter().copied().find(|registration| registration.id == id)
}
