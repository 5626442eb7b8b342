//! The files of the vendor's CLI and SDKs: `~/.aliyun/config.json`, then `~/.alibabacloud/credentials`.

mod config;
mod sdk;
mod temporary;

use std::path::PathBuf;

use crate::credentials::vendor::{Sourced, Vendor, ini, is_on, json, named};
use crate::error::{Error, exit};
use crate::model::hint;
use crate::system::private::Shelter;
use crate::system::{home, variable};

/// What the vendor's files contain, for the profile that is named here or in `ALIBABA_CLOUD_PROFILE`.
///
/// # Errors
/// When a file cannot be read, or the named profile is in none of them.
pub(super) fn files(profile: Option<&str>) -> Result<Vendor, Error> {
    let wanted = wanted(profile);
    let mut search = Search { wanted: wanted.as_ref().map(|wanted| wanted.value.as_str()), ..Search::default() };
    search.config_file()?;
    search.credentials_files()?;
    match &wanted {
        Some(wanted) if !search.found && (profile.is_some() || !search.profiles.is_empty()) => {
            Err(unknown_profile(wanted, &search.profiles))
        }
        _ => {
            // Named only where no other file has keys.
            search.vendor.keys = search.vendor.keys.take().or(search.unread.take().map(Err));
            Ok(search.vendor)
        }
    }
}

fn wanted(profile: Option<&str>) -> Option<Sourced<String>> {
    match profile {
        Some(name) => Some(Sourced::new(name.to_owned(), "the configuration file")),
        None => {
            let (name, value) = variable(&["ALIBABA_CLOUD_PROFILE", "ALIBABACLOUD_PROFILE"])?;
            Some(Sourced::new(value, name))
        }
    }
}

fn unknown_profile(wanted: &Sourced<String>, profiles: &[String]) -> Error {
    let hint = hint(&wanted.value, profiles.iter().map(String::as_str));
    let error = format!("{} names the profile {:?}, which is not in Alibaba's own files: {hint}", wanted.from, wanted.value);
    Error::new(exit::CREDENTIALS, error).state("nothing was sent")
}

/// A search through the files, in their order.
#[derive(Default)]
struct Search<'a> {
    /// The profile that is asked for; the files' default one without.
    wanted: Option<&'a str>,
    vendor: Vendor,
    /// Whether a file has the profile.
    found: bool,
    /// All profiles seen, for the error message.
    profiles: Vec<String>,
    /// Why the CLI's file holds nothing, where it should.
    unread: Option<Error>,
}

impl Search<'_> {
    fn config_file(&mut self) -> Result<(), Error> {
        // The vendor has two switches that turn this file off, each with its own spelling of "on".
        let ignored = variable(&["ALIBABA_CLOUD_IGNORE_PROFILE"]).is_some_and(|(_, value)| value == "TRUE");
        if ignored || is_on("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Ok(());
        }
        let Some(path) = named(&["ALIBABA_CLOUD_CONFIG_FILE"], ".aliyun/config.json") else { return Ok(()) };
        let Some(file) = json(&path, Shelter::None)? else { return Ok(()) };
        self.profiles.extend(config::names(&file).map(str::to_owned));
        match config::held(&file, &path, self.wanted) {
            Some(vendor) => {
                self.found = true;
                self.vendor.fill(vendor);
            }
            None => self.unread = config::unread(&file, &path).filter(|_| self.wanted.is_none()),
        }
        Ok(())
    }

    fn credentials_files(&mut self) -> Result<(), Error> {
        for path in credentials_paths() {
            let Some(file) = ini(&path)?.filter(|_| self.vendor.keys.is_none()) else { continue };
            self.profiles.extend(file.sections().iter().cloned());
            let section = self.wanted.unwrap_or("default");
            if file.sections().iter().any(|known| known == section) {
                self.found = true;
                self.vendor.fill(Vendor { keys: sdk::keys(&file, &path, section), ..Vendor::default() });
            }
        }
        Ok(())
    }
}

fn credentials_paths() -> Vec<PathBuf> {
    match variable(&["ALIBABA_CLOUD_CREDENTIALS_FILE"]) {
        Some((_, path)) => vec![path.into()],
        // The vendor's SDKs disagree about the name.
        None => [".alibabacloud/credentials", ".alibabacloud/credentials.ini"].into_iter().filter_map(home).collect(),
    }
}
