//! What a disk in memory holds: as seen, and as it would be after a power cut.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// How the process ends at an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// The process is killed before the effect: what it wrote stays as long as there is power.
    Kill,
    /// Power is cut before the effect: only synced bytes and names are left.
    Power,
    /// Power is cut during the effect, if it is a write: this many of its bytes are left, and all before them in that file;
    /// otherwise like [`Death::Power`].
    Torn(usize),
}

/// What is planned for an effect.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Death(Death),
    Failure(io::ErrorKind),
}

/// A file: the bytes on the disk, the bytes as seen, and which of those wait to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inode {
    pub(super) durable: Vec<u8>,
    pub(super) seen: Vec<u8>,
    pub(super) dirty: Vec<bool>,
}

impl Inode {
    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        self.seen.resize(self.seen.len().max(end), 0);
        self.dirty.resize(self.seen.len(), false);
        self.seen.iter_mut().skip(at).zip(bytes).for_each(|(place, byte)| *place = *byte);
        self.dirty.iter_mut().skip(at).take(bytes.len()).for_each(|dirty| *dirty = true);
    }

    pub(super) fn sync(&mut self) {
        self.durable.resize(self.seen.len(), 0);
        for ((durable, seen), dirty) in self.durable.iter_mut().zip(&self.seen).zip(&mut self.dirty) {
            if std::mem::take(dirty) {
                *durable = *seen;
            }
        }
    }

    /// After a power cut: what is on the disk is what is seen.
    pub(super) fn settle(&mut self) {
        self.seen.clone_from(&self.durable);
        self.dirty = vec![false; self.seen.len()];
    }
}

/// What a disk holds.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) inodes: Vec<Inode>,
    /// Names as seen.
    pub(super) names: BTreeMap<PathBuf, usize>,
    /// Names on the disk.
    pub(super) durable: BTreeMap<PathBuf, usize>,
    pub(super) effects: usize,
    pub(super) syncs: usize,
    pub(super) plan: Option<(usize, Event)>,
}
