//! A mend as what to type, and what to write.

use crate::agreement::{Change, End, Mend, Setting, Side, flags, lines};
use crate::system::shell::quoted;

/// What every command of a run repeats.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// The options that decide where calls go, each with a blank before it.
    pub(super) again: String,
    /// Whether the tunnel is up: its key is then rotated, not just set.
    pub(super) running: bool,
}

/// How a change is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// By a command.
    Command(String),
    /// By these lines in the file of an end.
    Lines(String, Vec<String>),
}

/// How a mend is made: a step for each change, and for a key on a running tunnel one of its own.
pub(super) fn steps(left: &End, right: &End, mend: &Mend, run: &Run) -> Vec<(Side, Step)> {
    let of = |change: &Change| step(change.side.of((left, right)), change, run);
    mend.changes.iter().flat_map(|change| of(change).into_iter().map(|step| (change.side, step))).collect()
}

/// A change of one end.
fn step(end: &End, change: &Change, run: &Run) -> Vec<Step> {
    let Some(reference) = &end.reference else {
        let lines = lines(end, change);
        return if lines.is_empty() { Vec::new() } else { vec![Step::Lines(end.name.clone(), lines)] };
    };
    let (_, words) = flags(end, change);
    let has_key = change.settings.iter().any(|setting| matches!(setting, Setting::Key(Some(_), _)));
    let mut steps = Vec::new();
    if has_key && run.running {
        // A tunnel that is up keeps its previous key on record, and is renegotiated and watched.
        let name = rotated(end).unwrap_or_else(|| quoted(&reference.to_string()));
        steps.push(Step::Command(format!("tunnelctl rotate {name} --psk-file FILE --renegotiate{}", run.again)));
    }
    let mut text = String::new();
    for (flag, value) in words {
        text.push_str(&format!(" --{flag} {}", quoted(&value)));
    }
    if has_key && !run.running {
        text.push_str(" --psk-file FILE");
    }
    if !text.is_empty() {
        let tunnel = end.tunnel.as_deref().map(|tunnel| format!(" --tunnel {}", quoted(tunnel))).unwrap_or_default();
        steps.push(Step::Command(format!("tunnelctl modify {}{tunnel}{text}{}", quoted(&reference.to_string()), run.again)));
    }
    steps
}

/// An end as `rotate` takes it: the whole connection, and its tunnel behind `#`.
fn rotated(end: &End) -> Option<String> {
    let whole = end.connection.as_ref().map(|connection| &connection.reference).or(end.reference.as_ref())?;
    let tunnel = end.tunnel.as_deref().map(|tunnel| format!("#{tunnel}")).unwrap_or_default();
    Some(quoted(&format!("{whole}{tunnel}")))
}
