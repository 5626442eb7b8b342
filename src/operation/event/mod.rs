//! What a journal records: the plan, each request before it is sent, and what came of it.

mod planned;
mod record;
mod scrub;
mod words;

pub use planned::{Planned, Site};
pub use record::{Event, Record};
pub use words::{Evidence, Outcome, Proof, Verb, Which};
