//! Which connections a rotation accepts, and what else it may send them.

use super::cloud::CloudEnd;
use crate::error::{Error, exit};
use crate::model::{Key, Secret, Settings, Value};
use crate::provider::Accepted;
use crate::wire::Call;

impl CloudEnd {
    /// Refuses a connection with several tunnels where none is named: each tunnel has a key of its own. `alone`: it is the only
    /// end that was named.
    ///
    /// # Errors
    /// Lists the tunnels, the one to begin with first.
    pub fn one_tunnel(&self, alone: bool) -> Result<(), Error> {
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
                // The standby first: while it renegotiates, traffic goes through the other.
                for tunnel in connection.tunnels.iter().rev() {
                    let role = tunnel.role.as_ref().map(|role| format!("   # {role}")).unwrap_or_default();
                    let rest = if alone { " --one-end" } else { " OTHER-END" };
                    error = error.next(format!("tunnelctl rotate {}#{}{rest}{}{role}", self.reference, tunnel.id, self.client.again));
                }
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Builds the request that switches `effect_immediately` off, and nothing else.
    ///
    /// # Errors
    /// When the request cannot be completed.
    pub fn without_effect(&self) -> Result<Call<Accepted>, Error> {
        let change = Settings::from_iter([(Key::EffectImmediately, Value::Switch(false))]);
        let token = uuid::Uuid::new_v4().to_string();
        self.client.provider.modify(&self.edit(&change, &token)).map_err(|violations| Error::invalid(&self.reference, &violations))
    }

    /// Refuses an end whose write the cloud's rules forbid, such as an attachment that is named as a connection.
    ///
    /// # Errors
    /// The broken rules.
    pub fn admit_write(&self, key: &Secret) -> Result<(), Error> {
        let Some(connection) = &self.current else { return Ok(()) };
        let change = self.key_change(connection, key);
        let violations = self.client.provider.rules(&self.edit(&change, "token")).violations;
        if violations.is_empty() { self.write(key, "token").map(drop) } else { Err(Error::invalid(&self.reference, &violations)) }
    }
}
