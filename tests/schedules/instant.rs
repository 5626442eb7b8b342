//! A disk and a wire that look closely: every effect on the one and every request on the other is an instant, at which the
//! process may end. What is left then is set aside as a [`Fork`], and the run goes on.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tunnelctl::testing::InMemory;
use tunnelctl::testing::Secret;
use tunnelctl::testing::Wire;
use tunnelctl::testing::operation::Records;
use tunnelctl::testing::operation::SealKey;
use tunnelctl::testing::operation::journal;
use tunnelctl::testing::operation::{Disk, MemoryDisk};
use tunnelctl::testing::operation::{Event, Record, Which};
use tunnelctl::testing::{Fault, Store, What};

use crate::fork::{Fate, Fork};
use crate::pair::Pair;

mod effects;

/// Where the operations lie.
pub const STATE: &str = "/state";
/// When everything begins.
pub const BEGINS: &str = "2026-11-20T12:00:00Z";

/// Somebody else's edit: at this instant, at the end of this name.
#[derive(Debug, Clone)]
pub struct Edit {
    pub at: usize,
    pub end: String,
}

/// What is known beside disk and clouds.
#[derive(Debug, Default)]
struct Notes {
    instants: usize,
    writes: usize,
    syncs: usize,
    sent: bool,
    forking: bool,
    forks: Vec<Fork>,
    /// Where those forks begin since which the clouds have not changed.
    alike: usize,
    /// Forks, and those that left what another one leaves.
    instances: usize,
    fate: Option<(usize, usize)>,
    fault: Option<(usize, io::ErrorKind)>,
    failed: bool,
    edit: Option<Edit>,
    /// Somebody else's key, and whether it was read from the cloud since.
    third: Option<(String, bool)>,
    /// It may be overwritten.
    allowed: bool,
    /// Keys that can be opened from what lasts; none where that has to be found out anew.
    openable: Option<Vec<String>>,
    /// What the clouds showed when they were last looked at.
    shown: u64,
    /// A change or a negotiation is under way.
    unsettled: bool,
    /// Until when a late request of ours is on its way.
    late: Option<DateTime<Utc>>,
    trace: Vec<String>,
    troubles: Vec<String>,
}

/// What runs share: disk, clouds, clock.
#[derive(Debug)]
pub struct World {
    pub pair: Pair,
    pub disk: Rc<MemoryDisk>,
    pub wire: InMemory,
    pub seal: Rc<SealKey>,
    notes: RefCell<Notes>,
}

impl World {
    /// The world as a fork has it.
    pub fn new(pair: &Pair, fork: Fork) -> Rc<Self> {
        let bytes = std::array::from_fn(|place| u8::try_from(place).unwrap() + 1);
        let seal = SealKey::new(zeroize::Zeroizing::new(bytes), PathBuf::from("/config/seal.key"));
        let wire = InMemory::new(Rc::new(RefCell::new(fork.store)), BEGINS.parse().unwrap());
        // What an earlier run sent may still be on its way.
        let late = fork.late;
        let notes = Notes { sent: fork.sent, late, ..Notes::default() };
        let world = Self { pair: pair.clone(), disk: Rc::new(fork.disk), wire, seal: Rc::new(seal), notes: RefCell::new(notes) };
        world.look_at_clouds();
        Rc::new(world)
    }

    /// A world in which nothing has happened.
    pub fn fresh(pair: &Pair) -> Rc<Self> {
        let mut store = pair.store();
        store.begin(BEGINS.parse().unwrap());
        Self::new(pair, Fork { label: String::new(), disk: MemoryDisk::new(), store, sent: false, late: None })
    }

    /// From now on, every instant is set aside.
    pub fn fork(&self) {
        self.notes.borrow_mut().forking = true;
    }

    /// Which of its fates the nth write from here meets, the first is 1; instants are set aside from then on.
    pub fn fate(&self, nth: usize, fate: usize) {
        self.notes.borrow_mut().fate = Some((nth, fate));
    }

    /// Lets the disk fail at the nth instant from here, the first is 1.
    pub fn fail(&self, nth: usize, kind: io::ErrorKind) {
        self.notes.borrow_mut().fault = Some((nth, kind));
    }

    /// Whether the disk has failed as it was told to.
    pub fn has_failed(&self) -> bool {
        self.notes.borrow().failed
    }

    /// Lets somebody else set a key.
    pub fn edit(&self, edit: Edit) {
        self.notes.borrow_mut().edit = Some(edit);
    }

    /// Whether a reply held somebody else's key.
    pub fn third_was_seen(&self) -> bool {
        self.notes.borrow().third.as_ref().is_some_and(|(_, seen)| *seen)
    }

    /// Somebody allowed it to be overwritten.
    pub fn allow(&self) {
        let mut notes = self.notes.borrow_mut();
        (notes.third, notes.allowed) = (None, true);
    }

    pub fn forks(&self) -> Vec<Fork> {
        let mut notes = self.notes.borrow_mut();
        notes.alike = 0;
        std::mem::take(&mut notes.forks)
    }

    /// How many instants and ways to end there were, with those that left what another one leaves.
    pub fn instances(&self) -> usize {
        self.notes.borrow().instances
    }

    pub fn troubles(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.borrow_mut().troubles)
    }

    pub fn trace(&self) -> String {
        self.notes.borrow().trace.join("\n    ")
    }

    pub fn writes(&self) -> usize {
        self.notes.borrow().writes
    }

    pub fn syncs(&self) -> usize {
        self.notes.borrow().syncs
    }

    pub fn instants(&self) -> usize {
        self.notes.borrow().instants
    }

    pub fn sent(&self) -> bool {
        self.notes.borrow().sent
    }

    /// What would be left if the process ended now, with a power cut or without.
    pub fn leave(&self, cut: bool) -> Fork {
        let disk = self.disk.copy();
        if cut {
            disk.cut_power();
            disk.revive();
        }
        Fork { label: String::new(), disk, store: self.wire.store().borrow().clone(), sent: self.sent(), late: self.notes.borrow().late }
    }

    /// The operations on record.
    pub fn records(self: &Rc<Self>) -> Records {
        Records::at(Rc::clone(self) as Rc<dyn Disk>, Path::new(STATE))
    }

    pub fn as_wire(self: &Rc<Self>) -> Rc<dyn Wire> {
        Rc::clone(self) as Rc<dyn Wire>
    }

    /// Lets time pass without any process.
    pub fn pass(&self, by: Duration) {
        self.wire.advance(by);
        self.wire.run();
    }

    pub fn note(&self, text: impl FnOnce() -> String) {
        self.notes.borrow_mut().trace.push(text());
    }

    /// Sets an instant aside, unless one that left the very same was set aside already. `fate`: what becomes of the request
    /// that the process ended at.
    fn save(&self, label: String, disk: MemoryDisk, store: &Store, sent: bool, fate: Fate) {
        let late = fate.until(self.wire.now());
        let mut notes = self.notes.borrow_mut();
        let late = late.max(notes.late);
        notes.instances += 1;
        // A request that was executed, or may be, made others of the clouds.
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
    fn begin(&self, what: &str) -> usize {
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
            // Announced, then made. One that meets a change that is being made comes after it.
            self.wire.run();
            self.wire.run();
        }
        instants
    }

    /// What holds at every instant: every key that an end holds can be opened from what lasts.
    fn look(&self) {
        let held = self.look_at_clouds();
        let mut notes = self.notes.borrow_mut();
        if !notes.sent || held.is_empty() {
            return;
        }
        let third = notes.third.as_ref().map(|(key, _)| key.clone());
        let openable = notes.openable.get_or_insert_with(|| self.openable());
        let lost: Vec<String> = held.into_iter().filter(|key| !openable.contains(key) && Some(key) != third.as_ref()).collect();
        for key in lost {
            notes.troubles.push(format!("an end holds {key}, which cannot be opened from what lasts"));
        }
    }

    /// The keys that ends hold; none when they hold the same as when that was last asked.
    fn look_at_clouds(&self) -> Vec<String> {
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

    /// Every key that can be opened from what lasts on the disk.
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

    /// The last record that lasts, if it announces a request.
    fn announced(&self) -> Option<Which> {
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

/// A key as the program knows it.
pub fn which(key: &str) -> Option<Which> {
    [(crate::pair::OLD, Which::Old), (crate::pair::NEW, Which::New)].into_iter().find(|(text, _)| *text == key).map(|(_, which)| which)
}

/// The new key.
pub fn new_key() -> Secret {
    Secret::new(crate::pair::NEW)
}
