//! From the text of the configuration file to [`Config`]. Pure: every complaint has line and column, none a value.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Cloud, Config, Given};
use crate::model::Ref;
use crate::model::{hint, nearest};
use crate::provider::{PROVIDERS, Registration, registration};
use crate::system::home;
use crate::wire::Endpoint;

/// Something wrong in the configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, the first is 1.
    pub line: usize,
    /// Column in characters, the first is 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.line, self.column, self.rule)
    }
}

pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The configuration that a text is, and everything that is wrong with it.
pub(super) fn read(text: &str, path: &Path) -> (Config, Vec<Fault>) {
    let mut reader = Reader { text, path, faults: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // Never the error's own form: it shows the line, which may hold a secret.
        let span = error.span().unwrap_or(0..0);
        reader.fault(&span, error.message().replace('\n', "; "));
    }
    let config = if reader.faults.is_empty() { reader.config(document.get_ref()) } else { Config::default() };
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| (fault.line, fault.column));
    (Config { path: path.to_owned(), ..config }, faults)
}

pub(super) struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    pub(super) fn fault(&mut self, span: &Range<usize>, rule: impl Into<String>) {
        let (line, column) = self.place(span);
        self.faults.push(Fault { line, column, rule: rule.into() });
    }

    pub(super) fn given<T>(&self, span: &Range<usize>, value: T) -> Given<T> {
        Given { value, line: self.place(span).0 }
    }

    /// Complains of every key that is not one of these.
    pub(super) fn known(&mut self, table: &DeTable<'_>, place: &str, keys: &[&str]) {
        for key in table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            self.fault(&key.span(), format!("{name:?} is no key of {place}: {}", hint(name, keys.iter().copied())));
        }
    }

    pub(super) fn table<'v, 't>(&mut self, value: &'v Value<'t>, place: &str) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.fault(&value.span(), format!("{place} must be a table"));
        }
        table
    }

    pub(super) fn text(&mut self, value: &Value<'_>, key: &str) -> Option<Given<String>> {
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(self.given(&value.span(), text.to_owned())),
            Some(_) => {
                self.fault(&value.span(), format!("{key} is empty"));
                None
            }
            None => {
                self.fault(&value.span(), format!("{key} must be a text in quotes"));
                None
            }
        }
    }

    pub(super) fn texts(&mut self, value: &Value<'_>, key: &str) -> Vec<Given<String>> {
        let Some(items) = value.get_ref().as_array().filter(|items| !items.is_empty()) else {
            self.fault(&value.span(), format!("{key} must be a list of texts, [\"...\", ...]"));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.text(item, key)).collect()
    }

    fn config(&mut self, document: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        self.known(document, "the file", &["default_profile", "profiles", "tunnels", "pairs"]);
        for (name, value) in entries(document, "profiles", self) {
            let profile = self.profile(&name.0, value);
            config.profiles.insert(name.0, profile);
        }
        for (name, value) in entries(document, "tunnels", self) {
            self.name(&name, "tunnel");
            let Some(text) = self.text(value, &name.0) else { continue };
            match Ref::parse(&text.value).map_err(|error| error.to_string()).and_then(|reference| sound(&reference).map(|()| reference)) {
                Ok(reference) => {
                    config.tunnels.insert(name.0, Given { value: reference, line: text.line });
                }
                Err(rule) => self.fault(&value.span(), rule),
            }
        }
        for (name, value) in entries(document, "pairs", self) {
            self.name(&name, "pair");
            let place = format!("[pairs.{}]", name.0);
            let Some(table) = self.table(value, &place) else { continue };
            self.known(table, &place, &["left", "right"]);
            let line = self.place(&name.1).0;
            let mut end = |key: &str| {
                let Some(value) = table.get(key) else {
                    self.fault(&name.1, format!("{place} has no {key:?}"));
                    return None;
                };
                let end = self.text(value, key)?;
                let known = config.tunnels.contains_key(&end.value);
                if !known && let Err(rule) = Ref::parse(&end.value).map_err(|error| error.to_string()).and_then(|end| sound(&end)) {
                    let names = config.tunnels.keys().map(String::as_str);
                    let near = nearest(&end.value, names).map_or(rule, |near| format!("did you mean {near:?} from [tunnels]?"));
                    self.fault(&value.span(), near);
                }
                Some(end.value)
            };
            if let (Some(left), Some(right)) = (end("left"), end("right")) {
                if left == right {
                    self.fault(&name.1, format!("both ends of {place} are the same"));
                }
                config.pairs.insert(name.0, Given { value: [left, right], line });
            }
        }
        if let Some(value) = document.get("default_profile")
            && let Some(name) = self.text(value, "default_profile")
        {
            if !config.profiles.contains_key(&name.value) {
                let names = config.profiles.keys().map(String::as_str);
                self.fault(&value.span(), format!("there is no profile {:?}: {}", name.value, hint(&name.value, names)));
            }
            config.default_profile = Some(name);
        }
        config
    }

    /// A name stands where a ref or a provider could stand, so it must not look like either.
    fn name(&mut self, name: &(String, Range<usize>), what: &str) {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !name.0.chars().all(plain) || name.0.is_empty() || name.0.starts_with('-') {
            self.fault(&name.1, format!("{what} {:?}: a name has letters, digits, - _ . and does not begin with -", name.0));
        } else if registration(&name.0).is_some() {
            self.fault(&name.1, format!("{what} {:?} has the name of a provider", name.0));
        }
    }

    fn profile(&mut self, name: &str, value: &Value<'_>) -> BTreeMap<&'static str, Cloud> {
        let place = format!("[profiles.{name}]");
        let Some(table) = self.table(value, &place) else { return BTreeMap::new() };
        let providers: Vec<&str> = PROVIDERS.iter().map(|registration| registration.id).collect();
        self.known(table, &place, &providers);
        let clouds = table.iter().filter_map(|(key, value)| Some((registration(key.get_ref())?, key.span(), value)));
        clouds
            .map(|(registration, span, value)| {
                let place = format!("[profiles.{name}.{}]", registration.id);
                let line = self.place(&span).0;
                (registration.id, Cloud { line, ..self.cloud(registration, &place, value) })
            })
            .collect()
    }

    fn cloud(&mut self, registration: &'static Registration, place: &str, value: &Value<'_>) -> Cloud {
        let mut cloud = Cloud::default();
        let Some(table) = self.table(value, place) else { return cloud };
        let environment = &registration.environment;
        let mut keys = vec!["region", "regions", "endpoint", "signature", "ca_file", "roots", "credentials"];
        keys.extend((!environment.identity_endpoint.is_empty()).then_some("identity_endpoint"));
        keys.extend((!environment.project.is_empty()).then_some("project_id"));
        self.known(table, place, &keys);
        let region = |reader: &mut Self, span: &Range<usize>, region: &Given<String>| {
            if !is_region(&region.value) {
                reader.fault(span, format!("region {:?}: must be lower-case letters, digits and hyphens", region.value));
            }
        };
        for (key, value) in table {
            let (span, key): (_, &str) = (value.span(), key.get_ref());
            match key {
                "region" => {
                    cloud.region = self.text(value, key);
                    cloud.region.iter().for_each(|given| region(self, &span, given));
                }
                "regions" => {
                    cloud.regions = self.texts(value, key);
                    cloud.regions.iter().for_each(|given| region(self, &span, given));
                }
                "endpoint" => cloud.endpoint = self.endpoint(value, key),
                "identity_endpoint" if keys.contains(&key) => cloud.identity_endpoint = self.endpoint(value, key),
                "project_id" if keys.contains(&key) => {
                    cloud.project_id = self.text(value, key);
                    if cloud.project_id.as_ref().is_some_and(|id| !is_project(&id.value)) {
                        self.fault(&span, "project_id: must be letters, digits and hyphens");
                    }
                }
                "signature" => cloud.signature = self.signature(registration, value),
                "ca_file" => cloud.ca_file = self.text(value, key).map(|given| Given { value: self.file(&given.value), line: given.line }),
                "roots" => match value.get_ref().as_str() {
                    Some("system") if table.contains_key("ca_file") => self.fault(&span, "roots and ca_file exclude each other"),
                    Some("system") => match system_roots() {
                        Some(path) => cloud.ca_file = Some(self.given(&span, path)),
                        None => self.fault(&span, "no file with this system's certificates was found: name it with ca_file"),
                    },
                    Some("built-in") => {}
                    _ => self.fault(&span, "roots must be \"built-in\" or \"system\""),
                },
                "credentials" => cloud.credentials = self.credentials(value, &format!("credentials of {place}")),
                _ => {}
            }
        }
        cloud
    }

    fn endpoint(&mut self, value: &Value<'_>, key: &str) -> Option<Given<String>> {
        let text = self.text(value, key)?;
        if let Err(rule) = Endpoint::parse(&text.value) {
            self.fault(&value.span(), format!("{key}: {rule}"));
        }
        Some(text)
    }

    fn signature(&mut self, registration: &'static Registration, value: &Value<'_>) -> Option<Given<&'static str>> {
        let text = self.text(value, "signature")?;
        let found = registration.signatures.iter().copied().find(|scheme| scheme.eq_ignore_ascii_case(&text.value));
        if found.is_none() {
            self.fault(&value.span(), format!("signature: {} has {}", registration.title, registration.signatures.join(", ")));
        }
        found.map(|value| Given { value, line: text.line })
    }

    /// A file's path: `~/` is the home directory, and a relative one begins where the configuration lies.
    pub(super) fn file(&self, text: &str) -> PathBuf {
        let home = text.strip_prefix("~/").and_then(home);
        home.unwrap_or_else(|| self.path.parent().map_or_else(|| PathBuf::from(text), |directory| directory.join(text)))
    }
}

/// The entries of a table of the document, their names with their places.
fn entries<'v, 't>(document: &'v DeTable<'t>, key: &str, reader: &mut Reader<'_>) -> Vec<((String, Range<usize>), &'v Value<'t>)> {
    let Some(table) = document.get(key).and_then(|value| reader.table(value, &format!("[{key}]"))) else { return Vec::new() };
    table.iter().map(|(name, value)| ((name.get_ref().to_string(), name.span()), value)).collect()
}

/// Whether a ref's provider, kind, region and id can be.
fn sound(reference: &Ref) -> Result<(), String> {
    let Some(registration) = registration(&reference.provider) else {
        return Err(format!(
            "{:?} is no provider: {}",
            reference.provider,
            hint(&reference.provider, PROVIDERS.iter().map(|known| known.id))
        ));
    };
    let kinds = registration.kinds.iter().map(|kind| kind.name);
    let Some(kind) = registration.kinds.iter().find(|kind| kind.name == reference.kind) else {
        return Err(format!("{} has no kind {:?}: {}", registration.title, reference.kind, hint(&reference.kind, kinds)));
    };
    if reference.region.as_ref().is_some_and(|region| !is_region(region)) {
        return Err("the region must be lower-case letters, digits and hyphens".to_owned());
    }
    if (kind.id_rule.check)(&reference.id) { Ok(()) } else { Err(format!("id {:?}: must be {}", reference.id, kind.id_rule.text)) }
}

/// Whether a text can be a region: it becomes a part of the host's name.
#[must_use]
pub(crate) fn is_region(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain) && !text.starts_with('-')
}

/// Whether a text can be a project id.
#[must_use]
pub(super) fn is_project(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Where systems keep the certificates that they trust, in one file.
fn system_roots() -> Option<PathBuf> {
    let known = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    known.into_iter().map(PathBuf::from).find(|path| path.is_file())
}

#[cfg(test)]
mod tests;
