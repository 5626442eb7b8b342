//! The key that seals pre-shared keys on record.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, value_parser};

use crate::config;
use crate::error::{Error, exit};
use crate::operation::seal::{self, SealKey};

/// `--seal-key-file`.
pub(in crate::command) fn seal_argument() -> Arg {
    Arg::new("seal-key-file")
        .long("seal-key-file")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Seal the keys on record with this key, not with this installation's own [env: TUNNELCTL_SEAL_KEY_FILE]")
}

/// The sealing key that the flag or the environment names, or this installation's own, made on first use where `make` says so.
///
/// # Errors
/// Why there is none.
pub(in crate::command) fn seal_key(matches: &ArgMatches, make: bool) -> Result<SealKey, Error> {
    let named = matches.get_one::<PathBuf>("seal-key-file").cloned();
    if let Some(path) = &named {
        seal::name(path);
    }
    if let Some(path) = named.or_else(|| std::env::var_os(seal::VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)) {
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
