//! The settings of one connection, with those that it takes from others.

use std::collections::HashSet;

use super::file::{Conn, File, Setting};
use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::text::seconds;

/// Several names of one setting.
const ALIASES: &[(&str, &str)] = &[
    ("keylife", "salifetime"),
    ("lifetime", "salifetime"),
    ("ipsec-lifetime", "salifetime"),
    ("phase2alg", "esp"),
    ("phase2-alg", "esp"),
    ("ah", "esp"),
    ("aggrmode", "aggressive"),
    ("vti", "interface-ip"),
];

/// The name that a setting is looked up with.
fn canonical(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name)
}

/// The settings of a connection, those of `also=` and `%default` included. Those of `%default` come last.
pub(super) struct Settings {
    settings: Vec<Setting>,
    /// A setting that stands there twice: Libreswan does not load such a connection.
    pub(super) twice: Option<Setting>,
}

impl Settings {
    /// Collects the settings of a connection.
    pub(super) fn of(conn: &Conn, file: &File) -> Result<Self, Fault> {
        let (mut settings, mut twice): (Vec<Setting>, Option<Setting>) = (Vec::new(), None);
        let mut names: HashSet<String> = HashSet::new();
        let (mut seen, mut next) = (vec![conn.name.clone()], vec![(conn, false)]);
        while let Some((conn, flip)) = next.pop() {
            if let Some(fault) = &conn.fault {
                return Err(fault.clone());
            }
            let mut also = Vec::new();
            for setting in &conn.settings {
                let mut setting = setting.clone();
                if setting.value.is_empty() {
                    // As if it were left out.
                    continue;
                }
                if matches!(setting.name.as_str(), "also" | "alsoflip") {
                    let other = file.conns.iter().find(|other| other.name == setting.value);
                    let other = other.ok_or_else(|| setting.fault(missing(&setting.value, file)))?;
                    if seen.contains(&other.name) {
                        return Err(setting.fault("also= names a connection that is already included"));
                    }
                    seen.push(other.name.clone());
                    also.push((other, flip != (setting.name == "alsoflip")));
                    continue;
                }
                canonical(&setting.name).to_owned().clone_into(&mut setting.name);
                if flip {
                    setting.name = flipped(&setting.name);
                }
                if names.insert(setting.name.clone()) {
                    settings.push(setting);
                } else {
                    twice.get_or_insert(setting);
                }
            }
            next.extend(also.into_iter().rev());
        }
        // Of several defaults for one setting the last counts.
        for default in file.conns.iter().filter(|conn| conn.name == "%default").rev() {
            if let Some(fault) = &default.fault {
                return Err(fault.clone());
            }
            for setting in default.settings.iter().rev() {
                let name = canonical(&setting.name);
                if !setting.value.is_empty() && names.insert(name.to_owned()) {
                    settings.push(Setting { name: name.to_owned(), ..setting.clone() });
                }
            }
        }
        Ok(Self { settings, twice })
    }

    /// The same connection, seen from its right end.
    pub(super) fn turned(&self) -> Self {
        let flip = |setting: &Setting| Setting { name: flipped(&setting.name), ..setting.clone() };
        Self { settings: self.settings.iter().map(flip).collect(), twice: self.twice.clone() }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter()
    }

    /// The setting with this name.
    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// The value of a setting.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// A setting that is yes or no.
    pub(super) fn switch(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(setting) = self.get(name) else { return Ok(None) };
        match setting.value.as_str() {
            "yes" | "y" | "true" | "on" => Ok(Some(true)),
            "no" | "n" | "false" | "off" => Ok(Some(false)),
            _ => Err(setting.fault(format!("{} must be yes or no", setting.name))),
        }
    }

    /// A setting that is a time, in seconds.
    pub(super) fn time(&self, name: &str) -> Result<Option<u64>, Fault> {
        let Some(setting) = self.get(name) else { return Ok(None) };
        let fault = || setting.fault(format!("{} must be a time, such as 3600, 60m or 8h", setting.name));
        let week = |text: &str| Some(text.strip_suffix('w')?.parse::<u64>().ok()?.saturating_mul(7 * 86_400));
        let value = setting.value.to_ascii_lowercase();
        seconds(&value).or_else(|| week(&value)).map(Some).ok_or_else(fault)
    }
}

/// What to say of a connection that `also=` names and that is not there.
fn missing(name: &str, file: &File) -> String {
    match file.notes.first() {
        None => format!("there is no connection {name:?}"),
        Some(note) => format!("there is no connection {name:?} in what was read ({note})"),
    }
}

/// The name of the same setting of the other end.
fn flipped(name: &str) -> String {
    match (name.strip_prefix("left"), name.strip_prefix("right")) {
        (Some(rest), _) => format!("right{rest}"),
        (_, Some(rest)) => format!("left{rest}"),
        _ => name.to_owned(),
    }
}
