//! A local file that holds the key, as an end. It holds a key once the file does and whoever reads the file was told.

use std::rc::Rc;

use super::end::{Keys, Sent};
use super::event::{Planned, Site, Which};
use super::state::MARGIN;
use super::transition::Sight;
use crate::error::{Error, exit};
use crate::keyfile::{Opened, Place, WriteError};
use crate::model::Secret;
use crate::output::Output;
use crate::provider::Accepted;
use crate::shell;

/// A file.
#[derive(Debug)]
pub struct FileEnd {
    /// Its name, from the root: another run may start in another directory.
    pub name: String,
    /// The operation that it is part of, for the commands that are run.
    pub operation: String,
    reload: Option<String>,
    opened: Opened,
    /// Which key it is to have in the end, as far as it was said.
    aim: Which,
    /// Whether its reader was told in this run, and the file was not written since.
    told: bool,
    output: Rc<Output>,
}

impl FileEnd {
    /// Reads the file that a word names.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(word: &str, reload: Option<String>, output: &Rc<Output>) -> Result<Self, Error> {
        let place = Place::parse(word).map_err(|cause| {
            Error::new(exit::NOT_FOUND, format!("{word}: {cause}"))
                .state("nothing was sent")
                .next("ls -l the file, and mind its name's case")
        })?;
        let opened = place.open()?;
        opened.warnings.iter().for_each(|warning| output.warn(warning));
        let (operation, output) = (String::new(), Rc::clone(output));
        Ok(Self { name: place.to_string(), operation, reload, opened, aim: Which::New, told: false, output })
    }

    /// Reads it again.
    ///
    /// # Errors
    /// What is wrong with it now.
    pub fn read(&mut self) -> Result<(), Error> {
        self.opened = self.opened.place.open()?;
        Ok(())
    }

    /// The name of its lock: the file's own, whatever links lead to it. It is replaced whole, so its other keys count too.
    #[must_use]
    pub fn lock_name(&self) -> String {
        format!("file:{}", self.opened.real().display())
    }

    /// The end as it is planned.
    #[must_use]
    pub fn plan(&self) -> Planned {
        Planned {
            end: self.name.clone(),
            tunnel: None,
            api: String::new(),
            site: Site::default(),
            service: String::new(),
            gateway: None,
            readable: true,
            // A write ends with the program that makes it, and the locks end no sooner.
            validity: -MARGIN,
            not_before: None,
            reload: self.reload.clone(),
        }
    }

    /// What it is sent, in words.
    #[must_use]
    pub fn what_is_sent(&self) -> String {
        let told = if self.reload.is_some() { "then the command of --reload" } else { "nobody is told to read it: there is no --reload" };
        format!("the file is replaced ({}), {told}; read back", self.opened.held.form())
    }

    /// The key that it held when it was read last.
    #[must_use]
    pub fn key(&self) -> Option<Secret> {
        Some(Secret::new(self.opened.held.key().expose()))
    }

    /// Reads the file. Where it holds the value that it is to have, that is made certain: an earlier run may have died
    /// before the disk or the reader had it.
    ///
    /// # Errors
    /// When it cannot be read, or its reader not told.
    pub async fn look(&mut self, keys: &Keys, aim: Which) -> Result<Sight, Error> {
        self.aim = aim;
        self.read()?;
        let Some(found) = keys.which(self.opened.held.key()) else { return Ok(Sight::Foreign) };
        if found == aim && !self.told {
            self.opened.write(self.opened.held.key()).map_err(|error| error.error(&self.opened.place))?;
            self.tell().await.map_err(|error| error.state(format!("{} holds the key, and its reader may not know it", self.name)))?;
        }
        Ok(Sight::Holds(found))
    }

    /// Writes a key, and tells who reads the file. Where that fails on the way forward, the file is as it was before.
    pub async fn write(&mut self, key: &Secret) -> Sent {
        self.told = false;
        match self.opened.write(key) {
            Ok(_) => {}
            // What stands there now is looked at, and may be nobody's business.
            Err(error @ (WriteError::Changed | WriteError::NotSynced(_))) => return Sent::Lost(error.error(&self.opened.place).message),
            Err(error) => return Sent::Refused(Box::new(error.error(&self.opened.place)), "not-written".to_owned()),
        }
        let Err(error) = self.tell().await else { return Sent::Acked(Accepted::default()) };
        if self.aim == Which::Old {
            return Sent::Refused(Box::new(error), "not-reloaded".to_owned());
        }
        let former = Secret::new(self.opened.held.key().expose());
        if let Err(cause) = self.read().map_err(|error| error.message).and_then(|()| {
            self.opened.write(&former).map_err(|error| error.error(&self.opened.place).message)?;
            self.read().map_err(|error| error.message)
        }) {
            return Sent::Lost(format!("{}; and the former key could not be put back: {cause}", error.message));
        }
        // It may have taken the new key up before it failed.
        let state = match self.tell().await {
            Ok(()) => "the file holds the former key again, and its reader was told",
            Err(_) => "the file holds the former key again",
        };
        Sent::Refused(Box::new(error.state(state)), "not-reloaded".to_owned())
    }

    async fn tell(&mut self) -> Result<(), Error> {
        if let Some(command) = &self.reload {
            shell::run(command, &self.operation, None, &self.output)
                .await
                .map_err(|error| Error { message: format!("--reload of {}: {}", self.name, error.message), ..error })?;
        }
        self.told = true;
        Ok(())
    }

    /// The rules that a key breaks: it is one line of text.
    #[must_use]
    pub fn key_faults(key: &Secret) -> Vec<String> {
        let wrong = key.expose().chars().position(char::is_control);
        wrong.map(|place| format!("character {} is a control character: a key must be one line", place + 1)).into_iter().collect()
    }
}
