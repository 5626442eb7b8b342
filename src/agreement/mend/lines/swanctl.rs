//! Lines of `swanctl.conf`: sections of the same name are one, and of equal settings the last counts, so that they can be put at
//! the end of the file.

use super::section::{connection, key, nets};
use crate::agreement::beside::Start;
use crate::agreement::end::{Child, End};
use crate::agreement::mend::change::{Change, Setting};
use crate::agreement::swanctl::{identity, list};
use crate::model::Term;

/// A setting and its value, below the names of its sections.
type Line = (Vec<String>, String, String);

/// The lines of a change.
pub(super) fn lines(end: &End, change: &Change) -> Vec<String> {
    let mut all: Vec<Line> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for setting in &change.settings {
        one(end, setting, &mut all, &mut notes);
    }
    // Settings of one section stand together; those of the connection before those of its children.
    all.sort_by_key(|(sections, ..)| sections.len());
    all.sort_by(|one, other| one.0.first().cmp(&other.0.first()));
    notes.into_iter().chain(nested(&all)).collect()
}

fn one(end: &End, setting: &Setting, all: &mut Vec<Line>, notes: &mut Vec<String>) {
    let name = connection(end);
    let own = || vec!["connections".to_owned(), name.to_owned()];
    let below = |section: &str| own().into_iter().chain([section.to_owned()]).collect::<Vec<_>>();
    let child = |child: &Child| below("children").into_iter().chain([child.name.clone()]).collect::<Vec<_>>();
    let children = || end.children.iter().flatten();
    let mut add = |sections: Vec<String>, name: &str, value: String| all.push((sections, name.to_owned(), value));
    let secs = |secs: u64| format!("{secs}s");
    match setting {
        Setting::Versions(versions) => {
            let version = match versions.as_slice() {
                [Term::Ikev1] => "1",
                [Term::Ikev2] => "2",
                _ => "0",
            };
            add(own(), "version", version.to_owned());
        }
        Setting::Mode(mode) => add(own(), "aggressive", if *mode == Term::Aggressive { "yes" } else { "no" }.to_owned()),
        Setting::Ike(proposals) => add(own(), "proposals", list(proposals, true).unwrap_or_default()),
        Setting::Esp(wanted, proposals) => {
            for one in children().filter(|one| wanted.as_ref().is_none_or(|wanted| one.name == *wanted)) {
                add(child(one), "esp_proposals", list(proposals, false).unwrap_or_default());
            }
        }
        Setting::LocalId(id) => add(below("local"), "id", identity(id)),
        Setting::RemoteId(id) => add(below("remote"), "id", identity(id)),
        Setting::Peer(address) => add(own(), "remote_addrs", address.to_string()),
        Setting::Children(wanted) => {
            let before = |one: &Child| children().find(|known| known.name == one.name);
            for one in wanted.iter().filter(|one| before(one) != Some(one)) {
                add(child(one), "local_ts", nets(&one.local, ","));
                add(child(one), "remote_ts", nets(&one.remote, ","));
                if before(one).is_none() {
                    fresh(end, one).into_iter().for_each(|(name, value)| add(child(one), name, value));
                }
            }
            for gone in children().filter(|known| !wanted.iter().any(|one| one.name == known.name)) {
                notes.push(format!("# remove the child {} of {name}", gone.name));
            }
        }
        Setting::TunnelMode => children().filter(|one| one.transport).for_each(|one| add(child(one), "mode", "tunnel".to_owned())),
        Setting::IkeLifetime(life) => {
            add(own(), if end.reauth { "reauth_time" } else { "rekey_time" }, secs(life * 9 / 10));
            add(own(), "over_time", secs(life - life * 9 / 10));
        }
        Setting::ChildLifetime(life) => children().for_each(|one| {
            add(child(one), "life_time", secs(*life));
            add(child(one), "rekey_time", secs(life * 9 / 10));
        }),
        Setting::Dpd => add(own(), "dpd_delay", "30s".to_owned()),
        Setting::DpdRestart => children().for_each(|one| add(child(one), "dpd_action", "restart".to_owned())),
        Setting::Start => children().for_each(|one| add(child(one), "start_action", "start".to_owned())),
        Setting::NatTraversal => add(own(), "encap", "no".to_owned()),
        Setting::FullSha256 => children().for_each(|one| add(child(one), "sha256_96", "no".to_owned())),
        Setting::NoCompression => children().for_each(|one| add(child(one), "ipcomp", "no".to_owned())),
        Setting::Key(secret, ids) => {
            let section = || vec!["secrets".to_owned(), format!("ike-{name}-mended")];
            for (place, id) in ids.iter().enumerate() {
                add(section(), &format!("id-{}", place + 1), identity(id));
            }
            add(section(), "secret", key(secret.as_ref()).to_owned());
        }
        // strongSwan has none of these.
        Setting::AllowIkev1 | Setting::NoNarrowing | Setting::Bgp(..) => {}
    }
}

/// What a new child has beside its networks: what those have that are there.
fn fresh(end: &End, child: &Child) -> Vec<(&'static str, String)> {
    let proposals = if child.esp.is_empty() { &end.esp } else { &child.esp };
    let mut all = vec![("esp_proposals", list(proposals, false).unwrap_or_default())];
    if child.transport {
        all.push(("mode", "transport".to_owned()));
    }
    if let Some(life) = end.child_lifetime_secs {
        all.extend([("life_time", format!("{life}s")), ("rekey_time", format!("{}s", life * 9 / 10))]);
    }
    match end.dpd.action {
        Some(Term::Restart) => all.push(("dpd_action", "restart".to_owned())),
        Some(Term::OnTraffic) => all.push(("dpd_action", "trap".to_owned())),
        _ => {}
    }
    match end.start {
        Some(Start::Always) => all.push(("start_action", "start".to_owned())),
        Some(Start::OnTraffic) => all.push(("start_action", "trap".to_owned())),
        _ => {}
    }
    for (name, on) in [("ipcomp", end.compress), ("sha256_96", end.truncates_sha256)] {
        if on {
            all.push((name, "yes".to_owned()));
        }
    }
    all
}

/// Sections around their settings; what shares its outer sections shares their braces.
fn nested(all: &[Line]) -> Vec<String> {
    let mut text = Vec::new();
    let mut open: Vec<&String> = Vec::new();
    let indent = |depth: usize| "    ".repeat(depth);
    for (sections, name, value) in all {
        let shared = open.iter().zip(sections).take_while(|(one, other)| **one == *other).count();
        while open.len() > shared {
            open.pop();
            text.push(format!("{}}}", indent(open.len())));
        }
        for section in sections.iter().skip(shared) {
            text.push(format!("{}{section} {{", indent(open.len())));
            open.push(section);
        }
        text.push(format!("{}{name} = {value}", indent(open.len())));
    }
    while open.pop().is_some() {
        text.push(format!("{}}}", indent(open.len())));
    }
    text
}
