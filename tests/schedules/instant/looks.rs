//! What is checked at every instant: the disk, the clouds, the keys that can be opened.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::rc::Rc;

use tunnelctl::testing::operation::{Event, MemoryDisk, Record, Records, Which, journal};
use tunnelctl::testing::{Fault, Store, What, Wire};

use crate::fork::{Fate, Fork};

use super::{STATE, World};

impl World {
    /// Saves an instant, unless an identical one was saved already. `fate`: what becomes of the request at which the process
    /// ended.
    pub(super) fn save(&self, label: String, disk: MemoryDisk, store: &Store, sent: bool, fate: Fate) {
        let late = fate.until(self.wire.now());
        let mut notes = self.notes.borrow_mut();
        let late = late.max(notes.late);
        notes.instances += 1;
        // A request that was executed, or may be, changed the clouds.
        let alike = notes.alike;
        if fate != Fate::Not || !notes.forks.iter().skip(alike).any(|fork| fork.disk.holds_the_same_as(&disk)) {
            let fork = Fork { label, disk, store: store.clone(), sent, late };
            if fate == Fate::Not {
                notes.forks.push(fork);
            } else {
                notes.forks.insert(alike, fork);
                notes.alike += 1;
            }
        }
    }

    /// The instant before something happens.
    pub(super) fn begin(&self, what: &str) -> usize {
        let now = self.wire.now();
        let mut notes = self.notes.borrow_mut();
        notes.instants += 1;
        let instants = notes.instants;
        notes.trace.push(format!("{} {instants} {what}", now.format("%H:%M:%S%.3f")));
        let due = notes.edit.take_if(|edit| edit.at == instants);
        drop(notes);
        if let Some(edit) = due {
            let id = self.pair.refs.iter().find(|reference| reference.to_string() == edit.end).unwrap().id.clone();
            self.wire.store().borrow_mut().faults.push(Fault { ms: 0, id, ..Fault::new(What::Edit) });
            // The first run announces the edit, the second makes it: an edit waits for a change that is under way.
            self.wire.run();
            self.wire.run();
        }
        instants
    }

    /// Checks that every key that an end holds can be opened from what is durable.
    pub(super) fn look(&self) {
        let held = self.look_at_clouds();
        let mut notes = self.notes.borrow_mut();
        if !notes.sent || held.is_empty() {
            return;
        }
        let third = notes.third.as_ref().map(|(key, _)| key.clone());
        let openable = notes.openable.get_or_insert_with(|| self.openable());
        let lost: Vec<String> = held.into_iter().filter(|key| !openable.contains(key) && Some(key) != third.as_ref()).collect();
        for key in lost {
            notes.troubles.push(format!("an end holds {key}, which cannot be opened from what is durable"));
        }
    }

    /// The keys that the ends hold; none if they are the same as at the last call.
    pub(super) fn look_at_clouds(&self) -> Vec<String> {
        let store = self.wire.store().borrow();
        let (shown, mut unsettled) = (RefCell::new(DefaultHasher::new()), false);
        self.pair.visit(
            &store,
            |key| key.hash(&mut *shown.borrow_mut()),
            |changing, word| {
                unsettled |= changing || !crate::pair::UP.contains(&word);
                (changing, word).hash(&mut *shown.borrow_mut());
            },
        );
        let shown = shown.into_inner().finish();
        let mut notes = self.notes.borrow_mut();
        notes.unsettled = unsettled;
        if notes.shown == shown && notes.openable.is_some() {
            return Vec::new();
        }
        if notes.shown != shown {
            notes.alike = notes.forks.len();
        }
        notes.shown = shown;
        let mut held = Vec::new();
        self.pair.visit(&store, |key| held.push(key.to_owned()), |_, _| {});
        if notes.third.is_none() && !notes.allowed {
            notes.third = held.iter().find(|key| key.starts_with("Third-Party")).map(|key| (key.clone(), false));
        }
        held
    }

    /// Every key that can be opened from what is durable on the disk.
    pub fn openable(&self) -> Vec<String> {
        let disk = self.disk.copy();
        disk.cut_power();
        disk.revive();
        let records = Records::at(Rc::new(disk), Path::new(STATE));
        let mut keys = Vec::new();
        for name in records.disk.list(&records.directory).unwrap_or_default() {
            let id = name.to_str().and_then(|name| name.strip_suffix(".keys")?.parse().ok());
            let Some(id) = id else { continue };
            let opened = records.sealer(&id, &self.seal).open_all().unwrap_or_default();
            keys.extend(opened.iter().map(|(_, key)| key.expose().to_owned()));
        }
        keys
    }

    /// The last durable record, if it announces a request.
    pub(super) fn announced(&self) -> Option<Which> {
        let disk = self.disk.copy();
        disk.cut_power();
        disk.revive();
        let directory = Path::new(STATE).join("operations");
        let id = journal::list(&disk, &directory).ok()?.pop()?;
        match journal::peek::<Record>(&disk, &directory, &id).ok()?.records.pop()?.event {
            Event::Attempt { key, .. } => Some(key),
            Event::Renegotiate { .. } => Some(Which::New),
            _ => None,
        }
    }
}
