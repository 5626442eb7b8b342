//! An end of either kind: a connection at a cloud, or a local file that holds the key.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::event::{Planned, Site, Which};
use super::super::key_rules::offender;
use super::super::transition::Sight;
use super::attempt::{Sent, What, Write, request_sum};
use super::cloud::CloudEnd;
use super::file::FileEnd;
use super::keys::Keys;
use super::locks::{connection_lock, gateway_lock};
use crate::error::Error;
use crate::model::fingerprint::fingerprint;
use crate::model::{Key, Secret, Term};
use crate::provider::field::{Shape, field};
use crate::system::runtime;
use crate::wire::Stamp;

/// An end of either kind.
#[derive(Debug)]
pub enum End {
    /// A tunnel of a connection at a cloud.
    Cloud(Box<CloudEnd>),
    /// A local file.
    File(Box<FileEnd>),
}

impl End {
    /// The end as the user named it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Cloud(end) => end.reference.to_string(),
            Self::File(end) => end.name(),
        }
    }

    /// The name down to the tunnel, of a connection with several: what the user types to mean this end again.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Cloud(end) => end.address.first().map_or_else(|| self.name(), |(_, tunnel)| format!("{}#{tunnel}", end.reference)),
            Self::File(_) => self.name(),
        }
    }

    /// Whether the end was being changed when it was last read.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        matches!(self, Self::Cloud(end) if end.is_changing())
    }

    /// The options that the next command needs to reach the same end.
    #[must_use]
    pub fn again(&self) -> &str {
        match self {
            Self::Cloud(end) => &end.client.again,
            Self::File(_) => "",
        }
    }

    /// The name of the end's lock.
    #[must_use]
    pub fn lock_name(&self, site: &Site) -> String {
        match self {
            Self::Cloud(end) => connection_lock(&end.reference, &end.target, &end.service(), site),
            Self::File(end) => end.lock_name(),
        }
    }

    /// The name of the gateway's lock, where the gateway accepts one change at a time.
    #[must_use]
    pub fn gateway_lock(&self, site: &Site) -> Option<String> {
        let Self::Cloud(end) = self else { return None };
        Some(gateway_lock(&end.reference, &end.exclusive()?, &end.service(), site))
    }

    /// `effect_immediately` as last read, where the end has it.
    #[must_use]
    pub fn effect_immediately(&self) -> Option<bool> {
        let Self::Cloud(end) = self else { return None };
        end.settings().switch(Key::EffectImmediately)
    }

    /// What the end is sent, in words for the plan.
    #[must_use]
    pub fn what_is_sent(&self, key: &Secret) -> String {
        match self {
            Self::Cloud(end) => end.what_is_sent(key),
            Self::File(end) => end.what_is_sent(),
        }
    }

    /// The end as the plan records it.
    #[must_use]
    pub fn plan(&self, site: &Site) -> Planned {
        match self {
            Self::Cloud(end) => end.plan(site.clone()),
            Self::File(end) => end.plan(),
        }
    }

    /// The time by the end's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Cloud(end) => end.client.now(),
            Self::File(_) => Utc::now(),
        }
    }

    /// The time by the dates of the cloud's replies, whatever becomes of this machine's clock; none for a file.
    #[must_use]
    pub fn cloud_now(&self) -> Option<DateTime<Utc>> {
        let Self::Cloud(end) = self else { return None };
        Some(end.client.cloud_now())
    }

    /// Reads the end where no reply has shown the cloud's time yet. A refusal shows it as well.
    pub async fn ask_time(&mut self) {
        if let Self::Cloud(end) = self
            && !end.client.knows_time()
        {
            let _ = end.read().await;
        }
    }

    /// Whether waiting takes time: in the emulator inside the process, it moves a clock instead.
    #[must_use]
    pub fn takes_time(&self) -> bool {
        !matches!(self, Self::Cloud(end) if end.client.is_direct())
    }

    /// The longest that [`End::sleep`] may wait.
    #[must_use]
    pub fn patience(&self) -> Duration {
        match self {
            Self::Cloud(end) => end.client.patience(),
            Self::File(_) => Duration::MAX,
        }
    }

    /// The key as last read; none where the end does not return it.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        match self {
            Self::Cloud(end) => end.key(),
            Self::File(end) => end.key(),
        }
    }

    /// What was last read, in words. The journal keeps this text and [`End::look`] compares it, so do not reword it.
    #[must_use]
    pub fn seen(&self) -> String {
        self.key().map_or_else(|| "it is gone, or has no key".to_owned(), |key| format!("a key with fp {}", fingerprint(&key)))
    }

    /// Waits until the end has settled, then reads it. `expected` is the value of a write that the cloud accepted; `allowed` is
    /// what somebody else wrote and the user allowed to overwrite.
    ///
    /// # Errors
    /// When the end cannot be read or does not settle.
    pub async fn look(&mut self, keys: &Keys, expected: Option<Which>, allowed: Option<&str>, aim: Which) -> Result<Sight, Error> {
        let sight = match self {
            Self::Cloud(end) => end.look(keys, expected).await?,
            Self::File(end) => end.look(keys)?,
        };
        let may = sight == Sight::Foreign && allowed == Some(self.seen().as_str());
        Ok(if may { Sight::Holds(aim.other()) } else { sight })
    }

    /// Builds the write of a key, completed from what was last read.
    ///
    /// # Errors
    /// When the request cannot be completed.
    pub fn prepare(&self, key: &Secret, token: &str) -> Result<Write, Error> {
        match self {
            Self::Cloud(end) => {
                let call = end.write(key, token)?;
                Ok(Write {
                    sum: request_sum(&call.request, token),
                    what: What::Request(call, format!("to write a key to {}", end.reference)),
                })
            }
            Self::File(_) => Ok(Write { sum: String::new(), what: What::Text(Secret::new(key.expose())) }),
        }
    }

    /// The time and nonce for the signature of one attempt.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        match self {
            Self::Cloud(end) => end.client.stamp(),
            Self::File(_) => Stamp { time: Utc::now(), nonce: Uuid::new_v4() },
        }
    }

    /// Makes one attempt to write.
    pub async fn send(&mut self, write: &Write, stamp: &Stamp) -> Sent {
        match (self, &write.what) {
            (Self::Cloud(end), What::Request(call, doing)) => end.send(call, stamp, doing).await,
            (Self::File(end), What::Text(key)) => end.write(key),
            _ => Sent::Lost("it was prepared for another end".to_owned()),
        }
    }

    /// Puts a key that was read back into effect, where that needs a step of its own: a file is synced and its reader reloaded.
    ///
    /// # Errors
    /// When that fails.
    pub async fn take_up(&self, operation: &str) -> Result<(), Error> {
        match self {
            Self::Cloud(_) => Ok(()),
            Self::File(end) => end.take_up(operation).await,
        }
    }

    /// Whether the tunnel is up, and the cloud's own words for it.
    ///
    /// # Errors
    /// When the end cannot be read.
    pub async fn tunnel(&mut self) -> Result<(Term, String), Error> {
        match self {
            Self::Cloud(end) => end.tunnel().await,
            Self::File(_) => Ok((Term::Unknown, String::new())),
        }
    }

    /// Lets time pass by the end's clock.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::Cloud(end) => end.client.sleep(duration).await,
            Self::File(_) => {
                runtime::needed().await;
                tokio::time::sleep(duration).await;
            }
        }
    }

    /// Lets time pass that counts against the command's deadline.
    pub async fn wait(&self, duration: Duration) {
        match self {
            // The caller checks for signals.
            Self::Cloud(end) => drop(end.client.wait(duration).await),
            Self::File(_) => self.sleep(duration).await,
        }
    }

    /// Gives what follows the usual time for waiting.
    pub fn renew(&self) {
        if let Self::Cloud(end) = self {
            end.client.renew();
        }
    }

    /// The time left before the command's deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        match self {
            Self::Cloud(end) => end.client.remaining(),
            Self::File(_) => Duration::MAX,
        }
    }

    /// The rules of this end that a key breaks, with the position of the fault and never its content.
    #[must_use]
    pub fn key_faults(&self, key: &Secret) -> Vec<String> {
        // A file holds any key, since it is written as hex.
        let Self::Cloud(end) = self else { return Vec::new() };
        let Some(field) = field(end.target.operation.fields, Key::Psk) else { return Vec::new() };
        let Shape::Secret(rule) = field.shape else { return Vec::new() };
        if (rule.check)(key.expose()) {
            return Vec::new();
        }
        let place = offender(key.expose(), rule.check).map_or_else(String::new, |place| format!("character {place} is not allowed: "));
        vec![format!("{place}a key must be {}", rule.text)]
    }
}
