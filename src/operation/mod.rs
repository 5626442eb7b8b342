//! Operations on record: what a change did, what it may have done, and the way on and back from there.

pub mod disk;
pub mod id;
pub mod journal;
pub mod lock;
pub mod seal;
