//! Keys and tokens in what a cloud returned, or somebody saved: found by names and by what texts are, and hidden.

mod message;
mod name;
mod text;
mod walk;

pub use message::without_secrets;
pub use name::is_secret_name;
pub use walk::{hide, hide_secrets};
