//! Late requests: a request without a reply may still be executed for a while, and would overwrite this change.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::ledger::Ledger;
use super::unrecordable::unrecordable;
use crate::call::client::{Client, Intent};
use crate::change::plan::Plan;
use crate::change::stored::both;
use crate::change::wish::Wish;
use crate::error::{Error, exit};
use crate::operation::event::Verb;
use crate::operation::id::OperationId;
use crate::operation::report::commands;
use crate::operation::state::{End, Position, State};

/// A wait that is announced even to somebody who wants to read errors only.
const LONG: Duration = Duration::from_mins(1);

impl Ledger {
    /// Waits until no earlier request can be executed any more that would overwrite this change. Returns whether it waited:
    /// what was read before is stale then.
    pub(in crate::change) async fn wait_for_late_requests(&mut self, client: &Client, wish: &Wish, plan: &Plan) -> Result<bool, Error> {
        let Some(mut until) = self.late_until(client, wish, plan)? else { return Ok(false) };
        if !client.knows_time() {
            // The cloud's clock counts, and even a refusal shows it.
            let _ = client.call(&client.provider.show(&wish.target), Intent::Read).await;
            let Some(by_the_cloud) = self.late_until(client, wish, plan)? else { return Ok(false) };
            until = by_the_cloud;
        }
        let output = &self.desk.output;
        let left = || (until - client.cloud_now()).to_std().unwrap_or_default();
        if left() > client.patience() {
            let secs = left().as_secs();
            let what = format!(
                "an earlier request to {} has no reply and may still be executed for {secs} s: longer than --timeout",
                wish.reference
            );
            return Err(Error::new(exit::NETWORK, what)
                .state("nothing was sent by this run")
                .next("try again later, or with a longer --timeout"));
        }
        let time = until.format("%H:%M:%S UTC");
        let text =
            format!("an earlier request to {} has no reply and may still be executed until {time}; waiting until then", wish.reference);
        let long = left() >= LONG && !client.is_direct();
        if long {
            output.say(&text)
        } else {
            output.note(&text)
        }
        loop {
            let left = left();
            if left.is_zero() {
                return Ok(true);
            }
            let secs = left.as_secs() + 1;
            output.progress(&format!("waiting until no earlier request to {} can be executed: {secs} s", wish.reference));
            tokio::select! {
                () = client.sleep(left.min(Duration::from_secs(1).max(left / 20))) => {}
                () = client.interrupt.received() => {
                    return Err(Error::new(client.interrupt.exit(), "interrupted while waiting").state("nothing was sent by this run"));
                }
            }
        }
    }

    /// Until when an earlier request may be executed; none where that time has passed, by the cloud's clock.
    fn late_until(&mut self, client: &Client, wish: &Wish, plan: &Plan) -> Result<Option<DateTime<Utc>>, Error> {
        let now = client.cloud_now();
        let own = self.entry.end().and_then(|end| end.zombies_of(self.course.aim.other(), now).max(end.barred_until(now)));
        if self.earlier.is_none() {
            let found = self.desk.records.of_connection(&wish.reference, self.desk.site.emulated, now, &self.desk.output);
            // A damaged record of this connection is no full disk.
            let mut found = found.map_err(|error| if error.exit == exit::UNKNOWN { error } else { unrecordable(error) })?;
            found.retain(|(id, _)| Some(id) != self.entry.id());
            self.check_earlier(&found, wish, client.now())?;
            self.earlier = Some(found);
        }
        let (_, change) = both(&plan.rows);
        let earlier = self.earlier.iter().flatten().filter(|(_, state)| collides(state, &change));
        let open = earlier.flat_map(|(_, state)| &state.ends).filter_map(|end| end.open_until(now));
        Ok(open.max().max(own))
    }

    /// Refuses a change beside an unfinished rotation, which it would partly overwrite. Mentions changes whose outcome is unknown.
    fn check_earlier(&self, earlier: &[(OperationId, State)], wish: &Wish, now: DateTime<Utc>) -> Result<(), Error> {
        for (id, state) in earlier.iter().filter(|(_, state)| state.outcome.is_none()) {
            let touched = state.ends.iter().any(End::is_touched);
            if state.verb == Verb::Rotate && (touched || state.conflict().is_some()) {
                let error = Error::new(exit::FAILED, format!("operation {id} rotates the key of {} and is not finished", wish.reference));
                return Err(commands(id, state, now).into_iter().fold(error.state("nothing was sent"), Error::next));
            }
            if state.ends.iter().any(|end| matches!(end.position, Position::Doubt(_))) {
                let show = format!("tunnelctl operation show {id}");
                self.desk.output.note(&format!("the outcome of an earlier change of {} is not known: {show}", wish.reference));
            }
        }
        Ok(())
    }
}

/// Whether a late request of another operation could overwrite this change: clouds replace whole blocks of settings.
fn collides(other: &State, change: &Json) -> bool {
    let key = json!({ "psk": null });
    let theirs = if other.verb == Verb::Modify { other.change.as_ref().unwrap_or(&Json::Null) } else { &key };
    let blocks = |json: &Json| -> Vec<String> { json.as_object().into_iter().flatten().map(|(path, _)| block(path).to_owned()).collect() };
    let (ours, others) = (blocks(change), blocks(theirs));
    theirs != change && ours.iter().any(|block| others.contains(block))
}

/// The block that a setting is written with, at one cloud or another.
fn block(path: &str) -> &str {
    match path.split('.').next().unwrap_or(path) {
        "psk" | "negotiation" => "ike",
        "local_subnets" | "remote_subnets" | "policy_rules" | "customer_gateway" => "selectors",
        first => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::event::{Event, Record};

    #[test]
    fn a_late_request_collides_where_it_writes_the_same_block() {
        let records = |change: Json| {
            let planned = Event::Planned {
                verb: Verb::Modify,
                ends: Vec::new(),
                renegotiate: None,
                renegotiate_with: None,
                before: Some(json!({})),
                change: Some(change),
                way_back: false,
            };
            State::of(&[Record { time: Utc::now(), event: planned }]).unwrap()
        };
        let theirs = records(json!({ "ike.lifetime_secs": 3600 }));
        assert!(collides(&theirs, &json!({ "ike.dh_group": "group14" })));
        assert!(collides(&theirs, &json!({ "psk": { "state": "set" } })));
        assert!(!collides(&theirs, &json!({ "ipsec.pfs": "group14" })));
        assert!(!collides(&theirs, &json!({ "ike.lifetime_secs": 3600 })));
        // Another cloud may write other settings together: `block` has to know them.
        assert_eq!(crate::provider::PROVIDERS.len(), 3);
    }
}
