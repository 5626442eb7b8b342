//! Watching the tunnel until it is proven to run on the new key.
//!
//! "Up" alone proves nothing: an IKE SA keeps running without the key that authenticated it, and IKEv2 rekeys it without one
//! (RFC 7296, 2.8).

use std::time::Duration;

use super::super::end::End;
use super::super::event::Proof;
use super::super::prepare;
use super::super::state::Negotiation;
use super::base::{Drive, Watch};
use super::negotiate::{fresh, tell};
use crate::call::retry;
use crate::error::Error;
use crate::model::Term;

/// How long to wait for a tunnel to come up.
const DEADLINE: Duration = Duration::from_mins(5);
/// How long to watch a tunnel that is up for going down: clouds report late.
const WATCH: Duration = Duration::from_mins(1);
/// How many looks at a tunnel follow closely, once no end is being changed.
const CLOSE: u32 = 8;
/// How long a tunnel may stay down before another end is told as well: some ends use a new key only once they are told
/// themselves.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the tunnel has been watched, and how soon to look again.
struct Pace {
    /// Time since the watch began, or began again.
    waited: Duration,
    /// When the tunnel went down, or an end was last told because it stayed down.
    since: Duration,
    /// How many close looks are left.
    close: u32,
    /// How many looks were not close.
    look: u32,
}

impl Pace {
    const START: Self = Self { waited: Duration::ZERO, since: Duration::ZERO, close: CLOSE, look: 0 };

    /// The time until the next look.
    fn next(&mut self, changing: bool) -> Duration {
        // Close at first and while a cloud is still changing an end: what follows takes less than a second.
        if self.waited < WATCH && changing {
            self.close = CLOSE;
        }
        let wait = if self.close > 0 { Duration::from_millis(250) } else { retry::poll(self.look, retry::random()) };
        self.look += u32::from(self.close == 0);
        self.close = self.close.saturating_sub(1);
        wait
    }
}

/// Watches the tunnel until it is up after a renegotiation, or the time is over; none where somebody else changes an end
/// meanwhile, which is then on record as a conflict.
pub(super) async fn watch(drive: &mut Drive) -> Result<Option<(Proof, String)>, Error> {
    let mut pace = Pace::START;
    let mut further = further(drive);
    loop {
        let Some((state, words)) = fresh(drive).await? else { return Ok(None) };
        if was_lost(&drive.run.tunnel, state, pace.waited) {
            if let Some(place) = drive.state.renegotiate {
                tell(drive, place, state).await?;
            }
            if let Negotiation::Proved(proof, detail) = &drive.state.negotiation {
                return Ok(Some((*proof, detail.clone())));
            }
            pace = Pace::START;
        } else if let Some(proof) = judge(&drive.run.tunnel, state, pace.waited, drive.is_over(), words) {
            return Ok(Some(proof));
        } else if !matches!(state, Term::Up | Term::Unknown) {
            stays_down(drive, state, &mut pace, &mut further).await?;
        }
        if drive.state.conflict().is_some() {
            return Ok(None);
        }
        let wait = pace.next(drive.ends.iter().any(End::is_changing));
        drive.output.progress(&format!("watching the tunnel: {}, {} s", state.word(), pace.waited.as_secs()));
        drive.rest(wait).await?;
        pace.waited += wait;
    }
}

/// Whether a call to renegotiate that got no reply was not executed: by now, the tunnel would have gone down.
fn was_lost(seen: &Watch, state: Term, waited: Duration) -> bool {
    matches!(state, Term::Up | Term::Unknown) && waited >= WATCH && (1..=retry::RECONCILE_CYCLES).contains(&seen.unheard)
}

/// What the tunnel's state proves by now; none while it has to be watched longer. `over`: the command's deadline has passed.
fn judge(seen: &Watch, state: Term, waited: Duration, over: bool, words: String) -> Option<(Proof, String)> {
    let watched = waited >= WATCH || over;
    match state {
        Term::Up if seen.down => Some((Proof::Verified, words)),
        Term::Up if seen.commanded || watched => Some((Proof::Weak, words)),
        Term::Unknown if seen.commanded => {
            Some((Proof::Unknown, "the command to renegotiate succeeded; no end reports whether the tunnel is up".to_owned()))
        }
        Term::Unknown if watched => Some((Proof::Unknown, words)),
        Term::Up | Term::Unknown => None,
        _ if waited >= DEADLINE || over => Some((Proof::Down, words)),
        _ => None,
    }
}

/// Notes that the tunnel is down, and tells the next end to renegotiate where it stays down.
async fn stays_down(drive: &mut Drive, state: Term, pace: &mut Pace, further: &mut Vec<usize>) -> Result<(), Error> {
    if !std::mem::replace(&mut drive.run.tunnel.down, true) {
        pace.since = pace.waited;
    }
    if pace.waited < pace.since + PATIENCE {
        return Ok(());
    }
    let Some(place) = further.pop() else { return Ok(()) };
    let unheard = drive.run.tunnel.unheard;
    tell(drive, place, state).await?;
    pace.since = pace.waited;
    if drive.run.tunnel.unheard > unheard {
        further.push(place);
    }
    Ok(())
}

/// The ends that can be told as well by a call that changes nothing, the next one last.
fn further(drive: &Drive) -> Vec<usize> {
    let Some(first) = drive.state.renegotiate.filter(|_| drive.state.renegotiate_with.is_none()) else { return Vec::new() };
    let others = (0..drive.ends.len()).filter(|place| *place != first && drive.ends.get(*place).is_some_and(prepare::has_call));
    // The end that was told first comes last once more: it may have been told before a crash, or by a request that was lost.
    std::iter::once(first).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(seen: Watch, state: Term, waited: Duration) -> Option<Proof> {
        judge(&seen, state, waited, false, String::new()).map(|(proof, _)| proof)
    }

    #[test]
    fn up_is_verified_only_after_down() {
        let (seen, down) = (Watch::default(), Watch { down: true, ..Watch::default() });
        assert_eq!(proof(down, Term::Up, Duration::ZERO), Some(Proof::Verified));
        assert_eq!(proof(seen, Term::Up, Duration::ZERO), None);
        assert_eq!(proof(seen, Term::Up, WATCH), Some(Proof::Weak));
        assert_eq!(proof(seen, Term::Unknown, WATCH), Some(Proof::Unknown));
        assert_eq!(proof(seen, Term::Down, WATCH), None);
        assert_eq!(proof(seen, Term::Down, DEADLINE), Some(Proof::Down));
        assert_eq!(proof(Watch { commanded: true, ..seen }, Term::Up, Duration::ZERO), Some(Proof::Weak));
    }

    #[test]
    fn the_deadline_of_the_command_ends_the_watch() {
        let over = |state| judge(&Watch::default(), state, Duration::ZERO, true, String::new()).map(|(proof, _)| proof);
        assert_eq!([Term::Up, Term::Unknown, Term::Down].map(over), [Proof::Weak, Proof::Unknown, Proof::Down].map(Some));
    }

    #[test]
    fn unanswered_call_counts_as_lost_while_the_tunnel_stays_up() {
        let seen = Watch { unheard: 1, ..Watch::default() };
        assert!(was_lost(&seen, Term::Up, WATCH) && !was_lost(&seen, Term::Down, WATCH));
        assert!(!was_lost(&seen, Term::Up, WATCH / 2) && !was_lost(&Watch::default(), Term::Up, WATCH));
        assert!(!was_lost(&Watch { unheard: retry::RECONCILE_CYCLES + 1, ..seen }, Term::Up, WATCH));
    }
}
