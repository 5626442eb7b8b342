//! The whole way: build, sign, let the emulator answer, read.

mod damage;
mod refusals;
mod requests;
mod round_trip;
