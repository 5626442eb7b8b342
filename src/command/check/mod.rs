//! `check`: whether two ends of a tunnel agree.

mod report;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value as Json, json};

use super::{Context, ends};
use crate::agreement::{Daemon, End, Initiator, Options, Severity, Verdict, check, pair, suggest};
use crate::error::{Error, exit};
use crate::policy::Policy;
use crate::print::output::Rows;
use report::Checked;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let kind = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("KIND").value_parser(["strongswan", "libreswan"]).help(help)
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
                .help("Who starts; both shows the worse of the two"),
        )
        .arg(kind("left-kind", "Software that the left end behaves like, where it is a cloud's"))
        .arg(kind("right-kind", "Software that the right end behaves like, where it is a cloud's"))
        .arg(
            Arg::new("running")
                .long("running")
                .action(ArgAction::SetTrue)
                .help("Judge a tunnel that is up and whose ends were changed since"),
        )
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("POLICY")
                .value_parser(Policy::WORDS)
                .default_value("modern")
                .help("Whose rules judge the negotiated suite; that changes neither verdict nor exit code"),
        )
        .arg(
            Arg::new("suggest")
                .long("suggest")
                .action(ArgAction::SetTrue)
                .help("Print the strongest suite that both ends accept, and the commands that set it"),
        )
        .after_help(
            "Example:\n  tunnelctl check alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i tencent@ap-shanghai/vpnx-partneral01 --emulated\n\n\
             Exits with 0 when the tunnel comes up and stays up, and with 10 when there is something to report.",
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
    let left = ends::read(text("left"), context).await?;
    let right = ends::read(text("right"), context).await?;
    if text("left") == text("right") {
        return Err(Error::usage(format!("both ends are {}: name the other end of the tunnel", text("left"))));
    }
    let pairing = pair(&left, &right);
    let mut checks = Vec::new();
    for (one, other) in &pairing.pairs {
        if let (Some(one), Some(other)) = (left.get(*one), right.get(*other)) {
            let suggestion = matches.get_flag("suggest").then(|| suggest(one, other));
            checks.push(Checked { left: one, right: other, agreement: check(one, other, &options), suggestion });
        }
    }
    let alone: Vec<&End> = pairing
        .left_alone
        .iter()
        .filter_map(|place| left.get(*place))
        .chain(pairing.right_alone.iter().filter_map(|place| right.get(*place)))
        .collect();
    let verdict = checks.iter().map(|checked| checked.agreement.verdict.clone()).fold(Verdict::Up, Verdict::worse);
    let mut json = verdict.to_json();
    if let Some(object) = json.as_object_mut() {
        object.insert("checks".to_owned(), Json::Array(checks.iter().map(Checked::to_json).collect()));
        object.insert("without_partner".to_owned(), json!(alone.iter().map(|end| end.name.as_str()).collect::<Vec<_>>()));
    }
    context.output.rows(Rows { member: "checks", ..Rows::default() }, || checks.iter().flat_map(Checked::tables).collect(), || json);
    for end in &alone {
        context.output.warn(&format!("{} has no partner at the other end: a tunnel without one carries nothing", end.name));
    }
    let broken = |checked: &Checked<'_>| checked.agreement.findings.iter().any(|finding| finding.severity == Severity::Error);
    let good = verdict == Verdict::Up && alone.is_empty() && !checks.iter().any(broken);
    Ok(if good { exit::DONE } else { exit::REPORT })
}
