//! The record of a change: before the first request, what is found and what is to be set; before every request, that it is
//! about to be sent; and after each, its outcome.

mod begin;
mod conclude;
mod entry;
mod late;
mod ledger;
mod locks;
#[cfg(test)]
mod tests;
mod unrecordable;

pub use ledger::Ledger;
pub use locks::keep;
pub use unrecordable::unrecordable;
