//! The normalized model: one vocabulary for the three clouds.
//!
//! A connection is a set of *settings*, each a [`Key`] with a [`Value`], plus the state that the cloud reports. A change
//! is a set of settings too, with fewer keys. Plans, tables, JSON, validation and the request builders of the clouds all
//! iterate over these keys, so a field is described once ([`Key`]) and spelled once for each cloud (`provider::field`).

mod connection;
pub mod fingerprint;
mod key;
mod mask;
mod meant;
mod nearest;
mod policy_rule;
mod reference;
mod secret;
mod settings;
mod severity;
mod term;
mod text;
pub mod time;
mod value;

pub use base16ct::lower::encode_string as hex;
pub use connection::{Connection, Status, Tunnel};
pub use key::{Group, Key};
pub use mask::is_mask;
pub use meant::meant;
pub use nearest::{hint, nearest};
pub use policy_rule::PolicyRule;
pub use reference::Ref;
pub use secret::{HIDDEN, Secret};
pub use settings::Settings;
pub use severity::Severity;
pub use term::Term;
pub use text::one_line;
pub use value::{Value, Word};
