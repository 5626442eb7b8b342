//! Requests as Alibaba expects them.

mod blocks;
mod change;
mod request;
mod show;
mod tunnels;

pub(super) use change::{key_change, modify, precheck, renegotiate};
pub(super) use request::request;
pub(super) use show::{progress, show};

#[cfg(test)]
mod tests;
