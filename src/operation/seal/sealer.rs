//! The file of an operation's sealed keys.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::disk::Disk;
use super::super::id::OperationId;
use super::key::SealKey;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::print::gate::watch;

/// The extension of the file's name.
const EXTENSION: &str = "keys";
/// Length of a nonce, in bytes.
const NONCE: usize = 24;
/// Length of the authentication tag behind a sealed text, in bytes.
const TAG: usize = 16;

/// The first line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    operation: OperationId,
    sealed_with: String,
}

/// A line with a sealed key.
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
    /// The sealed keys of an operation, whether the file exists yet or not.
    #[must_use]
    pub fn new(disk: Rc<dyn Disk>, directory: &Path, id: &OperationId, key: Rc<SealKey>) -> Self {
        Self { disk, path: path(directory, id), id: id.clone(), key }
    }

    /// Seals keys beside those already sealed. When it returns, they are on the disk, and were read back, opened and compared.
    ///
    /// # Errors
    /// When the keys cannot be written or opened again, another key has one of the names already, or the file is sealed under
    /// another sealing key.
    pub fn seal(&self, keys: &[(&str, &Secret)]) -> Result<(), Error> {
        let mut lines = self.lines()?.unwrap_or_default();
        for (name, secret) in keys {
            match lines.iter().find(|line| line.name == *name) {
                Some(line) if self.open_line(line)?.matches(secret) => {}
                // A key that an end may hold is never overwritten.
                Some(_) => return Err(self.error(&format!("there is already another key with the name {name}"))),
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
                return Err(self.error(&format!("the key {name} differs when it is read back")));
            }
        }
        Ok(())
    }

    /// Opens a key. From then on it is hidden in all output.
    ///
    /// # Errors
    /// When there is no key of that name, it is sealed under another sealing key, or the file was changed.
    pub fn open(&self, name: &str) -> Result<Secret, Error> {
        let lines = self.sealed()?;
        let line = lines.iter().find(|line| line.name == name);
        self.open_line(line.ok_or_else(|| self.error(&format!("there is no key {name} in it")))?)
    }

    /// Opens all keys; returns them with their names.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn open_all(&self) -> Result<Vec<(String, Secret)>, Error> {
        self.sealed()?.iter().map(|line| Ok((line.name.clone(), self.open_line(line)?))).collect()
    }

    fn sealed(&self) -> Result<Vec<Line>, Error> {
        self.lines()?.ok_or_else(|| self.error("there is no such file: no key was sealed, or they were shredded"))
    }

    fn lines(&self) -> Result<Option<Vec<Line>>, Error> {
        let bytes = match self.disk.read(&self.path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(self.error(&format!("cannot read it: {cause}"))),
        };
        let (head, lines) = parse(&bytes).ok_or_else(|| self.changed("it is not one line of JSON for each key"))?;
        if head.format != 1 {
            return Err(self.error(&format!("it has format {}, but this version of tunnelctl reads format 1", head.format)));
        }
        if head.operation != self.id {
            return Err(self.changed(&format!("it belongs to operation {}", head.operation)));
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
        // The text is sealed in place: nothing secret leaves this buffer.
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

    /// What a sealed key is bound to; as JSON, so that no two bindings are the same bytes.
    fn bound(&self, name: &str, fp: &str) -> Vec<u8> {
        serde_json::to_vec(&("tunnelctl sealed key 1", &self.id, name, fp)).unwrap_or_default()
    }

    fn error(&self, what: &str) -> Error {
        Error::new(exit::FAILED, format!("sealed keys of operation {}: {}: {what}", self.id, self.path.display()))
    }

    fn changed(&self, what: &str) -> Error {
        self.error(&format!("the file was changed: {what}")).next(format!("restore {} from a backup", self.path.display()))
    }
}

/// The file of an operation's sealed keys.
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
