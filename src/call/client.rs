//! The one outbound module: stamps, signs, sends, retries where that is safe, reads.

use std::rc::Rc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::budget::Budget;
use super::clock::Clock;
use super::retry::{self, Tries};
use super::transport::{ATTEMPT, Transport};
use crate::error::{ApiError, Class, Error, one_line};
use crate::model::Ref;
use crate::print::output::Output;
use crate::provider::{Provider, Target};
use crate::system::interrupt::Interrupt;
use crate::system::shell::quoted;
use crate::wire::{Call, Credentials, ReadError, Reply, SendError, Stamp};

pub use super::failure::CallError;
pub use super::retry::Intent;
pub use super::witness::{STALE, Witness};

/// The least time that a read is given, even when the time of the command is over.
const LEAST: Duration = Duration::from_secs(2);

/// A provider, with credentials and a transport.
pub struct Client {
    /// The cloud.
    pub provider: Box<dyn Provider>,
    /// The region.
    pub region: String,
    /// Where it prints.
    pub output: Rc<Output>,
    /// Signals.
    pub interrupt: Interrupt,
    /// The options of this run that the next command needs as well, such as ` --emulated`.
    pub again: String,
    /// What requests are signed with.
    credentials: Rc<Credentials>,
    /// How requests are sent.
    pub(super) transport: Transport,
    /// The time for waiting.
    pub(super) budget: Budget,
    /// The cloud's clock, as far as it is known.
    pub(super) clock: Clock,
    /// Whether the time for waiting was given by the user: then nothing waits past it.
    pub(super) strict: bool,
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
            budget: Budget::new(deadline),
            clock: Clock::default(),
            strict: false,
        }
    }

    /// Lets nothing wait past the deadline, not even for late requests: `--timeout` was given.
    #[must_use]
    pub const fn strictly(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The provider's id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.provider.registration().id
    }

    /// A command line for the same target, ready to be typed.
    #[must_use]
    pub fn command(&self, verb: &str, reference: &Ref, target: &Target) -> String {
        let first = target.kind.operations.first().map_or("", |operation| operation.api);
        let api = if target.operation.api == first { String::new() } else { format!(" --api {}", target.operation.api) };
        format!("tunnelctl {verb} {}{api}{}", quoted(&reference.to_string()), self.again)
    }

    /// Prepares for calls. Comes before the first of them, so that an error here is not reported as a failed call.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub fn ready(&self) -> Result<(), Error> {
        self.transport.ready()
    }

    /// Prepares for calls, and looks up what every other call needs, such as a project id.
    ///
    /// # Errors
    /// When the certificates cannot be used, or the lookup fails.
    pub async fn locate(&mut self) -> Result<(), Error> {
        self.ready()?;
        let Some(call) = self.provider.locate() else { return Ok(()) };
        let found = self.call(&call, Intent::Read).await.map_err(|error| error.harmless(self, "to find the project"))?;
        self.provider.located(found);
        Ok(())
    }

    /// Whether calls go to an emulator in this process.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        matches!(self.transport, Transport::Direct(_))
    }

    /// A random number for jitter, from 0 up to 1; always 0.5 for an emulator in this process, which has no other clients.
    #[must_use]
    pub fn random(&self) -> f64 {
        if self.is_direct() { 0.5 } else { retry::random() }
    }

    /// Makes a call, with the retries that its intent allows.
    ///
    /// # Errors
    /// [`CallError`]. For [`Intent::Set`], a busy refusal and a lost reply are returned at once: the caller decides.
    pub async fn call<T>(&self, call: &Call<T>, intent: Intent) -> Result<T, CallError> {
        self.witnessed(call, intent, None).await
    }

    /// [`Client::call`], with every attempt recorded.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn witnessed<T>(&self, call: &Call<T>, intent: Intent, mut witness: Option<&mut dyn Witness>) -> Result<T, CallError> {
        let mut tries = Tries::new(self.remaining());
        loop {
            if self.interrupt.is_set() {
                return Err(CallError::Stopped);
            }
            // A change always gets the full time: cutting it short would only make its outcome unknown.
            let limit = if intent == Intent::Set { ATTEMPT } else { self.remaining().clamp(LEAST, ATTEMPT) };
            let stamp = self.stamp();
            if let Some(witness) = &mut witness
                && !self.announce(*witness, &stamp).map_err(unrecorded)?
            {
                continue;
            }
            let done = self.attempt(call, &stamp, limit).await;
            if intent == Intent::Set {
                self.mark(&done);
            }
            let (error, hint) = match done {
                Ok(found) => return Ok(found),
                Err(failed) => failed,
            };
            if let (Some(witness), Some(code)) = (&mut witness, error.unexecuted()) {
                witness.refused(&code, self.now()).map_err(unrecorded)?;
            }
            let Some(wait) = tries.wait(&error, intent, hint, self.remaining(), || self.random()) else { return Err(error) };
            if !wait.is_zero() {
                self.output
                    .log(2, || format!("{} {}: {}; again in {} ms", self.id(), call.request.operation, error.brief(), wait.as_millis()));
                self.wait(wait).await?;
            }
        }
    }

    /// Announces an attempt. False when it must not be made any more: the process was stopped for too long in between.
    fn announce(&self, witness: &mut dyn Witness, stamp: &Stamp) -> Result<bool, Error> {
        witness.announce(stamp)?;
        if self.now() - stamp.time > STALE {
            witness.refused("announced too long ago", self.now())?;
            return Ok(false);
        }
        Ok(true)
    }

    /// A stamp for one attempt: the cloud's time, and a new nonce.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { time: self.now(), nonce: Uuid::new_v4() }
    }

    /// Makes a single attempt, with this stamp. A refusal can still correct the clock. With an error comes the server's hint
    /// on when to try again.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn once<T>(&self, call: &Call<T>, stamp: &Stamp) -> Result<T, (CallError, Option<Duration>)> {
        let done = self.attempt(call, stamp, ATTEMPT).await;
        self.mark(&done);
        done
    }

    /// Notes that something may have been changed.
    fn mark<T>(&self, done: &Result<T, (CallError, Option<Duration>)>) {
        if done.as_ref().err().is_none_or(|(error, _)| error.unexecuted().is_none()) {
            self.output.changed();
        }
    }

    /// Signs, sends and reads, in `limit` at most.
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
        self.take_date(&reply, &request.endpoint, false);
        if let Some(error) = self.provider.error(&reply) {
            if error.class == Class::Clock {
                self.take_date(&reply, &request.endpoint, true);
            }
            let failed = if error.class == Class::Ambiguous { CallError::Lost(lost(&error)) } else { CallError::Refused(error) };
            return Err((failed, hint(&reply)));
        }
        (call.read)(&reply).map_err(|error| match error {
            ReadError::Missing(what) => (CallError::Missing(what), None),
            // A reply that was cut is as good as lost.
            ReadError::Shape(..) => (CallError::Lost(error.to_string()), None),
        })
    }
}

/// An attempt that could not be recorded.
fn unrecorded(error: Error) -> CallError {
    CallError::Unrecorded(Box::new(error))
}

/// An ambiguous refusal, in words.
fn lost(error: &ApiError) -> String {
    let words = if error.message.is_empty() { error.meaning } else { error.message.as_str() };
    let words = if words.is_empty() { "an empty answer" } else { words };
    one_line(&format!("{words} ({})", error.code))
}

/// The server's hint on when to try again.
fn hint(reply: &Reply) -> Option<Duration> {
    let ms = reply.header("x-acs-retry-after").and_then(|text| retry::hint(text, Duration::from_millis(1)));
    ms.or_else(|| reply.header("retry-after").and_then(|text| retry::hint(text, Duration::from_secs(1))))
}
