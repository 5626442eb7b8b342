//! A change of settings: read, validate, plan, confirm, send, wait, read back, report.

mod again;
mod confirm;
mod dry_run;
mod guard;
mod input;
mod judge;
mod plan;
pub mod previous;
mod read;
pub mod record;
pub mod report;
mod request;
mod run;
mod send;
mod stored;
mod tunnel;
mod verify;
mod wait;
mod wish;

pub use again::Again;
pub use confirm::{ask, write_key};
pub use guard::Guard;
pub use input::check_input;
pub use record::Ledger;
pub use run::run;
pub use wish::{Asked, Flow, Wish};
