//! Mends hold what they promise, over pairs of every kind of end.

mod pairs;
mod property;
mod random;
mod spec;
mod written;
