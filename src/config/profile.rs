//! The profile of the configuration file that a run uses.

use super::file::{Config, path};
use super::options::Options;
use crate::credentials::vendor::Sourced;
use crate::error::{Error, exit};
use crate::model::hint;
use crate::system::variable;

/// The variable that names a profile.
pub const PROFILE: &str = "TUNNELCTL_PROFILE";
/// The profile that is used when none is named, if it exists.
const DEFAULT: &str = "default";

/// The profile that is used: of `--profile`, the variable, the file's `default_profile`, or the name `default`.
///
/// # Errors
/// When there is no profile of the given name.
pub fn profile(options: &Options, config: Option<&Config>) -> Result<Option<Sourced<String>>, Error> {
    let named = options.profile.clone().map(|name| Sourced::new(name, "--profile"));
    let named = named.or_else(|| variable(&[PROFILE]).map(|(name, value)| Sourced::new(value, name)));
    let Some(config) = config else {
        return match named {
            None => Ok(None),
            Some(named) => {
                let place = path().map(|path| format!(" at {}", path.display())).unwrap_or_default();
                let error = format!("{} {:?}: there is no configuration file{place}", named.from, named.value);
                Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"))
            }
        };
    };
    let default = || config.default_profile.as_ref().map(|given| Sourced::new(given.value.clone(), config.at(given.line)));
    let found = named.or_else(default);
    if let Some(found) = &found
        && !config.profiles.contains_key(&found.value)
    {
        let hint = hint(&found.value, config.profiles.keys().map(String::as_str));
        let error = format!("{} {:?}: there is no such profile in {}: {hint}", found.from, found.value, config.path.display());
        return Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"));
    }
    Ok(found.or_else(|| config.profiles.contains_key(DEFAULT).then(|| Sourced::new(DEFAULT.to_owned(), config.path.display().to_string()))))
}
