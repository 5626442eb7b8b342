//! An end, whatever it is: a connection at a cloud, or a local file that holds the key.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::end::{CloudEnd, Keys, Sent};
use super::event::{Planned, Site, Which};
use super::file_end::FileEnd;
use super::prepare::offender;
use super::transition::Sight;
use crate::error::Error;
use crate::model::fingerprint::fingerprint;
use crate::model::{Key, Ref, Secret, Term};
use crate::provider::field::{Shape, field};
use crate::provider::{Accepted, Target};
use crate::wire::Call;
use crate::wire::{Request, Stamp};

/// An end.
#[derive(Debug)]
pub enum End {
    /// A tunnel of a connection at a cloud.
    Cloud(Box<CloudEnd>),
    /// A local file.
    File(Box<FileEnd>),
}

/// A write, ready to be announced.
#[derive(Debug)]
pub struct Write {
    /// Its fingerprint, without a signature.
    pub sum: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Request(Call<Accepted>, String),
    Text(Secret),
}

/// A name that tells a real cloud's thing from an emulated one's.
#[must_use]
pub fn place(name: &str, service: &str, site: &Site) -> String {
    match (site.emulated, service.starts_with("https:")) {
        (true, _) => format!("{name} (emulated)"),
        (false, true) => name.to_owned(),
        (false, false) => format!("{name} at {service}"),
    }
}

/// The name of a connection's lock. A part of a connection, such as one of its tunnels, is locked with the whole.
#[must_use]
pub fn connection_lock(reference: &Ref, target: &Target, service: &str, site: &Site) -> String {
    let kind = if target.kind.listed { reference.kind.clone() } else { Ref::DEFAULT_KIND.to_owned() };
    place(&Ref { kind, ..reference.clone() }.to_string(), service, site)
}

/// The name of the lock of a gateway that takes one change at a time.
#[must_use]
pub fn gateway_lock(reference: &Ref, gateway: &str, service: &str, site: &Site) -> String {
    let region = reference.region.as_deref().unwrap_or_default();
    place(&format!("{}@{region}/gateway/{gateway}", reference.provider), service, site)
}

/// The fingerprint of a request but for its token: a token is used again for the same request only.
#[must_use]
pub fn request_sum(request: &Request, token: &str) -> String {
    let text = format!("{}\n{}", request.target(), request.body_text());
    fingerprint(&Secret::new(if token.is_empty() { text } else { text.replace(token, "") }))
}

impl End {
    /// What the user calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Cloud(end) => end.reference.to_string(),
            Self::File(end) => end.name(),
        }
    }

    /// What the user calls it, down to the tunnel where there are several: what can be typed to mean it again.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Cloud(end) => end.address.first().map_or_else(|| self.name(), |(_, tunnel)| format!("{}#{tunnel}", end.reference)),
            Self::File(_) => self.name(),
        }
    }

    /// Whether a change of it was being made when it was last read.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        let Self::Cloud(end) = self else { return false };
        end.current.as_ref().is_some_and(|connection| connection.status.change == Term::Changing)
    }

    /// The options that the next command needs to meet the same end.
    #[must_use]
    pub fn again(&self) -> &str {
        match self {
            Self::Cloud(end) => &end.client.again,
            Self::File(_) => "",
        }
    }

    /// The name of its lock.
    #[must_use]
    pub fn lock_name(&self, site: &Site) -> String {
        match self {
            Self::Cloud(end) => connection_lock(&end.reference, &end.target, &end.service(), site),
            Self::File(end) => end.lock_name(),
        }
    }

    /// The name of the lock of its gateway, where that takes one change at a time.
    #[must_use]
    pub fn gateway_lock(&self, site: &Site) -> Option<String> {
        let Self::Cloud(end) = self else { return None };
        Some(gateway_lock(&end.reference, &end.exclusive()?, &end.service(), site))
    }

    /// What it is sent, in words.
    #[must_use]
    pub fn what_is_sent(&self, key: &Secret) -> String {
        let Self::Cloud(end) = self else {
            let reloads = matches!(self, Self::File(end) if end.reloads());
            return format!(
                "the key, written into the file{}",
                if reloads { "; then its reload command" } else { "; nothing makes its reader take it up" }
            );
        };
        let settings = end.current.as_ref().map(|connection| {
            let place = end.client.provider.tunnel(&end.address, connection);
            end.client.provider.key_change(connection, place, key)
        });
        let along: Vec<&str> = settings
            .iter()
            .flat_map(crate::model::Settings::iter)
            .map(|(key, _)| key.path())
            .filter(|path| ![Key::Psk, Key::EffectImmediately].map(Key::path).contains(path))
            .collect();
        let along = if along.is_empty() { String::new() } else { format!(" with {}", along.join(", ")) };
        let proof = if end.returns_key() { "read back" } else { "never returned: its acknowledgement counts" };
        format!("{}: the key{along}; {proof}", end.target.operation.name)
    }

    /// The end as it is planned.
    #[must_use]
    pub fn plan(&self, site: &Site) -> Planned {
        match self {
            Self::Cloud(end) => end.plan(site.clone()),
            Self::File(end) => end.plan(),
        }
    }

    /// Its time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Cloud(end) => end.client.now(),
            Self::File(_) => Utc::now(),
        }
    }

    /// The key that it has, as read last; none where it does not say.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        match self {
            Self::Cloud(end) => end.key(),
            Self::File(end) => end.key(),
        }
    }

    /// What was seen there, in words.
    #[must_use]
    pub fn seen(&self) -> String {
        self.key().map_or_else(|| "it is gone, or has no key".to_owned(), |key| format!("a key with fp {}", fingerprint(&key)))
    }

    /// Waits until it has settled, and reads it. `expected` is what a write that was taken should have left there;
    /// `allowed` is what somebody else wrote and may be overwritten.
    ///
    /// # Errors
    /// When it cannot be told.
    pub async fn look(&mut self, keys: &Keys, expected: Option<Which>, allowed: Option<&str>, aim: Which) -> Result<Sight, Error> {
        let sight = match self {
            Self::Cloud(end) => end.look(keys, expected).await?,
            Self::File(end) => end.look(keys)?,
        };
        let may = sight == Sight::Foreign && allowed == Some(self.seen().as_str());
        Ok(if may { Sight::Holds(aim.other()) } else { sight })
    }

    /// What writes a key there, completed from what was read last.
    ///
    /// # Errors
    /// What cannot be completed.
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

    /// What one attempt is signed with.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        match self {
            Self::Cloud(end) => end.client.stamp(),
            Self::File(_) => Stamp { time: Utc::now(), nonce: Uuid::new_v4() },
        }
    }

    /// Makes one attempt.
    pub async fn send(&mut self, write: &Write, stamp: &Stamp) -> Sent {
        match (self, &write.what) {
            (Self::Cloud(end), What::Request(call, doing)) => end.send(call, stamp, doing).await,
            (Self::File(end), What::Text(key)) => end.write(key),
            _ => Sent::Lost("it was prepared for another end".to_owned()),
        }
    }

    /// Makes a write that was read back count, where it does not by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn take_up(&self, operation: &str) -> Result<(), Error> {
        match self {
            Self::Cloud(_) => Ok(()),
            Self::File(end) => end.take_up(operation).await,
        }
    }

    /// Whether the tunnel is up, as far as it says, and its own words.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn tunnel(&mut self) -> Result<(Term, String), Error> {
        match self {
            Self::Cloud(end) => end.tunnel().await,
            Self::File(_) => Ok((Term::Unknown, String::new())),
        }
    }

    /// Lets its time pass.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::Cloud(end) => end.client.sleep(duration).await,
            Self::File(_) => {
                crate::system::runtime::needed().await;
                tokio::time::sleep(duration).await;
            }
        }
    }

    /// Lets its time pass, which counts against the command's deadline.
    pub async fn wait(&self, duration: Duration) {
        match self {
            // A signal is looked for by whoever waits.
            Self::Cloud(end) => drop(end.client.wait(duration).await),
            Self::File(_) => self.sleep(duration).await,
        }
    }

    /// Time left for what is bounded by the command's deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        match self {
            Self::Cloud(end) => end.client.remaining(),
            Self::File(_) => Duration::MAX,
        }
    }

    /// The rules of this end that a key breaks, with the place of what is wrong and never its content.
    #[must_use]
    pub fn key_faults(&self, key: &Secret) -> Vec<String> {
        let end = match self {
            Self::Cloud(end) => end,
            // Any text that every cloud takes can stand in a file: it is written as hex.
            Self::File(_) => return Vec::new(),
        };
        let Some(field) = field(end.target.operation.fields, Key::Psk) else { return Vec::new() };
        let Shape::Secret(rule) = field.shape else { return Vec::new() };
        if (rule.check)(key.expose()) {
            return Vec::new();
        }
        let place = offender(key.expose(), rule.check).map_or_else(String::new, |place| format!("character {place} is not allowed: "));
        vec![format!("{place}a key must be {}", rule.text)]
    }
}
