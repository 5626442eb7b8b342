//! Mends: the smallest changes that resolve a finding. They follow from its cause, and each is proved: made in memory, it takes
//! the finding away, brings up no other one, makes no verdict worse, and its cloud's rules accept it.

mod accept;
mod all;
mod apply;
mod candidates;
mod change;
mod flags;
mod lines;
mod prove;
mod words;

pub use all::{Fix, Mended, mended};
#[cfg(test)]
pub use apply::applied;
pub use change::{Change, Mend, Setting};
pub use flags::flags;
pub use lines::lines;
