//! Traffic selectors, and the client pool of an IPsec server.

use super::Subject;
use crate::error::Violation;
use crate::model::{Key, Settings, Term};
use crate::provider::Findings;
use crate::provider::rule::overlap;

/// IKEv1 supports one network on each side.
pub(super) fn selectors(subject: &Subject<'_>, findings: &mut Findings) {
    for key in [Key::LocalSubnets, Key::RemoteSubnets] {
        let count = subject.new.list(key).len();
        if count > 5 && subject.changes(&[key]) {
            findings.warnings.push(format!("{} has {count} networks; older documentation of the cloud allows 5", key.named()));
        }
        // IPsec servers negotiate with clients, not with the networks of a peer.
        let concerned = subject.edit.target.kind.name != "ipsec-server" && subject.changes(&[key, Key::IkeVersion]);
        if !concerned || count < 2 || !is_ikev1(subject, &subject.new) {
            continue;
        }
        let rule = format!("has {count} networks, but ikev1 supports one on each side; use ikev2 for several");
        let already = subject.current.as_ref().is_some_and(|current| current.list(key).len() > 1 && is_ikev1(subject, current));
        if already {
            findings.warnings.push(format!("{} {rule}", key.named()));
        } else {
            findings.violations.push(Violation::of(key, rule));
        }
    }
}

/// Both tunnels of a connection share its networks, so without a tunnel's name one tunnel with IKEv1 is enough.
fn is_ikev1(subject: &Subject<'_>, settings: &Settings) -> bool {
    match settings.term(Key::IkeVersion) {
        Some(version) => version == Term::Ikev1,
        None => {
            let mut tunnels = subject.connection().into_iter().flat_map(|connection| &connection.tunnels);
            tunnels.any(|tunnel| tunnel.settings.term(Key::IkeVersion) == Some(Term::Ikev1))
        }
    }
}

/// The addresses of clients must not be those of a local network.
pub(super) fn client_pool(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(pool) = subject.new.text(Key::ClientPool) else { return };
    let clash = subject.new.list(Key::LocalSubnets).iter().find(|network| overlap(pool, network));
    if let Some(network) = clash.filter(|_| subject.changes(&[Key::ClientPool, Key::LocalSubnets])) {
        let rule = format!("must not overlap the local network {network}");
        findings.violations.push(Violation { setting: Key::ClientPool.named(), value: Some(pool.to_owned()), rule });
    }
}
