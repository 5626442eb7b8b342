//! A tunnel of a connection at a cloud: reading it, writing its key, and telling it to renegotiate.

use std::rc::Rc;
use std::time::Duration;

use super::super::event::{Planned, Site, Which};
use super::super::transition::Sight;
use super::attempt::Sent;
use super::keys::Keys;
use crate::call::client::{CallError, Client, Intent};
use crate::call::settle::settle;
use crate::call::{retry, session};
use crate::config::Options;
use crate::error::{Class, Error, one_line};
use crate::model::{Connection, Key, Ref, Secret, Settings, Term, Value};
use crate::print::keys::watch_keys;
use crate::print::output::Output;
use crate::provider::field::field;
use crate::provider::{Accepted, Edit, Registration, Target};
use crate::wire::{Call, Stamp};

/// How often a new value is looked for after the cloud accepted it and reports that it has settled: some clouds report that
/// before they have begun.
const EARLY_LOOKS: u32 = 4;

/// A tunnel of a connection at a cloud; the connection itself where it has one tunnel.
pub struct CloudEnd {
    /// The client for its calls.
    pub client: Client,
    /// The connection's ref.
    pub reference: Ref,
    /// The connection and the modify operation on it.
    pub target: Target,
    /// The parameters that name the tunnel, of a connection with several.
    pub address: Vec<(&'static str, String)>,
    /// The connection as last read.
    pub current: Option<Connection>,
    /// The cloud's reply to the last change that it accepted.
    accepted: Option<Accepted>,
}

impl std::fmt::Debug for CloudEnd {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.reference)
    }
}

impl CloudEnd {
    /// Connects to the end.
    ///
    /// # Errors
    /// When the configuration is incomplete or wrong, or the region cannot be found.
    pub async fn connect(
        registration: &'static Registration,
        reference: Ref,
        target: Target,
        tunnel: Option<&str>,
        options: &Options,
        output: &Rc<Output>,
    ) -> Result<Self, Error> {
        let mut client = session::connect(registration, reference.region.as_deref(), options, output).await?;
        client.locate().await?;
        let reference = Ref { region: Some(client.region.clone()), ..reference };
        Ok(Self::new(client, reference, target, tunnel))
    }

    /// Makes an end of a client.
    #[must_use]
    pub fn new(client: Client, reference: Ref, target: Target, tunnel: Option<&str>) -> Self {
        let address = tunnel.map(|tunnel| ("tunnel", tunnel.to_owned())).into_iter().collect();
        Self { client, reference, target, address, current: None, accepted: None }
    }

    /// The end as the plan records it.
    #[must_use]
    pub fn plan(&self, site: Site) -> Planned {
        let place =
            |connection: &Connection| connection.tunnels.get(self.client.provider.tunnel(&self.address, connection)?).map(|t| t.id.clone());
        let named = || self.address.first().map(|(_, tunnel)| tunnel.clone());
        Planned {
            end: self.reference.to_string(),
            tunnel: self.current.as_ref().and_then(place).or_else(named),
            api: self.target.operation.api.to_owned(),
            site,
            service: self.service(),
            gateway: self.exclusive(),
            not_before: None,
            readable: self.returns_key(),
            validity: self.client.provider.registration().validity.as_secs().try_into().unwrap_or(i64::MAX / 4),
            reload: None,
        }
    }

    /// The service that receives its calls.
    #[must_use]
    pub fn service(&self) -> String {
        self.client.provider.show(&self.target).request.endpoint.to_string()
    }

    /// The gateway, where it accepts one change at a time for all its connections.
    #[must_use]
    pub fn exclusive(&self) -> Option<String> {
        self.current.as_ref()?.gateway.clone().filter(|_| self.client.provider.registration().one_writer_a_gateway)
    }

    /// Whether the cloud returns the key.
    #[must_use]
    pub fn returns_key(&self) -> bool {
        field(self.target.operation.fields, Key::Psk).is_some_and(|field| !field.read.is_empty())
    }

    /// The tunnel's settings, as last read.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.current
            .as_ref()
            .map(|connection| connection.seen_from(self.client.provider.tunnel(&self.address, connection)))
            .unwrap_or_default()
    }

    /// The key as last read; none where the cloud does not return it.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        match self.settings().get(Key::Psk) {
            Some(Value::Secret(key)) if key.is_readable() => Some(Secret::new(key.expose())),
            _ => None,
        }
    }

    /// Reads the connection.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn read(&mut self) -> Result<(), CallError> {
        let found = self.client.call(&self.client.provider.show(&self.target), Intent::Read).await?;
        watch_keys(&found);
        self.current = Some(found);
        Ok(())
    }

    /// Waits until the end has settled, then reads it. `expected` is the value of a write that the cloud accepted.
    ///
    /// # Errors
    /// When the end cannot be read or does not settle.
    pub async fn look(&mut self, keys: &Keys, expected: Option<Which>) -> Result<Sight, Error> {
        // A thing without a state of its own settles with its gateway, whose name must be read first.
        if self.current.is_none() && !self.read_if_there("to read").await? {
            return Ok(Sight::Foreign);
        }
        let gateway = self.current.as_ref().and_then(|connection| connection.gateway.clone());
        settle(&self.client, &self.target, gateway.as_deref(), self.accepted.as_ref())
            .await
            .map_err(|stop| stop.error(&self.client, &self.reference, &self.target))?;
        for look in 0.. {
            if !self.read_if_there("to read back").await? {
                return Ok(Sight::Foreign);
            }
            let sight = self.sight(keys);
            let early = self.is_changing() || expected.is_some_and(|which| matches!(sight, Sight::Holds(seen) if seen != which));
            if !early || look >= EARLY_LOOKS || self.client.remaining().is_zero() {
                return Ok(sight);
            }
            self.client
                .wait(retry::poll(look, self.client.random()))
                .await
                .map_err(|error| error.harmless(&self.client, &format!("to read back {}", self.reference)))?;
        }
        Ok(Sight::Hidden)
    }

    /// Reads the connection; false where it is gone.
    async fn read_if_there(&mut self, doing: &str) -> Result<bool, Error> {
        match self.read().await {
            Ok(()) => Ok(true),
            Err(CallError::Missing(_)) => {
                self.current = None;
                Ok(false)
            }
            Err(error) => Err(error.harmless(&self.client, &format!("{doing} {}", self.reference))),
        }
    }

    /// Which key the connection shows, as last read.
    fn sight(&self, keys: &Keys) -> Sight {
        match self.key() {
            None => Sight::Hidden,
            Some(key) => keys.which(&key).map_or(Sight::Foreign, Sight::Holds),
        }
    }

    /// Whether the connection was being changed when it was last read.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        self.current.as_ref().is_some_and(|connection| connection.status.change == Term::Changing)
    }

    /// Builds the request that writes a key, completed from what was last read.
    ///
    /// # Errors
    /// When the request cannot be completed.
    pub fn write(&self, key: &Secret, token: &str) -> Result<Call<Accepted>, Error> {
        let change = match &self.current {
            Some(connection) => self.key_change(connection, key),
            None => Settings::from_iter([(Key::Psk, Value::secret(key.expose()))]),
        };
        self.client.provider.modify(&self.edit(&change, token)).map_err(|violations| Error::invalid(&self.reference, &violations))
    }

    /// Builds the request that makes the ends renegotiate; none where the cloud has no such call.
    ///
    /// # Errors
    /// When the request cannot be completed.
    pub fn renegotiate(&self, token: &str) -> Result<Option<Call<Accepted>>, Error> {
        let change = Settings::new();
        let call = self.client.provider.renegotiate(&self.edit(&change, token)).transpose();
        call.map_err(|violations| Error::invalid(&self.reference, &violations))
    }

    /// Whether a call to renegotiate is a change, which writes the key again.
    #[must_use]
    pub fn is_change(&self, call: &Call<Accepted>) -> bool {
        self.target.kind.operations.iter().any(|operation| operation.name == call.request.operation)
    }

    pub(super) fn edit<'a>(&'a self, change: &'a Settings, token: &'a str) -> Edit<'a> {
        Edit { target: &self.target, current: self.current.as_ref(), change, address: &self.address, token }
    }

    /// What the end is sent, in words for the plan.
    #[must_use]
    pub fn what_is_sent(&self, key: &Secret) -> String {
        let settings = self.current.as_ref().map(|connection| self.key_change(connection, key));
        let along: Vec<&str> = settings
            .iter()
            .flat_map(Settings::iter)
            .map(|(key, _)| key.path())
            .filter(|path| ![Key::Psk, Key::EffectImmediately].map(Key::path).contains(path))
            .collect();
        let along = if along.is_empty() { String::new() } else { format!(" with {}", along.join(", ")) };
        let proof = if self.returns_key() { "read back" } else { "this cloud never returns keys, so its acceptance counts" };
        format!("{}: the key{along}; {proof}", self.target.operation.name)
    }

    /// The settings that are sent with a new key.
    pub(super) fn key_change(&self, connection: &Connection, key: &Secret) -> Settings {
        self.client.provider.key_change(connection, self.client.provider.tunnel(&self.address, connection), key)
    }

    /// Makes one attempt. `doing` completes the sentence "the cloud refused".
    pub async fn send(&mut self, call: &Call<Accepted>, stamp: &Stamp, doing: &str) -> Sent {
        let (error, hint) = match self.client.once(call, stamp).await {
            Ok(accepted) => {
                self.accepted = Some(accepted.clone());
                return Sent::Acked(accepted);
            }
            Err(failed) => failed,
        };
        let passing = retry::backoff(retry::PASSING, 3, self.client.random());
        match error {
            CallError::Lost(cause) => Sent::Lost(cause),
            CallError::NotSent(cause) => Sent::Again(passing, cause),
            CallError::Refused(refused) => match refused.class {
                Class::Busy => Sent::Busy(one_line(&refused.code)),
                Class::Rate => {
                    Sent::Again(hint.unwrap_or_default().max(retry::backoff(retry::RATE, 1, self.client.random())), one_line(&refused.code))
                }
                Class::Clock => Sent::Again(Duration::ZERO, one_line(&refused.code)),
                _ => {
                    let code = one_line(&refused.code);
                    Sent::Refused(Box::new(Error::refused(self.client.id(), doing, &refused)), code)
                }
            },
            error @ (CallError::Missing(_) | CallError::Stopped | CallError::Unrecorded(_)) => {
                let brief = error.brief();
                Sent::Refused(Box::new(error.harmless(&self.client, doing)), brief)
            }
        }
    }

    /// Whether the tunnel is up, and the cloud's own words for it.
    ///
    /// # Errors
    /// When the end cannot be read.
    pub async fn tunnel(&mut self) -> Result<(Term, String), Error> {
        self.read().await.map_err(|error| error.harmless(&self.client, &format!("to read {}", self.reference)))?;
        let Some(connection) = &self.current else { return Ok((Term::Unknown, String::new())) };
        let place = self.client.provider.tunnel(&self.address, connection);
        let status = place.and_then(|place| connection.tunnels.get(place)).map_or(&connection.status, |tunnel| &tunnel.status);
        let words: Vec<String> = status.reported.iter().map(|(field, word)| one_line(&format!("{field} {word}"))).collect();
        Ok((status.tunnel, words.join(", ")))
    }
}
