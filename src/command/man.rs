//! `man`: a manual page for every command.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;

use super::line::HEADING;
use super::shared::context::Context;
use crate::error::{Error, exit};

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .num_args(0..)
                .conflicts_with("dir")
                .help("Command whose page is printed, such as modify alibaba [default: the page of the program]"),
        )
        .arg(
            Arg::new("dir")
                .long("dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Write the pages of all commands to this directory"),
        )
        .after_help("Example:\n  tunnelctl man modify tencent | man -l -\n  tunnelctl man --dir ~/.local/share/man/man1")
}

/// Runs the command.
///
/// # Errors
/// When there is no such command, or the directory cannot be written.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let mut root = (context.whole)();
    root.build();
    if let Some(directory) = matches.get_one::<PathBuf>("dir") {
        let failed = |cause: io::Error| Error::new(exit::FAILED, format!("cannot write to {}: {cause}", directory.display()));
        if !directory.exists() {
            fs::create_dir_all(directory).map_err(failed)?;
            fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        }
        let count = write_all(&root, directory).map_err(failed)?;
        context.output.note(&format!("{count} pages written to {}", directory.display()));
        return Ok(exit::DONE);
    }
    let mut command = &root;
    for word in matches.get_many::<String>("command").into_iter().flatten() {
        command = command.find_subcommand(word).ok_or_else(|| {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let there = if names.is_empty() { String::new() } else { format!("; expected one of {}", names.join(", ")) };
            Error::usage(format!("{} has no command {word:?}{there}", command.get_bin_name().unwrap_or("tunnelctl")))
        })?;
    }
    let page = page(command).map_err(|cause| Error::new(exit::FAILED, format!("cannot render the page: {cause}")))?;
    context.output.raw(&String::from_utf8_lossy(&page));
    Ok(exit::DONE)
}

/// The page of a command, with its own options. The global options stand on the page of the program.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let is_root = command.get_bin_name().is_none_or(|name| !name.contains(' '));
    let mut command = command.clone().mut_args(|arg| {
        let help = arg.get_long_help().or(arg.get_help()).cloned().unwrap_or_default();
        let is_global = arg.get_help_heading() == Some(HEADING);
        // A manual shows what `-h` leaves out.
        arg.long_help(help).hide_short_help(false).hide(is_global && !is_root)
    });
    if !is_root {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        command = command.after_help(format!("{after}\n\nThe options of every command: tunnelctl(1)"));
    }
    let mut text = Vec::new();
    Man::new(command).source(concat!("tunnelctl ", env!("CARGO_PKG_VERSION"))).manual("tunnelctl").render(&mut text)?;
    Ok(text)
}

fn write_all(command: &Command, directory: &Path) -> io::Result<usize> {
    let path = directory.join(Man::new(command.clone()).get_filename());
    fs::write(&path, page(command)?)?;
    // Everybody may read a manual, unlike other files that this program writes.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
    command.get_subcommands().try_fold(1, |count, command| Ok(count + write_all(command, directory)?))
}
