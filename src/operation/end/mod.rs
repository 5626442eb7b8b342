//! The ends of an operation: connections at a cloud, and local files that hold the key.

mod admit;
mod any;
mod attempt;
mod cloud;
mod file;
mod keys;
mod locks;

pub use any::End;
pub use attempt::{Sent, Write, request_sum};
pub use cloud::CloudEnd;
pub use file::FileEnd;
pub use keys::Keys;
pub use locks::{connection_lock, gateway_lock};
