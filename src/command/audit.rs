//! `audit`: weak or deprecated cryptography, by published policy.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value as Json, json};

use super::{Context, inspect, list, show};
use crate::error::{Error, exit};
use crate::model::{Connection, Ref};
use crate::output::{Format, Rows, Table};
use crate::policy::{Finding, Policy, Severity, audit, sarif, shared};
use crate::provider::registration;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg_required_else_help(true)
        .arg(Arg::new("end").value_name("END").num_args(0..).required_unless_present("all").help(
            "Connections: <provider>[@<region>]/[<kind>/]<id>, or files with saved replies; with --all providers, <provider>[@<region>]",
        ))
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .help("Every connection of these providers, or of all that have credentials"),
        )
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("POLICY")
                .value_parser(Policy::WORDS)
                .default_value("modern")
                .help("Whose rules: bsi and gm are advisory, their text was not read"),
        )
        .arg(
            Arg::new("fail-on")
                .long("fail-on")
                .value_name("SEVERITY")
                .value_parser(Severity::WORDS)
                .default_value("warn")
                .help("Exit with 10 from this severity on"),
        )
        .arg(Arg::new("sarif").long("sarif").action(ArgAction::SetTrue).help("Print SARIF 2.1.0, for code-scanning services"))
        .after_help(
            "Examples:\n  tunnelctl audit alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --emulated\n  \
             tunnelctl audit --all huawei@cn-north-4 --policy nist --fail-on error --emulated",
        )
}

/// Runs the command.
///
/// # Errors
/// What could not be read, after the findings of the rest were printed.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let word = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let policy = Policy::from_word(word("policy")).unwrap_or(Policy::Modern);
    let fail_on = Severity::from_word(word("fail-on")).unwrap_or(Severity::Warn);
    if matches.get_flag("sarif") && !matches!(context.output.shape.format, Format::Table | Format::Json) {
        return Err(Error::usage("--sarif is a format of its own: leave -o out"));
    }
    let ends = matches.get_many::<String>("end").into_iter().flatten();
    let (connections, failed) = if matches.get_flag("all") { list::all(ends, context).await? } else { read(ends, context).await? };
    let findings = judge(policy, &connections);
    if matches.get_flag("sarif") {
        context.output.document(&sarif::log(policy, &findings));
    } else if !connections.is_empty() {
        context.output.rows(
            Rows { member: "findings", ..Rows::default() },
            || tables(&findings),
            || {
                json!({
                    "policy": policy.word(),
                    "audited": connections.iter().map(|connection| connection.reference.to_string()).collect::<Vec<_>>(),
                    "findings": findings.iter().map(to_json).collect::<Vec<_>>(),
                })
            },
        );
    }
    summarize(policy, &connections, &findings, context);
    let reported = findings.iter().any(|finding| finding.severity() >= fail_on);
    // What could not be read outweighs what was found: the audit is not complete.
    failed.map_or(Ok(if reported { exit::REPORT } else { exit::DONE }), Err)
}

/// Refs are read live, files as saved replies; connections in the order that refs and files have among themselves.
async fn read(ends: impl Iterator<Item = &String>, context: &Context) -> Result<(Vec<Connection>, Option<Error>), Error> {
    let names_a_cloud = |text: &str| Ref::parse(text).is_ok_and(|reference| registration(&reference.provider).is_some());
    let (files, refs): (Vec<&String>, Vec<&String>) = ends.partition(|text| !names_a_cloud(text) && Path::new(text).is_file());
    let mut connections = Vec::new();
    for file in files {
        let held: Vec<Connection> = inspect::saved(file, context)?.into_iter().flat_map(|one| one.found.connections).collect();
        if held.is_empty() {
            return Err(Error::usage(format!("{file}: holds no connection")));
        }
        connections.extend(held);
    }
    if refs.is_empty() {
        return Ok((connections, None));
    }
    let (live, failed) = show::read_all(refs.into_iter(), None, context).await?;
    connections.extend(live);
    Ok((connections, failed))
}

/// The worst first within a connection; connections in their order.
fn judge(policy: Policy, connections: &[Connection]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = connections.iter().flat_map(|connection| audit(policy, connection)).collect();
    if policy != Policy::Off {
        findings.extend(shared(connections));
    }
    let place = |finding: &Finding| connections.iter().position(|connection| connection.reference.to_string() == finding.place.reference);
    findings.sort_by_key(|finding| (place(finding), finding.place.tunnel.clone(), std::cmp::Reverse(finding.severity())));
    findings
}

fn summarize(policy: Policy, connections: &[Connection], findings: &[Finding], context: &Context) {
    let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warn), count(Severity::Info));
    context.output.note(&match policy {
        Policy::Off => "policy off: nothing was judged".to_owned(),
        _ => {
            let of = match connections.len() {
                1 => "1 connection".to_owned(),
                count => format!("{count} connections"),
            };
            format!("policy {}, {of}: error {errors}, warn {warnings}, info {infos}", policy.word())
        }
    });
    if matches!(policy, Policy::Bsi | Policy::Gm) {
        context.output.warn(&format!("policy {} is advisory: the standard's text was not read", policy.word()));
    }
}

/// A caption and a table for each tunnel that something was found at.
fn tables(findings: &[Finding]) -> Vec<Table> {
    let row = |finding: &Finding| {
        let instead = finding.replacement.as_ref().map(|word| format!("; take {word}")).unwrap_or_default();
        vec![
            finding.severity().word().to_owned(),
            format!("{}\n{}", finding.key.path(), finding.value),
            format!("{}{instead}\n{}, {}", finding.what, finding.rule.id, finding.rule.source),
        ]
    };
    let head = ["SEVERITY", "FIELD\nVALUE", "FINDING\nRULE, STANDARD"].map(str::to_owned).to_vec();
    let tunnels = findings.chunk_by(|one, other| one.place == other.place);
    tunnels
        .filter_map(|tunnel| Some((tunnel.first()?.place.to_string(), tunnel)))
        .flat_map(|(place, tunnel)| {
            let caption = Table { head: Vec::new(), rows: vec![vec![place]] };
            [caption, Table { head: head.clone(), rows: tunnel.iter().map(row).collect() }]
        })
        .collect()
}

fn to_json(finding: &Finding) -> Json {
    let mut row = json!({
        "ref": finding.place.reference,
        "tunnel": finding.place.tunnel,
        "field": finding.key.path(),
        "value": finding.value,
        "severity": finding.severity().word(),
        "rule": finding.rule.id,
        "standard": finding.rule.source,
        "finding": finding.what,
        "replacement": finding.replacement,
        "command": finding.command.as_ref().map(|command| format!("tunnelctl {command}")),
    });
    if let Some(row) = row.as_object_mut() {
        row.retain(|_, value| !value.is_null());
    }
    row
}
