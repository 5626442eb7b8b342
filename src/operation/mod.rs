//! Operations on record: what a change did, what it may have done, and the way on and back from there.

pub mod disk;
pub mod drive;
pub mod end;
pub mod ends;
pub mod event;
#[cfg(test)]
mod explore;
pub mod file_end;
pub mod id;
pub mod journal;
pub mod lock;
mod negotiate;
pub mod prepare;
pub mod records;
pub mod report;
pub mod seal;
pub mod state;
pub mod transition;
