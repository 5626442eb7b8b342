//! `check`: whether the two ends of a tunnel agree.

mod report;
mod steps;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value as Json, json};

use super::shared::context::Context;
use super::shared::ends;
use super::shared::flag::switch;
use crate::agreement::{Daemon, End, Initiator, Options, Severity, Verdict, mended, pair, suggest};
use crate::error::{Error, exit};
use crate::policy::Policy;
use crate::print::output::Rows;
use report::Checked;
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
    let end = |name: &'static str, help: &'static str| Arg::new(name).value_name("END").required(true).help(help);
    command
        .arg_required_else_help(true)
        .arg(end("left", "One end: a ref, or a file: swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml, saved reply"))
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
    let mut left = ends::read(text("left"), context).await?;
    let mut right = ends::read(text("right"), context).await?;
    for (name, found) in [("left-address", &mut left), ("right-address", &mut right)] {
        match (matches.get_one::<IpAddr>(name), found.as_mut_slice()) {
            (Some(address), [end]) => end.state_address(*address),
            (Some(_), _) => return Err(Error::usage(format!("--{name} states one address, and the end has several tunnels"))),
            (None, _) => {}
        }
    }
    if text("left") == text("right") {
        return Err(Error::usage(format!("both ends are {}: name the other end of the tunnel", text("left"))));
    }
    let pairing = pair(&left, &right);
    let again = Run { again: context.options.again(), running: options.running };
    let mut checks = Vec::new();
    for (one, other) in &pairing.pairs {
        if let (Some(one), Some(other)) = (left.get(*one), right.get(*other)) {
            let suggestion = matches.get_flag("suggest").then(|| suggest(one, other));
            checks.push(Checked { left: one, right: other, mended: mended(one, other, &options), suggestion, run: &again });
        }
    }
    let alone: Vec<&End> = pairing
        .left_alone
        .iter()
        .filter_map(|place| left.get(*place))
        .chain(pairing.right_alone.iter().filter_map(|place| right.get(*place)))
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
    let broken = |checked: &Checked<'_>| checked.mended.agreement.findings.iter().any(|finding| finding.severity == Severity::Error);
    let good = verdict == Verdict::Up && alone.is_empty() && !checks.iter().any(broken);
    Ok(if good { exit::DONE } else { exit::REPORT })
}
