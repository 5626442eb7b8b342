//! The wish that resumes a change on record, or rolls it back.

use serde_json::Value as Json;

use super::previous::Previous;
use super::stored::{from_json, sealed_name};
use super::wish::{Asked, Flow, TUNNEL, Wish};
use crate::error::{Error, exit};
use crate::model::{Key, Ref, Secret, Settings};
use crate::operation::event::Which;
use crate::operation::id::OperationId;
use crate::operation::seal;
use crate::operation::state::State;
use crate::provider::Target;

/// A change on record, and what it is of.
pub struct Again<'a> {
    /// The operation.
    pub id: &'a OperationId,
    /// Where it stands.
    pub state: &'a State,
    /// What it changes.
    pub target: &'a Target,
    /// The same as a ref.
    pub reference: &'a Ref,
    /// Its sealed secrets, opened, by the names that they are sealed under.
    pub secrets: &'a [(String, Secret)],
}

impl Again<'_> {
    /// The wish that resumes the change.
    ///
    /// # Errors
    /// That the record cannot be read in full.
    pub fn resume(&self, token: String) -> Result<Wish, Error> {
        let previous = self.previous();
        if previous.asked.iter().count() < self.set().len() {
            let message = format!("the record of operation {} cannot be read in full", self.id);
            return Err(Error::new(exit::FAILED, message).state("nothing was sent"));
        }
        Ok(self.wish(previous.asked.clone(), previous, token))
    }

    /// The wish that rolls the change back, except for the paths `without`.
    ///
    /// # Errors
    /// What cannot be rolled back, since its previous value is not known.
    pub fn roll_back(&self, without: &[&str], token: String) -> Result<Wish, Error> {
        let previous = self.previous();
        let change = rollback_values(self.id, &self.set(), &previous, without)?;
        Ok(self.wish(change, previous, token))
    }

    fn previous(&self) -> Previous {
        let read = |which: Which, json: &Option<Json>| {
            let secret = |key: Key| {
                let name = sealed_name(which, key);
                self.secrets.iter().find(|(known, _)| *known == name).map(|(_, secret)| Secret::new(secret.expose()))
            };
            json.as_ref().map(|json| from_json(self.target, json, &secret)).unwrap_or_default()
        };
        Previous { before: read(Which::Old, &self.state.before), asked: read(Which::New, &self.state.change), take_over: false }
    }

    /// The paths of the settings that the change sets.
    fn set(&self) -> Vec<&str> {
        self.state.change.as_ref().and_then(Json::as_object).into_iter().flatten().map(|(path, _)| path.as_str()).collect()
    }

    fn wish(&self, change: Settings, previous: Previous, token: String) -> Wish {
        let takes_tunnel = self.target.operation.address.iter().any(|(name, _)| *name == TUNNEL);
        let tunnel = self.state.ends.first().and_then(|end| end.plan.tunnel.clone()).filter(|_| takes_tunnel);
        Wish {
            target: self.target.clone(),
            reference: self.reference.clone(),
            address: tunnel.map(|tunnel| (TUNNEL, tunnel)).into_iter().collect(),
            asked: Asked { change, ..Asked::default() },
            flow: Flow::default(),
            guard: None,
            previous: Some(previous),
            token,
        }
    }
}

/// The previous values. A setting whose previous value is not known has to be named in `without`.
fn rollback_values(id: &OperationId, set: &[&str], previous: &Previous, without: &[&str]) -> Result<Settings, Error> {
    if let Some(stray) = without.iter().find(|path| !set.contains(path)) {
        return Err(Error::usage(format!("--without {stray}: operation {id} set {}", set.join(", "))).state("nothing was sent"));
    }
    let known = |path: &str| previous.before.iter().any(|(key, _)| key.path() == path);
    let lost: Vec<&str> = set.iter().copied().filter(|path| !known(path) && !without.contains(path)).collect();
    let found = previous.before.iter().filter(|(key, _)| !without.contains(&key.path()));
    let previous: Settings = found.map(|(key, value)| (key, value.clone())).collect();
    if lost.is_empty() && !previous.is_empty() {
        return Ok(previous);
    }
    if lost.is_empty() {
        return Err(
            Error::usage(format!("--without names all that operation {id} set: nothing is left to roll back")).state("nothing was sent")
        );
    }
    let message = format!("operation {id} cannot roll back {}: the previous value is not known", lost.join(", "));
    let error = Error::new(exit::FAILED, message).state("nothing was sent");
    let stay: Vec<&str> = set.iter().copied().filter(|path| !known(path) || without.contains(path)).collect();
    let rest = format!("roll back the rest: tunnelctl operation rollback {id} --without {}{}", stay.join(","), seal::again());
    Err(if stay.len() < set.len() { error.next(rest) } else { error })
}
