//! The time that a client goes by: how long it may wait, and what the cloud's clock shows.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::client::Client;
use super::clock::Taken;
use super::failure::CallError;
use super::retry;
use crate::wire::{Endpoint, Reply};

impl Client {
    /// Time left for waiting.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.budget.remaining()
    }

    /// Waits, but not past the deadline and not past a signal.
    ///
    /// # Errors
    /// [`CallError::Stopped`] on a signal.
    pub async fn wait(&self, duration: Duration) -> Result<(), CallError> {
        let duration = duration.min(self.remaining());
        if self.is_direct() {
            self.budget.skip(duration);
        }
        tokio::select! {
            () = self.transport.wait(duration) => Ok(()),
            () = self.interrupt.received() => Err(CallError::Stopped),
        }
    }

    /// Waits past the usual deadline, where a wait must not be cut short, such as until a request is too old to be accepted.
    pub async fn sleep(&self, duration: Duration) {
        match (self.is_direct(), self.strict) {
            (false, false) => self.budget.excuse(duration),
            (true, true) => self.budget.skip(duration),
            _ => {}
        }
        self.transport.wait(duration).await;
    }

    /// The longest that [`Client::sleep`] may wait: without end, unless `--timeout` was given.
    #[must_use]
    pub fn patience(&self) -> Duration {
        if self.strict { self.remaining() } else { Duration::MAX }
    }

    /// Gives what follows the usual time for waiting, however much was used up before: a rollback must not end half-way.
    pub fn renew(&self) {
        self.budget.renew(retry::DEADLINE);
    }

    /// The time that requests are dated with: the transport's clock, corrected by what a refusal showed.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now(self.transport.now())
    }

    /// The cloud's time by the dates of its replies, whatever becomes of this machine's clock; [`Client::now`] before the first.
    #[must_use]
    pub fn cloud_now(&self) -> DateTime<Utc> {
        self.clock.shown(self.transport.steady()).unwrap_or_else(|| self.now())
    }

    /// Whether a reply has shown the cloud's time.
    #[must_use]
    pub fn knows_time(&self) -> bool {
        self.clock.is_shown()
    }

    /// How far the cloud's clock is ahead of this machine's, as a refusal showed.
    #[must_use]
    pub const fn offset(&self) -> TimeDelta {
        self.clock.offset()
    }

    /// Learns the cloud's time from a reply, if nobody on the way can have forged it; `refused` where the date of the request
    /// was refused, so that the next one is dated with it.
    pub(super) fn take_date(&self, reply: &Reply, endpoint: &Endpoint, refused: bool) {
        let date = reply.header("date").filter(|_| endpoint.tls || endpoint.is_loopback());
        let Some(theirs) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else { return };
        let (theirs, ours) = (theirs.with_timezone(&Utc), self.transport.now());
        if !refused {
            return self.clock.note(theirs, ours, self.transport.steady());
        }
        let advice = "Set the clock: timedatectl set-ntp true";
        match self.clock.take(theirs, ours) {
            Taken::Offset(None) => {}
            Taken::Offset(Some(ahead)) => {
                let (secs, way) = (ahead.abs(), if ahead > 0 { "behind" } else { "ahead of" });
                self.output.warn(&format!(
                    "this machine's clock is {} min {} s {way} {}'s; signing with the cloud's time. {advice}",
                    secs / 60,
                    secs % 60,
                    self.id()
                ));
            }
            Taken::Far => self.output.warn(&format!(
                "{}'s reply is dated more than a day from this machine's clock, which is not believed. {advice}",
                self.id()
            )),
        }
    }
}
