//! The arguments of `rotate`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::command::shared::flag::{FLOW, switch};
use crate::command::shared::psk;
use crate::command::shared::seal::seal_argument;

/// The arguments.
#[must_use]
pub(in crate::command) fn arguments(command: Command) -> Command {
    let flag = |name: &'static str, help: &'static str| switch(name, help).help_heading(FLOW);
    let shell = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("COMMAND").help(help);
    let command = command.arg_required_else_help(true).arg(
        Arg::new("end")
            .value_name("END")
            .required(true)
            .num_args(1..=2)
            .help("A ref, REF#TUNNEL, file:PATH[:NAME], a name from [tunnels], or a pair from [pairs]"),
    );
    psk::arguments(command, "Key", psk::Default::Generate)
        .arg(
            Arg::new("old-key-file")
                .long("old-key-file")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help_heading("Key")
                .help("Current key of the ends, where none of them returns it: needed for a rollback"),
        )
        .arg(
            shell("store-key-with", "Run this with the new key on its standard input before anything is sent; if it fails, nothing is sent")
                .help_heading("Key"),
        )
        .arg(seal_argument().help_heading("Key"))
        .arg(
            shell("reload", "Run this to make the reader of a file: end load the new key; once per file: end, in their order")
                .action(ArgAction::Append)
                .help_heading("Files"),
        )
        .arg(switch("no-reload", "Nothing reloads the reader of a file: end, or it does so by itself").help_heading("Files"))
        .arg(shell("renegotiate-with", "Run this to renegotiate the tunnel, instead of asking a cloud to").help_heading("Files"))
        .arg(flag("one-end", "One end is meant: somebody else owns the peer, and gets the key"))
        .arg(flag("no-renegotiate", "Do not renegotiate the tunnel now; do it later with operation resume --renegotiate"))
        .arg(flag("renegotiate", "With one end: renegotiate at once; the peer must hold the new key already"))
        .arg(
            Arg::new("on-fail")
                .long("on-fail")
                .value_name("WHAT")
                .value_parser(["hold", "rollback"])
                .default_value("hold")
                .help_heading(FLOW)
                .help("If the tunnel does not come up: keep the new key on both ends, or set the previous one again"),
        )
        .arg(flag("no-way-back", "Rotate although the previous key is not known: no rollback is possible"))
        .arg(flag("allow-down", "Rotate although check says that the tunnel does not come up"))
        .arg(flag("dry-run", "Show the plan and send nothing"))
        .arg(flag("exit-code", "With --dry-run: exit with 10 if something would change"))
        .arg(flag("yes", "Do not ask for confirmation").short('y'))
        .after_help(
            "Example:\n  tunnelctl rotate tencent@ap-shanghai/vpnx-partneral01 alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --emulated --yes\n\n\
             If the program is interrupted at any point, tunnelctl operation list shows what is true and what to type.",
        )
}
