//! Keys at rest: sealed beside the journal, so that no instant of an operation loses one.
//!
//! A file of JSON lines. The first names the operation and the key that seals; each further one holds a key, sealed with
//! XChaCha20-Poly1305 under a random nonce, bound to the operation, the key's name and its fingerprint.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::disk::Disk;
use super::id::OperationId;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::print::gate::watch;

mod key;

pub use key::{SealKey, VARIABLE};

/// How the name of a file of sealed keys ends.
pub const EXTENSION: &str = "keys";
/// Length of a nonce, in bytes.
const NONCE: usize = 24;
/// Length of the proof behind a sealed text, in bytes.
const TAG: usize = 16;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    operation: OperationId,
    sealed_with: String,
}

/// A sealed key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    name: String,
    fp: String,
    nonce: String,
    #[serde(rename = "box")]
    sealed: String,
}

/// The sealed keys of an operation.
#[derive(Debug)]
pub struct Sealer {
    disk: Rc<dyn Disk>,
    path: PathBuf,
    id: OperationId,
    key: Rc<SealKey>,
}

impl Sealer {
    /// The sealed keys of an operation, there or not yet.
    #[must_use]
    pub fn new(disk: Rc<dyn Disk>, directory: &Path, id: &OperationId, key: Rc<SealKey>) -> Self {
        Self { disk, path: path(directory, id), id: id.clone(), key }
    }

    /// Seals keys beside those that are sealed already. When it returns, they are on the disk, and were read from there,
    /// opened and compared.
    ///
    /// # Errors
    /// When they cannot be written, or cannot be opened again; when another key has a name already; when the file is sealed
    /// under another key.
    pub fn seal(&self, keys: &[(&str, &Secret)]) -> Result<(), Error> {
        let mut lines = self.lines()?.unwrap_or_default();
        for (name, secret) in keys {
            match lines.iter().find(|line| line.name == *name) {
                Some(line) if self.open_line(line)?.matches(secret) => {}
                // A key that an end may hold is never written over.
                Some(_) => return Err(self.error(&format!("there is another key with the name {name} already"))),
                None => lines.push(self.seal_line(name, secret)?),
            }
        }
        let mut text = json(&Head { format: 1, operation: self.id.clone(), sealed_with: self.key.name().to_owned() });
        lines.iter().for_each(|line| text.push_str(&json(line)));
        self.disk.replace(&self.path, text.as_bytes()).map_err(|cause| {
            let error = self.error(&format!("cannot write it: {cause}"));
            if cause.kind() == io::ErrorKind::StorageFull { error.next("make room on that disk") } else { error }
        })?;
        for (name, secret) in keys {
            if !self.open(name)?.matches(secret) {
                return Err(self.error(&format!("the key {name} is another one when it is read back")));
            }
        }
        Ok(())
    }

    /// Opens a key. From then on it cannot be printed.
    ///
    /// # Errors
    /// When there is none of that name, it is sealed under another key, or the file was changed.
    pub fn open(&self, name: &str) -> Result<Secret, Error> {
        let lines = self.lines()?.ok_or_else(|| self.error("there is no such file: no key was sealed, or it was shredded"))?;
        let line = lines.iter().find(|line| line.name == name);
        self.open_line(line.ok_or_else(|| self.error(&format!("there is no key {name} in it")))?)
    }

    /// Opens all keys, with their names.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn open_all(&self) -> Result<Vec<(String, Secret)>, Error> {
        let lines = self.lines()?.ok_or_else(|| self.error("there is no such file: no key was sealed, or it was shredded"))?;
        lines.iter().map(|line| Ok((line.name.clone(), self.open_line(line)?))).collect()
    }

    /// The names of the keys, with their fingerprints; nothing where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or is sealed under another key.
    pub fn names(&self) -> Result<Vec<(String, String)>, Error> {
        Ok(self.lines()?.unwrap_or_default().into_iter().map(|line| (line.name, line.fp)).collect())
    }

    /// Destroys the sealed keys, as well as that can be done: see [`Disk::shred`].
    ///
    /// # Errors
    /// When the file is there and cannot be taken away.
    pub fn shred(&self) -> Result<(), Error> {
        self.disk.shred(&self.path).map_err(|cause| self.error(&format!("cannot shred it: {cause}")))
    }

    fn lines(&self) -> Result<Option<Vec<Line>>, Error> {
        let bytes = match self.disk.read(&self.path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(self.error(&format!("cannot read it: {cause}"))),
        };
        let (head, lines) = parse(&bytes).ok_or_else(|| self.changed("it is not one line of JSON a key"))?;
        if head.format != 1 {
            return Err(self.error(&format!("it has format {}, and this version of tunnelctl reads format 1", head.format)));
        }
        if head.operation != self.id {
            return Err(self.changed(&format!("it is of operation {}", head.operation)));
        }
        if head.sealed_with != self.key.name() {
            return Err(self.key.is_not(&head.sealed_with, &self.id));
        }
        Ok(Some(lines))
    }

    fn seal_line(&self, name: &str, secret: &Secret) -> Result<Line, Error> {
        let failed = || self.error(&format!("cannot seal the key {name}"));
        let fp = fingerprint(secret);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|cause| failed().state(format!("no random numbers: {cause}")))?;
        // The text is sealed where it stands: what leaves this buffer is no secret.
        let mut buffer = Zeroizing::new(secret.expose().as_bytes().to_vec());
        let tag = self.cipher().encrypt_inout_detached(&XNonce::from(nonce), &self.bound(name, &fp), buffer.as_mut_slice().into());
        let sealed = [buffer.as_slice(), tag.map_err(|_| failed())?.as_slice()].concat();
        Ok(Line { name: name.to_owned(), fp, nonce: STANDARD.encode(nonce), sealed: STANDARD.encode(sealed) })
    }

    fn open_line(&self, line: &Line) -> Result<Secret, Error> {
        let secret = self.try_open(line).ok_or_else(|| self.changed(&format!("the key {} cannot be opened", line.name)))?;
        watch(&secret);
        Ok(secret)
    }

    fn try_open(&self, line: &Line) -> Option<Secret> {
        let nonce: [u8; NONCE] = STANDARD.decode(&line.nonce).ok()?.try_into().ok()?;
        let mut buffer = Zeroizing::new(STANDARD.decode(&line.sealed).ok()?);
        let length = buffer.len().checked_sub(TAG)?;
        let (text, tag) = buffer.split_at_mut_checked(length)?;
        let tag = Tag::try_from(&*tag).ok()?;
        let bound = self.bound(&line.name, &line.fp);
        self.cipher().decrypt_inout_detached(&XNonce::from(nonce), &bound, text.into(), &tag).ok()?;
        std::str::from_utf8(text).ok().map(Secret::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.key.expose()).into())
    }

    /// What a box is bound to; as JSON, so that no two of them read the same.
    fn bound(&self, name: &str, fp: &str) -> Vec<u8> {
        serde_json::to_vec(&("tunnelctl sealed key 1", &self.id, name, fp)).unwrap_or_default()
    }

    fn error(&self, what: &str) -> Error {
        Error::new(exit::FAILED, format!("sealed keys of operation {}: {}: {what}", self.id, self.path.display()))
    }

    fn changed(&self, what: &str) -> Error {
        self.error(&format!("the file was changed: {what}")).next(format!("put a backup of {} in its place", self.path.display()))
    }
}

/// Where an operation's sealed keys lie.
#[must_use]
pub fn path(directory: &Path, id: &OperationId) -> PathBuf {
    directory.join(format!("{id}.{EXTENSION}"))
}

fn parse(bytes: &[u8]) -> Option<(Head, Vec<Line>)> {
    let mut lines = std::str::from_utf8(bytes).ok()?.lines();
    let head = serde_json::from_str(lines.next()?).ok()?;
    Some((head, lines.map(|line| serde_json::from_str(line).ok()).collect::<Option<_>>()?))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).map(|text| text + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests;
