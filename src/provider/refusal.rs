//! What the rules say about a change, and tables of error codes.

use super::call::Target;
use super::field;
use crate::error::{Class, Violation};
use crate::model::{Key, Settings};

/// What the cloud's rules say about a change.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Each forbids the change.
    pub violations: Vec<Violation>,
    /// Each is shown in the plan.
    pub warnings: Vec<String>,
}

/// A row of a cloud's table of error codes. A code that ends in `.*` stands for all below it.
pub type ErrorRow = (&'static str, Class, &'static str, &'static str);

/// The row of a code: the exact one before the longest prefix.
#[must_use]
pub fn error_row(rows: &'static [ErrorRow], code: &str) -> Option<&'static ErrorRow> {
    let prefix = |row: &&ErrorRow| {
        row.0.strip_suffix(".*").is_some_and(|head| code == head || code.strip_prefix(head).is_some_and(|rest| rest.starts_with('.')))
    };
    rows.iter().find(|row| row.0 == code).or_else(|| rows.iter().filter(prefix).max_by_key(|row| row.0.len()))
}

/// Whether a code that no table has may follow an execution: the cloud, or what is before it, lost the request on its way.
#[must_use]
pub fn may_follow_execution(code: &str) -> bool {
    const MARKS: &[&str] = &[
        "timeout",
        "timedout",
        "internal",
        "unavailable",
        "unknownerror",
        "serviceerror",
        "servererror",
        "systemerror",
        "backend",
        "gateway.error",
        "badgateway",
        "gatewayerror",
        "upstream",
        "aborted",
        "interrupted",
        "disconnected",
        "connectionreset",
        "unexpected",
        "partial",
    ];
    let plain: String = code.to_ascii_lowercase().chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect();
    let status = plain.len() == 3 && plain.starts_with('5') && plain.bytes().all(|b| b.is_ascii_digit());
    status || plain == "408" || MARKS.iter().any(|mark| plain.contains(mark))
}

/// The settings of a change that an operation cannot set, as violations.
#[must_use]
pub fn unsupported(target: &Target, change: &Settings) -> Vec<Violation> {
    let missing = |key: &Key| field::field(target.operation.fields, *key).is_none_or(|field| field.write.is_empty());
    let rule = format!("is not a setting of {}", target.operation.name);
    change.iter().map(|(key, _)| key).filter(missing).map(|key| Violation::of(key, rule.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_tells_of_a_lost_request_may_follow_an_execution() {
        for code in [
            "VpnConnection.Timeout",
            "OperationTimeout",
            "GatewayTimeout",
            "Request_Timed_Out",
            "504",
            "InternalFailure",
            "SDK.ServerUnavailable",
            "BackendError",
        ] {
            assert!(may_follow_execution(code), "{code}");
        }
        for code in ["InvalidParameter", "InvalidName.Malformed", "Forbidden", "4000", "400", "VPN.9999", "VpnGateway.Released", "5100"] {
            assert!(!may_follow_execution(code), "{code}");
        }
    }
}
