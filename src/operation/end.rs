//! The ends of an operation at the rim: what reads and writes them.

use std::rc::Rc;
use std::time::Duration;

use super::event::{Planned, Site, Which};
use super::transition::Sight;
use crate::call::client::{CallError, Client, Intent};
use crate::call::retry;
use crate::call::session::{self};
use crate::call::settle::settle;
use crate::config::Options;
use crate::error::one_line;
use crate::error::{Error, exit};
use crate::model::{Connection, Key, Ref, Secret, Settings, Term, Value};
use crate::print::gate::watch;
use crate::print::output::Output;
use crate::provider::field::field;
use crate::provider::{Accepted, Edit, Registration, Target};
use crate::wire::Call;
use crate::wire::Stamp;

/// How often new values are looked for after a cloud took them and says that it has settled: some say so before they begin.
const EARLY_LOOKS: u32 = 4;

/// Both values of the key.
#[derive(Debug)]
pub struct Keys {
    /// What the ends had; none where it could not be read and was not given.
    pub old: Option<Secret>,
    /// What they get.
    pub new: Secret,
}

impl Keys {
    /// One of them.
    #[must_use]
    pub const fn get(&self, which: Which) -> Option<&Secret> {
        match which {
            Which::Old => self.old.as_ref(),
            Which::New => Some(&self.new),
        }
    }

    /// Which of them a key is.
    #[must_use]
    pub fn which(&self, key: &Secret) -> Option<Which> {
        [Which::Old, Which::New].into_iter().find(|which| self.get(*which).is_some_and(|known| known.matches(key)))
    }
}

/// What became of one attempt.
#[derive(Debug)]
pub enum Sent {
    /// It was taken.
    Acked(Accepted),
    /// Something was sent, and whether it was executed is not known.
    Lost(String),
    /// It was not executed; another attempt after this wait may be.
    Again(Duration, String),
    /// It was not executed: another change is being made.
    Busy(String),
    /// It was not executed, and will not be.
    Refused(Box<Error>, String),
}

/// One tunnel of a connection at a cloud.
pub struct CloudEnd {
    /// Its client.
    pub client: Client,
    /// Its ref.
    pub reference: Ref,
    /// The operation on it.
    pub target: Target,
    /// What the operation wants beside settings: the tunnel, where there are several.
    pub address: Vec<(&'static str, String)>,
    /// As it was read last.
    pub current: Option<Connection>,
    /// What the cloud said when it took the last change.
    accepted: Option<Accepted>,
}

impl std::fmt::Debug for CloudEnd {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.reference)
    }
}

impl Site {
    /// The site of these options.
    #[must_use]
    pub fn of(options: &Options) -> Self {
        Self {
            profile: options.profile.clone(),
            project_id: options.project_id.clone(),
            endpoint: options.endpoint.clone(),
            ca_file: options.ca_file.clone(),
            signature: options.signature.clone(),
            emulated: options.emulated,
        }
    }

    /// These options, with the site's in their place.
    #[must_use]
    pub fn options(&self, options: &Options) -> Options {
        Options {
            profile: self.profile.clone(),
            project_id: self.project_id.clone(),
            endpoint: self.endpoint.clone(),
            ca_file: self.ca_file.clone(),
            signature: self.signature.clone(),
            emulated: self.emulated,
            region: None,
            ..options.clone()
        }
    }
}

impl CloudEnd {
    /// Connects to the end.
    ///
    /// # Errors
    /// What is missing or wrong in the configuration, or cannot be located.
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

    /// The end of a client that is there.
    #[must_use]
    pub fn new(client: Client, reference: Ref, target: Target, tunnel: Option<&str>) -> Self {
        let address = tunnel.map(|tunnel| ("tunnel", tunnel.to_owned())).into_iter().collect();
        Self { client, reference, target, address, current: None, accepted: None }
    }

    /// The end as it is planned.
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

    /// The service that its calls go to.
    #[must_use]
    pub fn service(&self) -> String {
        self.client.provider.show(&self.target).request.endpoint.to_string()
    }

    /// The gateway, where it takes one change at a time of all its connections.
    #[must_use]
    pub fn exclusive(&self) -> Option<String> {
        self.current.as_ref()?.gateway.clone().filter(|_| self.client.provider.registration().one_writer_a_gateway)
    }

    /// Refuses a connection with several tunnels of which none was named: each has a key of its own.
    ///
    /// # Errors
    /// The tunnels there are, with the one to begin with.
    pub fn one_tunnel(&self) -> Result<(), Error> {
        let Some(connection) = &self.current else { return Ok(()) };
        let found = self.client.provider.tunnel(&self.address, connection);
        match self.address.first() {
            Some((_, name)) if found.is_none() => {
                let known = connection.tunnels.iter().map(|tunnel| tunnel.id.as_str()).collect::<Vec<_>>().join(", ");
                let known =
                    if known.is_empty() { "it has one tunnel, which needs no name".to_owned() } else { format!("there are {known}") };
                Err(Error::new(exit::NOT_FOUND, format!("{} has no tunnel {name}: {known}", self.reference)).state("nothing was sent"))
            }
            None if connection.tunnels.len() > 1 => {
                let mut error = Error::usage(format!(
                    "{} has {} tunnels, each with a key of its own: name one",
                    self.reference,
                    connection.tunnels.len()
                ))
                .state("nothing was sent");
                // The standby first: while it is negotiated anew, traffic goes through the other.
                for tunnel in connection.tunnels.iter().rev() {
                    let role = tunnel.role.as_ref().map(|role| format!("   # {role}")).unwrap_or_default();
                    error = error.next(format!("tunnelctl rotate {}#{}{}{role}", self.reference, tunnel.id, self.client.again));
                }
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Whether the cloud returns the key.
    #[must_use]
    pub fn returns_key(&self) -> bool {
        field(self.target.operation.fields, Key::Psk).is_some_and(|field| !field.read.is_empty())
    }

    /// What is set for the tunnel that is meant, as read last.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.current
            .as_ref()
            .map(|connection| connection.seen_from(self.client.provider.tunnel(&self.address, connection)))
            .unwrap_or_default()
    }

    /// The key, as read last.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        match self.settings().get(Key::Psk) {
            Some(Value::Secret(key)) if !key.expose().is_empty() => Some(Secret::new(key.expose())),
            _ => None,
        }
    }

    /// Reads the end.
    ///
    /// # Errors
    /// The call's own.
    pub async fn read(&mut self) -> Result<(), CallError> {
        let found = self.client.call(&self.client.provider.show(&self.target), Intent::Read).await?;
        self.current = Some(found);
        if let Some(key) = self.key() {
            watch(&key);
        }
        Ok(())
    }

    /// Waits until the end has settled, and reads it. `expected` is what a write that was taken should have left there.
    ///
    /// # Errors
    /// When that cannot be told.
    pub async fn look(&mut self, keys: &Keys, expected: Option<Which>) -> Result<Sight, Error> {
        // What has no state of its own settles as its gateway does, which only the thing itself names.
        if self.current.is_none() {
            match self.read().await {
                Ok(()) => {}
                Err(CallError::Missing(_)) => return Ok(Sight::Foreign),
                Err(error) => return Err(error.harmless(&self.client, &format!("to read {}", self.reference))),
            }
        }
        let gateway = self.current.as_ref().and_then(|connection| connection.gateway.clone());
        settle(&self.client, &self.target, gateway.as_deref(), self.accepted.as_ref())
            .await
            .map_err(|stop| stop.error(&self.client, &self.reference, &self.target))?;
        for look in 0.. {
            match self.read().await {
                Ok(()) => {}
                Err(CallError::Missing(_)) => {
                    self.current = None;
                    return Ok(Sight::Foreign);
                }
                Err(error) => return Err(error.harmless(&self.client, &format!("to read {} back", self.reference))),
            }
            let changing = self.current.as_ref().is_some_and(|connection| connection.status.change == Term::Changing);
            let sight = match self.key() {
                None => Sight::Hidden,
                Some(key) => keys.which(&key).map_or(Sight::Foreign, Sight::Holds),
            };
            let early = changing || expected.is_some_and(|which| matches!(sight, Sight::Holds(seen) if seen != which));
            if !early || look >= EARLY_LOOKS || self.client.remaining().is_zero() {
                return Ok(sight);
            }
            self.client
                .wait(retry::poll(look, self.client.random()))
                .await
                .map_err(|error| error.harmless(&self.client, &format!("to read {} back", self.reference)))?;
        }
        Ok(Sight::Hidden)
    }

    /// The request that writes a key, completed from what was read last.
    ///
    /// # Errors
    /// What cannot be completed.
    pub fn write(&self, key: &Secret, token: &str) -> Result<Call<Accepted>, Error> {
        let place = self.current.as_ref().and_then(|connection| self.client.provider.tunnel(&self.address, connection));
        let change = match &self.current {
            Some(connection) => self.client.provider.key_change(connection, place, key),
            None => Settings::from_iter([(Key::Psk, Value::secret(key.expose()))]),
        };
        self.client.provider.modify(&self.edit(&change, token)).map_err(|violations| Error::invalid(&self.reference, &violations))
    }

    /// The request that makes the ends negotiate anew; none where the cloud has none.
    ///
    /// # Errors
    /// What cannot be completed.
    pub fn renegotiate(&self, token: &str) -> Result<Option<Call<Accepted>>, Error> {
        let change = Settings::new();
        let call = self.client.provider.renegotiate(&self.edit(&change, token)).transpose();
        call.map_err(|violations| Error::invalid(&self.reference, &violations))
    }

    fn edit<'a>(&'a self, change: &'a Settings, token: &'a str) -> Edit<'a> {
        Edit { target: &self.target, current: self.current.as_ref(), change, address: &self.address, token }
    }

    /// Makes one attempt.
    pub async fn send(&mut self, call: &Call<Accepted>, stamp: &Stamp, doing: &str) -> Sent {
        use crate::error::Class;
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

    /// Whether the tunnel is up, as far as the cloud says, and its own words.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn tunnel(&mut self) -> Result<(Term, String), Error> {
        self.read().await.map_err(|error| error.harmless(&self.client, &format!("to read {}", self.reference)))?;
        let Some(connection) = &self.current else { return Ok((Term::Unknown, String::new())) };
        let place = self.client.provider.tunnel(&self.address, connection);
        let status = place.and_then(|place| connection.tunnels.get(place)).map_or(&connection.status, |tunnel| &tunnel.status);
        let words: Vec<String> = status.reported.iter().map(|(field, word)| one_line(&format!("{field} {word}"))).collect();
        Ok((status.tunnel, words.join(", ")))
    }

    /// The error of an end that this operation cannot be of.
    #[must_use]
    pub fn unfit(&self, why: impl std::fmt::Display) -> Error {
        Error::new(exit::UNSUPPORTED, format!("{}: {why}", self.reference)).state("nothing was sent")
    }
}
