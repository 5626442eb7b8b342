//! `completions`: scripts that complete commands, flags, the words of settings, and names.
//!
//! A script holds everything that does not change. For the names in the configuration file it runs
//! `tunnelctl completions names` whenever it needs them.

use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;

use super::shared::context::Context;
use crate::error::{Error, exit};

/// The hidden argument that prints names instead of a script.
const NAMES: &str = "names";
/// The commands whose ref can be a name from the configuration.
const TAKES_NAMES: [&str; 4] = ["show", "wait", "modify", "update"];

/// The arguments.
#[must_use]
pub(super) fn arguments(command: Command) -> Command {
    use clap::builder::PossibleValue;
    let shells = ["bash", "zsh", "fish", "powershell"].map(PossibleValue::new).into_iter();
    command
        .arg_required_else_help(true)
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(shells.chain([PossibleValue::new(NAMES).hide(true)]).collect::<Vec<_>>())
                .help("Shell that the script is for"),
        )
        .after_help(
            "Example:\n  \
             bash:        tunnelctl completions bash > ~/.local/share/bash-completion/completions/tunnelctl\n  \
             zsh:         tunnelctl completions zsh > ~/.zfunc/_tunnelctl    (a directory of $fpath)\n  \
             fish:        tunnelctl completions fish > ~/.config/fish/completions/tunnelctl.fish\n  \
             PowerShell:  tunnelctl completions powershell >> $PROFILE",
        )
}

/// Runs the command.
///
/// # Errors
/// Never: clap has refused every other shell.
pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<u8, Error> {
    let whole = (context.whole)();
    let script = match matches.get_one::<String>("shell").map(String::as_str) {
        Some("zsh") => zsh(&generated(Shell::Zsh, whole)),
        Some("fish") => fish(&generated(Shell::Fish, whole)),
        Some("powershell") => powershell(&generated(Shell::PowerShell, whole)),
        Some(NAMES) => context.options.config.names().into_iter().map(|name| name + "\n").collect(),
        _ => bash(&generated(Shell::Bash, whole)),
    };
    context.output.raw(&script);
    Ok(exit::DONE)
}

fn generated(shell: Shell, mut whole: Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut whole, "tunnelctl", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Wraps the generated function in one that adds names where a ref can stand.
fn bash(script: &str) -> String {
    let commands = TAKES_NAMES.join("|");
    let script = script.replace("complete -F _tunnelctl ", "complete -F _tunnelctl_named ");
    format!(
        "_tunnelctl_named() {{\n    _tunnelctl \"$@\"\n    local word=\"${{COMP_WORDS[COMP_CWORD]}}\"\n    \
         case \"${{COMP_WORDS[1]}}:$word\" in\n        *:-*) ;;\n        {})\n            \
         COMPREPLY+=($(compgen -W \"$(tunnelctl completions {NAMES} 2>/dev/null)\" -- \"$word\")) ;;\n    esac\n}}\n\n{script}",
        commands.split('|').map(|command| format!("{command}:*")).collect::<Vec<_>>().join("|"),
    )
}

/// The generated script completes nothing for a ref: there it calls a function that offers names.
fn zsh(script: &str) -> String {
    let mut named = String::with_capacity(script.len() + 256);
    for line in script.lines() {
        let is_ref = line.contains("::ref -- ") || line.contains("':ref -- ");
        named.push_str(&if is_ref { line.replace(":_default'", ":_tunnelctl_names'") } else { line.to_owned() });
        named.push('\n');
    }
    let function = format!("_tunnelctl_names() {{\n    compadd -- ${{(f)\"$(tunnelctl completions {NAMES} 2>/dev/null)\"}}\n}}\n\n");
    // The first line names the command that the file is for, and has to stay first.
    match named.split_once('\n') {
        Some((first, rest)) => format!("{first}\n\n{function}{rest}"),
        None => named,
    }
}

fn fish(script: &str) -> String {
    let commands = TAKES_NAMES.join(" ");
    format!(
        "{script}complete -c tunnelctl -n \"__fish_seen_subcommand_from {commands}\" -f -a \"(tunnelctl completions {NAMES} 2>/dev/null)\"\n"
    )
}

fn powershell(script: &str) -> String {
    let commands = TAKES_NAMES.map(|command| format!("'{command}'")).join(", ");
    let names = format!(
        "if ($commandElements.Count -gt 1 -and $commandElements[1].Value -in {commands}) {{\n        \
         $completions += @(tunnelctl completions {NAMES} 2>$null | ForEach-Object {{\n            \
         [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)\n        }})\n    }}\n\n    $completions.Where{{"
    );
    script.replacen("$completions.Where{", &names, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::whole;

    #[test]
    fn every_script_asks_for_names_once_and_keeps_what_was_generated() {
        for (made, shell) in
            [(bash as fn(&str) -> String, Shell::Bash), (zsh, Shell::Zsh), (fish, Shell::Fish), (powershell, Shell::PowerShell)]
        {
            let generated = generated(shell, whole());
            let script = made(&generated);
            assert_eq!(script.matches("tunnelctl completions names").count(), 1, "{shell}");
            assert!(script.len() > generated.len() && script.contains("ike-dh-group") && script.contains("group14"), "{shell}");
        }
        assert!(zsh(&generated(Shell::Zsh, whole())).contains(":_tunnelctl_names'"));
        assert!(bash(&generated(Shell::Bash, whole())).contains("complete -F _tunnelctl_named"));
    }

    #[test]
    fn every_command_that_takes_names_is_one() {
        let root = whole();
        for name in TAKES_NAMES {
            assert!(root.find_subcommand(name).is_some(), "{name}");
        }
    }
}
