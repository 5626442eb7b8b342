//! What the formats share: the name of a connection, networks, and what stands for a key.

use std::sync::Arc;

use ipnet::IpNet;

use crate::agreement::end::End;
use crate::model::Secret;

/// The connection's name in its file.
pub(super) fn connection(end: &End) -> &str {
    end.name.rsplit_once(':').map_or(end.name.as_str(), |(_, name)| name)
}

/// Networks as a list.
pub(super) fn nets(nets: &[IpNet], between: &str) -> String {
    nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// What stands for a key: no key is printed.
pub(super) const fn key(secret: Option<&Arc<Secret>>) -> &'static str {
    if secret.is_some() { "REPLACE-WITH-THE-KEY-OF-THE-OTHER-END" } else { "REPLACE-WITH-ONE-NEW-KEY-FOR-BOTH-ENDS" }
}
