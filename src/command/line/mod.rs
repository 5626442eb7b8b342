//! The command line below the commands: root options, and the short form of `modify`.

mod expand;
mod root;

pub use expand::expand;
pub use root::{HEADING, options, pass_env, printing, root, shape};
