//! Everything that the emulated clouds hold, and their time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::chance::Chance;
use super::coming::Coming;
use super::fault::Fault;
use super::link::Link;
use super::nonces::Nonces;
use super::places::Places;
use super::thing::{Pending, Settled, Thing};
use crate::model::time::after_ms;

/// A task that a client may poll.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// When it is done, in the store's milliseconds.
    pub due_ms: i64,
}

/// The request that a client token was used for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remembered {
    /// Its parameters, without those that differ from attempt to attempt.
    pub parameters: String,
    /// The body of the reply, which a repeated request gets again.
    pub body: String,
}

/// Everything that the three emulated clouds hold. Saved and loaded as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Store {
    /// Things, in the order in which they were added.
    pub things: Vec<Thing>,
    /// Tasks, the oldest first.
    pub tasks: Vec<Task>,
    /// Requests by their client token.
    pub tokens: BTreeMap<String, Remembered>,
    /// Nonces that were used.
    nonces: Nonces,
    /// How long a change takes, in milliseconds.
    pub settle_ms: i64,
    /// How long a negotiation takes, in milliseconds. The tunnel is down meanwhile.
    #[serde(default = "negotiate_ms")]
    pub negotiate_ms: i64,
    /// How many seconds the clouds' clock is ahead of the machine's, when they check signatures.
    pub skew_secs: i64,
    /// Faults to come, in order.
    pub faults: Vec<Fault>,
    /// Random faults.
    #[serde(default)]
    pub chance: Option<Chance>,
    /// Tunnels between emulated ends, once something happened to them.
    #[serde(default)]
    pub(crate) links: Vec<Link>,
    /// Events to come.
    #[serde(default)]
    pub(crate) coming: Vec<Coming>,
    /// The last number that [`Store::next`] gave out.
    sequence: u64,
    /// How many milliseconds the store's time is ahead of the machine's, because waits were skipped.
    ahead_ms: i64,
    /// The store's time, in milliseconds since 1970.
    #[serde(skip)]
    now_ms: i64,
    /// Changes that took effect since [`Store::take_settled`].
    #[serde(skip)]
    settled: Vec<Settled>,
    /// Index of `things`.
    #[serde(skip)]
    places: Places,
}

/// The default of [`Store::negotiate_ms`] in a saved state that lacks it.
const fn negotiate_ms() -> i64 {
    Store::NEGOTIATE_MS
}

impl Store {
    /// How long a change takes unless told otherwise, in milliseconds.
    pub const SETTLE_MS: i64 = 1500;

    /// How long a negotiation takes unless told otherwise, in milliseconds.
    pub const NEGOTIATE_MS: i64 = 500;

    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { settle_ms: Self::SETTLE_MS, negotiate_ms: Self::NEGOTIATE_MS, ..Self::default() }
    }

    /// The next number of a sequence, for ids.
    pub const fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// A request id in the form of a UUID.
    pub fn request_id(&mut self) -> String {
        format!("0E3A0000-0000-4000-8000-{:012X}", self.next())
    }

    /// Uses a nonce; false when it was used within the last half hour.
    pub fn fresh_nonce(&mut self, nonce: &str) -> bool {
        self.nonces.take(nonce, self.now_ms)
    }

    /// Starts a task that is done after the settling time.
    pub fn start_task(&mut self) -> String {
        let id = (12_000 + self.next()).to_string();
        self.tasks.push(Task { id: id.clone(), due_ms: self.now_ms + self.settle_ms });
        id
    }

    /// Whether a task is done; `None` when there is no such task.
    #[must_use]
    pub fn task_done(&self, id: &str) -> Option<bool> {
        self.tasks.iter().find(|task| task.id == id).map(|task| task.due_ms <= self.now_ms)
    }
}

/// Things, and changes to them.
impl Store {
    /// Indexes the things that were added without [`Store::add`].
    pub fn index(&mut self) {
        self.places.add(&self.things);
    }

    /// Adds a thing.
    pub fn add(&mut self, provider: &str, region: &str, class: &str, id: &str, data: Json) {
        let data = if let Json::Object(data) = data { data } else { Map::new() };
        let (provider, region, class, id) = (provider.to_owned(), region.to_owned(), class.to_owned(), id.to_owned());
        self.things.push(Thing { provider, region, class, id, data, pending: None });
        self.index();
    }

    /// A thing by its id.
    #[must_use]
    pub fn find(&self, provider: &str, class: &str, id: &str) -> Option<&Thing> {
        self.things.get(self.places.find(&self.things, provider, class, id)?)
    }

    /// [`Store::find`], to change the thing.
    pub fn find_mut(&mut self, provider: &str, class: &str, id: &str) -> Option<&mut Thing> {
        let place = self.places.find(&self.things, provider, class, id)?;
        self.things.get_mut(place)
    }

    /// Starts a change: the thing becomes `data` after the settling time.
    pub fn change(&mut self, provider: &str, class: &str, id: &str, data: Map<String, Json>) {
        let due_ms = self.now_ms + self.settle_ms;
        if let Some(thing) = self.find_mut(provider, class, id) {
            thing.pending = Some(Pending { data, due_ms, restarts: Vec::new(), fails: false });
        }
    }

    /// Lets tunnels of a connection renegotiate once its pending change is done.
    pub fn restart(&mut self, provider: &str, class: &str, id: &str, tunnels: impl Iterator<Item = usize>) {
        if let Some(pending) = self.find_mut(provider, class, id).and_then(|thing| thing.pending.as_mut()) {
            pending.restarts = tunnels.collect();
        }
    }

    /// The changes that took effect since this was last called.
    pub(crate) fn take_settled(&mut self) -> Vec<Settled> {
        std::mem::take(&mut self.settled)
    }
}

/// The store's time. It is ahead of a base clock (the machine's, or a test's) by the waits that were skipped.
impl Store {
    /// The store's time, in milliseconds since 1970.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The store's time when the base clock shows `base`.
    #[must_use]
    pub fn ahead_of(&self, base: DateTime<Utc>) -> DateTime<Utc> {
        after_ms(base, self.ahead_ms)
    }

    /// Moves the store ahead, instead of waiting.
    pub const fn advance(&mut self, ms: i64) {
        self.ahead_ms = self.ahead_ms.saturating_add(ms);
    }

    /// Moves the store to the time that belongs to `base`.
    pub fn begin(&mut self, base: DateTime<Utc>) {
        self.come_to(self.ahead_of(base));
    }

    /// Moves the store to `now`: changes that are due take effect.
    pub(crate) fn come_to(&mut self, now: DateTime<Utc>) {
        self.now_ms = now.timestamp_millis();
        let now_ms = self.now_ms;
        for (place, thing) in self.things.iter_mut().enumerate() {
            if let Some(pending) = thing.pending.take_if(|pending| pending.due_ms <= now_ms) {
                let before = std::mem::replace(&mut thing.data, pending.data);
                self.settled.push(Settled { place, before, restarts: pending.restarts, fails: pending.fails });
            }
        }
        self.index();
        self.nonces.expire(now_ms);
    }

    /// When the next event is due, if that is by `until_ms`.
    pub(crate) fn next_event(&self, until_ms: i64) -> Option<i64> {
        let pending = self.things.iter().filter_map(|thing| thing.pending.as_ref()).map(|pending| pending.due_ms);
        let links = self.links.iter().filter_map(Link::due_ms);
        let dues = pending.chain(links).chain(self.coming.iter().map(|coming| coming.due_ms));
        dues.filter(|due| *due <= until_ms).min()
    }

    /// Sets the store's time back to the base clock's, and shifts everything that is due: the clients of a server have
    /// no other clock.
    pub fn fall_back(&mut self) {
        let ahead = std::mem::take(&mut self.ahead_ms);
        let pending = self.things.iter_mut().filter_map(|thing| thing.pending.as_mut());
        let dues = pending.map(|pending| &mut pending.due_ms).chain(self.tasks.iter_mut().map(|task| &mut task.due_ms));
        let coming = self.coming.iter_mut().map(|coming| &mut coming.due_ms);
        dues.chain(self.nonces.times_mut()).chain(coming).for_each(|ms| *ms -= ahead);
        self.links.iter_mut().for_each(|link| link.shift(-ahead));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap()
    }

    #[test]
    fn change_takes_effect_when_it_is_due() {
        let mut store = Store::new();
        store.add("cloud", "region", "connection", "c-1", json!({ "Name": "old" }));
        store.begin(at(1000));
        let mut data = Map::new();
        data.insert("Name".into(), json!("new"));
        store.change("cloud", "connection", "c-1", data);
        store.begin(at(2000));
        assert!(store.find("cloud", "connection", "c-1").unwrap().is_changing());
        store.advance(500);
        store.begin(at(2000));
        let thing = store.find("cloud", "connection", "c-1").unwrap();
        assert!(!thing.is_changing());
        assert_eq!(thing.text("Name"), "new");
    }

    #[test]
    fn nonce_is_accepted_once_in_half_an_hour() {
        let mut store = Store::new();
        store.begin(at(0));
        assert!(store.fresh_nonce("n"));
        assert!(!store.fresh_nonce("n"));
        store.begin(at(1_900_000));
        assert!(store.fresh_nonce("n"));
    }
}
