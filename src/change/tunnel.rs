//! The tunnel before and after a change: one that was up and stays down is the first thing to know.

use std::time::Duration;

use super::wish::Wish;
use crate::call::client::{Client, Intent};
use crate::call::retry;
use crate::model::{Connection, Settings, Term};

/// How long a tunnel that was up may take to come up again: a renegotiation takes seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// The state of the tunnel before a change and after it, by the cloud's reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tunnels {
    /// Before the change.
    pub before: Term,
    /// After the change.
    pub after: Term,
}

impl Tunnels {
    /// The tunnels of two readings: of several, the first one that was up and is not any more.
    #[must_use]
    pub fn of(before: &Connection, after: &Connection) -> Self {
        let whole = Self { before: before.status.tunnel, after: after.status.tunnel };
        let twin = |id: &str| after.tunnels.iter().find(|tunnel| tunnel.id == id);
        let each = before.tunnels.iter().filter_map(|old| Some(Self { before: old.status.tunnel, after: twin(&old.id)?.status.tunnel }));
        each.chain([whole]).find(|tunnels| tunnels.is_lost()).unwrap_or(whole)
    }

    /// Whether a tunnel that was up is reported in another state.
    #[must_use]
    pub fn is_lost(self) -> bool {
        self.before == Term::Up && !matches!(self.after, Term::Up | Term::Unknown)
    }
}

/// Whether ends that are up have to agree on one of these settings, so that the tunnel may still go down.
fn is_negotiated(change: &Settings) -> bool {
    let parts = ["ike", "ipsec", "psk", "local_subnets", "remote_subnets", "policy_rules", "negotiation", "nat_traversal"];
    change.iter().any(|(key, _)| parts.contains(&key.path().split('.').next().unwrap_or_default()))
}

/// Reads the connection until a tunnel that was up before the change is up again, or has had the time for it.
pub(super) async fn up_again(client: &Client, wish: &Wish, change: &Settings, before: &Connection, mut after: Connection) -> Connection {
    let lost = |after: &Connection| Tunnels::of(before, after).is_lost();
    // Clouds report that a change has settled before its ends negotiate.
    let early = before.status.tunnel == Term::Up && is_negotiated(change) && !lost(&after);
    if early
        && client.wait(retry::poll(0, client.random())).await.is_ok()
        && let Ok(fresh) = client.call(&client.provider.show(&wish.target), Intent::Read).await
    {
        after = fresh;
    }
    let mut waited = Duration::ZERO;
    let mut look = 0;
    while lost(&after) && waited < PATIENCE && !client.remaining().is_zero() {
        if look == 0 {
            client.output.note(&format!("the tunnel of {} is down; waiting for it to come up again", wish.reference));
        }
        let wait = retry::poll(look, client.random());
        client.output.progress(&format!("waiting for the tunnel of {} to come up: {} s", wish.reference, waited.as_secs()));
        if client.wait(wait).await.is_err() {
            break;
        }
        (waited, look) = (waited + wait, look + 1);
        // The change was made: where it cannot be read now, what was read last counts.
        let Ok(fresh) = client.call(&client.provider.show(&wish.target), Intent::Read).await else { break };
        after = fresh;
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ref, Status, Tunnel};

    fn connection(whole: Term, each: &[Term]) -> Connection {
        let status = |tunnel: Term| Status { tunnel, ..Status::default() };
        let mut connection = Connection::new(Ref::parse("alibaba@cn-x/vco-1").unwrap());
        connection.status = status(whole);
        let tunnel = |(place, state): (usize, &Term)| Tunnel {
            id: place.to_string(),
            role: None,
            gateway_address: None,
            settings: Settings::new(),
            status: status(*state),
        };
        connection.tunnels = each.iter().enumerate().map(tunnel).collect();
        connection
    }

    #[test]
    fn a_tunnel_that_was_up_and_is_not_is_lost_also_beside_one_that_stays_up() {
        let of = |before: &Connection, after: &Connection| Tunnels::of(before, after).is_lost();
        assert!(of(&connection(Term::Up, &[]), &connection(Term::Down, &[])));
        assert!(of(&connection(Term::Up, &[Term::Up, Term::Up]), &connection(Term::Up, &[Term::Up, Term::Negotiating])));
        assert!(!of(&connection(Term::Down, &[]), &connection(Term::Down, &[])));
        assert!(!of(&connection(Term::Up, &[]), &connection(Term::Unknown, &[])));
    }
}
