//! Lines of a description in TOML.

use super::section::key;
use crate::agreement::end::End;
use crate::agreement::identity::{IdKind, Identity};
use crate::agreement::mend::change::{Change, Setting};
use crate::agreement::mend::words::words;
use crate::agreement::swanctl::list;
use crate::model::{Key, Value};

/// The lines of a change, each in its table.
pub(super) fn lines(end: &End, change: &Change) -> Vec<String> {
    let mut all: Vec<(&str, String)> = Vec::new();
    for setting in &change.settings {
        all.extend(one(end, setting));
    }
    all.sort_by_key(|(table, _)| *table);
    let mut text: Vec<String> = Vec::new();
    let mut open = "";
    for (table, line) in all {
        if table != open {
            text.push(format!("[{table}]"));
            open = table;
        }
        text.push(line);
    }
    text
}

/// The lines of a setting, with their tables; none: outside all tables.
fn one(end: &End, setting: &Setting) -> Vec<(&'static str, String)> {
    // `proposals` and `versions` count before what stands for one of them alone.
    match setting {
        Setting::Versions(versions) => {
            let words = versions.iter().map(|version| format!("{:?}", version.word())).collect::<Vec<_>>().join(", ");
            vec![("ike", format!("versions = [{words}]"))]
        }
        Setting::Ike(proposals) => vec![("ike", proposal_list(&list(proposals, true).unwrap_or_default()))],
        Setting::Esp(_, proposals) => vec![("ipsec", proposal_list(&list(proposals, false).unwrap_or_default()))],
        Setting::Peer(address) => vec![("", format!("peer_address = \"{address}\""))],
        Setting::Key(secret, _) => vec![("", format!("psk = {:?}", key(secret.as_ref())))],
        Setting::LocalId(id) => identity("local_id", id),
        Setting::RemoteId(id) => identity("remote_id", id),
        Setting::Start => vec![("", "negotiation = \"active\"".to_owned())],
        Setting::NatTraversal => vec![("", "forced_encapsulation = false".to_owned())],
        Setting::Children(children) if children.iter().all(|child| child.local.len() == 1) => {
            let rule = |child: &crate::agreement::end::Child| {
                let nets = |nets: &[ipnet::IpNet]| super::section::nets(nets, ",");
                format!("\"{}={}\"", nets(&child.local), nets(&child.remote))
            };
            vec![("", format!("policy_rules = [{}]", children.iter().map(rule).collect::<Vec<_>>().join(", ")))]
        }
        Setting::Children(children) => {
            let list = |nets: &[ipnet::IpNet]| nets.iter().map(|net| format!("\"{net}\"")).collect::<Vec<_>>().join(", ");
            let lists = children.first().map(|child| {
                [("local_subnets", &child.local), ("remote_subnets", &child.remote)]
                    .map(|(name, nets)| ("", format!("{name} = [{}]", list(nets))))
            });
            // Rules count before lists.
            let rules = ("", "# remove policy_rules, if there are some".to_owned());
            std::iter::once(rules).chain(lists.into_iter().flatten()).collect()
        }
        setting => plain(end, setting),
    }
}

/// An identity, with its type.
fn identity(name: &str, id: &Identity) -> Vec<(&'static str, String)> {
    let kind = if id.kind == IdKind::Ip { "ip" } else { "fqdn" };
    vec![("ike", format!("{name}.type = \"{kind}\"")), ("ike", format!("{name}.value = {:?}", id.text))]
}

/// A setting as the model has it.
fn plain(end: &End, setting: &Setting) -> Vec<(&'static str, String)> {
    words(end, setting).unwrap_or_default().iter().filter_map(|(key, value)| line(key, value)).collect()
}

fn proposal_list(text: &str) -> String {
    format!("proposals = [{}]", text.split(',').map(|one| format!("{one:?}")).collect::<Vec<_>>().join(", "))
}

/// A setting in its table.
fn line(key: Key, value: &Value) -> Option<(&'static str, String)> {
    let value = match value {
        Value::Word(_) | Value::Text(_) => format!("{:?}", value.to_string()),
        Value::Number(number) => number.to_string(),
        Value::Switch(on) => on.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ")),
        Value::Rules(rules) => format!("[{}]", rules.iter().map(|rule| format!("\"{rule}\"")).collect::<Vec<_>>().join(", ")),
        Value::Secret(_) => return None,
    };
    let (table, name) = key.path().split_once('.').unwrap_or(("", key.path()));
    Some((table, format!("{name} = {value}")))
}
