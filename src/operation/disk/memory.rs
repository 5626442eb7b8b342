//! A disk in memory that fails or dies on request, for tests.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::rc::Rc;

use super::content::{Death, Event, Inode, State};
use super::effects::Disk;

/// Files in memory, for tests. Effects are counted, and at any of them the process can die or the disk can fail.
///
/// Bytes survive a power cut once their file was synced, names once their directory was. A failed sync loses bytes for good, as
/// on Linux. Directories need not be created, and there is always room.
#[derive(Debug, Default)]
pub struct MemoryDisk {
    state: RefCell<State>,
    dead: Rc<Cell<bool>>,
}

impl MemoryDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of the disk with a live process.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = RefCell::new(State { plan: None, effects: 0, syncs: 0, ..self.state.borrow().clone() });
        Self { state, dead: Rc::default() }
    }

    /// Whether another disk holds the same, both as seen and after a power cut.
    #[must_use]
    pub fn holds_the_same_as(&self, other: &Self) -> bool {
        let (one, other) = (self.state.borrow(), other.state.borrow());
        one.inodes == other.inodes && one.names == other.names && one.durable == other.durable
    }

    /// Whether the process is dead, for others that end with it, such as a network.
    #[must_use]
    pub fn dead(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.dead)
    }

    /// The effects since the disk was created, copied, revived, or told when to die or fail.
    #[must_use]
    pub fn effects(&self) -> usize {
        self.state.borrow().effects
    }

    /// The syncs of files and directories, counted like [`MemoryDisk::effects`].
    #[must_use]
    pub fn syncs(&self) -> usize {
        self.state.borrow().syncs
    }

    /// Lets the process die at the nth effect from now, counted from 1.
    pub fn die_at(&self, nth: usize, death: Death) {
        self.plan(nth, Event::Death(death));
    }

    /// Lets the nth effect from now fail, counted from 1; the process lives on.
    pub fn fail_at(&self, nth: usize, kind: io::ErrorKind) {
        self.plan(nth, Event::Failure(kind));
    }

    fn plan(&self, nth: usize, event: Event) {
        let mut state = self.state.borrow_mut();
        (state.effects, state.syncs, state.plan) = (0, 0, Some((nth, event)));
    }

    /// Starts a new process on what is left.
    pub fn revive(&self) {
        self.dead.set(false);
        let mut state = self.state.borrow_mut();
        (state.effects, state.syncs, state.plan) = (0, 0, None);
    }

    /// Cuts the power now.
    pub fn cut_power(&self) {
        self.dead.set(true);
        let mut state = self.state.borrow_mut();
        state.names = state.durable.clone();
        state.inodes.iter_mut().for_each(Inode::settle);
    }

    /// Counts an effect outside the disk, such as a request, so that the process can die there too.
    ///
    /// # Errors
    /// When the process is dead or dies here, or this effect is to fail.
    pub fn step(&self) -> io::Result<()> {
        self.effect(|_| {}, |_, _| {})
    }

    /// Counts an effect: `failing` applies where it fails, `torn` where it is cut after some bytes.
    fn effect(&self, failing: impl FnOnce(&mut State), torn: impl FnOnce(&mut State, usize)) -> io::Result<()> {
        self.alive()?;
        let mut state = self.state.borrow_mut();
        state.effects += 1;
        let Some((_, event)) = state.plan.filter(|(nth, _)| *nth == state.effects) else { return Ok(()) };
        match event {
            Event::Failure(kind) => {
                failing(&mut state);
                return Err(kind.into());
            }
            Event::Death(Death::Kill) => self.dead.set(true),
            Event::Death(death) => {
                if let Death::Torn(bytes) = death {
                    torn(&mut state, bytes);
                }
                drop(state);
                self.cut_power();
            }
        }
        self.alive()
    }

    fn alive(&self) -> io::Result<()> {
        if self.dead.get() { Err(io::Error::other("the process is dead")) } else { Ok(()) }
    }

    fn put(&self, path: &Path, at: usize, bytes: &[u8]) -> io::Result<()> {
        self.with(path, |_| {})?;
        let put = |state: &mut State, bytes: &[u8]| {
            let number = state.names.get(path).copied();
            if let Some(file) = number.and_then(|number| state.inodes.get_mut(number)) {
                file.write(at, bytes);
            }
            number
        };
        let part = |state: &mut State, count: usize| put(state, bytes.get(..count).unwrap_or(bytes));
        let half = |state: &mut State| {
            part(state, bytes.len() / 2);
        };
        self.effect(half, |state, count| {
            if let Some(file) = part(state, count).and_then(|number| state.inodes.get_mut(number)) {
                file.sync();
            }
        })?;
        put(&mut self.state.borrow_mut(), bytes);
        Ok(())
    }

    fn with<T>(&self, path: &Path, work: impl FnOnce(&mut Inode) -> T) -> io::Result<T> {
        self.alive()?;
        let state = &mut *self.state.borrow_mut();
        let file = state.names.get(path).and_then(|number| state.inodes.get_mut(*number));
        file.map(work).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The zeros of a file that is made or extended. Fewer than asked for: tests copy disks by the thousand.
fn room(zeros: u64) -> &'static [u8] {
    const ROOM: [u8; 4096] = [0; 4096];
    ROOM.get(..usize::try_from(zeros).unwrap_or(usize::MAX).min(ROOM.len())).unwrap_or_default()
}

impl Disk for MemoryDisk {
    fn make_directory(&self, _: &Path) -> io::Result<()> {
        self.step()
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>> {
        self.alive()?;
        let state = self.state.borrow();
        let inside = state.names.keys().filter(|path| path.parent() == Some(directory));
        Ok(inside.filter_map(|path| path.file_name()).map(OsString::from).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.with(path, |file| file.seen.clone())
    }

    fn create(&self, path: &Path, zeros: u64) -> io::Result<()> {
        self.step()?;
        let mut state = self.state.borrow_mut();
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = state.inodes.len();
        let mut file = Inode::default();
        file.write(0, room(zeros));
        state.inodes.push(file);
        state.names.insert(path.to_owned(), number);
        Ok(())
    }

    fn extend(&self, path: &Path, zeros: u64) -> io::Result<()> {
        self.with(path, |_| {})?;
        self.step()?;
        self.with(path, |file| file.write(file.seen.len(), room(zeros)))
    }

    fn write(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.put(path, usize::try_from(at).unwrap_or(usize::MAX), bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.with(path, |_| {})?;
        let lost = |state: &mut State| {
            let number = state.names.get(path).copied();
            // The kernel still shows the bytes from memory but never writes them.
            if let Some(file) = number.and_then(|number| state.inodes.get_mut(number)) {
                file.dirty.fill(false);
            }
        };
        self.effect(lost, |_, _| {})?;
        self.state.borrow_mut().syncs += 1;
        self.with(path, Inode::sync)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.with(path, |_| {})?;
        self.step()?;
        // The new length lasts only after the next sync.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.with(path, |file| {
            file.seen.truncate(length);
            file.dirty.truncate(length);
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(from, |_| {})?;
        self.step()?;
        let mut state = self.state.borrow_mut();
        if let Some(number) = state.names.remove(from) {
            state.names.insert(to.to_owned(), number);
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.with(path, |_| {})?;
        self.step()?;
        self.state.borrow_mut().names.remove(path);
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.step()?;
        let state = &mut *self.state.borrow_mut();
        state.syncs += 1;
        let inside = |path: &Path| path.parent() == Some(directory);
        state.durable.retain(|path, _| !inside(path));
        state.durable.extend(state.names.iter().filter(|(path, _)| inside(path)).map(|(path, number)| (path.clone(), *number)));
        Ok(())
    }
}
