//! The whole document: profiles, tunnels, pairs, and the default profile.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeTable;

use super::reader::{Reader, Value};
use crate::config::file::{Config, Given};
use crate::config::rules::is_region;
use crate::model::{Ref, hint, nearest};
use crate::provider::{PROVIDERS, registration};
use crate::system::is_name;

/// A name in the document, with its place.
type Name = (String, Range<usize>);

impl Reader<'_> {
    /// The configuration that a document holds.
    pub(super) fn config(&mut self, document: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        self.known(document, "the file", &["default_profile", "pass_env", "profiles", "tunnels", "pairs"]);
        config.pass_env = document.get("pass_env").map(|value| self.names(value)).unwrap_or_default();
        for (name, value) in self.entries(document, "profiles") {
            let profile = self.profile(&name.0, value);
            config.profiles.insert(name.0, profile);
        }
        for (name, value) in self.entries(document, "tunnels") {
            if let Some(reference) = self.tunnel(&name, value) {
                config.tunnels.insert(name.0, reference);
            }
        }
        for (name, value) in self.entries(document, "pairs") {
            if let Some(pair) = self.pair(&name, value, &config.tunnels) {
                config.pairs.insert(name.0, pair);
            }
        }
        config.default_profile = document.get("default_profile").and_then(|value| self.default_profile(value, &config));
        config
    }

    /// The entries of a table of the document.
    fn entries<'v, 't>(&mut self, document: &'v DeTable<'t>, key: &str) -> Vec<(Name, &'v Value<'t>)> {
        let Some(table) = document.get(key).and_then(|value| self.table(value, &format!("[{key}]"))) else { return Vec::new() };
        table.iter().map(|(name, value)| ((name.get_ref().to_string(), name.span()), value)).collect()
    }

    /// The names of variables in `pass_env`.
    fn names(&mut self, value: &Value<'_>) -> Vec<String> {
        let names: Vec<String> = self.texts(value, "pass_env").into_iter().map(|name| name.value).collect();
        if names.iter().any(|name| !is_name(name)) {
            self.fault(&value.span(), "pass_env: a name of a variable consists of letters, digits and _; its value does not belong here");
        }
        names
    }

    /// An entry of `[tunnels]`.
    fn tunnel(&mut self, name: &Name, value: &Value<'_>) -> Option<Given<Ref>> {
        self.check_name(name, "tunnel");
        let text = self.text(value, &name.0)?;
        match reference(&text.value) {
            Ok(reference) => Some(Given { value: reference, line: text.line }),
            Err(rule) => {
                self.fault(&value.span(), rule);
                None
            }
        }
    }

    /// A table `[pairs.<name>]`.
    fn pair(&mut self, name: &Name, value: &Value<'_>, tunnels: &BTreeMap<String, Given<Ref>>) -> Option<Given<[String; 2]>> {
        self.check_name(name, "pair");
        let place = format!("[pairs.{}]", name.0);
        let table = self.table(value, &place)?;
        self.known(table, &place, &["left", "right"]);
        let mut end = |key: &str| {
            let Some(value) = table.get(key) else {
                self.fault(&name.1, format!("{place} has no {key:?}"));
                return None;
            };
            self.end(value, key, tunnels)
        };
        let (left, right) = (end("left"), end("right"));
        let pair = [left?, right?];
        if pair[0] == pair[1] {
            self.fault(&name.1, format!("both ends of {place} are the same"));
        }
        Some(self.given(&name.1, pair))
    }

    /// An end of a pair: a ref, or a name from `[tunnels]`.
    fn end(&mut self, value: &Value<'_>, key: &str, tunnels: &BTreeMap<String, Given<Ref>>) -> Option<String> {
        let end = self.text(value, key)?.value;
        if !tunnels.contains_key(&end)
            && let Err(rule) = reference(&end)
        {
            let near = nearest(&end, tunnels.keys().map(String::as_str));
            self.fault(&value.span(), near.map_or(rule, |near| format!("did you mean {near:?} from [tunnels]?")));
        }
        Some(end)
    }

    /// The value of `default_profile`.
    fn default_profile(&mut self, value: &Value<'_>, config: &Config) -> Option<Given<String>> {
        let name = self.text(value, "default_profile")?;
        if !config.profiles.contains_key(&name.value) {
            let names = config.profiles.keys().map(String::as_str);
            self.fault(&value.span(), format!("there is no profile {:?}: {}", name.value, hint(&name.value, names)));
        }
        Some(name)
    }

    /// Checks a name. It is used where a ref or a provider can be, so it must not look like either.
    fn check_name(&mut self, name: &Name, what: &str) {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !name.0.chars().all(plain) || name.0.is_empty() || name.0.starts_with('-') {
            self.fault(&name.1, format!("{what} {:?}: a name consists of letters, digits, - _ . and does not begin with -", name.0));
        } else if registration(&name.0).is_some() {
            self.fault(&name.1, format!("{what} {:?} has the name of a provider", name.0));
        }
    }
}

/// Reads a ref whose provider, kind, region and id are possible.
fn reference(text: &str) -> Result<Ref, String> {
    let reference = Ref::parse(text).map_err(|error| error.to_string())?;
    let Some(registration) = registration(&reference.provider) else {
        let known = PROVIDERS.iter().map(|known| known.id);
        return Err(format!("{:?} is not a provider: {}", reference.provider, hint(&reference.provider, known)));
    };
    let kinds = registration.kinds.iter().map(|kind| kind.name);
    let Some(kind) = registration.kinds.iter().find(|kind| kind.name == reference.kind) else {
        return Err(format!("{:?} is not a kind of {}: {}", reference.kind, registration.title, hint(&reference.kind, kinds)));
    };
    if reference.region.as_ref().is_some_and(|region| !is_region(region)) {
        return Err("the region must be lower-case letters, digits and hyphens".to_owned());
    }
    if (kind.id_rule.check)(&reference.id) { Ok(reference) } else { Err(format!("id {:?}: must be {}", reference.id, kind.id_rule.text)) }
}
