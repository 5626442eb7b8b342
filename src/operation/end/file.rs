//! A local file that holds the key: written whole, then its reader is reloaded by the user's command.

use std::rc::Rc;

use super::super::event::{Planned, Site};
use super::super::state::MARGIN;
use super::super::transition::Sight;
use super::attempt::Sent;
use super::keys::Keys;
use crate::error::{Error, exit};
use crate::keyfile::{Opened, Place};
use crate::model::Secret;
use crate::print::output::Output;
use crate::provider::Accepted;
use crate::system::shell;

/// A file, and the command that reloads its reader.
#[derive(Debug)]
pub struct FileEnd {
    place: Place,
    reload: Option<String>,
    opened: Option<Opened>,
    /// How the file spelled the previous key.
    original: Option<Secret>,
    output: Rc<Output>,
}

impl FileEnd {
    /// Opens the file that an argument names: `file:PATH` or `file:PATH:NAME`.
    ///
    /// # Errors
    /// When the argument is malformed, or the file cannot be read or holds no such key.
    pub fn open(word: &str, reload: Option<String>, output: &Rc<Output>) -> Result<Self, Error> {
        let place = Place::parse(word).map_err(|cause| Error::usage(format!("{word}: {cause}")).state("nothing was sent"))?;
        let opened = place.open()?;
        opened.warnings.iter().for_each(|warning| output.warn(warning));
        Ok(Self { place, reload, opened: Some(opened), original: None, output: Rc::clone(output) })
    }

    /// The file and the key in it, as the user names them.
    #[must_use]
    pub fn name(&self) -> String {
        self.place.to_string()
    }

    /// How the file spells its key; to be sealed before the key is replaced.
    #[must_use]
    pub fn original(&self) -> Option<Secret> {
        self.opened.as_ref().map(|opened| opened.held.original())
    }

    /// Takes the spelling of the previous key, so that rolling back restores the file byte for byte.
    pub fn restore_as(&mut self, original: Secret) {
        self.original = Some(original);
    }

    /// Whether a command reloads the file's reader.
    #[must_use]
    pub const fn is_reloaded(&self) -> bool {
        self.reload.is_some()
    }

    /// The name of the file's lock, by its real path. It covers all keys in the file, since the file is replaced whole.
    #[must_use]
    pub fn lock_name(&self) -> String {
        format!("file:{}", self.opened.as_ref().map_or(self.place.path.as_path(), Opened::real).display())
    }

    /// The end as the plan records it.
    #[must_use]
    pub fn plan(&self) -> Planned {
        Planned {
            end: self.name(),
            tunnel: None,
            api: String::new(),
            site: Site::default(),
            service: String::new(),
            gateway: None,
            readable: true,
            not_before: None,
            // A write is over when it returns or its process dies: nothing is executed late.
            validity: -MARGIN,
            reload: self.reload.clone(),
        }
    }

    /// What the file is sent, in words for the plan.
    #[must_use]
    pub fn what_is_sent(&self) -> String {
        let reload = if self.reload.is_some() { "then its reload command runs" } else { "no command reloads its reader" };
        format!("the key, written into the file; {reload}")
    }

    /// The key as last read.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        self.opened.as_ref().map(|opened| Secret::new(opened.held.key().expose()))
    }

    /// Reads the file and tells which key it holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn look(&mut self, keys: &Keys) -> Result<Sight, Error> {
        match self.place.open() {
            Ok(opened) => {
                let sight = keys.which(opened.held.key()).map_or(Sight::Foreign, Sight::Holds);
                self.opened = Some(opened);
                Ok(sight)
            }
            Err(error) if error.exit == exit::NOT_FOUND => {
                self.opened = None;
                Ok(Sight::Foreign)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a key into the file, unless the file has changed since it was read.
    pub fn write(&mut self, key: &Secret) -> Sent {
        let Some(opened) = &self.opened else { return Sent::Lost(format!("{} was not read", self.place)) };
        match opened.write_as(key, self.original.as_ref()) {
            Ok(_) => {
                self.output.changed();
                Sent::Acked(Accepted::default())
            }
            Err(error) if error.is_written() => Sent::Lost(error.error(&self.place).message),
            Err(error) => {
                let error = error.error(&self.place);
                let cause = error.message.clone();
                Sent::Refused(Box::new(error), cause)
            }
        }
    }

    /// Makes sure that the key is on the disk, then reloads the file's reader. Can be repeated safely.
    ///
    /// # Errors
    /// When the file cannot be written, somebody changes it meanwhile, or the reload command fails.
    pub async fn take_up(&self, operation: &str) -> Result<(), Error> {
        if let Some(opened) = &self.opened {
            // An earlier run may have died between the rename and the sync of the directory.
            opened.write(opened.held.key()).map_err(|error| Error { exit: exit::HALF_WAY, ..error.error(&self.place) })?;
        }
        let Some(command) = &self.reload else { return Ok(()) };
        shell::run(command, operation, None, &self.output).await.map_err(|error| {
            Error::new(exit::HALF_WAY, format!("{} is written, but its reader was not reloaded: {}", self.place, error.message))
                .next("if the command itself is wrong, resume with another one: --reload COMMAND")
        })
    }
}
