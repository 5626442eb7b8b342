//! A disk and a wire that record instants. An instant is an effect on the disk or a request on the wire; the process may end
//! at each. What it would leave behind is saved as a [`Fork`], and the run continues.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tunnelctl::testing::operation::{Disk, MemoryDisk, Records, SealKey, Which};
use tunnelctl::testing::{InMemory, Secret, Wire};

use crate::fork::Fork;
use crate::pair::Pair;

mod effects;
mod looks;
mod quoting;

/// The directory of the operations.
pub const STATE: &str = "/state";
/// When everything begins.
pub const BEGINS: &str = "2026-11-20T12:00:00Z";

/// Somebody else's edit: at which instant, and of which end.
#[derive(Debug, Clone)]
pub struct Edit {
    pub at: usize,
    pub end: String,
}

/// Where a cloud quotes a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// In every part of a refusal; every write is refused but the first few.
    Refusals(usize),
    /// In the ids of requests and tasks.
    Ids,
    /// In the word for the tunnel's state.
    Words,
}

/// What is known besides disk and clouds.
#[derive(Debug, Default)]
struct Notes {
    instants: usize,
    writes: usize,
    syncs: usize,
    sent: bool,
    forking: bool,
    forks: Vec<Fork>,
    /// Index of the first fork since the clouds last changed.
    alike: usize,
    /// Number of forks, duplicates included.
    instances: usize,
    fate: Option<(usize, usize)>,
    fault: Option<(usize, io::ErrorKind)>,
    failed: bool,
    edit: Option<Edit>,
    /// Somebody else's key, and whether it has been read from the cloud since.
    third: Option<(String, bool)>,
    /// Whether it may be overwritten.
    allowed: bool,
    /// Keys that can be opened from what is durable; `None` if that must be determined again.
    openable: Option<Vec<String>>,
    /// Hash of what the clouds showed when last looked at.
    shown: u64,
    /// Whether a change or a negotiation is under way.
    unsettled: bool,
    /// Until when a late request of ours may still arrive.
    late: Option<DateTime<Utc>>,
    /// What the clouds say of a key, whatever they are asked.
    quoting: Option<Quoting>,
    trace: Vec<String>,
    troubles: Vec<String>,
}

/// What all runs share: disk, clouds, clock.
#[derive(Debug)]
pub struct World {
    pub pair: Pair,
    pub disk: Rc<MemoryDisk>,
    pub wire: InMemory,
    pub seal: Rc<SealKey>,
    notes: RefCell<Notes>,
}

impl World {
    /// The world that a fork holds.
    pub fn new(pair: &Pair, fork: Fork) -> Rc<Self> {
        let bytes = std::array::from_fn(|place| u8::try_from(place).unwrap() + 1);
        let seal = SealKey::new(zeroize::Zeroizing::new(bytes), PathBuf::from("/config/seal.key"));
        let wire = InMemory::new(Rc::new(RefCell::new(fork.store)), BEGINS.parse().unwrap());
        // A request of an earlier run may still be on its way.
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

    /// Saves every instant from now on.
    pub fn fork(&self) {
        self.notes.borrow_mut().forking = true;
    }

    /// Chooses the fate of the nth write from here, counted from 1; saves every instant from then on.
    pub fn fate(&self, nth: usize, fate: usize) {
        self.notes.borrow_mut().fate = Some((nth, fate));
    }

    /// Lets the disk fail at the nth instant from here, counted from 1.
    pub fn fail(&self, nth: usize, kind: io::ErrorKind) {
        self.notes.borrow_mut().fault = Some((nth, kind));
    }

    /// Whether the disk has failed as it was told to.
    pub fn has_failed(&self) -> bool {
        self.notes.borrow().failed
    }

    /// Lets the clouds quote the new key.
    pub fn quote(&self, quoting: Quoting) {
        self.notes.borrow_mut().quoting = Some(quoting);
    }

    /// Lets somebody else set a key.
    pub fn edit(&self, edit: Edit) {
        self.notes.borrow_mut().edit = Some(edit);
    }

    /// Whether a reply contained somebody else's key.
    pub fn third_was_seen(&self) -> bool {
        self.notes.borrow().third.as_ref().is_some_and(|(_, seen)| *seen)
    }

    /// Allows somebody else's key to be overwritten.
    pub fn allow(&self) {
        let mut notes = self.notes.borrow_mut();
        (notes.third, notes.allowed) = (None, true);
    }

    pub fn forks(&self) -> Vec<Fork> {
        let mut notes = self.notes.borrow_mut();
        notes.alike = 0;
        std::mem::take(&mut notes.forks)
    }

    /// How many instants and ways to end there were, duplicates included.
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

    /// Lets time pass while no process runs.
    pub fn pass(&self, by: Duration) {
        self.wire.advance(by);
        self.wire.run();
    }

    pub fn note(&self, text: impl FnOnce() -> String) {
        self.notes.borrow_mut().trace.push(text());
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
