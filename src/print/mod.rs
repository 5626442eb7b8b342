//! The only writer: everything that is printed passes here. The gate hides keys, and escapes what could deceive a reader.

mod csv;
pub mod describe;
mod format;
pub mod gate;
pub mod keys;
mod layout;
pub mod output;
mod query;
mod rows;
pub mod shape;
mod spelled;
pub mod stream;
pub mod table;
pub mod version;
mod wrap;
