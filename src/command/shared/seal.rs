//! The key that seals pre-shared keys on record.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, value_parser};

use super::psk::shown;
use crate::config;
use crate::error::{Error, exit};
use crate::operation::seal::{self, SealKey};
use crate::operation::state::State;

/// `--seal-key-file`.
pub(in crate::command) fn seal_argument() -> Arg {
    Arg::new("seal-key-file")
        .long("seal-key-file")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Seal the keys on record with this key, not with this installation's own [env: TUNNELCTL_SEAL_KEY_FILE]")
}

/// The name under which the spelling of a file's previous key is sealed, by the end's place.
pub(in crate::command) fn spelling(place: usize) -> String {
    format!("spelling-{place}")
}

/// The file that the flag or the environment names, as an absolute path.
pub(in crate::command) fn seal_key_file(matches: &ArgMatches) -> Option<PathBuf> {
    let named = matches.try_get_one::<PathBuf>("seal-key-file").ok().flatten().cloned();
    let named = named.or_else(|| std::env::var_os(seal::VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from))?;
    Some(std::path::absolute(&named).unwrap_or(named))
}

/// The sealing key of an operation on record: the one that is named now, else the one that it was begun with, else this
/// installation's own.
///
/// # Errors
/// Why there is none.
pub(in crate::command) fn seal_key_of(matches: &ArgMatches, state: Option<&State>) -> Result<SealKey, Error> {
    let recorded = state.and_then(|state| state.seal_key_file.as_ref()).filter(|path| path.exists());
    match recorded {
        Some(path) if seal_key_file(matches).is_none() => SealKey::from_file(path),
        _ => seal_key(matches, false),
    }
}

/// The sealing key that the flag or the environment names, or this installation's own, made on first use where `make` says so.
///
/// # Errors
/// Why there is none.
pub(in crate::command) fn seal_key(matches: &ArgMatches, make: bool) -> Result<SealKey, Error> {
    if let Some(path) = seal_key_file(matches) {
        // A key in place of its file's name is hidden in what follows.
        let _ = shown(&path);
        return SealKey::from_file(&path);
    }
    let path = config::path().ok_or_else(|| {
        Error::new(exit::CREDENTIALS, "there is no home directory to keep the sealing key in")
            .next("set XDG_CONFIG_HOME, or name a key file: --seal-key-file")
    })?;
    let directory = path.parent().map(std::path::Path::to_owned).unwrap_or_default();
    if make {
        SealKey::own_or_new(&directory)
    } else {
        SealKey::own(&directory)?.ok_or_else(|| {
            Error::new(exit::CREDENTIALS, format!("there is no sealing key in {}", directory.display()))
                .next("name the key file that the operation was begun with: --seal-key-file FILE")
        })
    }
}
