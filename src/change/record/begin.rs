//! Putting a change on record before its first request.

use super::ledger::Ledger;
use super::unrecordable::unrecordable;
use crate::call::client::Client;
use crate::change::plan::{Plan, Row};
use crate::change::stored::{both, sealed_name};
use crate::change::wish::Wish;
use crate::error::Error;
use crate::model::fingerprint::fingerprint;
use crate::model::{Connection, Key, Secret, Value};
use crate::operation::end::request_sum;
use crate::operation::event::{Event, Planned, Verb, Which};
use crate::operation::journal::Sync;
use crate::operation::records::Records;
use crate::provider::field::field;
use crate::wire::Request;

impl Ledger {
    /// Puts on record what is found and what is to be set. It reaches the disk together with the announcement of the request.
    pub(in crate::change) fn begin(
        &mut self,
        client: &Client,
        wish: &Wish,
        current: Option<&Connection>,
        plan: &Plan,
        request: &Request,
    ) -> Result<(), Error> {
        self.sending.token.clone_from(&wish.token);
        self.sending.sum = request_sum(request, &wish.token);
        if self.course.resumed {
            return self.turn(client, &plan.rows);
        }
        let (before, change) = both(&plan.rows);
        if let Some(state) = self.entry.state() {
            if state.before.as_ref() == Some(&before) && state.change.as_ref() == Some(&change) {
                return Ok(());
            }
            // Somebody else was first, so the change was planned again: nothing of the earlier plan was executed.
            self.entry.close(client.now(), "planned again");
            self.entry.opened = None;
        }
        let secrets = secrets(&plan.rows);
        let named: Vec<(&str, &Secret)> = secrets.iter().map(|(name, secret)| (name.as_str(), *secret)).collect();
        let seal = if named.is_empty() { None } else { Some(self.desk.seal()?) };
        let way_back = before.as_object().is_some_and(|rows| rows.values().any(|value| !value.is_null()));
        let planned = Event::Planned {
            verb: Verb::Modify,
            ends: vec![self.planned(client, wish, current)],
            renegotiate: None,
            renegotiate_with: None,
            before: Some(before),
            change: Some(change),
            way_back,
        };
        let now = client.now();
        let id = Records::id(now).map_err(unrecordable)?;
        self.entry.opened = Some(self.desk.records.plan(id, now, planned, &named, seal.as_ref()).map_err(unrecordable)?);
        if let Some(file) = self.desk.seal_key_file.clone().filter(|_| !named.is_empty()) {
            let begun = Event::Begun { roll_back: false, seal_key_file: Some(file), effect_immediately: Vec::new() };
            self.entry.append(now, begun, Sync::WithNext)?;
        }
        let holder = self.holder(client);
        self.locks.iter().for_each(|lock| lock.say(Some(&holder)));
        Ok(())
    }

    /// The end of the operation: the connection, or one of its tunnels.
    fn planned(&self, client: &Client, wish: &Wish, current: Option<&Connection>) -> Planned {
        let place = |connection: &Connection| Some(connection.tunnels.get(client.provider.tunnel(&wish.address, connection)?)?.id.clone());
        let registration = client.provider.registration();
        let gateway = current.and_then(|connection| connection.gateway.clone()).filter(|_| registration.one_writer_a_gateway);
        Planned {
            end: wish.reference.to_string(),
            tunnel: current.and_then(place).or_else(|| wish.named_tunnel()),
            api: wish.target.operation.api.to_owned(),
            site: self.desk.site.clone(),
            service: client.provider.show(&wish.target).request.endpoint.to_string(),
            gateway,
            readable: field(wish.target.operation.fields, Key::Psk).is_none_or(|field| !field.read.is_empty()),
            validity: registration.validity.as_secs().try_into().unwrap_or(i64::MAX / 4),
            not_before: None,
            reload: None,
        }
    }

    /// Notes the direction of an operation that is resumed or rolled back, and keeps what somebody else has set.
    pub(super) fn turn(&mut self, client: &Client, rows: &[Row]) -> Result<(), Error> {
        self.keep_third(rows)?;
        let Some(state) = self.entry.state() else { return Ok(()) };
        let conflict = state.conflict().is_some();
        let turned = state.aim != self.course.aim || state.outcome.is_some();
        if conflict {
            self.entry.append(client.now(), Event::TakenOver { end: 0 }, Sync::WithNext)?;
        }
        if turned {
            let event = Event::Turned { to: self.course.aim, reason: self.course.reason.clone() };
            self.entry.append(client.now(), event, Sync::WithNext)?;
        }
        Ok(())
    }

    /// Seals a key that somebody else has set, before it is overwritten.
    fn keep_third(&self, rows: &[Row]) -> Result<(), Error> {
        let Some(opened) = &self.entry.opened else { return Ok(()) };
        let known = opened.state.sealed.clone().unwrap_or_default();
        for row in rows {
            let Some(Value::Secret(secret)) = &row.current else { continue };
            let fp = fingerprint(secret);
            if secret.is_readable() && !known.iter().flatten().any(|other| *other == fp) {
                let seal = self.desk.seal()?;
                let name = format!("third-{fp}:{}", row.key.path());
                self.desk.records.sealer(&opened.id, &seal).seal(&[(&name, secret)]).map_err(unrecordable)?;
            }
        }
        Ok(())
    }
}

/// The secrets of a plan, current and new, with the names that they are sealed under.
fn secrets(rows: &[Row]) -> Vec<(String, &Secret)> {
    rows.iter()
        .flat_map(|row| [(Which::Old, row.key, row.current.as_ref()), (Which::New, row.key, Some(&row.new))])
        .filter_map(|(which, key, value)| match value? {
            Value::Secret(secret) if secret.is_readable() => Some((sealed_name(which, key), &**secret)),
            _ => None,
        })
        .collect()
}
