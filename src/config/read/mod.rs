//! From the text of the configuration file to [`Config`]. Pure: every error has line and column, none repeats a value.

mod cloud;
mod credentials;
mod document;
mod reader;

use std::path::Path;

use toml::de::DeTable;

use super::file::Config;
use reader::{Fault, Reader};

/// Reads the text of the file: the configuration, and everything that is wrong with it.
pub(super) fn read(text: &str, path: &Path) -> (Config, Vec<Fault>) {
    let mut reader = Reader { text, path, faults: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // Not the error's `Display`: it shows the line, which may hold a secret.
        let span = error.span().unwrap_or(0..0);
        reader.fault(&span, error.message().replace('\n', "; "));
    }
    let config = if reader.faults.is_empty() { reader.config(document.get_ref()) } else { Config::default() };
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| (fault.line, fault.column));
    (Config { path: path.to_owned(), ..config }, faults)
}

#[cfg(test)]
mod tests;
