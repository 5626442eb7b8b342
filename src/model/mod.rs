//! The normalized model: one vocabulary for the three clouds.
//!
//! A connection is a set of *settings*, each a [`Key`] with a [`Value`], together with what a cloud says about its
//! state. A change is the same thing with fewer keys. Plan, tables, JSON, validation and the clouds' request
//! builders all walk these keys, so a field is described once ([`Key`]) and spelled once for each cloud
//! (`provider::field`).

mod connection;
pub mod fingerprint;
mod hex;
mod key;
mod nearest;
mod policy_rule;
mod reference;
mod secret;
mod settings;
mod severity;
mod term;
mod value;

pub use connection::{Connection, Status, Tunnel};
pub use hex::hex;
pub use key::{Group, Key};
pub use nearest::{hint, nearest};
pub use policy_rule::PolicyRule;
pub use reference::Ref;
pub use secret::{HIDDEN, Secret};
pub use settings::Settings;
pub use severity::Severity;
pub use term::Term;
pub use value::{Value, Word};
