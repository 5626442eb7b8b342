//! The addresses of the tunnel interface: the two hosts of one /30.

use super::case::Case;
use crate::model::Key;
use crate::provider::huawei::settings::tunnel_address;

/// Checks each address against the other, given or stored.
pub(super) fn addresses(case: &mut Case<'_>) {
    let (local, peer) = (Key::TunnelLocalAddress, Key::TunnelPeerAddress);
    let (key, other) = match (case.change.has(local), case.change.has(peer)) {
        (false, false) => return,
        (false, true) => (peer, local),
        _ => (local, peer),
    };
    let address = |key: Key| case.after.text(key).and_then(tunnel_address);
    let (Some(mine), Some(theirs)) = (address(key), address(other)) else {
        case.warn(format!("{} must be the other host address in the /30 of {}, which is not known", key.named(), other.named()));
        return;
    };
    let named = if case.change.has(other) { other.named() } else { format!("the stored {}", other.path()) };
    let shown = case.after.text(other).unwrap_or_default().to_owned();
    if u32::from(mine) / 4 != u32::from(theirs) / 4 {
        case.forbid(key, format!("must be in the same /30 as {named}, {shown}"));
    } else if mine == theirs {
        case.forbid(key, format!("must differ from {named}, {shown}: use the other host address of that /30"));
    }
}
