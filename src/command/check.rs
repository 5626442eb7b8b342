//! `check`: whether two ends of a tunnel agree.

use std::path::Path;
use std::rc::Rc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value as Json, json};

use super::{Context, resolve, show};
use crate::agreement::parse::{self, Form};
use crate::agreement::{
    Agreement, Algorithm, Daemon, End, Finding, Initiator, Kind, Mend, Options, Psk, Severity, Side, Suggestion, Verdict, check, ends,
    pair, suggest,
};
use crate::error::{Error, exit};
use crate::files::{fingerprint_key, state_dir};
use crate::fingerprint::install_key;
use crate::inspect;
use crate::model::{Settings, Value};
use crate::output::Table;
use crate::scrub::watch;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let kind = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("KIND").value_parser(["strongswan", "libreswan"]).help(help)
    };
    let end = |name: &'static str, help: &'static str| Arg::new(name).value_name("END").required(true).help(help);
    command
        .arg_required_else_help(true)
        .arg(end("left", "One end: a ref, or a file: swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml"))
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
    let options =
        Options { initiator, left_kind: daemon("left-kind"), right_kind: daemon("right-kind"), running: matches.get_flag("running") };
    let left = read(text("left"), context).await?;
    let right = read(text("right"), context).await?;
    guard(&left);
    guard(&right);
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
    context.output.result(|| checks.iter().flat_map(Checked::tables).collect(), || json);
    for end in &alone {
        context.output.warn(&format!("{} has no partner at the other end: a tunnel without one carries nothing", end.name));
    }
    let broken = |checked: &Checked<'_>| checked.agreement.findings.iter().any(|finding| finding.severity == Severity::Error);
    let good = verdict == Verdict::Up && alone.is_empty() && !checks.iter().any(broken);
    Ok(if good { exit::DONE } else { exit::REPORT })
}

/// The ends that a word names: a file that is there, or else a ref.
async fn read(word: &str, context: &Context) -> Result<Vec<End>, Error> {
    read_as(word, &context.options, context).await
}

/// The other end of what a command changes: the region that the command was given is not this one's.
pub(super) async fn read_other(word: &str, context: &Context) -> Result<Vec<End>, Error> {
    let ends = read_as(word, &crate::session::Options { region: None, ..context.options.clone() }, context).await?;
    guard(&ends);
    Ok(ends)
}

async fn read_as(word: &str, options: &crate::session::Options, context: &Context) -> Result<Vec<End>, Error> {
    let path = word.rsplit_once(':').map_or(word, |(path, _)| path);
    if [word, path].iter().any(|path| Path::new(path).exists()) {
        return from_file(word);
    }
    let reference = context
        .options
        .config
        .reference(word)
        .map_err(|error| error.next("or a file: swanctl.conf, ipsec.conf (FILE or FILE:CONNECTION), end.toml, or a saved reply"))?;
    let (registration, target) = resolve(&reference, None)?;
    crate::runtime::needed().await;
    let connection = show::read(registration, target, reference.region, options.clone(), Rc::clone(&context.output)).await?;
    Ok(ends(&connection))
}

/// The ends in a file. What follows the last colon names one of its connections, unless the file's own name has it.
fn from_file(word: &str) -> Result<Vec<End>, Error> {
    let (path, wanted) = match word.rsplit_once(':') {
        Some((path, wanted)) if !Path::new(word).exists() => (path, Some(wanted)),
        _ => (word, None),
    };
    let usage = |message: String| Error::usage(format!("{path}: {message}"));
    let bytes = bytes(path).map_err(usage)?;
    let fault = |fault: parse::Fault| usage(fault.to_string());
    // A reply may be one endless line, which a configuration is not.
    if matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'[' | b'<')) && !path.ends_with(".toml") {
        return saved_reply(path, &bytes);
    }
    let text = parse::text(&bytes).map_err(fault)?;
    let ends = match parse::form(path, text) {
        Form::Toml => return Ok(vec![parse::toml::read(text, path).map_err(fault)?]),
        Form::Reply => return saved_reply(path, &bytes),
        Form::Libreswan => {
            let secrets = beside(path);
            let secrets =
                secrets.as_deref().map(|bytes| parse::text(bytes)).transpose().map_err(|cause| usage(format!("its secrets: {cause}")))?;
            parse::libreswan::read(text, path, secrets).map_err(fault)?
        }
        Form::Swanctl => parse::swanctl::read(text, path).map_err(fault)?,
    };
    parse::choose(ends, wanted).map(|end| vec![end]).map_err(usage)
}

fn bytes(path: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, String> {
    use std::io::Read;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let file = std::fs::File::open(path).map_err(|cause| cause.to_string())?;
    file.take(parse::LIMIT + 1).read_to_end(&mut bytes).map_err(|cause| cause.to_string())?;
    if bytes.len() as u64 > parse::LIMIT { Err(format!("holds more than {} bytes", parse::LIMIT)) } else { Ok(bytes) }
}

/// The keys that belong to an `ipsec.conf`: the file beside it that ends in `.secrets`.
fn beside(path: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    bytes(Path::new(path).with_extension("secrets").to_str()?).ok()
}

/// The ends of the one connection in a cloud's reply that somebody saved.
fn saved_reply(path: &str, bytes: &[u8]) -> Result<Vec<End>, Error> {
    let fault = |fault: inspect::Fault| Error::usage(format!("{path}: {fault}"));
    let text = inspect::decode(bytes).map_err(fault)?;
    let mut connections = inspect::inspect(&text).map_err(fault)?.into_iter().flat_map(|one| one.found.connections);
    match (connections.next(), connections.count()) {
        (Some(connection), 0) => Ok(ends(&connection)),
        (None, _) => Err(Error::usage(format!("{path}: there is no connection in it"))),
        (Some(_), more) => Err(Error::usage(format!("{path}: holds {} connections; one is an end", more + 1))),
    }
}

/// Keys show as fingerprints that hold for this installation, and are hidden wherever they might slip through.
fn guard(ends: &[End]) {
    let mut keys = ends.iter().filter_map(|end| if let Psk::Known(key) = &end.psk { Some(key) } else { None }).peekable();
    if keys.peek().is_some()
        && let Ok(key) = state_dir().map_err(drop).and_then(|state| fingerprint_key(&state).map_err(drop))
    {
        install_key(key);
    }
    keys.for_each(|key| watch(key));
}

/// Two ends with what came of them.
struct Checked<'a> {
    left: &'a End,
    right: &'a End,
    agreement: Agreement,
    suggestion: Option<Option<Suggestion>>,
}

impl Checked<'_> {
    fn end(&self, side: Side) -> &End {
        if side == Side::Left { self.left } else { self.right }
    }

    fn tables(&self) -> Vec<Table> {
        let agreement = &self.agreement;
        let row = |name: &str, verdict: &Verdict| vec![name.to_owned(), verdict.word().to_owned(), verdict.detail()];
        let mut tables = vec![Table {
            head: ["TUNNEL", "VERDICT", ""].map(str::to_owned).to_vec(),
            rows: vec![
                row(&format!("{} and {}", self.left.name, self.right.name), &agreement.verdict),
                row("left starts", &agreement.left_initiates),
                row("right starts", &agreement.right_initiates),
            ],
        }];
        if !agreement.findings.is_empty() {
            let field = |finding: &Finding| match finding.field == finding.right_field {
                true => finding.field.to_owned(),
                false => format!("{}\n{}", finding.field, finding.right_field),
            };
            let row = |finding: &Finding| {
                vec![finding.severity.word().to_owned(), field(finding), finding.left.clone(), finding.right.clone(), finding.log.clone()]
            };
            let mut rows: Vec<Vec<String>> = agreement.findings.iter().map(row).collect();
            rows.dedup();
            tables.push(Table { head: ["SEVERITY", "FIELD", "LEFT", "RIGHT", "STARTER SEES"].map(str::to_owned).to_vec(), rows });
            let rows = agreement.findings.iter().map(|finding| vec![finding.field.to_owned(), sentence(finding)]).collect();
            tables.push(Table { head: ["FIELD", "WHAT IT MEANS"].map(str::to_owned).to_vec(), rows });
            let mut mends: Vec<Vec<String>> = Vec::new();
            for command in agreement.findings.iter().filter_map(|finding| finding.mends.first()).map(|mend| vec![self.command(mend)]) {
                if !mends.contains(&command) {
                    mends.push(command);
                }
            }
            if !mends.is_empty() {
                tables.push(Table { head: vec!["WHAT MENDS THEM, ONE BY ONE".to_owned()], rows: mends });
            }
        }
        match &self.suggestion {
            Some(Some(suggestion)) => {
                let rows = suggestion.suite.iter().map(|(key, value)| vec![key.path().to_owned(), value.to_string()]).collect();
                tables.push(Table { head: ["SUGGESTED", "VALUE"].map(str::to_owned).to_vec(), rows });
                let command =
                    |(side, settings): &(Side, Settings)| vec![self.command(&Mend { side: *side, settings: settings.clone(), psk: false })];
                let rows: Vec<Vec<String>> = suggestion.changes.iter().map(command).collect();
                if !rows.is_empty() {
                    tables.push(Table { head: vec!["WHAT SETS IT".to_owned()], rows });
                }
            }
            Some(None) => tables.push(Table {
                head: ["SUGGESTED", "VALUE"].map(str::to_owned).to_vec(),
                rows: vec![vec!["none".to_owned(), "there is no suite that both ends accept".to_owned()]],
            }),
            None => {}
        }
        tables
    }

    /// A change as something to type, or to write into a file.
    fn command(&self, mend: &Mend) -> String {
        let end = self.end(mend.side);
        let Some(reference) = end.reference.as_ref().filter(|_| matches!(end.kind, Kind::Cloud(_))) else {
            let settings: Vec<String> = mend.settings.iter().map(|(key, value)| format!("{} {}", key.path(), one_line(value))).collect();
            let what = if mend.psk { "the other end's key".to_owned() } else { settings.join(", ") };
            return format!("set {what} in {}", end.name);
        };
        let tunnel = end.tunnel.as_deref().map(|tunnel| format!(" --tunnel {}", quoted(tunnel))).unwrap_or_default();
        let flags = if mend.psk { " --psk-file FILE".to_owned() } else { flags(&mend.settings) };
        format!("tunnelctl modify {}{tunnel}{flags}", quoted(&reference.to_string()))
    }

    fn to_json(&self) -> Json {
        let agreement = &self.agreement;
        let mut json = agreement.verdict.to_json();
        let Some(object) = json.as_object_mut() else { return json };
        object.insert("left".to_owned(), json!(self.left.name));
        object.insert("right".to_owned(), json!(self.right.name));
        object.insert("left_initiates".to_owned(), agreement.left_initiates.to_json());
        object.insert("right_initiates".to_owned(), agreement.right_initiates.to_json());
        let suite: Map<String, Json> =
            agreement.suite.iter().map(|(field, value): &(&str, Algorithm)| ((*field).to_owned(), json!(value.name()))).collect();
        object.insert("negotiated".to_owned(), Json::Object(suite));
        object.insert("findings".to_owned(), Json::Array(agreement.findings.iter().map(|finding| self.finding(finding)).collect()));
        if let Some(suggestion) = &self.suggestion {
            let change = |(side, settings): &(Side, Settings)| {
                let mend = Mend { side: *side, settings: settings.clone(), psk: false };
                json!({ "end": side.word(), "command": self.command(&mend) })
            };
            let suggestion = suggestion.as_ref().map(|suggestion| {
                json!({ "suite": suggestion.suite.to_json(), "changes": suggestion.changes.iter().map(change).collect::<Vec<_>>() })
            });
            object.insert("suggestion".to_owned(), json!(suggestion));
        }
        json
    }

    fn finding(&self, finding: &Finding) -> Json {
        let mend = |mend: &Mend| json!({ "end": mend.side.word(), "settings": mend.settings.to_json(), "command": self.command(mend) });
        json!({
            "field": finding.field,
            "right_field": finding.right_field,
            "left": finding.left,
            "right": finding.right,
            "severity": finding.severity.word(),
            "effect": finding.effect.word(),
            "initiator": finding.initiator.map_or("either", Side::word),
            "exchange": finding.exchange.map(crate::agreement::Exchange::word),
            "log": Some(&finding.log).filter(|log| !log.is_empty()),
            "explanation": finding.explanation,
            "mends": finding.mends.iter().map(mend).collect::<Vec<_>>(),
        })
    }
}

fn sentence(finding: &Finding) -> String {
    match finding.initiator {
        Some(side) => format!("when the {} end starts: {}", side.word(), finding.explanation),
        None => finding.explanation.clone(),
    }
}

/// Settings as flags of `modify`.
fn flags(settings: &Settings) -> String {
    let mut text = String::new();
    for (key, value) in settings.iter() {
        match value {
            Value::Rules(rules) => rules.iter().for_each(|rule| text.push_str(&format!(" --{} {rule}", key.flag()))),
            _ => text.push_str(&format!(" --{} {}", key.flag(), quoted(&one_line(value)))),
        }
    }
    text
}

/// A value in one line, lists with commas.
fn one_line(value: &Value) -> String {
    match value {
        Value::List(items) => items.join(","),
        other => other.to_string().replace('\n', "; "),
    }
}

/// A word that a shell takes as one: what a cloud or file said may hold anything.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:,@+=%".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_read_breaks_out_of_a_command() {
        assert_eq!(quoted("a'; rm -rf /; '"), "'a'\\''; rm -rf /; '\\'''");
        assert_eq!(quoted("hq.example.com"), "hq.example.com");
        assert_eq!(quoted(""), "''");
    }
}
