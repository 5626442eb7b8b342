//! The configuration of a run, read when something asks for it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::file::{Config, path};
use super::read::read;
use crate::error::{Error, exit};
use crate::model::{Ref, hint, nearest};
use crate::system::{pass, private};
use crate::wire::Credentials;

/// The configuration of a run. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Lazy(Rc<Inner>);

/// What the clones of a [`Lazy`] share.
#[derive(Debug, Default)]
struct Inner {
    /// The configuration file, once it was read.
    file: OnceCell<Option<Rc<Config>>>,
    /// Credentials by provider: a run obtains them once.
    ready: RefCell<BTreeMap<&'static str, Rc<tokio::sync::OnceCell<Rc<Credentials>>>>>,
}

impl Lazy {
    /// The configuration file; `None` without one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn file(&self) -> Result<Option<Rc<Config>>, Error> {
        if let Some(file) = self.0.file.get() {
            return Ok(file.clone());
        }
        let file = match path() {
            Some(path) => load(&path)?.map(Rc::new),
            None => None,
        };
        if let Some(config) = &file {
            pass(&config.pass_env);
        }
        Ok(self.0.file.get_or_init(|| file).clone())
    }

    /// The names that can be used in place of a ref, for completion; none when the file has errors.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.file().ok().flatten().map(|config| config.tunnels.keys().cloned().collect()).unwrap_or_default()
    }

    /// The cell that holds a provider's credentials once they were obtained.
    #[must_use]
    pub fn ready(&self, provider: &'static str) -> Rc<tokio::sync::OnceCell<Rc<Credentials>>> {
        Rc::clone(self.0.ready.borrow_mut().entry(provider).or_default())
    }

    /// The ref that a word means: a ref itself, or a name from `[tunnels]`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn reference(&self, word: &str) -> Result<Ref, Error> {
        let parsed = Ref::parse(word);
        let wrong = match parsed {
            Ok(reference) => return Ok(reference),
            Err(wrong) => wrong,
        };
        if word.contains(['/', '@']) || word.is_empty() {
            return Err(Error::usage(wrong.to_string()));
        }
        let file = self.file()?;
        let Some(config) = file else { return Err(Error::usage(wrong.to_string())) };
        match config.tunnels.get(word) {
            Some(tunnel) => Ok(tunnel.value.clone()),
            None => Err(Error::usage(wrong.to_string()).next(format!(
                "or a name from [tunnels] in {}: {}",
                config.path.display(),
                hint(word, config.tunnels.keys().map(String::as_str))
            ))),
        }
    }

    /// The ref of a name from `[tunnels]`; `None` when there is no such name.
    ///
    /// # Errors
    /// What is wrong with the file; a name that is close to an existing one.
    pub fn tunnel(&self, name: &str) -> Result<Option<Ref>, Error> {
        let Some(config) = self.file()? else { return Ok(None) };
        if let Some(tunnel) = config.tunnels.get(name) {
            return Ok(Some(tunnel.value.clone()));
        }
        match nearest(name, config.tunnels.keys().map(String::as_str)) {
            Some(near) => Err(Error::usage(format!("{name:?} is neither a provider nor a name from [tunnels]: did you mean {near:?}?"))),
            None => Ok(None),
        }
    }
}

/// Reads the configuration file; `None` when there is no such file.
///
/// # Errors
/// Everything that is wrong with it, with lines and columns.
fn load(path: &Path) -> Result<Option<Config>, Error> {
    let Some(text) = private::read(path, private::Shelter::None)? else { return Ok(None) };
    let (config, faults) = read(&text, path);
    if faults.is_empty() {
        return Ok(Some(config));
    }
    let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {}:{fault}", path.display())).collect();
    Err(Error::new(exit::CREDENTIALS, format!("the configuration file has errors{}", lines.concat())).state("nothing was sent"))
}
