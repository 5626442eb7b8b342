//! What the emulated clouds hold.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::chance::Chance;
use super::coming::Coming;
use super::fault::Fault;
use super::link::Link;

/// A thing at a cloud: a connection, gateway, customer gateway, IPsec server or project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Thing {
    /// Cloud.
    pub provider: String,
    /// Region.
    pub region: String,
    /// What it is, such as `connection` or `gateway`; the cloud's emulator chooses the words.
    pub class: String,
    /// Id.
    pub id: String,
    /// What it is now, in the cloud's own spelling. Keys are in it in clear: they are fake.
    pub data: Map<String, Json>,
    /// What it is becoming.
    pub pending: Option<Pending>,
}

impl Thing {
    /// Whether a change is still being made.
    #[must_use]
    pub const fn is_changing(&self) -> bool {
        self.pending.is_some()
    }

    /// A text of its data; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.data.get(name).and_then(Json::as_str).unwrap_or_default()
    }
}

/// A change that is being made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// The data afterwards.
    pub data: Map<String, Json>,
    /// When it is done, in the store's milliseconds.
    pub due_ms: i64,
    /// Tunnels that are negotiated anew then, by number, whatever has changed.
    #[serde(default)]
    pub restarts: Vec<usize>,
    /// Whether that negotiation comes to nothing.
    #[serde(default)]
    pub fails: bool,
}

/// A thing whose change came into force.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    /// Its place.
    pub(crate) place: usize,
    /// What it was before.
    pub(crate) before: Map<String, Json>,
    /// As [`Pending::restarts`].
    pub(crate) restarts: Vec<usize>,
    /// As [`Pending::fails`].
    pub(crate) fails: bool,
}

/// A task that a client may poll.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// When it is done, in the store's milliseconds.
    pub due_ms: i64,
}

/// What a client token was used for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remembered {
    /// The parameters it came with, without what changes from attempt to attempt.
    pub parameters: String,
    /// The reply's body, given again.
    pub body: String,
}

/// Everything the three emulated clouds hold. Saved and loaded as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Store {
    /// Things, in the order they were made.
    pub things: Vec<Thing>,
    /// Tasks, the oldest first.
    pub tasks: Vec<Task>,
    /// Client tokens.
    pub tokens: BTreeMap<String, Remembered>,
    /// Nonces seen, with the time until which they are remembered.
    nonces: BTreeMap<String, i64>,
    /// How long a change takes, in milliseconds.
    pub settle_ms: i64,
    /// How long a negotiation takes, in milliseconds: the tunnel is down meanwhile.
    #[serde(default = "negotiate_ms")]
    pub negotiate_ms: i64,
    /// How far the clouds' clock is off, in seconds, in the sense of signatures.
    pub skew_secs: i64,
    /// Faults still to come, in order.
    pub faults: Vec<Fault>,
    /// Faults at random.
    #[serde(default)]
    pub chance: Option<Chance>,
    /// Tunnels between emulated ends, as far as anything was done with them.
    #[serde(default)]
    pub(crate) links: Vec<Link>,
    /// What is still to come.
    #[serde(default)]
    pub(crate) coming: Vec<Coming>,
    sequence: u64,
    /// How far the store's time has been moved ahead of the machine's, by waits that were not waited.
    ahead_ms: i64,
    #[serde(skip)]
    now_ms: i64,
    /// Things whose change came into force.
    #[serde(skip)]
    settled: Vec<Settled>,
    /// Places of things by what they are called. A place may be missing or wrong: it is checked, and searched for then.
    #[serde(skip)]
    places: HashMap<String, usize>,
}

const fn negotiate_ms() -> i64 {
    Store::NEGOTIATE_MS
}

fn called(provider: &str, class: &str, id: &str) -> String {
    format!("{provider}/{class}/{id}")
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

    /// Lets time come to what it is when the clock that it runs ahead of shows `base`.
    pub fn begin(&mut self, base: DateTime<Utc>) {
        self.come_to(self.ahead_of(base));
    }

    /// The store's time when the clock that it runs ahead of shows `base`.
    #[must_use]
    pub fn ahead_of(&self, base: DateTime<Utc>) -> DateTime<Utc> {
        base + TimeDelta::milliseconds(self.ahead_ms)
    }

    /// Takes the store's time back to the machine's, and what is due with it: a server's clients have only that one.
    pub fn fall_back(&mut self) {
        let ahead = std::mem::take(&mut self.ahead_ms);
        let pending = self.things.iter_mut().filter_map(|thing| thing.pending.as_mut());
        let dues = pending.map(|pending| &mut pending.due_ms).chain(self.tasks.iter_mut().map(|task| &mut task.due_ms));
        let coming = self.coming.iter_mut().map(|coming| &mut coming.due_ms);
        dues.chain(self.nonces.values_mut()).chain(coming).for_each(|ms| *ms -= ahead);
        self.links.iter_mut().for_each(|link| link.shift(-ahead));
    }

    /// Lets time come to `now`: changes that are due are made.
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
        self.nonces.retain(|_, until| *until > now_ms);
    }

    /// When the next thing happens by itself, if that is by `until_ms`.
    pub(crate) fn next_event(&self, until_ms: i64) -> Option<i64> {
        let pending = self.things.iter().filter_map(|thing| thing.pending.as_ref()).map(|pending| pending.due_ms);
        let links = self.links.iter().filter_map(Link::due_ms);
        let dues = pending.chain(links).chain(self.coming.iter().map(|coming| coming.due_ms));
        dues.filter(|due| *due <= until_ms).min()
    }

    /// What has changed since this was last asked.
    pub(crate) fn take_settled(&mut self) -> Vec<Settled> {
        std::mem::take(&mut self.settled)
    }

    /// Learns the places of things that have none yet: all, when the store was loaded.
    pub fn index(&mut self) {
        for (place, thing) in self.things.iter().enumerate().skip(self.places.len()) {
            self.places.entry(called(&thing.provider, &thing.class, &thing.id)).or_insert(place);
        }
    }

    /// Moves the store's time on, in place of a wait.
    pub const fn advance(&mut self, ms: i64) {
        self.ahead_ms += ms;
    }

    /// The store's time, in milliseconds since 1970.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
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
        self.things.get(self.place(provider, class, id)?)
    }

    /// The same, to change it.
    pub fn find_mut(&mut self, provider: &str, class: &str, id: &str) -> Option<&mut Thing> {
        let place = self.place(provider, class, id)?;
        self.things.get_mut(place)
    }

    fn place(&self, provider: &str, class: &str, id: &str) -> Option<usize> {
        let is = |thing: &Thing| thing.id == id && thing.class == class && thing.provider == provider;
        let known = self.places.get(&called(provider, class, id)).copied();
        // Once all places are known, what has none is not there.
        match known.filter(|place| self.things.get(*place).is_some_and(is)) {
            None if known.is_some() || self.places.len() < self.things.len() => self.things.iter().position(is),
            found => found,
        }
    }

    /// Starts a change: the thing becomes `data` after the settling time.
    pub fn change(&mut self, provider: &str, class: &str, id: &str, data: Map<String, Json>) {
        let due_ms = self.now_ms + self.settle_ms;
        if let Some(thing) = self.find_mut(provider, class, id) {
            thing.pending = Some(Pending { data, due_ms, restarts: Vec::new(), fails: false });
        }
    }

    /// Has tunnels of a connection that is being changed negotiated anew once the change is made.
    pub fn restart(&mut self, provider: &str, class: &str, id: &str, tunnels: impl Iterator<Item = usize>) {
        if let Some(pending) = self.find_mut(provider, class, id).and_then(|thing| thing.pending.as_mut()) {
            pending.restarts = tunnels.collect();
        }
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

    /// Takes a nonce in; false when it was used within the last half hour.
    pub fn fresh_nonce(&mut self, nonce: &str) -> bool {
        self.nonces.insert(nonce.to_owned(), self.now_ms + 1_800_000).is_none()
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
    fn a_change_is_made_when_its_time_has_come() {
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
    fn a_nonce_is_taken_once() {
        let mut store = Store::new();
        store.begin(at(0));
        assert!(store.fresh_nonce("n"));
        assert!(!store.fresh_nonce("n"));
        store.begin(at(1_900_000));
        assert!(store.fresh_nonce("n"));
    }
}
