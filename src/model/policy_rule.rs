//! Which local network may talk to which remote networks.

use serde_json::{Value as Json, json};

/// One policy rule: a traffic selector with one local and one or more remote networks.
///
/// Huawei calls it a policy rule, Tencent an entry of the security policy database (SPD).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyRule {
    /// Place of the rule, 0 to 50, only where a cloud numbers its rules and the user chose a number.
    pub index: Option<u64>,
    /// Local network, in CIDR form.
    pub source: String,
    /// Remote networks, in CIDR form.
    pub destinations: Vec<String>,
}

impl PolicyRule {
    /// Reads `[INDEX:]SOURCE=DESTINATION[,DESTINATION...]`; networks are checked later, by the cloud's rules.
    ///
    /// # Errors
    /// The form that was expected, when a part is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "expected [INDEX:]LOCAL-CIDR=REMOTE-CIDR[,REMOTE-CIDR...], such as 10.0.0.0/24=192.168.1.0/24";
        let (left, right) = text.split_once('=').ok_or(FORM)?;
        // An IPv6 network holds colons of its own: only digits before the first colon of an IPv4 rule are an index.
        let (index, source) = match left.split_once(':') {
            Some((digits, rest))
                if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !rest.starts_with(':') && left.contains('.') =>
            {
                (Some(digits.parse().map_err(|_| FORM)?), rest)
            }
            _ => (None, left),
        };
        let destinations: Vec<String> = right.split(',').map(|part| part.trim().to_owned()).collect();
        if source.trim().is_empty() || destinations.iter().any(String::is_empty) {
            return Err(FORM.to_owned());
        }
        Ok(Self { index, source: source.trim().to_owned(), destinations })
    }

    /// The rule as the model's JSON: `source`, `destinations`, and `index` where there is one.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut rule = json!({ "source": self.source, "destinations": self.destinations });
        if let (Some(index), Some(object)) = (self.index, rule.as_object_mut()) {
            object.insert("index".to_owned(), json!(index));
        }
        rule
    }
}

impl std::fmt::Display for PolicyRule {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(index) = self.index {
            write!(out, "{index}:")?;
        }
        write!(out, "{}={}", self.source, self.destinations.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_with_and_without_an_index_and_prints_as_it_was_written() {
        for text in ["10.0.0.0/24=192.168.1.0/24,192.168.2.0/24", "3:10.0.0.0/24=192.168.1.0/24", "fd00::/64=fd01::/64"] {
            assert_eq!(PolicyRule::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(PolicyRule::parse("3:10.0.0.0/24=1.1.1.0/24").unwrap().index, Some(3));
    }

    #[test]
    fn a_rule_without_both_sides_is_refused() {
        for text in ["", "10.0.0.0/24", "=1.1.1.0/24", "10.0.0.0/24=", "10.0.0.0/24=1.1.1.0/24,"] {
            assert!(PolicyRule::parse(text).is_err(), "{text}");
        }
    }
}
