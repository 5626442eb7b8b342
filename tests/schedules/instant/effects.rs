//! The disk and the wire of a run: each effect and each request is an instant.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tunnelctl::testing::operation::{Death, Disk, MemoryDisk};
use tunnelctl::testing::{InMemory, Registration, Reply, Request, SendError, Wire, registration};

use super::{BEGINS, World};
use crate::fork::{Fate, SOON, fates};
use crate::pair::{NEW, OLD};

impl World {
    /// An effect on the disk.
    fn effect<T>(&self, what: String, torn: Option<usize>, act: impl Fn(&MemoryDisk) -> io::Result<T>) -> io::Result<T> {
        let instant = self.begin(&what);
        let (forking, fails, sent) = {
            let mut notes = self.notes.borrow_mut();
            let fails = notes.fault.take_if(|(nth, _)| *nth == instant).map(|(_, kind)| kind);
            notes.failed |= fails.is_some();
            (notes.forking, fails, notes.sent)
        };
        if forking {
            let torn = torn.into_iter().flat_map(|length| [Death::Torn(length / 2), Death::Torn(length)]);
            for death in [Death::Kill, Death::Power].into_iter().chain(torn) {
                let disk = self.disk.copy();
                disk.die_at(1, death);
                let _ = act(&disk);
                // Some calls have no effect, such as removing a file that does not exist.
                if disk.dead().get() {
                    disk.revive();
                    self.save(format!("{instant} {what}, {death:?}"), disk, &self.wire.store().borrow(), sent, Fate::Not);
                }
            }
        }
        if let Some(kind) = fails {
            self.disk.fail_at(1, kind);
        }
        let done = act(&self.disk);
        {
            let mut notes = self.notes.borrow_mut();
            if !what.contains("journal") {
                notes.openable = None;
            }
            notes.syncs += usize::from(what.starts_with("sync"));
        }
        self.look();
        done
    }

    fn write(&self, registration: &'static Registration, request: &Request, instant: usize) {
        let announced = self.announced();
        let mut notes = self.notes.borrow_mut();
        notes.writes += 1;
        notes.sent = true;
        if notes.failed {
            notes.troubles.push(format!("{instant}: {} is sent after the journal failed", request.operation));
        }
        let openable = notes.openable.get_or_insert_with(|| self.openable()).clone();
        let needed = match announced {
            None => {
                notes.troubles.push(format!("{instant}: {} is sent, and no durable record announces it", request.operation));
                return;
            }
            Some(_) => [OLD, NEW],
        };
        for key in needed.iter().filter(|key| !openable.iter().any(|open| open == *key)) {
            notes.troubles.push(format!("{instant}: a request is sent while {key} cannot be opened from what is durable"));
        }
        let names = |text: &str| request.target().contains(text) || request.body_text().contains(text);
        if let Some((key, true)) = notes.third.clone() {
            let holder = self.pair.refs.iter().find(|reference| {
                reference.provider == registration.id
                    && names(&reference.id)
                    && self.pair.keys(&self.wire.store().borrow(), &reference.to_string())[0] == key
            });
            if let Some(holder) = holder {
                let carries = names(OLD) || names(NEW);
                if carries {
                    notes.troubles.push(format!("{instant}: {key}, which was seen at {holder}, is overwritten"));
                }
            }
        }
        let due = notes.fate.take_if(|(nth, _)| *nth == 1);
        if let Some((nth, _)) = &mut notes.fate {
            *nth -= 1;
        }
        if let Some((_, fate)) = due {
            let fate = fates(registration)[fate];
            notes.forking = true;
            notes.late = notes.late.max(fate.until(self.wire.now()));
            notes.trace.push(format!("  its reply is lost: {fate:?}"));
            self.wire.store().borrow_mut().faults.push(fate.fault());
        }
    }
}

fn is_write(request: &Request) -> bool {
    !["Describe", "Show", "List", "Get", "Keystone"].iter().any(|read| request.operation.starts_with(read))
}

impl Wire for World {
    fn send(&self, provider: &'static str, request: &Request) -> Result<Reply, SendError> {
        let registration = registration(provider).unwrap();
        let instant = self.begin(&format!("{} {}", registration.id, request.operation));
        let write = is_write(request);
        let (forking, sent) = {
            let mut notes = self.notes.borrow_mut();
            // Shortly before a late request arrives, no two instants are alike.
            if notes.late.is_some_and(|until| until >= self.wire.now() && until - self.wire.now() < SOON) {
                notes.alike = notes.forks.len();
            }
            (notes.forking, notes.sent)
        };
        if forking {
            let fates = if write { fates(registration).to_vec() } else { vec![Fate::Not] };
            for fate in fates {
                let clouds = InMemory::new(Rc::new(RefCell::new(self.wire.store().borrow().clone())), BEGINS.parse().unwrap());
                if fate != Fate::Not {
                    clouds.store().borrow_mut().faults.push(fate.fault());
                    let _ = clouds.send(provider, request);
                }
                for death in [Death::Kill, Death::Power] {
                    let disk = self.disk.copy();
                    disk.die_at(1, death);
                    let _ = disk.step();
                    disk.revive();
                    let outcome = if write { format!(", {fate:?}") } else { String::new() };
                    let label = format!("{instant} {} {}{outcome}, {death:?}", registration.id, request.operation);
                    self.save(label, disk, &clouds.store().borrow(), sent || write, fate);
                }
            }
        }
        if write {
            self.write(registration, request, instant);
        }
        let reply = self.wire.send(provider, request).map(|reply| self.quoted(reply, write));
        self.look();
        let mut notes = self.notes.borrow_mut();
        if write {
            notes.alike = notes.forks.len();
        }
        notes.trace.push(format!(
            "  {}",
            match &reply {
                Ok(reply) if write =>
                    format!("HTTP {} {}", reply.status, String::from_utf8_lossy(&reply.body).chars().take(160).collect::<String>()),
                Ok(reply) => format!("HTTP {}", reply.status),
                Err(error) => format!("{error:?}"),
            }
        ));
        if let (Ok(reply), Some((key, seen))) = (&reply, &mut notes.third) {
            *seen |= String::from_utf8_lossy(&reply.body).contains(key.as_str());
        }
        reply
    }

    fn advance(&self, by: Duration) {
        self.wire.advance(by);
        let comes = {
            let notes = self.notes.borrow();
            notes.unsettled || notes.late.is_some_and(|until| until >= self.wire.now() - by)
        };
        // The clouds change by themselves only while something is under way.
        if comes {
            self.wire.run();
            self.look();
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.wire.now()
    }
}

fn named(path: &Path) -> String {
    path.extension().or(path.file_name()).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl Disk for World {
    fn make_directory(&self, directory: &Path) -> io::Result<()> {
        self.effect("make directory".to_owned(), None, |disk| disk.make_directory(directory))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<OsString>> {
        self.disk.list(directory)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.disk.read(path)
    }

    fn create(&self, path: &Path, zeros: u64) -> io::Result<()> {
        self.effect(format!("create {}", named(path)), None, |disk| disk.create(path, zeros))
    }

    fn extend(&self, path: &Path, zeros: u64) -> io::Result<()> {
        self.effect(format!("extend {}", named(path)), None, |disk| disk.extend(path, zeros))
    }

    fn write(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        if named(path) == "journal" && at > 0 {
            self.note(|| format!("  {}", String::from_utf8_lossy(bytes.get(83..).unwrap_or_default()).trim_end()));
        }
        self.effect(format!("write {} at {at}", named(path)), Some(bytes.len()), |disk| disk.write(path, at, bytes))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.effect(format!("sync {}", named(path)), None, |disk| disk.sync(path))
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.effect(format!("truncate {}", named(path)), None, |disk| disk.truncate(path, length))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.effect(format!("rename {}", named(to)), None, |disk| disk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.effect(format!("remove {}", named(path)), None, |disk| disk.remove(path))
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.effect("sync directory".to_owned(), None, |disk| disk.sync_directory(directory))
    }
}
