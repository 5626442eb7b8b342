//! Lines of Libreswan's `ipsec.conf`: settings of one connection, instead of those that are there.

use super::section::{connection, key, nets};
use crate::agreement::algorithm::NONE;
use crate::agreement::end::{Child, End};
use crate::agreement::identity::{IdKind, Identity};
use crate::agreement::mend::change::{Change, Setting};
use crate::agreement::parse::libreswan::list;
use crate::agreement::proposal::Proposal;
use crate::model::Term;

/// The lines of a change, by the section or file that they belong to.
pub(super) fn lines(end: &End, change: &Change) -> Vec<String> {
    let (mut setup, mut own, mut secrets): (Vec<String>, Vec<String>, Vec<String>) = (Vec::new(), Vec::new(), Vec::new());
    for setting in &change.settings {
        match setting {
            Setting::AllowIkev1 => setup.push("ikev1-policy=accept".to_owned()),
            Setting::Key(secret, ids) => {
                let ids = ids.iter().map(identity).collect::<Vec<_>>().join(" ");
                secrets.push(format!("{ids} : PSK \"{}\"", key(secret.as_ref())).trim_start().to_owned());
            }
            setting => {
                if let Setting::Versions(versions) = setting
                    && versions.first() == Some(&Term::Ikev1)
                {
                    setup.push("ikev1-policy=accept".to_owned());
                }
                own.extend(one(end, setting));
            }
        }
    }
    setup.dedup();
    let section = |head: &str, lines: Vec<String>| {
        let head = (!lines.is_empty()).then(|| head.to_owned());
        head.into_iter().chain(lines.into_iter().map(|line| format!("    {line}"))).collect::<Vec<_>>()
    };
    let mut all = section("config setup", setup);
    all.extend(section(&format!("conn {}", connection(end)), own));
    if !secrets.is_empty() {
        all.push("# in the file of secrets".to_owned());
        all.extend(secrets);
    }
    all
}

/// The settings of the connection. Its own side may be the right one.
fn one(end: &End, setting: &Setting) -> Vec<String> {
    let (own, far) = if end.is_right { ("right", "left") } else { ("left", "right") };
    let line = |name: &str, value: &str| vec![format!("{name}={value}")];
    match setting {
        Setting::Versions(versions) if versions.first() == Some(&Term::Ikev1) => line("ikev2", "no"),
        Setting::Versions(_) => {
            // What the file says of extended sequence numbers did not count in IKEv1.
            let esn = (end.versions.as_deref() == Some(&[Term::Ikev1])).then(|| "esn=either".to_owned());
            line("ikev2", "insist").into_iter().chain(esn).collect()
        }
        Setting::Mode(mode) => line("aggressive", if *mode == Term::Aggressive { "yes" } else { "no" }),
        Setting::Ike(proposals) => line("ike", &list(proposals, true).unwrap_or_default()),
        Setting::Esp(_, proposals) => esp(proposals),
        Setting::LocalId(id) => line(&format!("{own}id"), &identity(id)),
        Setting::RemoteId(id) => line(&format!("{far}id"), &identity(id)),
        Setting::Peer(address) => line(far, &address.to_string()),
        Setting::Children(children) => children.iter().flat_map(|child| subnets(child, own, far)).collect(),
        Setting::TunnelMode => line("type", "tunnel"),
        Setting::IkeLifetime(secs) => line("ikelifetime", &format!("{secs}s")),
        Setting::ChildLifetime(secs) => line("salifetime", &format!("{secs}s")),
        Setting::Dpd => {
            let v1 = end.versions.as_deref() == Some(&[Term::Ikev1]);
            let timeout = v1.then(|| "dpdtimeout=150s".to_owned());
            line("dpddelay", "30s").into_iter().chain(timeout).collect()
        }
        Setting::DpdRestart => line("dpdaction", "restart"),
        Setting::Start => line("auto", "start"),
        Setting::NatTraversal => line("encapsulation", "auto"),
        Setting::FullSha256 => line("sha2-truncbug", "no"),
        Setting::NoCompression => line("compress", "no"),
        Setting::NoNarrowing => line("narrowing", "no"),
        Setting::AllowIkev1 | Setting::Bgp(..) | Setting::Key(..) => Vec::new(),
    }
}

fn esp(proposals: &[Proposal]) -> Vec<String> {
    let pfs = proposals.iter().any(|proposal| proposal.groups.iter().flatten().any(|group| *group != NONE));
    // All proposals have the same here; IKEv1 has none.
    let esn = proposals.first().and_then(|proposal| match proposal.esn.as_slice() {
        [] => None,
        [one] if one.name() == "esn" => Some("esn=yes"),
        [_] => Some("esn=no"),
        _ => Some("esn=either"),
    });
    let text = list(proposals, false).unwrap_or_default();
    let pfs = if pfs { "pfs=yes" } else { "pfs=no" };
    [format!("esp={text}"), pfs.to_owned()].into_iter().chain(esn.map(str::to_owned)).collect()
}

fn subnets(child: &Child, own: &str, far: &str) -> Vec<String> {
    let one = |side: &str, list: &[ipnet::IpNet]| match list {
        [net] => format!("{side}subnet={net}"),
        list => format!("{side}subnets={{{}}}", nets(list, " ")),
    };
    vec![one(own, &child.local), one(far, &child.remote)]
}

/// An identity as Libreswan reads it.
fn identity(id: &Identity) -> String {
    match id.kind {
        IdKind::Any => "%any".to_owned(),
        IdKind::Fqdn => format!("@{}", id.text),
        IdKind::KeyId => format!("@#{}", id.text),
        IdKind::Dn => format!("\"{}\"", id.text),
        IdKind::Ip | IdKind::Email | IdKind::Host => id.text.clone(),
    }
}
