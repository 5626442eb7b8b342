//! Waits until a cloud has finished a change.

use std::time::{Duration, Instant};

use super::client::{CallError, Client, Intent};
use super::retry;
use crate::error::{Error, exit, one_line};
use crate::model::{Connection, Ref, Term};
use crate::provider::{Accepted, Target};

/// Why waiting ended before the change had settled.
#[derive(Debug)]
pub enum Stop {
    /// A call failed.
    Call(CallError),
    /// The deadline passed; what the cloud reported last.
    Deadline(String),
    /// The change failed, or the connection is gone; what the cloud reported.
    Failed(String),
}

impl Stop {
    /// The error of a command that only waits.
    #[must_use]
    pub fn error(self, client: &Client, reference: &Ref, target: &Target) -> Error {
        match self {
            Self::Call(error) => error.harmless(client, &format!("to read the progress of {reference}")),
            Self::Deadline(reported) => Error::new(exit::NETWORK, format!("{reference} has not settled in time: {reported}"))
                .next(format!("{} --timeout 30m", client.command("wait", reference, target))),
            Self::Failed(reported) => {
                Error::new(exit::HALF_WAY, format!("{} reports a failed change of {reference}: {reported}", client.id()))
                    .next(client.command("show", reference, target))
            }
        }
    }
}

/// Polls until the change has settled, for the first time at once.
///
/// # Errors
/// [`Stop`].
pub async fn settle(client: &Client, target: &Target, gateway: Option<&str>, accepted: Option<&Accepted>) -> Result<(), Stop> {
    poll(client, target, gateway, accepted, true).await
}

/// [`settle`] after a request: the first poll comes after two seconds, because the cloud may not have started yet.
///
/// # Errors
/// [`Stop`].
pub async fn settled(client: &Client, target: &Target, gateway: Option<&str>, accepted: Option<&Accepted>) -> Result<(), Stop> {
    poll(client, target, gateway, accepted, false).await
}

/// Polls, for the first time at once or after the usual wait.
async fn poll(client: &Client, target: &Target, gateway: Option<&str>, accepted: Option<&Accepted>, at_once: bool) -> Result<(), Stop> {
    let started = Instant::now();
    let mut reported = "sent".to_owned();
    for look in 0.. {
        if look > 0 || !at_once {
            pause(client, started, &reported, retry::poll(look - u32::from(at_once), client.random())).await?;
        }
        let call = client.provider.progress(target, gateway, accepted);
        let progress = client.call(&call, Intent::Read).await.map_err(Stop::Call)?;
        reported = one_line(&progress.reported);
        client.output.log(2, || format!("{} {}: {reported}", client.id(), target.id));
        match progress.change {
            Term::Settled => return Ok(()),
            Term::Failed | Term::Gone => return Err(Stop::Failed(reported)),
            _ if client.remaining().is_zero() => return Err(Stop::Deadline(reported)),
            _ => {}
        }
    }
    Ok(())
}

/// Waits, with a progress line that counts the seconds.
async fn pause(client: &Client, started: Instant, reported: &str, wait: Duration) -> Result<(), Stop> {
    /// How often the line changes.
    const TICK: Duration = Duration::from_secs(1);
    let mut left = wait;
    while !left.is_zero() {
        client.output.progress(&format!("waiting for {}: {reported}, {} s", client.id(), started.elapsed().as_secs()));
        let tick = left.min(TICK);
        client.wait(tick).await.map_err(Stop::Call)?;
        left -= tick;
        if client.remaining().is_zero() {
            break;
        }
    }
    Ok(())
}

/// Polls until the cloud reports that the tunnel is up.
///
/// # Errors
/// [`Stop`].
pub async fn until_up(client: &Client, target: &Target) -> Result<Connection, Stop> {
    let started = Instant::now();
    let call = client.provider.show(target);
    for look in 0.. {
        let seen = client.call(&call, Intent::Read).await.map_err(Stop::Call)?;
        let words: Vec<String> = seen.status.reported.iter().map(|(field, word)| one_line(&format!("{field} {word}"))).collect();
        if seen.status.tunnel == Term::Up {
            return Ok(seen);
        }
        if client.remaining().is_zero() {
            return Err(Stop::Deadline(words.join(", ")));
        }
        pause(client, started, &words.join(", "), retry::poll(look, client.random())).await?;
    }
    Err(Stop::Deadline(String::new()))
}
