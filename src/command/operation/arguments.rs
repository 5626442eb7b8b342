//! The arguments of `operation` and its subcommands.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use super::named;
use crate::command::shared::flag::switch;
use crate::command::shared::seal::seal_argument;

/// The arguments.
#[must_use]
pub(in crate::command) fn arguments(command: Command) -> Command {
    let on = |command: Command| {
        named::arguments(command)
            .arg(switch("yes", "Do not ask for confirmation").short('y'))
            .arg(switch("take-over", "Overwrite an end that somebody else has changed"))
            .arg(
                Arg::new("reload")
                    .long("reload")
                    .value_name("COMMAND")
                    .help("Rotations: run this for file: ends instead of the reload command on record"),
            )
            .arg(seal_argument())
    };
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("list")
                .about("List the operations on record, latest first")
                .after_help("Example:\n  tunnelctl operation list --open --limit 5")
                .arg(switch("open", "Only operations that are not finished"))
                .arg(
                    Arg::new("limit").long("limit").value_name("N").value_parser(value_parser!(usize)).help("At most this many operations"),
                ),
        )
        .subcommand(
            named::arguments(Command::new("show"))
                .about("Show what each end holds or may hold, since when, and the commands that follow")
                .after_help("Example:\n  tunnelctl operation show --last")
                .arg(
                    Arg::new("psk-out")
                        .long("psk-out")
                        .value_name("FILE")
                        .value_parser(value_parser!(PathBuf))
                        .help("Write a key of the operation to this new file"),
                )
                .arg(
                    Arg::new("which")
                        .long("which")
                        .value_name("KEY")
                        .value_parser(["new", "old"])
                        .default_value("new")
                        .help("Key that --psk-out writes"),
                )
                .arg(seal_argument()),
        )
        .subcommand(
            on(Command::new("resume")
                .about("Resume an operation where it was interrupted")
                .after_help("Example:\n  tunnelctl operation resume --last"))
            .arg(switch("renegotiate", "Renegotiate the tunnel of a rotation that was finished with --no-renegotiate")),
        )
        .subcommand(
            on(Command::new("rollback")
                .about("Roll back an operation: set the previous values at every end")
                .after_help("Example:\n  tunnelctl operation rollback k7f2"))
            .arg(
                Arg::new("without")
                    .long("without")
                    .value_name("FIELD")
                    .value_delimiter(',')
                    .action(ArgAction::Append)
                    .help("Changes of settings: leave this field as it is, such as one whose previous value is not known"),
            ),
        )
        .subcommand(
            Command::new("prune")
                .about("Delete the keys of operations that finished more than 7 days ago")
                .after_help("Example:\n  tunnelctl operation prune --days 30 --forget")
                .arg(
                    Arg::new("days")
                        .long("days")
                        .value_name("N")
                        .value_parser(value_parser!(i64).range(0..))
                        .help("Keep keys for this many days [default: 7]"),
                )
                .arg(switch("forget", "Delete the operations themselves as well")),
        )
        .after_help("Example:\n  tunnelctl operation list --open\n\nOnly resume and rollback send requests to a cloud.")
}
