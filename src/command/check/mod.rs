//! `check`: whether the two ends of a tunnel agree.

mod report;
mod steps;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value as Json, json};

use super::shared::context::Context;
use super::shared::ends::{self, Read};
use super::shared::flag::switch;
use super::shared::key::{several, supply};
use super::shared::seal::seal_argument;
use crate::agreement::{Daemon, End, Initiator, Options, Severity, Verdict, face, mended, pair, suggest};
use crate::error::{Error, exit};
use crate::model::Key;
use crate::policy::Policy;
use crate::print::output::Rows;
use report::{Checked, Origin};
use steps::Run;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let kind = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("KIND").value_parser(["strongswan", "libreswan"]).help(help)
    };
    let address = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("ADDRESS").value_parser(clap::value_parser!(IpAddr)).help(help)
    };
    let key = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("FILE").value_parser(clap::value_parser!(PathBuf)).help(help)
    };
    let end = |name: &'static str, help: &'static str| Arg::new(name).value_name("END").required(true).help(help);
    command
        .arg_required_else_help(true)
        .arg(end(
            "left",
            "One end: a ref, or a file: swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml, saved reply or `show -o json` \
             (FILE or FILE:ID); #TUNNEL behind it names one of two tunnels",
        ))
        .arg(end("right", "The other end"))
        .arg(
            Arg::new("initiator")
                .long("initiator")
                .value_name("END")
                .value_parser(["left", "right", "both"])
                .default_value("both")
                .help("End that starts the negotiation; both shows the worse of the two verdicts"),
        )
        .arg(kind("left-kind", "Software to assume for the left end, where it is in a cloud"))
        .arg(kind("right-kind", "Software to assume for the right end, where it is in a cloud"))
        .arg(address("left-address", "Address of the left end as the other end sees it, where nothing states it"))
        .arg(address("right-address", "Address of the right end as the other end sees it, where nothing states it"))
        .arg(key("left-psk-file", "Take the pre-shared key of the left end, where it cannot be read, from this file; - is standard input"))
        .arg(key("right-psk-file", "Take the pre-shared key of the right end, where it cannot be read, from this file"))
        .arg(seal_argument())
        .arg(switch("running", "Judge a tunnel that is up although its ends were changed"))
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("POLICY")
                .value_parser(Policy::WORDS)
                .default_value("modern")
                .help("Policy to judge the negotiated suite by; changes neither verdict nor exit code"),
        )
        .arg(switch("suggest", "Print the strongest suite that both ends accept, and the commands that set it"))
        .after_help(
            "Example:\n  tunnelctl check alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i tencent@ap-shanghai/vpnx-partneral01 --emulated\n\n\
             Exits with 0 if the tunnel comes up and stays up, and with 10 if there is something to report.",
        )
}

/// Runs the command.
///
/// # Errors
/// What is wrong with an end.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let daemon = |name: &str| match text(name) {
        "strongswan" => Some(Daemon::Strongswan),
        "libreswan" => Some(Daemon::Libreswan),
        _ => None,
    };
    let initiator = match text("initiator") {
        "left" => Initiator::Left,
        "right" => Initiator::Right,
        _ => Initiator::Both,
    };
    let options = Options {
        initiator,
        left_kind: daemon("left-kind"),
        right_kind: daemon("right-kind"),
        running: matches.get_flag("running"),
        policy: Policy::from_word(text("policy")),
    };
    let is_stdin = |name: &str| matches.get_one::<PathBuf>(name).is_some_and(|path| path == Path::new("-"));
    if is_stdin("left-psk-file") && is_stdin("right-psk-file") {
        return Err(Error::usage("--left-psk-file and --right-psk-file: standard input holds one key; name a file for the other"));
    }
    let mut left = ends::read(text("left"), context).await?;
    let mut right = ends::read(text("right"), context).await?;
    if text("left") == text("right") {
        return Err(Error::usage(format!("both ends are {}: name the other end of the tunnel", text("left"))));
    }
    ends::one_or_dual(text("left"), &left.ends, &right.ends)?;
    ends::one_or_dual(text("right"), &right.ends, &left.ends)?;
    let left_keys = supply("left-psk-file", text("left"), &mut left, matches, context)?;
    let right_keys = supply("right-psk-file", text("right"), &mut right, matches, context)?;
    for (name, word, found) in [("left-address", text("left"), &mut left), ("right-address", text("right"), &mut right)] {
        if let Some(address) = matches.get_one::<IpAddr>(name) {
            let [end] = found.ends.as_mut_slice() else { return Err(several(&format!("--{name} states one address"), word, found)) };
            end.state_address(*address);
        }
    }
    for name in face(&mut left.ends, &mut right.ends) {
        context.output.note(&format!("{name}: this machine is `right` there, by the addresses and identities of the other end"));
    }
    let (Read { ends: left, judged: left_judged, .. }, Read { ends: right, judged: right_judged, .. }) = (left, right);
    let pairing = pair(&left, &right);
    let again = Run { again: context.options.again(), running: options.running };
    let mut checks = Vec::new();
    for (one, other) in &pairing.pairs {
        let ends = (Origin::of(&left, &left_judged, &left_keys, *one), Origin::of(&right, &right_judged, &right_keys, *other));
        if let (Some(one), Some(other)) = ends {
            let suggestion = matches.get_flag("suggest").then(|| suggest(one.end, other.end));
            checks.push(Checked { mended: mended(one.end, other.end, &options), left: one, right: other, suggestion, run: &again });
        }
    }
    let alone: Vec<&End> = pairing
        .left_alone
        .iter()
        .filter_map(|place| left.get(*place))
        .chain(pairing.right_alone.iter().filter_map(|place| right.get(*place)))
        // Another connection of a file is a tunnel to somebody else.
        .filter(|end| end.tunnel.is_some())
        .collect();
    let verdict = checks.iter().map(|checked| checked.mended.agreement.verdict.clone()).fold(Verdict::Up, Verdict::worse);
    let mut json = verdict.to_json();
    if let Some(object) = json.as_object_mut() {
        object.insert("checks".to_owned(), Json::Array(checks.iter().map(Checked::to_json).collect()));
        object.insert("without_partner".to_owned(), json!(alone.iter().map(|end| end.name.as_str()).collect::<Vec<_>>()));
    }
    context.output.rows(Rows { member: "checks", ..Rows::default() }, || checks.iter().flat_map(Checked::tables).collect(), || json);
    for end in &alone {
        context.output.warn(&format!("{} has no counterpart at the other end, so it carries no traffic", end.name));
    }
    if matches!(&verdict, Verdict::Unknown { fields } if fields.contains(&Key::Psk.path())) {
        let lacking =
            checks.iter().flat_map(|checked| [(&checked.left, "left"), (&checked.right, "right")]).filter(|(end, _)| end.lacks_key());
        for (origin, side) in lacking {
            context.output.note(&format!("the key of {} cannot be read: --{side}-psk-file FILE gives it", origin.end.name));
        }
    }
    let broken = |checked: &Checked<'_>| checked.mended.agreement.findings.iter().any(|finding| finding.severity == Severity::Error);
    let good = verdict == Verdict::Up && alone.is_empty() && !checks.iter().any(broken);
    Ok(if good { exit::DONE } else { exit::REPORT })
}
