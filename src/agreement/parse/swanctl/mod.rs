//! Reads strongSwan's `swanctl.conf`.

mod addresses;
mod child;
mod keys;
mod lifetimes;
mod names;
mod proposals;
mod rounds;
mod scan;
mod section;
mod tree;
mod value;

use std::sync::Arc;

use super::fault::Fault;
use super::include::{self, Follow};
use crate::agreement::{Encapsulation, End, Form, IdKind, Identity, Keyring, Kind, Psk};
use crate::model::Term;
use keys::keys;
use scan::scan_all;
use tree::{references, united, whole};

pub(crate) use keys::bytes;
pub(super) use keys::decode;
pub(crate) use scan::scan;
pub(crate) use section::Section;

/// Reads the connections of a text that includes no files, each with its name.
///
/// # Errors
/// What cannot be read, and where.
pub fn read(text: &str, file: &str) -> Result<Vec<(String, End)>, Fault> {
    read_with(text, file, &include::nothing)?.into_iter().map(|(name, end)| Ok((name, end?))).collect()
}

/// Reads the connections of a file and of what it includes, each with its name, or with what cannot be read in it.
///
/// # Errors
/// What cannot be read in the file as a whole, and where.
pub fn read_with(text: &str, file: &str, follow: Follow<'_>) -> Result<super::Connections, Fault> {
    let scanned = scan_all(text, follow)?;
    let root = united(scanned.root);
    if let Some(stray) = root.settings.first() {
        return Err(stray.fault_of_name(format!("{:?} is outside all sections", stray.name)));
    }
    let mut notes = scanned.notes;
    let referred = references(&root);
    for section in &root.sections {
        let name = section.name.as_str();
        let is_used = referred.iter().any(|path| path.split('.').next() == Some(name));
        if !is_used && !matches!(name, "connections" | "secrets" | "pools" | "authorities") {
            notes.push(section.fault(format!("strongSwan passes over {name:?}: it is not a section of swanctl.conf")).to_string());
        }
    }
    let (held, passed) = keys(whole(&root, "secrets")?.as_ref())?;
    notes.extend(passed);
    let keyring = Keyring { held, complete: scanned.included.is_empty() };
    let Some(connections) = whole(&root, "connections")? else { return Ok(Vec::new()) };
    let read = |section: &Section| (section.name.clone(), connection(section, &keyring, &notes, file));
    Ok(connections.sections.iter().map(read).collect())
}

fn connection(section: &Section, keyring: &Keyring, notes: &[String], file: &str) -> Result<End, Fault> {
    section.allow(names::CONNECTION)?;
    let mut end = End::new(format!("{file}:{}", section.name), Kind::Strongswan);
    (end.form, end.notes) = (Some(Form::Swanctl), notes.to_vec());
    end.versions = Some(match section.text("version") {
        Some("1") => vec![Term::Ikev1],
        Some("2") => vec![Term::Ikev2],
        None | Some("0") => vec![Term::Ikev2, Term::Ikev1],
        Some(_) => return Err(section.fault_of("version", "version must be 0, 1 or 2")),
    });
    end.mode = Some(if section.switch("aggressive")?.unwrap_or(false) { Term::Aggressive } else { Term::Main });
    end.address = addresses::own(section, &mut end.notes)?;
    end.peers = addresses::peers(section, &mut end.notes)?;
    end.ike = proposals::proposals(section, "proposals", true)?.unwrap_or_else(proposals::default_ike);
    end.encapsulation = Some(if section.switch("encap")?.unwrap_or(false) { Encapsulation::Forced } else { Encapsulation::Auto });
    let delay = section.time("dpd_delay")?.unwrap_or(0);
    (end.dpd.enabled, end.dpd.interval_secs, end.dpd.timeout_secs) = (Some(delay > 0), Some(delay), section.time("dpd_timeout")?);
    lifetimes::ike(&mut end, section)?;
    rounds::rounds(&mut end, section)?;
    child::children(&mut end, section)?;
    hold(&mut end, keyring);
    Ok(end)
}

/// Gives an end its keys. Which of them it uses depends on who starts; here stand those that it uses with this peer at all.
fn hold(end: &mut End, keyring: &Keyring) {
    let own = end.sends();
    let named = end.remote_id.clone().filter(|id| id.kind != IdKind::Any);
    let far = named.clone().or_else(|| end.peers.start().map(Identity::address));
    let (own, named, far) = (own.as_ref(), named.as_ref(), far.as_ref());
    let mut all: Vec<_> = keyring.all(own, far).cloned().collect();
    // The one that it sends when it starts, or else when it answers, comes last.
    if let Some(sent) = keyring.best(own, named).or_else(|| keyring.best(own, far)) {
        all.retain(|key| !Arc::ptr_eq(key, sent));
        all.push(Arc::clone(sent));
    }
    end.psk = match all.pop() {
        Some(key) => Psk::of(key),
        None if keyring.complete => Psk::Missing,
        None => Psk::Unreadable,
    };
    end.older_keys = all;
    end.keyring = Some(keyring.clone());
}

#[cfg(test)]
mod tests;
