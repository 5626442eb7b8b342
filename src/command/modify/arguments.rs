//! The arguments of `modify`: one subcommand a provider, one below it a kind, and the settings that this kind has.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, StyledStr, TypedValueParser};
use clap::{Arg, ArgAction, Command, ValueHint};

use crate::command::shared::flag::{FLOW, switch};
use crate::command::shared::psk;
use crate::command::shared::seal::seal_argument;
use crate::model::{Group, Key, Term};
use crate::provider::field::{Field, Shape, field};
use crate::provider::{CLIENT_TOKEN, Kind, PROVIDERS, registration};

/// The arguments: a subcommand for each provider, built when it is used.
#[must_use]
pub(in crate::command) fn arguments(command: Command) -> Command {
    let command = command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("PROVIDER|REF")
        .subcommand_help_heading("Providers")
        .after_help("Example:\n  tunnelctl modify tencent@ap-guangzhou/vpnx-ol6bcqp0 --ike-lifetime 8h --dry-run");
    let named = named_kind(&command);
    PROVIDERS.iter().fold(command, |command, registration| {
        let provider = Command::new(registration.id).about(format!("Change settings at {}", registration.title));
        command.subcommand(name_kind(provider, named).defer(provider_arguments))
    })
}

/// Notes which kind the words name, so that the settings of no other kind are built. A deferred function sees nothing but its
/// command, so the note is kept as the command's author, which no help shows.
pub(in crate::command) fn name_kind(command: Command, kind: Option<&'static str>) -> Command {
    command.author(kind)
}

fn named_kind(command: &Command) -> Option<&'static str> {
    let name = command.get_author()?;
    PROVIDERS.iter().flat_map(|registration| registration.kinds).map(|kind| kind.name).find(|kind| *kind == name)
}

/// The kinds of a provider. Without a kind, the settings are those of its default kind.
fn provider_arguments(command: Command) -> Command {
    let Some(registration) = registration(command.get_name()) else { return command };
    let Some(default) = registration.kinds.first() else { return command };
    let command = command
        .arg_required_else_help(true)
        .subcommand_precedence_over_arg(true)
        .subcommand_value_name("KIND")
        .subcommand_help_heading("Kinds");
    let named = named_kind(&command);
    let command = registration.kinds.iter().fold(command, |command, kind| {
        let leaf = Command::new(kind.name).about(kind.about).arg_required_else_help(true);
        let wanted = named.is_none_or(|name| name == kind.name);
        command.subcommand(if wanted { kind_arguments(leaf, kind, true) } else { leaf })
    });
    if named.is_none() { kind_arguments(command, default, false) } else { command }
}

fn kind_arguments(command: Command, kind: &'static Kind, leaf: bool) -> Command {
    let id = Arg::new("id").value_name("ID").required(leaf).help(StyledStr::from(format!("Id, such as {}", kind.id_example)));
    let mut command = command.arg(id).after_help(StyledStr::from(format!("Example:\n  tunnelctl {}", kind.example)));
    for key in Key::ALL {
        if *key == Key::Psk && writable(kind, Key::Psk).is_some() {
            command = psk::arguments(command, Group::Connection.title(), psk::Default::None);
        } else if let Some(field) = writable(kind, *key) {
            command = command.arg(setting(field));
        }
    }
    let flow = |name: &'static str| Arg::new(name).long(name).help_heading(FLOW);
    let flag = |name: &'static str, help: &'static str| switch(name, help).help_heading(FLOW);
    if kind.operations.len() > 1 {
        let apis: Vec<&'static str> = kind.operations.iter().map(|operation| operation.api).collect();
        command = command.arg(flow("api").value_name("API").value_parser(apis).help("API of the cloud; the first is the default"));
    }
    for (name, help) in kind.operations.iter().flat_map(|operation| operation.address) {
        command = command.arg(flow(name).value_name(if *name == CLIENT_TOKEN { "TOKEN" } else { "ID" }).help(*help));
    }
    command
        .arg(flag("yes", "Do not ask for confirmation").short('y'))
        .arg(flag("dry-run", "Show the plan and the request; send no change"))
        .arg(flag("exit-code", "With --dry-run: exit with 10 if something would change").requires("dry-run"))
        .arg(flag("no-read", "Do not read the connection first (for accounts that may only write)"))
        .arg(flag("no-wait", "Return as soon as the cloud has accepted the change"))
        .arg(flag("no-record", "Keep no record: the change cannot be resumed or rolled back (for machines without writable storage)"))
        .arg(seal_argument().help_heading(FLOW))
        .arg(
            flow("check")
                .value_name("END")
                .conflicts_with("no-read")
                .help("Refuse a change that takes the tunnel down, judged against this other end (ref or file)"),
        )
        .arg(flag("allow-down", "The tunnel may go down: warn where --check says so, and make it no error where it is down afterwards"))
}

/// The field of a setting, in whichever of the kind's operations can set it.
pub(super) fn writable(kind: &Kind, key: Key) -> Option<&'static Field> {
    kind.operations.iter().find_map(|operation| field(operation.fields, key).filter(|field| !field.write.is_empty()))
}

fn setting(field: &'static Field) -> Arg {
    let key = field.key;
    let arg = Arg::new(key.flag()).long(key.flag()).help_heading(key.group().title());
    let help = StyledStr::from(format!("{} [{}]", key.help(), field.allowed()));
    let (name, action) = match field.shape {
        Shape::Words(_) => ("WORD", ArgAction::Set),
        Shape::Number { .. } => ("NUMBER", ArgAction::Set),
        Shape::Duration { .. } => ("TIME", ArgAction::Set),
        Shape::Switch(_) => ("on|off", ArgAction::Set),
        Shape::List { .. } => ("CIDR,...", ArgAction::Append),
        Shape::Rules { .. } => ("RULE", ArgAction::Append),
        Shape::Asn(_) => ("ASN", ArgAction::Set),
        Shape::Certificate => ("FILE", ArgAction::Set),
        Shape::Text(_) | Shape::Secret(_) => ("TEXT", ArgAction::Set),
    };
    let arg = match field.shape {
        Shape::Words(words) => arg.value_parser(Words(words.terms().map(Term::word).collect())).hide_possible_values(true),
        Shape::Switch(_) => arg.value_parser(Words(vec!["on", "off"])).hide_possible_values(true),
        Shape::Certificate => arg.value_hint(ValueHint::FilePath),
        _ => arg,
    };
    // A value may begin with a dash: its rule judges it, and it is not taken for a flag.
    arg.value_name(name).action(action).help(help).allow_hyphen_values(matches!(field.shape, Shape::Text(_)))
}

/// Words that a shell completes. Whether a word is right is judged later, together with every other fault.
#[derive(Debug, Clone)]
struct Words(Vec<&'static str>);

impl TypedValueParser for Words {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|word| PossibleValue::new(*word))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_down_to_every_leaf() {
        for line in ["tunnelctl", "tunnelctl modify alibaba attachment"] {
            let mut command = crate::command::cli(&line.split(' ').map(Into::into).collect::<Vec<_>>(), true);
            command.build();
            command.debug_assert();
        }
    }

    #[test]
    fn every_setting_of_every_kind_has_a_flag() {
        for kind in PROVIDERS.iter().flat_map(|registration| registration.kinds) {
            for field in kind.operations.iter().flat_map(|operation| operation.fields).filter(|field| !field.write.is_empty()) {
                assert!(field.key == Key::Psk || !field.key.flag().is_empty(), "{} of {}", field.key.path(), kind.name);
            }
        }
    }
}
