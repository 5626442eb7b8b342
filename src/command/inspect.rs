//! `inspect`: what a saved reply or request says, offline.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, IsTerminal, Read};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value as Json, json};
use zeroize::Zeroizing;

use super::Context;
use crate::config::is_region;
use crate::error::{ApiError, Class};
use crate::error::{Error, exit};
use crate::inspect::{Inspected, LIMIT, decode, inspect};
use crate::model::fingerprint::install_key;
use crate::model::{Connection, Key, Settings, Value};
use crate::print::describe;
use crate::print::gate::watch;
use crate::print::output::Table;
use crate::provider::recognise::{Finding, Role, Syntax};
use crate::provider::registration;
use crate::system::files::{fingerprint_key, state_dir};

/// How many connections stand side by side, to fit into 80 columns.
const BESIDE: usize = 2;
/// More connections than this are listed, not described.
const DESCRIBED: usize = 8;
/// With more keys than this the last gate is not told: it would be slow, and it is only the last.
const WATCHED: usize = 16;

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg(Arg::new("file").value_name("FILE").help("File that holds it; standard input when it is - or left out"))
        .arg(
            Arg::new("exit-code")
                .long("exit-code")
                .action(ArgAction::SetTrue)
                .help("Exit with 10 when it is an error or contradicts a rule"),
        )
        .after_help(
            "Reads JSON, XML, queries and forms of any of the clouds, also inside a list, JSON lines or a log. Sends nothing.\n\n\
             Example:\n  tunnelctl inspect reply.json",
        )
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be read, or is nothing that is known here.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let all = saved(matches.get_one::<String>("file").map_or("-", String::as_str), context)?;
    let telling = all.iter().any(|one| one.found.error.is_some() || !one.found.findings.is_empty());
    // Of a large list the JSON is large as well: what is turned into it is given up on the way.
    let all = Cell::new(all);
    context.output.result(|| tables(&all.take()), || json(all.take()));
    Ok(if telling && matches.get_flag("exit-code") { exit::REPORT } else { exit::DONE })
}

/// What a saved document holds; standard input when the file is `-`.
///
/// # Errors
/// When it cannot be read, or is nothing that is known here.
pub(super) fn saved(file: &str, context: &Context) -> Result<Vec<Inspected>, Error> {
    let name = if file == "-" { "standard input" } else { file };
    let wrong = |text: &dyn std::fmt::Display| Error::usage(format!("{name}: {text}"));
    let bytes = read(file, context).map_err(|cause| wrong(&cause))?;
    held(name, bytes, context)
}

/// What a document holds that was read already; `name` says where it is from.
///
/// # Errors
/// When it is nothing that is known here.
pub(super) fn held(name: &str, bytes: Zeroizing<Vec<u8>>, context: &Context) -> Result<Vec<Inspected>, Error> {
    let wrong = |text: &dyn std::fmt::Display| Error::usage(format!("{name}: {text}"));
    if bytes.len() as u64 > LIMIT {
        return Err(wrong(&format!("is larger than {} MiB", LIMIT >> 20)));
    }
    if let Some(region) = context.options.region.as_ref().filter(|region| !is_region(region)) {
        return Err(Error::usage(format!("--region {region:?}: must be lower-case letters, digits and hyphens")));
    }
    let mut all = decode(&bytes).and_then(|text| inspect(&text)).map_err(|fault| wrong(&fault))?;
    // The text is done with, and may be large.
    drop(bytes);
    for connection in all.iter_mut().flat_map(|one| &mut one.found.connections) {
        let region = &mut connection.reference.region;
        *region = region.take().filter(|region| !region.is_empty()).or_else(|| context.options.region.clone());
    }
    guard_keys(&all);
    Ok(all)
}

fn read(file: &str, context: &Context) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    if file == "-" {
        if io::stdin().is_terminal() {
            context.output.note("reading standard input, up to its end (Ctrl-D)");
        }
        io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes)?;
    } else {
        let source = File::open(file)?;
        let size = source.metadata().map_or(0, |meta| meta.len().min(LIMIT) + 1);
        bytes.reserve_exact(usize::try_from(size).unwrap_or_default());
        source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Keys show as fingerprints, and what the last gate can know it knows.
fn guard_keys(all: &[Inspected]) {
    let settings = all.iter().flat_map(|one| &one.found.connections).flat_map(every_settings);
    let keys = settings.filter_map(|settings| match settings.get(Key::Psk) {
        Some(Value::Secret(key)) if !key.expose().is_empty() => Some(key),
        _ => None,
    });
    let keys: Vec<_> = keys.take(WATCHED + 1).collect();
    if !keys.is_empty()
        && let Ok(key) = state_dir().map_err(drop).and_then(|state| fingerprint_key(&state).map_err(drop))
    {
        install_key(key);
    }
    if keys.len() <= WATCHED {
        keys.into_iter().filter(|key| !key.expose().contains('*')).for_each(|key| watch(key));
    }
}

fn every_settings(connection: &Connection) -> impl Iterator<Item = &Settings> {
    std::iter::once(&connection.settings).chain(connection.tunnels.iter().map(|tunnel| &tunnel.settings))
}

const fn syntax(syntax: &Syntax) -> &'static str {
    match syntax {
        Syntax::Json => "json",
        Syntax::Xml(_) => "xml",
        Syntax::Form => "form",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Request => "request",
        Role::Reply => "reply",
    }
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Rate => "rate",
        Class::Busy => "busy",
        Class::Clock => "clock",
        Class::Auth => "auth",
        Class::NotFound => "not_found",
        Class::Final => "final",
        Class::Ambiguous => "ambiguous",
    }
}

/// Whether the same request may be sent again, for a script and for people.
const fn retry(class: Class) -> (&'static str, &'static str) {
    match class {
        Class::Rate => ("later", "yes, after a pause: it was not executed"),
        Class::Busy => ("when_settled", "yes, once the other change is done: it was not executed"),
        Class::Clock => ("when_mended", "yes, once the clock is right: it was not executed"),
        Class::Auth => ("when_mended", "not with these credentials: it was not executed"),
        Class::NotFound => ("no", "no: what it names is not there"),
        Class::Final => ("no", "not as it is: it was refused, and nothing was executed"),
        Class::Ambiguous => ("look_first", "not blindly: it may have been executed; read the connection first"),
    }
}

/// One document as itself, several under `documents`.
fn json(all: Vec<Inspected>) -> Json {
    let single = all.len() == 1;
    let mut documents = all.into_iter().map(document);
    match documents.next() {
        Some(one) if single => one,
        first => json!({ "documents": first.into_iter().chain(documents).collect::<Vec<_>>() }),
    }
}

fn document(one: Inspected) -> Json {
    let found = one.found;
    let text = |text: &str| if text.is_empty() { Json::Null } else { json!(text) };
    let error = found.error.as_ref().map(|error| {
        json!({
            "code": error.code,
            "class": class(error.class),
            "meaning": text(error.meaning),
            "message": text(&error.message),
            "next": text(error.advice),
            "retry": retry(error.class).0,
        })
    });
    let finding = |finding: &Finding| json!({ "connection": finding.connection, "field": finding.field, "value": finding.value, "rule": finding.rule });
    let mut object = Map::new();
    object.insert(
        "recognised".to_owned(),
        json!({
            "provider": found.provider,
            "operation": text(&found.operation),
            "role": role(found.role),
            "syntax": syntax(&one.syntax),
            "line": one.line,
            "told_by": found.told_by,
            "request_id": found.request_id,
        }),
    );
    object.insert("connections".to_owned(), Json::Array(found.connections.into_iter().map(|connection| connection.to_json()).collect()));
    object.insert("error".to_owned(), error.unwrap_or_default());
    object.insert("findings".to_owned(), Json::Array(found.findings.iter().map(finding).collect()));
    object.insert("facts".to_owned(), Json::Object(found.facts));
    Json::Object(object)
}

fn tables(all: &[Inspected]) -> Vec<Table> {
    let mut tables = match all {
        [one] => vec![summary(one)],
        more => vec![overview(more)],
    };
    let connections: Vec<&Connection> = all.iter().flat_map(|one| &one.found.connections).collect();
    if connections.len() > DESCRIBED {
        tables.push(super::list::table(&connections));
    } else {
        tables.extend(connections.chunks(BESIDE).flat_map(described));
    }
    for one in all {
        if let Some(error) = &one.found.error {
            tables.push(error_table(error));
        }
        if !one.found.facts.is_empty() {
            let rows = one
                .found
                .facts
                .iter()
                .map(|(name, value)| vec![name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)]);
            tables.push(Table { head: vec!["FIELD".to_owned(), "VALUE".to_owned()], rows: rows.collect(), ..Table::default() });
        }
    }
    let findings: Vec<&Finding> = all.iter().flat_map(|one| &one.found.findings).collect();
    if !findings.is_empty() {
        tables.push(findings_table(&findings, connections.len() > 1));
    }
    tables
}

fn described(connections: &[&Connection]) -> Vec<Table> {
    let connections: Vec<Connection> = connections.iter().map(|connection| (*connection).clone()).collect();
    let mut tables = describe::tables(&connections);
    for table in &mut tables {
        // A request has no status.
        table.rows.retain(|row| {
            let mut cells = row.iter();
            !cells.next().is_some_and(|name| name.starts_with("status.")) || cells.any(|cell| cell != "unknown" && cell != "-")
        });
    }
    tables
}

fn title(one: &Inspected) -> String {
    registration(one.found.provider).map_or(one.found.provider, |registration| registration.title).to_owned()
}

fn operation(one: &Inspected) -> String {
    match one.found.operation.as_str() {
        "" => role(one.found.role).to_owned(),
        name => format!("{name}, {}", role(one.found.role)),
    }
}

fn summary(one: &Inspected) -> Table {
    let place = format!("{}, line {}", syntax(&one.syntax), one.line);
    let mut rows =
        vec![("recognised", format!("{}: {}", title(one), operation(one))), ("told by", one.found.told_by.clone()), ("written as", place)];
    rows.extend(one.found.request_id.clone().map(|id| ("request id", id)));
    rows.extend((one.found.connections.len() > 1).then(|| ("connections", one.found.connections.len().to_string())));
    plain(rows)
}

fn overview(all: &[Inspected]) -> Table {
    let row = |one: &Inspected| {
        let said = one.found.error.as_ref().map(|error| format!("error {}", error.code));
        let count = || format!("{} connections", one.found.connections.len()).replace("1 connections", "1 connection");
        vec![one.line.to_string(), title(one), operation(one), said.unwrap_or_else(count)]
    };
    Table {
        head: ["LINE", "CLOUD", "RECOGNISED", "HOLDS"].map(str::to_owned).to_vec(),
        rows: all.iter().map(row).collect(),
        ..Table::default()
    }
}

fn error_table(error: &ApiError) -> Table {
    let rows = [
        ("error", error.code.clone()),
        ("meaning", if error.meaning.is_empty() { "not a code that is known here".to_owned() } else { error.meaning.to_owned() }),
        ("cloud says", error.message.clone()),
        ("retry", retry(error.class).1.to_owned()),
        ("next", error.advice.to_owned()),
    ];
    plain(rows.into_iter().filter(|(_, text)| !text.is_empty()).collect())
}

fn plain(rows: Vec<(&str, String)>) -> Table {
    Table { head: Vec::new(), rows: rows.into_iter().map(|(name, text)| vec![name.to_owned(), text]).collect(), ..Table::default() }
}

fn findings_table(findings: &[&Finding], several: bool) -> Table {
    let row = |finding: &&Finding| {
        let field = if several || finding.connection.contains(' ') {
            format!("{}\n{}", finding.field, finding.connection)
        } else {
            finding.field.clone()
        };
        vec![field, finding.value.clone().unwrap_or_else(|| "(hidden)".to_owned()), finding.rule.clone()]
    };
    Table {
        head: ["CONTRADICTS", "VALUE", "RULE"].map(str::to_owned).to_vec(),
        rows: findings.iter().map(row).collect(),
        ..Table::default()
    }
}
