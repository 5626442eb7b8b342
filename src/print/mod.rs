//! The one writer: everything that is printed passes here, and the gate hides keys and escapes what could deceive.

mod csv;
pub mod describe;
pub mod gate;
pub mod output;
pub mod shape;
pub mod table;
pub mod version;
