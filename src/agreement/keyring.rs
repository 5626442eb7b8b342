//! The keys of a strongSwan, and which of them it takes for a peer.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::identity::{IdKind, Identity};
use crate::model::Secret;

/// A key, and whom it is for.
#[derive(Debug, Clone)]
pub struct Held {
    /// The identities that it is for; none: for anybody.
    pub ids: Vec<Identity>,
    /// The key.
    pub secret: Arc<Secret>,
}

/// All keys of a daemon, in the order in which it loads them.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    /// The keys.
    pub held: Vec<Held>,
    /// Whether these are all: no file is missing that may hold more.
    pub complete: bool,
}

impl Keyring {
    /// The key for a pair of identities (`None`: not known): the best fit for the peer counts, then the best for this end; of
    /// equals the last.
    #[must_use]
    pub fn best(&self, own: Option<&Identity>, peer: Option<&Identity>) -> Option<&Arc<Secret>> {
        self.fitting(own, peer).max_by_key(|(fit, _)| *fit).map(|(_, secret)| secret)
    }

    /// All keys for a pair of identities.
    pub fn all(&self, own: Option<&Identity>, peer: Option<&Identity>) -> impl Iterator<Item = &Arc<Secret>> {
        self.fitting(own, peer).map(|(_, secret)| secret)
    }

    /// The keys that fit, each with its rank.
    fn fitting(&self, own: Option<&Identity>, peer: Option<&Identity>) -> impl Iterator<Item = ((u8, u8), &Arc<Secret>)> {
        let ranked = self.held.iter().map(move |held| ((rank(&held.ids, peer), rank(&held.ids, own)), &held.secret));
        ranked.filter(|(fit, _)| *fit != (0, 0))
    }
}

/// How well a key's identities fit one: 0 not at all, 1 as any identity, more as a pattern, most as the very identity.
fn rank(ids: &[Identity], wanted: Option<&Identity>) -> u8 {
    if ids.is_empty() {
        return 1;
    }
    ids.iter().map(|id| fit(id, wanted)).max().unwrap_or_default()
}

fn fit(id: &Identity, wanted: Option<&Identity>) -> u8 {
    if id.kind == IdKind::Any {
        return 1;
    }
    let Some(wanted) = wanted else { return 0 };
    // A network is for every address in it.
    if let (IdKind::Ip, Ok(address), Ok(net)) = (wanted.kind, wanted.text.parse::<IpAddr>(), id.text.parse::<IpNet>()) {
        return u8::from(net.contains(&address)) * 2;
    }
    if wanted.kind != id.kind {
        return 0;
    }
    let is_name = matches!(id.kind, IdKind::Fqdn | IdKind::Email);
    if id.text == wanted.text || (is_name && id.text.eq_ignore_ascii_case(&wanted.text)) {
        return 3;
    }
    let ends = |rest: &str| wanted.text.to_ascii_lowercase().ends_with(&rest.to_ascii_lowercase());
    u8::from(is_name && id.text.strip_prefix('*').is_some_and(ends)) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[(&str, &str)]) -> Keyring {
        let held = |(ids, key): &(&str, &str)| Held {
            ids: ids.split_whitespace().map(Identity::parse).collect(),
            secret: Arc::new(Secret::new(*key)),
        };
        Keyring { held: keys.iter().map(held).collect(), complete: true }
    }

    /// The key between `own` and `peer`; `?`: not known.
    fn taken(keys: &[(&str, &str)], own: &str, peer: &str) -> String {
        let id = |text: &str| (text != "?").then(|| Identity::parse(text));
        ring(keys).best(id(own).as_ref(), id(peer).as_ref()).map_or("none", |key| key.expose()).to_owned()
    }

    #[test]
    fn the_best_fit_for_the_peer_counts_then_for_this_end_then_the_last() {
        let (a, b) = ("192.0.2.1", "198.51.100.1");
        assert_eq!(taken(&[(b, "peer"), (a, "own")], a, b), "peer");
        assert_eq!(taken(&[("192.0.2.1 198.51.100.1", "both"), (b, "peer")], a, b), "both");
        assert_eq!(taken(&[("", "none"), ("%any", "any")], a, b), "any", "one rank");
        assert_eq!(taken(&[("%any", "any"), ("", "none")], a, b), "none", "one rank");
        assert_eq!(taken(&[("203.0.113.77", "other")], a, b), "none");
        assert_eq!(taken(&[(a, "own"), ("", "anybody")], a, b), "anybody", "an own identity does not fit the peer");
        assert_eq!(taken(&[(b, "peer"), ("", "anybody")], a, "?"), "anybody");
        assert_eq!(taken(&[(a, "own")], "?", b), "none");
        assert_eq!(taken(&[("*.example.com", "pattern"), ("%any", "any")], a, "b.example.com"), "pattern");
        assert_eq!(taken(&[("198.51.100.0/24", "net"), ("%any", "any")], a, b), "net");
        assert_eq!(taken(&[("B.Example.com", "name"), ("*.example.com", "pattern")], a, "b.example.com"), "name");
    }
}
