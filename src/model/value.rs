//! The values of settings.

use std::fmt;
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use super::fingerprint::fingerprint;
use super::text::one_line;
use super::{PolicyRule, Secret, Term};

/// A word of a vocabulary: a known one, or another one that a cloud returned, unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A word of the model.
    Known(Term),
    /// A word of a cloud that its vocabulary lacks.
    Foreign(String),
}

impl fmt::Display for Word {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(term) => out.write_str(term.word()),
            Self::Foreign(text) => out.write_str(text),
        }
    }
}

/// The value of one setting.
#[derive(Debug, Clone)]
pub enum Value {
    /// A word of a vocabulary.
    Word(Word),
    /// A whole number, in the unit of the key's path.
    Number(u64),
    /// On or off.
    Switch(bool),
    /// Free text: a name, an address, an identity.
    Text(String),
    /// Several texts, in the cloud's order.
    List(Vec<String>),
    /// Policy rules, in the cloud's order.
    Rules(Vec<PolicyRule>),
    /// A pre-shared key. It is shared, never copied.
    Secret(Arc<Secret>),
}

impl Value {
    /// A secret value.
    #[must_use]
    pub fn secret(text: impl Into<Box<str>>) -> Self {
        Self::Secret(Arc::new(Secret::new(text)))
    }

    /// A known word.
    #[must_use]
    pub const fn term(term: Term) -> Self {
        Self::Word(Word::Known(term))
    }

    /// The value in the model's JSON. A secret becomes `{"state":"set","fingerprint":...}`, never its text.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Word(word) => json!(word.to_string()),
            Self::Number(number) => json!(number),
            Self::Switch(on) => json!(on),
            Self::Text(text) => json!(text),
            Self::List(items) => json!(items),
            Self::Rules(rules) => Json::Array(rules.iter().map(PolicyRule::to_json).collect()),
            Self::Secret(secret) => {
                if secret.expose().is_empty() {
                    json!({ "state": "unset" })
                } else if !secret.is_readable() {
                    json!({ "state": "set" })
                } else {
                    json!({ "state": "set", "fingerprint": fingerprint(secret) })
                }
            }
        }
    }
}

impl PartialEq for Value {
    /// Lists and rules compare as sets of networks: their order has no meaning at any cloud, some clouds renumber rules, and
    /// host bits (`10.0.0.5/24`) do not make another network.
    fn eq(&self, other: &Self) -> bool {
        /// The network without host bits.
        fn network(text: &str) -> String {
            text.parse::<IpNet>().map_or_else(|_| text.to_owned(), |network| network.trunc().to_string())
        }
        /// The networks in order.
        fn sorted(items: &[String]) -> Vec<String> {
            let mut items: Vec<String> = items.iter().map(|item| network(item)).collect();
            items.sort();
            items
        }
        /// Each source with each destination, in order.
        fn pairs(rules: &[PolicyRule]) -> Vec<(String, String)> {
            let mut pairs: Vec<_> = rules
                .iter()
                .flat_map(|rule| rule.destinations.iter().map(|destination| (network(&rule.source), network(destination))))
                .collect();
            pairs.sort();
            pairs
        }
        match (self, other) {
            (Self::Word(a), Self::Word(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Switch(a), Self::Switch(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => sorted(a) == sorted(b),
            (Self::Rules(a), Self::Rules(b)) => pairs(a) == pairs(b),
            (Self::Secret(a), Self::Secret(b)) => a.matches(b),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => word.fmt(out),
            Self::Number(number) => number.fmt(out),
            Self::Switch(on) => out.write_str(if *on { "on" } else { "off" }),
            // A name that a cloud returns must not look like a row of ours.
            Self::Text(text) => out.write_str(&one_line(text)),
            Self::List(items) => out.write_str(&items.iter().map(|item| one_line(item)).collect::<Vec<_>>().join("\n")),
            Self::Rules(rules) => {
                let lines: Vec<String> = rules.iter().map(|rule| format!("{} -> {}", rule.source, rule.destinations.join(", "))).collect();
                out.write_str(&lines.join("\n"))
            }
            Self::Secret(secret) if secret.expose().is_empty() => out.write_str("not set"),
            Self::Secret(secret) if !secret.is_readable() => out.write_str("set, cannot be read"),
            Self::Secret(secret) => write!(out, "set, fp {}", fingerprint(secret)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_rules_are_equal_in_any_order() {
        let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
        assert_eq!(list(&["a", "b"]), list(&["b", "a"]));
        assert_ne!(list(&["a", "b"]), list(&["a"]));
        assert_eq!(list(&["10.0.0.5/24"]), list(&["10.0.0.0/24"]));
        assert_ne!(list(&["10.0.0.0/24"]), list(&["10.0.0.0/25"]));
        let rules = |text: &[&str]| Value::Rules(text.iter().map(|rule| PolicyRule::parse(rule).unwrap()).collect());
        assert_eq!(rules(&["1:10.0.0.0/8=1.0.0.0/8,2.0.0.0/8"]), rules(&["7:10.0.0.0/8=2.0.0.0/8", "8:10.0.0.0/8=1.0.0.0/8"]));
    }

    #[test]
    fn text_with_line_ends_is_shown_in_one_line() {
        assert_eq!(Value::Text("hq\n\nREQUEST  sent".to_owned()).to_string(), "hq REQUEST  sent");
        assert_eq!(Value::List(vec!["a\nb".to_owned(), "c".to_owned()]).to_string(), "a b\nc");
    }

    #[test]
    fn secret_prints_its_state_and_never_its_text() {
        assert_eq!(Value::secret("pgw6****n7x5").to_string(), "set, cannot be read");
        assert_eq!(Value::secret("(hidden)").to_json(), json!({ "state": "set" }));
        let value = Value::secret("canary-77aa");
        for text in [value.to_string(), value.to_json().to_string(), format!("{value:?}")] {
            assert!(!text.contains("canary"), "{text}");
        }
    }
}
