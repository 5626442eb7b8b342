//! Requests and replies as values, and their encodings. No sockets.

mod call;
mod direct;
mod encoding;
mod endpoint;
mod reply;
mod request;
mod signature;
pub mod xml;

pub use call::{Call, ReadError, object};
pub use direct::{SendError, Wire};
pub use encoding::{Pairs, decode_pairs, encode_pairs, percent_decode, percent_encode};
pub use endpoint::Endpoint;
pub use reply::Reply;
pub use request::{Body, Method, Request};
pub use signature::{Credentials, Signature, Stamp};
