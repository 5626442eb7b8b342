//! Policy rules: which local network may reach which remote networks.

use serde_json::{Value as Json, json};

/// One policy rule: a traffic selector with one local and one or more remote networks.
///
/// Huawei calls it a policy rule, Tencent an entry of the security policy database (SPD).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyRule {
    /// Number of the rule, 0 to 50, if the cloud numbers its rules and the user chose a number.
    pub index: Option<u64>,
    /// Local network, in CIDR form.
    pub source: String,
    /// Remote networks, in CIDR form.
    pub destinations: Vec<String>,
}

impl PolicyRule {
    /// Reads `[INDEX:]SOURCE=DESTINATION[,DESTINATION...]`. The cloud's rules check the networks later.
    ///
    /// # Errors
    /// The expected form, when a part is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        /// What is expected.
        const FORM: &str = "expected [INDEX:]LOCAL-CIDR=REMOTE-CIDR[,REMOTE-CIDR...], such as 10.0.0.0/24=192.168.1.0/24";
        let (left, right) = text.split_once('=').ok_or(FORM)?;
        // IPv6 networks contain colons as well, so only digits before an IPv4 network are an index.
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

    /// The model's JSON: `source`, `destinations`, and `index` if there is one.
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
    fn rule_with_or_without_an_index_prints_as_it_was_written() {
        for text in ["10.0.0.0/24=192.168.1.0/24,192.168.2.0/24", "3:10.0.0.0/24=192.168.1.0/24", "fd00::/64=fd01::/64"] {
            assert_eq!(PolicyRule::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(PolicyRule::parse("3:10.0.0.0/24=1.1.1.0/24").unwrap().index, Some(3));
    }

    #[test]
    fn rule_without_both_sides_is_refused() {
        for text in ["", "10.0.0.0/24", "=1.1.1.0/24", "10.0.0.0/24=", "10.0.0.0/24=1.1.1.0/24,"] {
            assert!(PolicyRule::parse(text).is_err(), "{text}");
        }
    }
}
