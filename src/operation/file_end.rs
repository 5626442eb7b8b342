//! A local file that holds the key, as an end: written whole, then taken up by the command that the user names.

use std::rc::Rc;

use super::end::{Keys, Sent};
use super::event::{Planned, Site};
use super::state::MARGIN;
use super::transition::Sight;
use crate::error::{Error, exit};
use crate::keyfile::{Opened, Place};
use crate::model::Secret;
use crate::print::output::Output;
use crate::provider::Accepted;
use crate::system::shell;

/// A file, and the command that makes its reader take it up.
#[derive(Debug)]
pub struct FileEnd {
    place: Place,
    reload: Option<String>,
    opened: Option<Opened>,
    output: Rc<Output>,
}

impl FileEnd {
    /// Opens the file that a word names: `file:PATH` or `file:PATH:NAME`.
    ///
    /// # Errors
    /// What is wrong with the word or the file.
    pub fn open(word: &str, reload: Option<String>, output: &Rc<Output>) -> Result<Self, Error> {
        let place = Place::parse(word).map_err(|cause| Error::usage(format!("{word}: {cause}")).state("nothing was sent"))?;
        let opened = place.open()?;
        opened.warnings.iter().for_each(|warning| output.warn(warning));
        Ok(Self { place, reload, opened: Some(opened), output: Rc::clone(output) })
    }

    /// The file and the key in it, as a word.
    #[must_use]
    pub fn name(&self) -> String {
        self.place.to_string()
    }

    /// The name of its lock: the file's own, whatever links lead to it. It is replaced whole, so its other keys count too.
    #[must_use]
    pub fn lock_name(&self) -> String {
        format!("file:{}", self.opened.as_ref().map_or(self.place.path.as_path(), Opened::real).display())
    }

    /// The end as it is planned.
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
            // A write is over when it returns, or when its writer is dead.
            validity: -MARGIN,
            reload: self.reload.clone(),
        }
    }

    /// Whether a command makes the file's reader take the key up.
    #[must_use]
    pub const fn reloads(&self) -> bool {
        self.reload.is_some()
    }

    /// The key in it, as read last.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        self.opened.as_ref().map(|opened| Secret::new(opened.held.key().expose()))
    }

    /// Reads the file.
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

    /// Puts a key into the file, if it still is what was read.
    pub fn write(&mut self, key: &Secret) -> Sent {
        let Some(opened) = &self.opened else { return Sent::Lost(format!("{} was not read", self.place)) };
        match opened.write(key) {
            Ok(_) => Sent::Acked(Accepted::default()),
            Err(error) if error.is_written() => Sent::Lost(error.error(&self.place).message),
            Err(error) => {
                let error = error.error(&self.place);
                let cause = error.message.clone();
                Sent::Refused(Box::new(error), cause)
            }
        }
    }

    /// Makes the disk keep what was read, and the file's reader take it up. Once more does no harm.
    ///
    /// # Errors
    /// When the disk does not say so, somebody changes the file meanwhile, or the command fails.
    pub async fn take_up(&self, operation: &str) -> Result<(), Error> {
        if let Some(opened) = &self.opened {
            // An earlier run may have died between the rename and the sync of the directory.
            opened.write(opened.held.key()).map_err(|error| Error { exit: exit::HALF_WAY, ..error.error(&self.place) })?;
        }
        let Some(command) = &self.reload else { return Ok(()) };
        shell::run(command, operation, None, &self.output).await.map_err(|error| {
            Error::new(exit::HALF_WAY, format!("{} is written, and is not taken up: {}", self.place, error.message))
                .next("where the command itself is wrong, name another as you go on: --reload COMMAND")
        })
    }
}
