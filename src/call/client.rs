//! The one outbound module: stamps, signs, sends, retries where that is safe, reads.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::call::retry;
use crate::call::transport::{ATTEMPT, Transport};
use crate::error::one_line;
use crate::error::{ApiError, Class};
use crate::error::{Error, exit};
use crate::model::Ref;
use crate::print::output::Output;
use crate::provider::{Provider, Target};
use crate::system::interrupt::Interrupt;
use crate::wire::SendError;
use crate::wire::{Call, Credentials, ReadError};
use crate::wire::{Reply, Stamp};

/// The least time that a read is given, even when the time of the command is over.
const LEAST: Duration = Duration::from_secs(2);

/// What a call does, which decides what may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It reads: repeated freely.
    Read,
    /// It writes absolute values: repeated only when it was certainly not executed.
    Set,
}

/// Who is told of every attempt before it is made, and of each that was certainly not executed.
pub trait Witness {
    /// An attempt is about to be made.
    ///
    /// # Errors
    /// When that cannot be noted: the attempt is not made then.
    fn announce(&mut self, stamp: &Stamp) -> Result<(), Error>;

    /// The attempt that was announced last was not executed.
    ///
    /// # Errors
    /// When that cannot be noted: nothing more is sent then.
    fn refused(&mut self, code: &str, now: DateTime<Utc>) -> Result<(), Error>;
}

/// An attempt that was announced this long ago is not made any more: a new one is announced.
pub const STALE: TimeDelta = TimeDelta::seconds(60);

/// Why a call has no result.
#[derive(Debug)]
pub enum CallError {
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent, and whether it was executed is unknown.
    Lost(String),
    /// The cloud refused it.
    Refused(ApiError),
    /// The cloud answered, and there is no such thing.
    Missing(String),
    /// A signal asked to stop.
    Stopped,
    /// It could not be put on record: nothing was sent.
    Unrecorded(Box<Error>),
}

/// A provider with credentials and a way out.
pub struct Client {
    /// The cloud.
    pub provider: Box<dyn Provider>,
    /// The region.
    pub region: String,
    /// What it prints to.
    pub output: Rc<Output>,
    /// Signals.
    pub interrupt: Interrupt,
    /// The options of this run that the next command needs as well, such as ` --emulated`.
    pub again: String,
    credentials: Rc<Credentials>,
    transport: Transport,
    deadline: Duration,
    started: Instant,
    /// Waits that moved a wire's time instead of taking ours.
    skipped: Cell<Duration>,
    /// Waits that do not count.
    slept: Cell<Duration>,
    /// How far the cloud's clock is ahead of this machine's.
    offset: Cell<TimeDelta>,
}

impl Client {
    /// A client; `deadline` bounds all waiting of the command.
    #[must_use]
    pub fn new(
        provider: Box<dyn Provider>,
        region: String,
        credentials: Rc<Credentials>,
        transport: Transport,
        deadline: Duration,
        output: Rc<Output>,
    ) -> Self {
        Self {
            provider,
            region,
            output,
            interrupt: Interrupt::new(),
            again: String::new(),
            credentials,
            transport,
            deadline,
            started: Instant::now(),
            skipped: Cell::new(Duration::ZERO),
            slept: Cell::new(Duration::ZERO),
            offset: Cell::new(TimeDelta::zero()),
        }
    }

    /// The provider's id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.provider.registration().id
    }

    /// The command line that does something else with the same thing: it can be typed as it is.
    #[must_use]
    pub fn command(&self, verb: &str, reference: &Ref, target: &Target) -> String {
        let first = target.kind.operations.first().map_or("", |operation| operation.api);
        let api = if target.operation.api == first { String::new() } else { format!(" --api {}", target.operation.api) };
        format!("tunnelctl {verb} {reference}{api}{}", self.again)
    }

    /// Makes ready for calls. Comes before the first of them, so that what is wrong here is not met as a failed call.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub fn ready(&self) -> Result<(), Error> {
        self.transport.ready()
    }

    /// Makes ready for calls, and asks what must be known before all others, such as a project id.
    ///
    /// # Errors
    /// When the certificates cannot be used, or the cloud does not say.
    pub async fn locate(&mut self) -> Result<(), Error> {
        self.ready()?;
        let Some(call) = self.provider.locate() else { return Ok(()) };
        let found = self.call(&call, Intent::Read).await.map_err(|error| error.harmless(self, "to find the project"))?;
        self.provider.located(found);
        Ok(())
    }

    /// Time left for waiting.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        (self.deadline + self.slept.get()).saturating_sub(self.started.elapsed() + self.skipped.get())
    }

    /// Waits, but not past the deadline and not past a signal.
    ///
    /// # Errors
    /// [`CallError::Stopped`] on a signal.
    pub async fn wait(&self, duration: Duration) -> Result<(), CallError> {
        let duration = duration.min(self.remaining());
        if matches!(self.transport, Transport::Direct(_)) {
            self.skipped.set(self.skipped.get() + duration);
        }
        tokio::select! {
            () = self.transport.wait(duration) => Ok(()),
            () = self.interrupt.received() => Err(CallError::Stopped),
        }
    }

    /// Lets time pass, whatever the deadline: what must not be cut short, such as the time until a request is too old.
    pub async fn sleep(&self, duration: Duration) {
        if matches!(self.transport, Transport::Network(_)) {
            self.slept.set(self.slept.get() + duration);
        }
        self.transport.wait(duration).await;
    }

    /// A random number for jitter, from 0 up to 1. On a wire whose time is its own nobody comes in between: always a half.
    #[must_use]
    pub fn random(&self) -> f64 {
        if matches!(self.transport, Transport::Direct(_)) { 0.5 } else { retry::random() }
    }

    /// Makes a call, with the retries that its intent allows.
    ///
    /// # Errors
    /// [`CallError`]; for [`Intent::Set`] a busy refusal and a lost reply come back at once, for the caller to settle.
    pub async fn call<T>(&self, call: &Call<T>, intent: Intent) -> Result<T, CallError> {
        self.witnessed(call, intent, None).await
    }

    /// The same under the eyes of somebody who is told of every attempt.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn witnessed<T>(&self, call: &Call<T>, intent: Intent, mut witness: Option<&mut dyn Witness>) -> Result<T, CallError> {
        let (mut attempts, mut rates, mut busy, mut clock) = (0, 0, 0, false);
        let rate_started = self.remaining();
        loop {
            if self.interrupt.is_set() {
                return Err(CallError::Stopped);
            }
            // A change is given its full time: to cut it short would only make its outcome unknown.
            let limit = if intent == Intent::Set { ATTEMPT } else { self.remaining().clamp(LEAST, ATTEMPT) };
            let stamp = self.stamp();
            if let Some(witness) = &mut witness {
                witness.announce(&stamp).map_err(unrecorded)?;
                // The process may have been stopped in between, for longer than the announcement bounds the request.
                if self.now() - stamp.time > STALE {
                    witness.refused("announced too long ago", self.now()).map_err(unrecorded)?;
                    continue;
                }
            }
            let (error, hint) = match self.attempt(call, &stamp, limit).await {
                Ok(found) => return Ok(found),
                Err(failed) => failed,
            };
            if let (Some(witness), Some(code)) = (&mut witness, error.unexecuted()) {
                witness.refused(&code, self.now()).map_err(unrecorded)?;
            }
            let wait = match &error {
                CallError::Refused(refused) if refused.class == Class::Clock && !clock => {
                    clock = true;
                    Duration::ZERO
                }
                CallError::Refused(refused)
                    if refused.class == Class::Rate && rate_started.saturating_sub(self.remaining()) < retry::RATE_DEADLINE =>
                {
                    rates += 1;
                    // A hint of nothing is no leave to hammer.
                    hint.unwrap_or_default().max(retry::backoff(retry::RATE, rates - 1, self.random()))
                }
                CallError::Refused(refused) if refused.class == Class::Busy && intent == Intent::Read => {
                    busy += 1;
                    retry::poll(busy - 1, self.random())
                }
                CallError::NotSent(_) => {
                    attempts += 1;
                    retry::backoff(retry::PASSING, attempts - 1, self.random())
                }
                CallError::Lost(_) if intent == Intent::Read => {
                    attempts += 1;
                    retry::backoff(retry::PASSING, attempts - 1, self.random())
                }
                _ => return Err(error),
            };
            if attempts >= retry::ATTEMPTS || self.remaining().is_zero() {
                return Err(error);
            }
            if !wait.is_zero() {
                self.output
                    .log(2, || format!("{} {}: {}; again in {} ms", self.id(), call.request.operation, error.brief(), wait.as_millis()));
                self.wait(wait).await?;
            }
        }
    }

    /// The cloud's time, as far as it is known: the clock of the way out, and what was learned of how far that is off.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.transport.now() + self.offset.get()
    }

    /// How far the cloud's clock is ahead of this machine's, as far as it was learned.
    #[must_use]
    pub const fn offset(&self) -> TimeDelta {
        self.offset.get()
    }

    /// Takes what another run has learned of the cloud's clock.
    pub fn set_offset(&self, offset: TimeDelta) {
        self.offset.set(offset);
    }

    /// What one attempt is signed with: the time that it is now at the cloud, and a nonce that was never used.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { time: self.now(), nonce: Uuid::new_v4() }
    }

    /// Makes one attempt with exactly this stamp, and no other after it. What a refusal tells of the cloud's clock is
    /// learned all the same. Beside an error comes the server's hint on when to try again.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn once<T>(&self, call: &Call<T>, stamp: &Stamp) -> Result<T, (CallError, Option<Duration>)> {
        self.attempt(call, stamp, ATTEMPT).await
    }

    async fn attempt<T>(&self, call: &Call<T>, stamp: &Stamp, limit: Duration) -> Result<T, (CallError, Option<Duration>)> {
        let registration = self.provider.registration();
        let signature = self.provider.sign(&call.request, &self.credentials, stamp);
        let request = call.request.clone().signed(signature);
        let started = Instant::now();
        let sent = self.transport.send(registration, &request, limit).await;
        self.output.log(1, || {
            let outcome = match &sent {
                Ok(reply) => format!("HTTP {}, {} bytes", reply.status, reply.body.len()),
                Err(SendError::NotSent(cause)) => format!("not sent: {cause}"),
                Err(SendError::Lost(cause)) => format!("no reply: {cause}"),
            };
            format!("{} {} {}: {outcome} in {} ms", self.id(), request.operation, request.endpoint, started.elapsed().as_millis())
        });
        let reply = sent.map_err(|error| match error {
            SendError::NotSent(cause) => (CallError::NotSent(cause), None),
            SendError::Lost(cause) => (CallError::Lost(cause), None),
        })?;
        if let Some(error) = self.provider.error(&reply) {
            if error.class == Class::Clock {
                self.take_clock(&reply, &request.endpoint);
            }
            let failed = if error.class == Class::Ambiguous { CallError::Lost(lost(&error)) } else { CallError::Refused(error) };
            return Err((failed, hint(&reply)));
        }
        (call.read)(&reply).map_err(|error| match error {
            ReadError::Missing(what) => (CallError::Missing(what), None),
            // A reply that was cut is a reply that was lost.
            ReadError::Shape(..) => (CallError::Lost(error.to_string()), None),
        })
    }

    /// Learns how far this machine's clock is off, from a reply that nobody on the way can have written.
    fn take_clock(&self, reply: &Reply, endpoint: &crate::wire::Endpoint) {
        let date = reply.header("date").filter(|_| endpoint.tls || endpoint.is_loopback());
        let Some(theirs) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else { return };
        let offset = theirs.with_timezone(&Utc) - self.transport.now();
        // The header counts whole seconds.
        if self.offset.get().is_zero() && offset.abs() > TimeDelta::seconds(2) {
            let (secs, way) = (offset.num_seconds().abs(), if offset > TimeDelta::zero() { "behind" } else { "ahead of" });
            self.output.warn(&format!(
                "this machine's clock is {} min {} s {way} {}'s; signing with the cloud's time. Set the clock: timedatectl set-ntp true",
                secs / 60,
                secs % 60,
                self.id()
            ));
        }
        self.offset.set(offset);
    }
}

fn unrecorded(error: Error) -> CallError {
    CallError::Unrecorded(Box::new(error))
}

fn lost(error: &ApiError) -> String {
    let words = if error.message.is_empty() { error.meaning } else { error.message.as_str() };
    let words = if words.is_empty() { "an answer that says nothing" } else { words };
    one_line(&format!("{words} ({})", error.code))
}

fn hint(reply: &Reply) -> Option<Duration> {
    let ms = reply.header("x-acs-retry-after").and_then(|text| retry::hint(text, Duration::from_millis(1)));
    ms.or_else(|| reply.header("retry-after").and_then(|text| retry::hint(text, Duration::from_secs(1))))
}

impl CallError {
    /// The error in a few words, for the log.
    #[must_use]
    pub fn brief(&self) -> String {
        match self {
            Self::NotSent(cause) => format!("not sent: {cause}"),
            Self::Lost(cause) => format!("no usable reply: {cause}"),
            Self::Refused(error) => format!("refused with {}", error.code),
            Self::Missing(what) => format!("{what} not found"),
            Self::Stopped => "stopped by a signal".to_owned(),
            Self::Unrecorded(error) => error.message.clone(),
        }
    }

    /// Why an attempt with this end was certainly not executed; `None` where it may have been.
    #[must_use]
    pub fn unexecuted(&self) -> Option<String> {
        match self {
            Self::Lost(_) | Self::Unrecorded(_) => None,
            Self::Refused(error) => Some(one_line(&error.code)),
            other => Some(other.brief()),
        }
    }

    /// The error of a command that only reads: that nothing was changed goes without saying.
    #[must_use]
    pub fn of_read(self, client: &Client, doing: &str) -> Error {
        Error { state: String::new(), ..self.harmless(client, doing) }
    }

    /// The error of a command for which this call was made, when the call can have changed nothing.
    /// `doing` is an infinitive: `to read alibaba/vco-1`.
    #[must_use]
    pub fn harmless(self, client: &Client, doing: &str) -> Error {
        let provider = client.id();
        match self {
            // No network lies between: it is the disk.
            Self::NotSent(cause) if matches!(client.transport, Transport::Direct(_)) => {
                Error::new(exit::CREDENTIALS, format!("the emulated {provider} took no call {doing}: {cause}"))
                    .state("nothing was sent")
                    .next("see that the disk has room and the file can be written, or set XDG_STATE_HOME to another directory")
            }
            Self::NotSent(cause) => Error::new(exit::NETWORK, format!("cannot reach {provider} {doing}: {cause}"))
                .state("nothing was sent")
                .next("check the network, the region (its name is part of the host) and --endpoint"),
            Self::Lost(cause) => Error::new(exit::NETWORK, format!("{provider} gave no usable reply when asked {doing}: {cause}"))
                .state("nothing was changed")
                .next("try again; add -v to see each attempt"),
            Self::Refused(error) => Error::refused(provider, doing, &error),
            Self::Missing(what) => Error::new(exit::NOT_FOUND, format!("{provider} has no {what}"))
                .state("nothing was changed")
                .next("check the id, the region and the account"),
            Self::Stopped => Error::new(client.interrupt.exit(), format!("interrupted when about {doing}")).state("nothing was changed"),
            Self::Unrecorded(error) => *error,
        }
    }
}
