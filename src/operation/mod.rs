//! Operations on record: what a change did, what it may have done, and how it is resumed or rolled back.

pub mod disk;
pub mod drive;
pub mod end;
pub mod event;
#[cfg(test)]
mod explore;
pub mod id;
pub mod journal;
mod key_rules;
pub mod lock;
pub mod prepare;
pub mod records;
pub mod report;
pub mod seal;
pub mod state;
pub mod transition;
