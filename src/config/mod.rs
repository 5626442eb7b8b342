//! What is said outside the command line: the configuration file, the environment, the vendors' own files.
//!
//! Nothing is read before it is needed, and each file once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use etcetera::{BaseStrategy, choose_base_strategy};

use crate::error::{Error, exit};
use crate::model::{Ref, Secret, hint, nearest};
use crate::system::private;
use crate::wire::Credentials;

pub mod environment;
pub mod hidden;
pub mod lookup;
mod options;
mod read;
mod read_own;

pub use options::Options;
pub(crate) use read::is_region;

/// A value of the configuration file, with its line.
#[derive(Debug)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Line, the first is 1.
    pub line: usize,
}

/// The configuration file.
#[derive(Debug, Default)]
pub struct Config {
    /// Where it lies.
    pub path: PathBuf,
    /// `default_profile`.
    pub default_profile: Option<Given<String>>,
    /// `[profiles.<name>.<provider>]`.
    pub profiles: BTreeMap<String, BTreeMap<&'static str, Cloud>>,
    /// `[tunnels]`.
    pub tunnels: BTreeMap<String, Given<Ref>>,
    /// `[pairs.<name>]`: left and right.
    pub pairs: BTreeMap<String, Given<[String; 2]>>,
}

/// What a profile says about a cloud.
#[derive(Debug, Default)]
pub struct Cloud {
    /// The table's own line.
    pub line: usize,
    /// Region of a call that names none.
    pub region: Option<Given<String>>,
    /// Regions of a listing that names none.
    pub regions: Vec<Given<String>>,
    /// URL of the service.
    pub endpoint: Option<Given<String>>,
    /// URL of the identity service.
    pub identity_endpoint: Option<Given<String>>,
    /// Project id.
    pub project_id: Option<Given<String>>,
    /// Signature scheme, one that the cloud has.
    pub signature: Option<Given<&'static str>>,
    /// Certificates to trust.
    pub ca_file: Option<Given<PathBuf>>,
    /// Where credentials come from.
    pub credentials: Option<Given<Own>>,
}

/// Where a profile takes credentials from.
#[derive(Debug)]
pub enum Own {
    /// The vendor's environment variables, and nothing else.
    Environment,
    /// The vendor's own files, and nothing else; with the name of a profile there.
    Vendor(Option<String>),
    /// A key pair of the profile's own.
    Keys {
        /// Access key id.
        id: String,
        /// Secret key.
        secret: Hidden,
        /// Token of temporary credentials.
        token: Option<Hidden>,
    },
}

/// Where a secret comes from.
#[derive(Debug)]
pub enum Hidden {
    /// It stands in the configuration file.
    Inline(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(Vec<String>),
}

/// Where the configuration file lies: `$XDG_CONFIG_HOME/tunnelctl/config.toml`, or `~/.config/tunnelctl/config.toml`.
#[must_use]
pub fn path() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.config_dir().join("tunnelctl").join("config.toml"))
}

impl Config {
    /// Reads the file that is there; `None` without one.
    ///
    /// # Errors
    /// All that is wrong with it, each with line and column.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let Some(text) = private::read(path, private::Shelter::None)? else { return Ok(None) };
        let (config, faults) = read::read(&text, path);
        if faults.is_empty() {
            return Ok(Some(config));
        }
        let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {}:{fault}", path.display())).collect();
        Err(Error::new(exit::CREDENTIALS, format!("the configuration file is not right{}", lines.concat())).state("nothing was sent"))
    }

    /// A place in the file, for messages.
    #[must_use]
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// The configuration of a run: read when something asks for it.
#[derive(Debug, Clone, Default)]
pub struct Lazy(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    file: OnceCell<Option<Rc<Config>>>,
    /// Credentials by provider: a run asks a command, or a cloud, once.
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
            Some(path) => Config::load(&path)?.map(Rc::new),
            None => None,
        };
        Ok(self.0.file.get_or_init(|| file).clone())
    }

    /// The names that can stand where a ref can, for completion; none when the file is not right.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.file().ok().flatten().map(|config| config.tunnels.keys().cloned().collect()).unwrap_or_default()
    }

    /// Where a provider's credentials are kept once they are there.
    #[must_use]
    pub fn ready(&self, provider: &'static str) -> Rc<tokio::sync::OnceCell<Rc<Credentials>>> {
        Rc::clone(self.0.ready.borrow_mut().entry(provider).or_default())
    }

    /// What a word means: a ref, or a name from `[tunnels]`.
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
    /// What is wrong with the file; a name that is near to one that there is.
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
