//! The error codes of the VPN service (`VPN`), the API gateway (`APIGW`) and the identity service (`IAM`).

use crate::error::Class;
use crate::provider::ErrorRow;

/// The code in the spelling of the table: the API gateway calls itself both `APIG` and `APIGW`.
pub(super) fn canonical(code: &str) -> String {
    code.strip_prefix("APIG.").map_or_else(|| code.to_owned(), |rest| format!("APIGW.{rest}"))
}

/// The row of a code. An `x` in a row stands for any digit; an exact row takes precedence.
#[must_use]
pub(super) fn row(code: &str) -> Option<&'static ErrorRow> {
    let code = canonical(code);
    let fits = |row: &&ErrorRow| {
        row.0.len() == code.len() && row.0.bytes().zip(code.bytes()).all(|(row, b)| row == b || (row == b'x' && b.is_ascii_digit()))
    };
    ERRORS.iter().find(|row| row.0 == code).or_else(|| ERRORS.iter().find(fits))
}

const WAIT: &str = "wait until the connection has settled, then retry";
const LATER: &str = "wait and retry";
const SUPPORT: &str = "check the connection, then retry, or contact the vendor with the request id";
const CORRECT: &str = "correct what the message names";
const RIGHTS: &str = "ask the account's administrator to grant vpn:vpnConnections:get and vpn:vpnConnections:update";
const KEYS: &str = "check access key, secret key and token; after five failures in a row the key pair is locked for five minutes";
const TOKEN: &str = "get a new IAM token, scoped to the project of this region";
const NETWORK: &str = "check addresses, subnets and route tables of the VPC that the message names";
const QUOTA: &str = "free some of the quota or have it raised";
const CLOCK: &str = "set this machine's clock; it may be off by at most 15 minutes";
const WRONG_PLACE: &str = "check id, project id, region and endpoint";

/// Every documented code, with `x` for any digit: its class, what it means, what to do.
#[rustfmt::skip]
pub(super) static ERRORS: &[ErrorRow] = &[
    ("VPN.0001", Class::Final, "the request is invalid, or the connection is frozen", CORRECT),
    ("VPN.0002", Class::Ambiguous, "internal error of the VPN service", SUPPORT),
    ("VPN.0003", Class::Final, "no permission, or a resource is not ready", RIGHTS),
    ("VPN.0004", Class::NotFound, "there is no such resource in this project and region", WRONG_PLACE),
    ("VPN.0005", Class::Ambiguous, "the VPN service is not authorized by another service", SUPPORT),
    ("VPN.0006", Class::Ambiguous, "the identity service does not answer the VPN service", LATER),
    ("VPN.0007", Class::Final, "this identity is not authorized", RIGHTS),
    ("VPN.0009", Class::Final, "the connection is being deleted", "use another connection"),
    ("VPN.0010", Class::Auth, "the token was rejected", TOKEN),
    ("VPN.0012", Class::Final, "the address is in use", NETWORK),
    ("VPN.0013", Class::Final, "an attribute is not supported", CORRECT),
    ("VPN.0014", Class::Ambiguous, "the service was busy and gave up", SUPPORT),
    ("VPN.0015", Class::Final, "a tag policy forbids this", "check the tag policies of the organization"),
    ("VPN.0016", Class::Busy, "the gateway is not ready", WAIT),
    ("VPN.0017", Class::Busy, "an internal instance of the gateway is not ready", WAIT),
    ("VPN.0018", Class::Final, "the enterprise router is disabled", "enable the enterprise router"),
    ("VPN.0030", Class::Rate, "the system is busy", LATER),
    ("VPN.0031", Class::Busy, "the same operation is still in progress", WAIT),
    ("VPN.007x", Class::Final, "a certificate is wrong, missing or in use", "check the gateway's certificates"),
    ("VPN.0218", Class::Final, "the VPC's route table cannot be changed", "ask the account's administrator to grant vpc:routeTables:get and vpc:routeTables:update"),
    ("VPN.0219", Class::Final, "the VPC's route table cannot be changed", "ask the account's administrator to grant vpc:routeTables:get and vpc:routeTables:update"),
    ("VPN.0220", Class::Final, "the VPC's route table is full", QUOTA),
    ("VPN.0285", Class::Final, "no free addresses are left in the subnet", NETWORK),
    ("VPN.01xx", Class::Final, "a public address or its bandwidth is not usable", NETWORK),
    ("VPN.02xx", Class::Final, "a subnet, address or route of the VPC is not usable", NETWORK),
    ("VPN.0304", Class::Final, "this gateway keeps no logs", "read the log of the peer instead"),
    ("VPN.0305", Class::Final, "a policy-template connection keeps no logs", "read the log of the peer instead"),
    ("VPN.0306", Class::Busy, "the connection is being updated", WAIT),
    ("VPN.0381", Class::Final, "the connection monitor already exists", "use the existing monitor"),
    ("VPN.0429", Class::Rate, "too many requests", LATER),
    ("VPN.0506", Class::Busy, "the gateway is being created", WAIT),
    ("VPN.0507", Class::Busy, "the gateway is being updated", WAIT),
    ("VPN.0508", Class::Final, "the gateway is being deleted", "use another gateway"),
    ("VPN.0509", Class::NotFound, "the gateway does not exist", WRONG_PLACE),
    ("VPN.0516", Class::Final, "the flavour of the gateway does not allow this", "choose what the gateway's flavour supports"),
    ("VPN.0517", Class::Final, "the flavour of the gateway does not allow this", "choose what the gateway's flavour supports"),
    ("VPN.0518", Class::Final, "the flavour of the gateway does not allow this", "choose what the gateway's flavour supports"),
    ("VPN.0559", Class::Final, "a parameter of a public address is wrong", CORRECT),
    ("VPN.0560", Class::Final, "the quota of public addresses is used up", QUOTA),
    ("VPN.0800", Class::Final, "the gateway's migration forbids this", "finish or roll back the gateway's migration first"),
    ("VPN.0801", Class::Final, "the gateway's migration forbids this", "finish or roll back the gateway's migration first"),
    ("VPN.0802", Class::Final, "the gateway's migration forbids this", "finish or roll back the gateway's migration first"),
    ("VPN.0803", Class::Final, "the gateway's migration forbids this", "finish or roll back the gateway's migration first"),
    ("VPN.13xx", Class::Final, "a client-to-site user or certificate is wrong", CORRECT),

    ("APIGW.0101", Class::Final, "the endpoint has no such operation", WRONG_PLACE),
    ("APIGW.0201", Class::Final, "the gateway cannot handle the request, or its backend is down", CORRECT),
    ("APIGW.0202", Class::Ambiguous, "the service behind the gateway is down", SUPPORT),
    ("APIGW.0203", Class::Ambiguous, "the service behind the gateway did not answer in time", SUPPORT),
    ("APIGW.0301", Class::Auth, "the key pair, token or signature was rejected", KEYS),
    ("APIGW.0302", Class::Final, "this identity may not call the operation", RIGHTS),
    ("APIGW.0303", Class::Clock, "the signature's time is too far off, or the app's key pair is wrong", CLOCK),
    ("APIGW.0304", Class::Final, "this app may not call the operation", RIGHTS),
    ("APIGW.0305", Class::Auth, "the credentials are wrong", KEYS),
    ("APIGW.0306", Class::Final, "the operation may not be called", RIGHTS),
    ("APIGW.0307", Class::Auth, "the token must be renewed, or belongs to another region", TOKEN),
    ("APIGW.0308", Class::Rate, "too many requests", LATER),
    ("APIGW.0310", Class::Final, "the project is not available", "check the project id"),
    ("APIGW.0601", Class::Ambiguous, "internal error of the gateway", SUPPORT),
    ("APIGW.0606", Class::Ambiguous, "internal error of the gateway", SUPPORT),
    ("APIGW.0610", Class::Ambiguous, "the service behind the gateway is down", SUPPORT),
    ("APIGW.0613", Class::Ambiguous, "the identity service is not available", LATER),
    ("APIGW.0802", Class::Final, "this user is blocked in the region", "ask the account's administrator to enable the region"),

    ("IAM.0001", Class::Auth, "not authenticated", KEYS),
    ("IAM.0002", Class::Final, "not permitted", RIGHTS),
    ("IAM.0003", Class::Final, "not permitted", RIGHTS),
    ("IAM.0006", Class::Ambiguous, "internal error of the identity service", LATER),
    ("IAM.0011", Class::Final, "the identity service refused the request", CORRECT),
    ("IAM.0012", Class::Rate, "too many requests", LATER),
    ("IAM.006x", Class::Auth, "not authenticated: the password is wrong, the user is locked, or the token is invalid or expired", KEYS),
    ("IAM.008x", Class::Final, "the user or account is disabled", "ask the account's administrator to enable it"),
    ("IAM.1104", Class::Auth, "the access key is blocked", "use another access key"),
    ("IAM.1105", Class::Auth, "the access key has expired", "use another access key"),
    ("IAM.1106", Class::Auth, "the access key belongs to no user", "use another access key"),
    ("IAM.1107", Class::Auth, "the access key is inactive", "activate the access key or use another"),
    ("IAM.1108", Class::Auth, "the security token has expired", "get new temporary credentials"),
    ("IAM.1109", Class::Auth, "the project is unknown", "check the project id"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_vendor_has_a_row() {
        let vpn = "0001 0002 0003 0004 0005 0006 0007 0009 0010 0012 0013 0014 0015 0016 0017 0018 0030 0031 0070 0076 0101 0199 0201 0218 \
                   0219 0220 0285 0304 0305 0306 0381 0429 0506 0507 0508 0509 0516 0517 0518 0559 0560 0800 0801 0802 0803 1301 1399";
        let gateway = "0101 0201 0202 0203 0301 0302 0303 0304 0305 0306 0307 0308 0310 0601 0606 0610 0613 0802";
        let iam = "0001 0002 0003 0006 0012 0061 0067 0080 0083 1104 1105 1106 1107 1108 1109";
        for (head, codes) in [("VPN", vpn), ("APIGW", gateway), ("APIG", gateway), ("IAM", iam)] {
            for code in codes.split_whitespace() {
                assert!(row(&format!("{head}.{code}")).is_some(), "{head}.{code}");
            }
        }
    }
}
