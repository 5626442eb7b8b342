//! `export`: the configuration of a connection's peer.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value as Json, json};

use super::shared::context::Context;
use super::shared::ends::{self, Held};
use super::shared::flag::{api, switch};
use super::shared::judged::{self, Judged, history};
use super::shared::psk;
use super::shared::read::read_all;
use super::shared::reveal::may_reveal;
use super::shared::tunnel;
use crate::error::{Error, exit};
use crate::export::{Exported, File, Format, Given, export};
use crate::model::Connection;
use crate::print::output::Output;
use crate::system::files::{Pending, Unplaced, put_in_place};

/// What is printed of a format with two files: the first or the second.
const PARTS: [&str; 2] = ["configuration", "secrets"];

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name);
    command
        .arg_required_else_help(true)
        .arg(Arg::new("end").value_name("END").required(true).help(
            "Connection: <provider>[@<region>]/[<kind>/]<id>, or a file (FILE or FILE:ID): saved reply or `show -o json`; #TUNNEL behind it \
             names one of two tunnels",
        ))
        .arg(
            flag("format")
                .short('f')
                .value_name("FORMAT")
                .required(true)
                .value_parser(Format::words())
                .help("Software or router that the configuration is for"),
        )
        .arg(
            flag("output-file")
                .short('O')
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Write the configuration to this file, mode 0600; libreswan writes FILE.secrets as well"),
        )
        .arg(switch("force", "Replace the file if it exists").requires("output-file"))
        .arg(
            flag("part")
                .value_name("PART")
                .value_parser(PARTS)
                .default_value(PARTS[0])
                .hide_default_value(true)
                .conflicts_with("output-file")
                .help("What to print of libreswan's two files [default: configuration]"),
        )
        .arg(switch("include-key", "Write the pre-shared key as well; only to a file or a terminal"))
        .arg(
            flag("psk-file")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .requires("include-key")
                .help("Read the pre-shared key from this file, for clouds that do not return it"),
        )
        .arg(flag("local-address").value_name("ADDRESS").value_parser(value_parser!(IpAddr)).help("Public address of the cloud's end"))
        .arg(flag("peer-address").value_name("ADDRESS").value_parser(value_parser!(IpAddr)).help("Public address of the peer's end"))
        .arg(
            flag("if-id")
                .value_name("NUMBER")
                .value_parser(value_parser!(u32).range(1..))
                .help("Bind the tunnel to an interface (XFRM, ipsecN, TunnelN, st0.N); a second tunnel gets the next"),
        )
        .arg(api())
        .after_help(
            "Example:\n  tunnelctl export tencent@ap-beijing/vpnx-partnerhw01 --format swanctl --include-key -O peer.conf --emulated",
        )
}

/// Runs the command.
///
/// # Errors
/// Every reason why it cannot be exported; nothing is written then.
pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let word = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let name = word("format").unwrap_or_default();
    let format =
        Format::from_word(name).ok_or_else(|| Error::usage(format!("--format {name}: expected one of {}", Format::words().join(", "))))?;
    let path = matches.get_one::<PathBuf>("output-file");
    let force = matches.get_flag("force");
    let include_key = matches.get_flag("include-key");
    let nothing = "nothing was written";
    if include_key && path.is_none() && (!context.output.shape.format.is_table() || !may_reveal()) {
        return Err(Error::usage("--include-key writes to a file (-O FILE) or a terminal only").state(nothing));
    }
    let key = psk::read_file(matches, &context.output)?.map(Arc::new);
    let source = read(word("end").unwrap_or_default(), word("api"), context).await?;
    let (connection, judged) = (&source.connection, &source.judged);
    judged::tell(judged, context);
    let address = |name: &str| matches.get_one::<IpAddr>(name).copied();
    let given = Given {
        local_address: address("local-address"),
        peer_address: address("peer-address"),
        key,
        include_key,
        interface: matches.get_one::<u32>("if-id").copied(),
        tunnel: source.tunnel,
    };
    let reference = connection.reference.to_string();
    let exported = export(connection, format, &given).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
        Error::new(exit::UNSUPPORTED, format!("{reference} cannot be exported to {name}:{}", lines.concat())).state(nothing)
    })?;
    for warning in &exported.warnings {
        context.output.warn(warning);
    }
    match path {
        Some(path) => {
            let written = save(path, &exported, force)?;
            let text = written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
            if context.output.shape.format.is_table() {
                context.output.note(&format!("wrote {}", text.join(" and ")));
            } else {
                let files = text.iter().map(|path| json!({ "path": path })).collect();
                context.output.result(Vec::new, || report(&reference, name, judged, &exported, &files));
            }
        }
        None if context.output.shape.format.is_table() => print(&exported, word("part").unwrap_or_default(), include_key, &context.output)?,
        None => {
            let files: Vec<Json> = exported.files.iter().map(|file| json!({ "suffix": file.suffix, "text": file.text.as_str() })).collect();
            context.output.result(Vec::new, || report(&reference, name, judged, &exported, &json!(files)));
        }
    }
    Ok(exit::DONE)
}

/// Prints one file, byte for byte: a configuration and its keys in one stream would load nowhere.
///
/// # Errors
/// When the format has no such file.
fn print(exported: &Exported, part: &str, include_key: bool, output: &Output) -> Result<(), Error> {
    let number = PARTS.iter().position(|known| *known == part).unwrap_or_default();
    let file = exported.files.get(number).ok_or_else(|| {
        Error::usage(format!("--part {part}: this format has one file, which holds the keys as well")).state("nothing was printed")
    })?;
    if include_key {
        output.raw(&file.text);
    } else {
        output.content(&file.text);
    }
    if number == 0 && exported.files.len() > 1 {
        output.note("the file of keys comes with --part secrets; -O FILE writes both");
    }
    Ok(())
}

/// The result for programs.
fn report(reference: &str, format: &str, judged: &[Judged], exported: &Exported, files: &Json) -> Json {
    json!({ "ref": reference, "format": format, "judged": judged::to_json(judged), "files": files, "warnings": exported.warnings })
}

/// What is exported, and whose values it has.
struct Source {
    connection: Connection,
    /// The place of the tunnel that is meant.
    tunnel: Option<usize>,
    judged: Vec<Judged>,
}

/// Reads the connection that a word names: a ref, or a file with a saved document.
async fn read(word: &str, api: Option<&str>, context: &Context) -> Result<Source, Error> {
    let file = ends::file(word);
    let (connection, tunnel) = match file {
        Some(file) => {
            if api.is_some() {
                return Err(Error::usage(format!("--api is for a connection of a cloud, and {} is a file", file.path)));
            }
            let Held::Saved(connections) = ends::open(file, context)? else {
                return Err(Error::usage(format!("{}: a daemon reads this file; export takes a connection of a cloud", file.path))
                    .next("name a ref, a saved reply, or a saved `tunnelctl show -o json`"));
            };
            (ends::one(file, connections)?, file.tunnel)
        }
        None => {
            let (name, tunnel) = tunnel::split(word)?;
            context.options.config.reference(name).map_err(|error| error.next("or a file: a saved reply or `show -o json`"))?;
            let (mut connections, failed) = read_all(std::iter::once(&name.to_owned()), api, context).await?;
            let missing = || failed.unwrap_or_else(|| Error::new(exit::NOT_FOUND, "there is no such connection"));
            (connections.pop().ok_or_else(missing)?, tunnel)
        }
    };
    let tunnel = tunnel.map(|tunnel| tunnel::place(&connection, tunnel)).transpose()?;
    let history = history(&connection.reference, context);
    let judged = Judged::all(&connection, tunnel, file.map(|file| file.path), &history);
    Ok(Source { connection, tunnel, judged })
}

/// All files or none: each is written whole beside its place first.
fn save(path: &Path, exported: &Exported, force: bool) -> Result<Vec<PathBuf>, Error> {
    let place = |file: &File| {
        let mut name = path.as_os_str().to_owned();
        name.push(file.suffix);
        PathBuf::from(name)
    };
    let pending: Vec<Pending<'_>> = exported.files.iter().map(|file| Pending { path: place(file), bytes: file.text.as_bytes() }).collect();
    if let Some(file) = pending.iter().find(|file| file.path.is_dir()) {
        return Err(Error::usage(format!("{} is a directory", file.path.display())).state("nothing was written").next("name a file in it"));
    }
    put_in_place(&pending, force).map_err(|Unplaced { path, cause, replaced }| {
        let replaced: Vec<String> = replaced.iter().map(|path| path.display().to_string()).collect();
        let state = match replaced.is_empty() {
            true => "nothing was written".to_owned(),
            false => format!("{} is the new one already, and the old one could not be brought back", replaced.join(" and ")),
        };
        let mut error = Error::new(exit::FAILED, format!("cannot write {}: {cause}", path.display())).state(state);
        if cause.kind() == std::io::ErrorKind::AlreadyExists {
            error = error.next("choose another name, or add --force to replace it");
        }
        error
    })?;
    Ok(pending.into_iter().map(|file| file.path).collect())
}
