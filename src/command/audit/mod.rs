//! `audit`: weak or deprecated cryptography, by published policy.

mod report;

use std::collections::BTreeSet;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use crate::agreement::{self, End, holder, subjects};
use crate::command::shared::account::{gather, places};
use crate::command::shared::context::Context;
use crate::command::shared::ends::{self, Held};
use crate::command::shared::flag::switch;
use crate::command::shared::judged::{self, Judged, history, unfinished};
use crate::command::shared::read::read_all;
use crate::command::shared::tunnel;
use crate::error::{Error, exit};
use crate::model::{Connection, Ref};
use crate::policy::{self, Advice, Finding, Policy, Severity, audit, holders, sarif, shared};
use crate::print::output::{Format, Rows};
use crate::system::shell::quoted;
use report::{summarize, tables, to_json};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg_required_else_help(true)
        .arg(Arg::new("end").value_name("END").num_args(0..).required_unless_present("all").help(
            "Ends: refs, or files: saved replies, `show -o json`, swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml; #TUNNEL \
             names one of two tunnels; with --all providers, <provider>[@<region>]",
        ))
        .arg(switch("all", "Audit every connection of these providers, or of all that have credentials"))
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("POLICY")
                .value_parser(Policy::WORDS)
                .default_value("modern")
                .help("Policy to judge by; bsi and gm are advisory, since their text was not read"),
        )
        .arg(
            Arg::new("fail-on")
                .long("fail-on")
                .value_name("SEVERITY")
                .value_parser(Severity::WORDS)
                .default_value("warn")
                .help("Exit with 10 on findings of this severity or above"),
        )
        .arg(switch("sarif", "Print SARIF 2.1.0, for code-scanning services"))
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
        return Err(Error::usage("--sarif is a format by itself: leave -o out"));
    }
    let words = matches.get_many::<String>("end").into_iter().flatten();
    let (audited, failed) = if matches.get_flag("all") {
        let mut connections: Vec<Connection> = Vec::new();
        let failed = gather(places(words, context)?, &[], context, |page| {
            connections.extend(page);
            true
        })
        .await?;
        let open = unfinished(context);
        let judged = connections.iter().flat_map(|connection| Judged::all(connection, None, None, &open)).collect();
        (Audited { connections, ends: Vec::new(), judged }, failed)
    } else {
        read(words, context).await?
    };
    judged::tell(&audited.judged, context);
    let findings = judge(policy, &audited);
    let again = context.options.again();
    let command = |finding: &Finding| finding.advice.as_ref().map(|advice| audited.command(finding, advice, &again));
    if matches.get_flag("sarif") {
        context.output.document(&sarif::log(policy, &findings, &command));
    } else if audited.count() > 0 {
        context.output.rows(
            Rows { member: "findings", ..Rows::default() },
            || tables(&findings),
            || {
                json!({
                    "policy": policy.word(),
                    "audited": audited.names(),
                    "judged": judged::to_json(&audited.judged),
                    "findings": findings.iter().map(|finding| to_json(finding, command(finding))).collect::<Vec<_>>(),
                })
            },
        );
    }
    summarize(policy, audited.count(), &findings, context);
    let reported = findings.iter().any(|finding| finding.severity() >= fail_on);
    // A connection that could not be read outweighs the findings: the audit is incomplete.
    failed.map_or(Ok(if reported { exit::REPORT } else { exit::DONE }), Err)
}

/// What is audited.
#[derive(Default)]
struct Audited {
    connections: Vec<Connection>,
    /// Ends from files, each with its file.
    ends: Vec<(String, End)>,
    /// Whose values are judged.
    judged: Vec<Judged>,
}

impl Audited {
    /// Adds a connection, or one of its tunnels.
    fn add(&mut self, mut connection: Connection, tunnel: Option<&str>, saved: Option<&str>, context: &Context) -> Result<(), Error> {
        let place = tunnel.map(|tunnel| tunnel::place(&connection, tunnel)).transpose()?;
        self.judged.extend(Judged::all(&connection, place, saved, &history(&connection.reference, context)));
        if let Some(place) = place {
            connection.tunnels = vec![connection.tunnels.swap_remove(place)];
        }
        self.connections.push(connection);
        Ok(())
    }

    fn count(&self) -> usize {
        self.connections.len() + self.ends.len()
    }

    fn names(&self) -> Vec<String> {
        let connections = self.connections.iter().map(|connection| connection.reference.to_string());
        connections.chain(self.ends.iter().map(|(_, end)| end.name.clone())).collect()
    }

    /// What to type for an advice. A new key is rotated in on both ends; any other change is checked against the other end, and
    /// refused where that would take the tunnel down.
    fn command(&self, finding: &Finding, advice: &Advice, again: &str) -> String {
        let at = &advice.at;
        // A server has clients, and no other end.
        let is_server = at.reference.kind == "ipsec-server";
        let other = self.other(finding);
        match &advice.set {
            None => {
                let tunnel = at.tunnel.as_ref().map(|tunnel| format!("#{tunnel}")).unwrap_or_default();
                // A file names its key in its own way: `file:PATH:NAME`.
                let other = other.filter(|other| ends::file(other).is_none());
                let other = other.map_or_else(|| OTHER.to_owned(), |other| quoted(&other));
                let other = if is_server { " --one-end".to_owned() } else { format!(" {other}") };
                format!("tunnelctl rotate {}{other}{again}", quoted(&format!("{}{tunnel}", at.whole)))
            }
            Some((flag, value)) => {
                let tunnel = at.tunnel.as_ref().map(|tunnel| format!(" --tunnel {}", quoted(tunnel))).unwrap_or_default();
                // `check` pairs the tunnels of whole connections by itself.
                let other = other.map_or_else(|| OTHER.to_owned(), |other| quoted(other.split('#').next().unwrap_or_default()));
                let reference = quoted(&at.reference.to_string());
                let check = if is_server { String::new() } else { format!(" --check {other}") };
                format!("tunnelctl modify {reference}{tunnel} --{flag} {}{check}{again}", quoted(value))
            }
        }
    }

    /// The other end of the tunnel of a finding, if it is audited too: the one between the same two addresses.
    fn other(&self, finding: &Finding) -> Option<String> {
        let own = self.connections.iter().find(|connection| connection.reference.to_string() == finding.place.reference)?;
        let all = self.connections.iter().flat_map(parties);
        let mine = parties(own).into_iter().find(|(tunnel, _, _)| *tunnel == finding.place.tunnel)?.2;
        let files = self.ends.iter().filter_map(|(_, end)| Some((None, end.name.clone(), end_parties(end)?)));
        let mut others = all
            .chain(files)
            .filter(|(_, name, theirs)| *theirs == mine && name.split('#').next() != Some(finding.place.reference.as_str()));
        // Of several, none is sure to be it.
        others.next().map(|(_, name, _)| name).filter(|_| others.next().is_none())
    }
}

/// Stands for the other end of a tunnel, where it is not known.
const OTHER: &str = "OTHER-END";

/// The tunnels of a connection: each with its name, how commands name it, and the outer addresses of both parties.
fn parties(connection: &Connection) -> Vec<(Option<String>, String, BTreeSet<String>)> {
    let whole = connection.reference.to_string();
    let of = |place: usize, end: &End| {
        let tunnel = connection.tunnels.get(place).map(|tunnel| tunnel.role.clone().unwrap_or_else(|| tunnel.id.clone()));
        let name = tunnel.as_ref().map_or_else(|| whole.clone(), |tunnel| format!("{whole}#{tunnel}"));
        Some((tunnel, name, end_parties(end)?))
    };
    agreement::ends(connection).iter().enumerate().filter_map(|(place, end)| of(place, end)).collect()
}

/// The outer addresses of both parties of an end.
fn end_parties(end: &End) -> Option<BTreeSet<String>> {
    let far = end.mirrored().address.get()?;
    Some(BTreeSet::from([end.seen_address().get()?.to_string(), far.to_string()]))
}

/// Reads refs from their clouds, and files. Files come first, both in the order of the command line.
async fn read(words: impl Iterator<Item = &String>, context: &Context) -> Result<(Audited, Option<Error>), Error> {
    let (files, refs): (Vec<&String>, Vec<&String>) = words.partition(|word| ends::file(word).is_some());
    let mut audited = Audited::default();
    for file in files.iter().filter_map(|word| ends::file(word)) {
        match ends::open(file, context)? {
            Held::Ends(ends) => {
                for end in ends {
                    // An end that is named twice is judged once.
                    if audited.ends.iter().all(|(path, known)| path != file.path || known.name != end.name) {
                        audited.judged.push(Judged::file(&end.name));
                        audited.ends.push((file.path.to_owned(), end));
                    }
                }
            }
            Held::Saved(connections) => {
                for connection in connections {
                    audited.add(connection, file.tunnel, Some(file.path), context)?;
                }
            }
        }
    }
    ends::guard(audited.ends.iter().map(|(_, end)| end));
    for file in files.iter().filter_map(|word| ends::file(word)) {
        ends::tell(file, audited.ends.iter().filter(|(path, _)| path == file.path).map(|(_, end)| end), context);
    }
    if refs.is_empty() {
        return Ok((audited, None));
    }
    let mut wanted = Vec::new();
    for word in refs {
        let (name, tunnel) = tunnel::split(word)?;
        // A word that is no ref may be a misspelled file.
        wanted.push((name.to_owned(), tunnel, context.options.config.reference(name).map_err(|error| error.next(ends::FILES))?));
    }
    let (live, failed) = read_all(wanted.iter().map(|(name, ..)| name), None, context).await?;
    // In their order, without those that could not be read.
    let mut wanted = wanted.iter();
    for connection in live {
        let is_of = |reference: &Ref| reference.provider == connection.reference.provider && reference.id == connection.reference.id;
        let tunnel = wanted.find(|(.., reference)| is_of(reference)).and_then(|(_, tunnel, _)| *tunnel);
        audited.add(connection, tunnel, None, context)?;
    }
    Ok((audited, failed))
}

/// The findings, connection by connection, the worst first.
fn judge(policy: Policy, audited: &Audited) -> Vec<Finding> {
    let mut findings: Vec<Finding> = audited.connections.iter().flat_map(|connection| audit(policy, connection)).collect();
    findings.extend(audited.ends.iter().flat_map(|(file, end)| policy::findings(policy, &subjects(end, file))));
    if policy != Policy::Off {
        let holders = audited.connections.iter().flat_map(holders);
        let holders: Vec<_> = holders.chain(audited.ends.iter().filter_map(|(file, end)| holder(end, file))).collect();
        findings.extend(shared(&holders));
    }
    let names = audited.names();
    let place = |finding: &Finding| names.iter().position(|name| *name == finding.place.reference);
    findings.sort_by_key(|finding| (place(finding), finding.place.tunnel.clone(), std::cmp::Reverse(finding.severity())));
    findings
}
