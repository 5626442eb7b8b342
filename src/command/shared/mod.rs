//! What several commands share. A command imports from here, and never from another command.

pub(super) mod account;
pub(super) mod capability;
pub(super) mod connections;
pub(super) mod context;
pub(super) mod ends;
pub(super) mod flag;
mod included;
pub(super) mod judged;
pub(super) mod key;
pub(super) mod psk;
pub(super) mod read;
pub(super) mod record;
pub(super) mod reveal;
pub(super) mod saved;
pub(super) mod seal;
pub(super) mod target;
pub(super) mod tunnel;
