//! `config`: where every setting and credential comes from. No network, and never a secret.

use clap::{Arg, ArgMatches, Command};
use serde_json::{Map, Value as Json, json};

use super::Context;
use crate::config::Options;
use crate::config::lookup::{self, Lookup};
use crate::config::{self, Config, Hidden, Own};
use crate::credentials::vendor::{Found, Signer, Sourced};
use crate::error::{Error, exit};
use crate::model::hint;
use crate::print::gate::{escape, scrub};
use crate::print::output::{Format, Output, Table};
use crate::provider::{PROVIDERS, Registration, registration};
use crate::system::{home, private};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let provider = || Arg::new("provider").value_name("PROVIDER").num_args(0..).help("Providers; all when none is given");
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Example:\n  tunnelctl config show alibaba")
        .subcommand(Command::new("show").about("Show every value that counts, and where it comes from").arg(provider()).after_help(
            "A value is taken from the first that has it: the ref or flag, TUNNELCTL_<PROVIDER>_ENDPOINT, the profile,\n\
                     the vendor's environment variables, the files of the vendor's CLI and SDKs. Keys are never shown.\n\n\
                     Example:\n  tunnelctl config show alibaba --profile work",
        ))
        .subcommand(
            Command::new("check")
                .about("Check the configuration file and the credentials, without a network")
                .arg(provider())
                .after_help("Example:\n  tunnelctl config check"),
        )
        .subcommand(
            Command::new("path")
                .about("Print where the configuration file lies")
                .after_help("Example:\n  \"$EDITOR\" \"$(tunnelctl config path)\""),
        )
}

/// Runs the command.
///
/// # Errors
/// What is wrong with the configuration.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    match matches.subcommand() {
        Some(("show", matches)) => show(&providers(matches)?, context),
        Some(("check", matches)) => check(&providers(matches)?, context),
        _ => path(&context.output),
    }
}

fn providers(matches: &ArgMatches) -> Result<Vec<&'static Registration>, Error> {
    let named: Vec<&String> = matches.get_many::<String>("provider").into_iter().flatten().collect();
    if named.is_empty() {
        return Ok(PROVIDERS.to_vec());
    }
    let known = PROVIDERS.iter().map(|known| known.id);
    let find =
        |name: &&String| registration(name).ok_or_else(|| Error::usage(format!("{name:?} is no provider: {}", hint(name, known.clone()))));
    named.iter().map(find).collect()
}

fn path(output: &Output) -> Result<u8, Error> {
    let path = config::path()
        .ok_or_else(|| Error::new(exit::CREDENTIALS, "there is no home directory").next("set XDG_CONFIG_HOME to a directory of yours"))?;
    match output.shape.format {
        Format::Table => output.raw(&format!("{}\n", escape(&path.display().to_string()))),
        _ => output.result(Vec::new, || json!({ "path": path.display().to_string(), "exists": path.exists() })),
    }
    Ok(exit::DONE)
}

/// A value, and where it comes from; or what is wrong with it.
struct Line {
    name: &'static str,
    value: String,
    from: String,
    wrong: bool,
}

impl Line {
    fn of<T>(name: &'static str, found: Result<Option<Sourced<T>>, Error>, text: impl Fn(&T) -> String, default: &str) -> Self {
        let line = |value, from, wrong| Self { name, value, from, wrong };
        match found {
            Ok(Some(found)) => line(text(&found.value), found.from, false),
            Ok(None) => line(default.to_owned(), String::new(), false),
            Err(error) => line(advice(&error), String::new(), true),
        }
    }

    fn json(&self) -> Json {
        match (self.wrong, self.value.as_str()) {
            (true, message) => json!({ "error": message }),
            (false, "") => Json::Null,
            (false, value) if self.from.is_empty() => json!({ "value": value, "from": "default" }),
            (false, value) => json!({ "value": value, "from": self.from }),
        }
    }
}

/// The values of a cloud. Nothing is run or asked for them.
fn lines(registration: &'static Registration, options: &Options, output: &Output) -> Result<Vec<Line>, Error> {
    let mut lookup = Lookup::new(registration, options)?;
    let credentials = credentials(&mut lookup, output);
    let mut lines = vec![credentials, Line::of("region", lookup.region(None), Clone::clone, "")];
    if let Some(regions) = lookup.regions() {
        lines.push(Line { name: "regions", value: regions.value.join(", "), from: regions.from, wrong: false });
    }
    lines.push(Line::of("endpoint", lookup.endpoint(), ToString::to_string, "the cloud's own"));
    if !registration.environment.identity_endpoint.is_empty() {
        lines.push(Line::of("identity_endpoint", lookup.identity_endpoint(), ToString::to_string, "the cloud's own"));
    }
    if !registration.environment.project.is_empty() {
        lines.push(Line::of("project_id", lookup.project_id(), Clone::clone, "looked up by the region's name"));
    }
    let scheme = registration.signatures.first().copied().unwrap_or_default();
    lines.push(Line::of("signature", lookup.signature(), |scheme| (*scheme).to_owned(), scheme));
    lines.push(Line::of("ca_file", Ok(lookup.roots()), |path| path.display().to_string(), "built-in certificates"));
    Ok(lines)
}

fn credentials(lookup: &mut Lookup<'_>, output: &Output) -> Line {
    let line = |value, from, wrong| Line { name: "credentials", value, from, wrong };
    // A command is not run for this, and a secret that stands in the file is warned of when it is used.
    if let (Some(Own::Keys { id, token, .. }), Some(from)) = (lookup.own_keys(), lookup.own_from()) {
        return line(described(id, token.is_some()), from, false);
    }
    match lookup.credentials(output) {
        Ok(Some(Found { signer, from })) => match signer {
            Signer::Ready(keys) if keys.bearer.is_some() => line("IAM token".to_owned(), from, false),
            Signer::Ready(keys) => line(described(&keys.id, keys.token.is_some()), from, false),
            Signer::Exchange { base, call, .. } => {
                let role = call.request.query.iter().find(|(name, _)| name == "RoleArn").map(|(_, arn)| arn.as_str()).unwrap_or_default();
                line(format!("role {role}, by {}", described(&base.id, base.token.is_some())), from, false)
            }
            Signer::Instance(instance) => {
                let role = instance.role.as_deref().map_or_else(|| "the role".to_owned(), |role| format!("role {role}"));
                line(format!("{role} of this machine"), from, false)
            }
        },
        Ok(None) => line(String::new(), String::new(), false),
        Err(error) => line(advice(&error), String::new(), true),
    }
}

/// What is wrong, and what mends it.
fn advice(error: &Error) -> String {
    error.next.iter().fold(error.message.clone(), |text, next| format!("{text}\nnext: {next}"))
}

/// An access key id is no secret, but its middle helps nobody who reads this over a shoulder.
fn described(id: &str, temporary: bool) -> String {
    let characters: Vec<char> = id.chars().collect();
    let ends = |range: std::ops::Range<usize>| characters.get(range).unwrap_or_default().iter().collect::<String>();
    let shown =
        if characters.len() < 12 { "...".to_owned() } else { format!("{}...{}", ends(0..4), ends(characters.len() - 4..characters.len())) };
    if temporary { format!("key {shown}, temporary") } else { format!("key {shown}") }
}

fn show(providers: &[&'static Registration], context: &Context) -> Result<u8, Error> {
    let options = &context.options;
    let file = options.config.file()?;
    let profile = lookup::profile(options, file.as_deref())?;
    let place = config::path().map(|path| path.display().to_string()).unwrap_or_default();
    let there = if file.is_some() { "" } else { "not there" };
    let mut rows = vec![row("config", &place, there)];
    if let Some(profile) = &profile {
        rows.push(row("profile", &profile.value, &profile.from));
    }
    let (mut clouds, mut wrong) = (Map::new(), false);
    for registration in providers {
        let lines = lines(registration, options, &context.output)?;
        wrong |= lines.iter().any(|line| line.wrong);
        for line in &lines {
            let from = if line.wrong {
                "not right"
            } else if line.from.is_empty() && line.value.is_empty() {
                "not set"
            } else {
                &line.from
            };
            rows.push(row(&format!("{}.{}", registration.id, line.name), &line.value, from));
        }
        let fields: Map<String, Json> = lines.iter().map(|line| (line.name.to_owned(), line.json())).collect();
        clouds.insert(registration.id.to_owned(), Json::Object(fields));
    }
    let names = |config: &Config| {
        let tunnels =
            config.tunnels.iter().map(|(name, given)| (format!("tunnels.{name}"), given.value.to_string(), config.at(given.line)));
        let pairs = config.pairs.iter().map(|(name, given)| (format!("pairs.{name}"), given.value.join(" and "), config.at(given.line)));
        tunnels.chain(pairs).collect::<Vec<_>>()
    };
    rows.extend(file.as_deref().map(names).unwrap_or_default().iter().map(|(name, value, from)| row(name, value, from)));
    let tunnels: Map<String, Json> = file
        .iter()
        .flat_map(|config| {
            config
                .tunnels
                .iter()
                .map(|(name, given)| (name.clone(), json!({ "value": given.value.to_string(), "from": config.at(given.line) })))
        })
        .collect();
    let pairs: Map<String, Json> = file
        .iter()
        .flat_map(|config| {
            config.pairs.iter().map(|(name, given)| (name.clone(), json!({ "value": given.value, "from": config.at(given.line) })))
        })
        .collect();
    let profile = profile.map(|profile| json!({ "value": profile.value, "from": profile.from }));
    let json = json!({
        "path": place, "exists": file.is_some(), "profile": profile, "providers": clouds, "tunnels": tunnels, "pairs": pairs,
    });
    let head = ["SETTING", "VALUE", "FROM"].map(str::to_owned).to_vec();
    context.output.result(|| vec![Table { head, rows, ..Table::default() }], || json);
    Ok(if wrong { exit::CREDENTIALS } else { exit::DONE })
}

fn row(name: &str, value: &str, from: &str) -> Vec<String> {
    vec![name.to_owned(), short(value), short(from)]
}

/// A text for people: the home directory is `~`, so that it reads at 80 columns.
fn short(text: &str) -> String {
    let home = home("").map(|home| home.display().to_string()).filter(|home| home.len() > 1);
    home.map_or_else(|| text.to_owned(), |home| text.replace(&home, "~/"))
}

/// What is wrong, a line each. The file itself first: with a wrong one nothing else can be judged.
fn check(providers: &[&'static Registration], context: &Context) -> Result<u8, Error> {
    let (options, output) = (&context.options, &context.output);
    let file = options.config.file()?;
    lookup::profile(options, file.as_deref())?;
    let (mut faults, mut usable) = (Vec::new(), Vec::new());
    for registration in providers {
        let lookup = Lookup::new(registration, options)?;
        if let Some(Own::Keys { secret, token, .. }) = lookup.own_keys() {
            for hidden in [Some(secret), token.as_ref()].into_iter().flatten() {
                faults.extend(reachable(hidden, lookup.own_from().unwrap_or_default(), output));
            }
        }
        let lines = lines(registration, options, output)?;
        faults.extend(lines.iter().filter(|line| line.wrong).map(|line| format!("{}: {}", registration.id, line.value)));
        let credentials = lines.iter().find(|line| line.name == "credentials");
        match credentials {
            Some(line) if line.wrong => {}
            Some(line) if !line.value.is_empty() => usable.push(registration.id),
            // Nobody wants all clouds; those that are named, here or in the profile, are wanted.
            _ => match lookup.table() {
                Some(table) => faults.push(format!("{}: there are no credentials, and the profile names it at {table}", registration.id)),
                None if providers.len() < PROVIDERS.len() => faults.push(format!("{}: there are no credentials", registration.id)),
                None => {}
            },
        }
    }
    if usable.is_empty() && faults.is_empty() {
        faults.push("there are credentials for no provider".to_owned());
    }
    let path = config::path().map(|path| path.display().to_string()).unwrap_or_default();
    let json = json!({ "path": path, "exists": file.is_some(), "usable": usable, "faults": faults });
    match output.shape.format {
        // Whole lines: they are for reading, for `grep` and for pasting.
        Format::Table => output.raw(&escape(&scrub(&faults.iter().map(|fault| format!("{}\n", short(fault))).collect::<String>()))),
        _ => output.result(Vec::new, || json),
    }
    if !faults.is_empty() {
        return Err(
            Error::new(exit::CREDENTIALS, format!("{} of what was checked is not right", faults.len())).next("tunnelctl config show")
        );
    }
    output.note(&format!("all is right; there are credentials for {}", usable.join(", ")));
    Ok(exit::DONE)
}

/// Why a secret cannot be read, as far as that can be said without reading a command's answer.
fn reachable(hidden: &Hidden, from: String, output: &Output) -> Option<String> {
    match hidden {
        Hidden::Inline(_) => {
            output.warn(&format!("{from}; better: secret_file or secret_command"));
            None
        }
        Hidden::File(path) => match private::read(path, private::Shelter::None) {
            Ok(Some(_)) => None,
            Ok(None) => Some(format!("{from}: there is no such file")),
            Err(error) => Some(advice(&error)),
        },
        Hidden::Command(words) => {
            let program = words.first().map(std::path::PathBuf::from).unwrap_or_default();
            let on_path =
                || std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|place| place.join(&program).is_file()));
            let there = if program.is_absolute() { program.is_file() } else { on_path() };
            (!there).then(|| format!("{from}: there is no such program"))
        }
    }
}
