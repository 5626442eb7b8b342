//! Keys at rest: sealed beside the journal, so that an operation never loses one.
//!
//! A file of JSON lines. The first names the operation and the sealing key; each further one holds a key, sealed with
//! XChaCha20-Poly1305 under a random nonce, bound to the operation, the key's name and its fingerprint.

mod key;
mod named;
mod sealer;

pub use key::{SealKey, VARIABLE};
pub use named::{again, name};
pub use sealer::{Sealer, path};
