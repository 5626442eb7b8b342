//! What the user adds to what the cloud returns.

use std::net::IpAddr;
use std::sync::Arc;

use crate::model::Secret;

/// What the user adds to what the cloud returns.
#[derive(Debug, Default)]
pub struct Given {
    /// The outer address of the cloud's end.
    pub local_address: Option<IpAddr>,
    /// The outer address of the peer, whose configuration is written.
    pub peer_address: Option<IpAddr>,
    /// The key, where it is not taken from the cloud.
    pub key: Option<Arc<Secret>>,
    /// Whether to write the key.
    pub include_key: bool,
    /// The place of the only tunnel that is written; `None`: all.
    pub tunnel: Option<usize>,
    /// The number of the interface that a route-based tunnel is bound to.
    pub interface: Option<u32>,
}
