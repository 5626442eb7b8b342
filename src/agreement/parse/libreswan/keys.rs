//! Which key of an `ipsec.secrets` an end uses (measured with Libreswan 4.10).

use std::net::IpAddr;
use std::sync::Arc;

use super::lines::{Item, lines};
use crate::agreement::parse::include::{Follow, Including, fault_in};
use crate::agreement::{End, IdKind, Identity, Psk};
use crate::model::Secret;

/// An identity of an entry.
#[derive(Clone, PartialEq)]
enum Index {
    /// `%any`, `0.0.0.0`.
    Any,
    /// A name that Libreswan asks a name server for.
    Host,
    Id(Identity),
}

/// What a name in an entry may turn out to be.
const MAY_BE: [Host; 4] = [Host::Nothing, Host::Ours, Host::Theirs, Host::Another];

#[derive(Clone, Copy)]
enum Host {
    /// It cannot be resolved: as if it were not there.
    Nothing,
    Ours,
    Theirs,
    Another,
}

/// A file of secrets that stands beside an `ipsec.conf`.
pub(super) struct Secrets {
    file: String,
    entries: Vec<(Vec<Index>, Arc<Secret>)>,
    broken: Vec<String>,
    includes: Vec<String>,
}

impl Secrets {
    /// Reads a file of secrets, with those that it includes. What is written wrong in it gives no key, as with Libreswan.
    pub(super) fn of(text: &str, file: &str, follow: Follow<'_>) -> Self {
        let mut secrets = Self { file: file.to_owned(), entries: Vec::new(), broken: Vec::new(), includes: Vec::new() };
        secrets.add(text, &Including::default(), follow);
        secrets
    }

    fn add(&mut self, text: &str, including: &Including, follow: Follow<'_>) {
        let origin = including.origin.as_ref();
        for item in lines(text) {
            match item {
                Item::Entry(entry) => {
                    self.entries.push((entry.ids.iter().filter_map(|id| index(id)).collect(), Arc::new(entry.key)));
                }
                Item::Broken(fault) => {
                    let fault = fault_in(origin, fault.line, fault.column, fault.message);
                    self.broken.push(format!("{}: {fault}", self.file));
                }
                Item::Include(pattern, line) => self.include(pattern, line, including, follow),
            }
        }
    }

    /// Adds the keys of the files that a pattern names.
    fn include(&mut self, pattern: &str, line: usize, including: &Including, follow: Follow<'_>) {
        let fault = |message: String| fault_in(including.origin.as_ref(), line, 1, message);
        let Some(followed) = follow(including.base(), pattern) else {
            self.includes.push(format!("{}: {}", self.file, fault(format!("{pattern:?} includes too many files"))));
            return;
        };
        self.includes.extend(followed.notes.into_iter().map(|note| format!("{}: {}", self.file, fault(note))));
        for (name, text) in followed.files {
            match including.with(&name, (line, 1), true) {
                Some(including) => self.add(&text, &including, follow),
                None => self.includes.push(format!("{}: {}", self.file, fault("files include each other too often".to_owned()))),
            }
        }
    }

    /// Gives an end its key, and says what a reader should know of it.
    pub(super) fn give(&self, end: &mut End) {
        end.notes.extend(self.broken.iter().cloned());
        let (found, all) = self.choose(end);
        end.psk = match (found, all) {
            // What is not read may hold the key.
            (None, true) if !self.includes.is_empty() => Psk::Unreadable,
            (None, true) => Psk::Missing,
            (Some(key), true) => Psk::of(key),
            (_, false) => {
                let why = "which key counts depends on a name or an address that this file does not tell";
                end.notes.push(format!("{}: {why}: write the identities as they are sent", self.file));
                Psk::Unreadable
            }
        };
        end.notes.extend(self.includes.iter().map(|text| format!("{text}: it may hold a key that fits better")));
    }

    /// The key, and whether every supposition leads to it.
    fn choose(&self, end: &End) -> (Option<Arc<Secret>>, bool) {
        let known = |id: Option<Identity>| id.filter(|id| !matches!(id.kind, IdKind::Any | IdKind::Host));
        let (ours, theirs) = (known(end.sends()), known(end.expects()));
        let hosts: &[Host] = if self.entries.iter().any(|(ids, _)| ids.contains(&Index::Host)) { &MAY_BE } else { &MAY_BE[..1] };
        let mut results = Vec::new();
        for local in self.supposed(ours.as_ref(), theirs.as_ref()) {
            for remote in self.supposed(theirs.as_ref(), local.as_ref()) {
                results.extend(hosts.iter().map(|host| self.best(local.as_ref(), remote.as_ref(), *host)));
            }
        }
        let same = |one: &Option<Arc<Secret>>, other: &Option<Arc<Secret>>| match (one, other) {
            (Some(one), Some(other)) => one.matches(other),
            (None, None) => true,
            _ => false,
        };
        let mut all = results.into_iter();
        let first = all.next().flatten();
        let agreed = all.all(|other| same(&first, &other));
        (first, agreed)
    }

    /// An identity; where it is not known, each of the addresses in the file that it may be.
    fn supposed(&self, known: Option<&Identity>, other: Option<&Identity>) -> Vec<Option<Identity>> {
        if let Some(known) = known {
            return vec![Some(known.clone())];
        }
        let mut all: Vec<Option<Identity>> = Vec::new();
        for index in self.entries.iter().flat_map(|(ids, _)| ids) {
            if let Index::Id(id) = index
                && Some(id) != other
                && !all.contains(&Some(id.clone()))
            {
                all.push(Some(id.clone()));
            }
        }
        if all.is_empty() { vec![None] } else { all }
    }

    /// The first entry of the highest rank.
    fn best(&self, ours: Option<&Identity>, theirs: Option<&Identity>, host: Host) -> Option<Arc<Secret>> {
        let mut best: Option<(u8, &Arc<Secret>)> = None;
        for (ids, secret) in &self.entries {
            let rank = rank(ids, ours, theirs, host);
            if rank > 0 && best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, secret));
            }
        }
        best.map(|(_, secret)| Arc::clone(secret))
    }
}

/// How well an entry fits; 0: not at all. No identities and `%any` are one rank, the peer's with `%any` is above it, then ours
/// alone, ours with `%any`, and both. The peer's alone, or ours beside that of somebody else, does not fit.
fn rank(ids: &[Index], ours: Option<&Identity>, theirs: Option<&Identity>, host: Host) -> u8 {
    const ANY: u8 = 1;
    const THEIRS: u8 = 2;
    const OURS: u8 = 4;
    const THEIRS_OR_ANY: u8 = THEIRS | ANY;
    const OURS_OR_ANY: u8 = OURS | ANY;
    const BOTH: u8 = OURS | THEIRS;
    let bits = |index: &Index| match index {
        Index::Any => Some(ANY),
        Index::Host => match host {
            Host::Nothing => None,
            Host::Ours => Some(OURS),
            Host::Theirs => Some(THEIRS),
            Host::Another => Some(0),
        },
        Index::Id(id) => {
            let is = |other: Option<&Identity>| other.is_some_and(|other| same(id, other));
            Some(u8::from(is(ours)) * OURS + u8::from(is(theirs)) * THEIRS)
        }
    };
    let bits: Vec<u8> = ids.iter().filter_map(bits).collect();
    match bits.iter().fold(0, |all, bit| all | bit) {
        0 if bits.is_empty() => 1,
        ANY => 1,
        THEIRS_OR_ANY => 2,
        OURS if bits.len() == 1 => 3,
        OURS_OR_ANY => 4,
        BOTH => 5,
        _ => 0,
    }
}

/// Whether both are the same identity; names differ in more than upper and lower case.
fn same(one: &Identity, other: &Identity) -> bool {
    let named = matches!(one.kind, IdKind::Fqdn | IdKind::Email);
    one.kind == other.kind && if named { one.text.eq_ignore_ascii_case(&other.text) } else { one.text == other.text }
}

/// Reads an identity; `None`: Libreswan passes over it.
fn index(text: &str) -> Option<Index> {
    if matches!(text, "%any" | "0.0.0.0") {
        return Some(Index::Any);
    }
    if text.parse::<IpAddr>().is_ok() || text.contains(['@', '=']) {
        // `::` is an address here, not any.
        let address = text.parse::<IpAddr>().ok().map(Identity::address);
        return Some(Index::Id(address.unwrap_or_else(|| Identity::parse(text))));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (text.chars().all(is_name) && text.chars().any(|c| c.is_ascii_alphabetic())).then_some(Index::Host)
}
