//! What mends an end, as a command that can be typed.

use crate::agreement::{End, Kind, Mend};
use crate::model::{Key, Settings, Value};

/// A mend of an end as a command, or as what to write into its file.
pub(super) fn command(end: &End, mend: &Mend) -> String {
    let Some(reference) = end.reference.as_ref().filter(|_| matches!(end.kind, Kind::Cloud(_))) else {
        if let Some(Value::Rules(rules)) = mend.settings.get(Key::PolicyRules).filter(|_| mend.together) {
            let pairs: Vec<String> = rules.iter().map(|rule| format!("{} with {}", rule.source, rule.destinations.join(", "))).collect();
            return format!("write one child for each pair of nets in {}: {}", end.name, pairs.join("; "));
        }
        let settings: Vec<String> = mend.settings.iter().map(|(key, value)| format!("{} {}", key.path(), one_line(value))).collect();
        let what = if mend.psk { "the other end's key".to_owned() } else { settings.join(", ") };
        return format!("set {what} in {}", end.name);
    };
    let tunnel = end.tunnel.as_deref().map(|tunnel| format!(" --tunnel {}", quoted(tunnel))).unwrap_or_default();
    let flags = if mend.psk { " --psk-file FILE".to_owned() } else { flags(&mend.settings) };
    format!("tunnelctl modify {}{tunnel}{flags}", quoted(&reference.to_string()))
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
