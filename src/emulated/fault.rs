//! Faults on demand.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Refused: too many requests.
    Throttle,
    /// Refused because another change is being made.
    Busy,
    /// An internal error; nothing was executed.
    Internal,
    /// The connection is cut before anything is executed.
    Cut,
    /// Executed; the connection is cut before the reply.
    LoseReply,
    /// Executed; the reply is cut in half.
    Garble,
    /// Executed twice; the second reply is returned.
    Duplicate,
    /// Answered late, by the fault's milliseconds.
    Delay,
    /// Accepted with the cloud's usual reply, but never executed.
    Ignore,
    /// Delayed on its way: the client sees the connection cut, and the request arrives late, by the fault's milliseconds.
    /// Its time stamp and nonce decide whether the cloud still accepts it.
    Late,
    /// Executed; a copy of the request arrives later, by the fault's milliseconds.
    Echo,
    /// A reset is accepted, but the negotiation fails: the tunnel stays down until the next negotiation.
    ResetFails,
    /// Somebody else sets another key on the named connection, after the fault's milliseconds.
    Edit,
    /// The named connection tries again after a refused authentication, every so many milliseconds.
    Retry,
}

/// How a cloud refuses a request without looking at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too many requests.
    Throttle,
    /// Another change is being made.
    Busy,
    /// An internal error.
    Internal,
}

/// A fault to come. It lets `skip` matching requests through, meets the next `count` of them, and is then used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    pub what: What,
    /// Milliseconds: how late, or how often.
    pub ms: u64,
    /// How many matching requests are let through first.
    #[serde(default)]
    pub skip: u32,
    /// How many matching requests it meets.
    pub count: u32,
    /// The operation that it matches; all when empty.
    pub operation: String,
    /// The connection that it matches; all when empty.
    #[serde(default)]
    pub id: String,
}

impl Fault {
    /// A fault that meets the next request of any kind.
    #[must_use]
    pub const fn new(what: What) -> Self {
        Self { what, ms: 1000, skip: 0, count: 1, operation: String::new(), id: String::new() }
    }
}

/// The faults by their names in `--fault`.
const NAMES: &[(&str, What)] = &[
    ("throttle", What::Throttle),
    ("busy", What::Busy),
    ("internal", What::Internal),
    ("cut", What::Cut),
    ("lose-reply", What::LoseReply),
    ("garble", What::Garble),
    ("duplicate", What::Duplicate),
    ("delay", What::Delay),
    ("ignore", What::Ignore),
    ("late", What::Late),
    ("echo", What::Echo),
    ("reset-fails", What::ResetFails),
    ("edit", What::Edit),
    ("retry", What::Retry),
];

/// The syntax of a fault, for help.
#[must_use]
pub fn form() -> String {
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    format!("NAME[:MS][+SKIP][*COUNT][@OPERATION][#ID] with NAME one of {}", names.join(", "))
}

impl std::str::FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected {}", form());
        let (text, mut id) = text.split_once('#').unwrap_or((text, ""));
        let (text, mut operation) = text.split_once('@').unwrap_or((text, ""));
        let (text, count) = match text.split_once('*') {
            Some((text, count)) => (text, count.parse().map_err(|_| wrong())?),
            None => (text, 1),
        };
        let (text, skip) = match text.split_once('+') {
            Some((text, skip)) => (text, skip.parse().map_err(|_| wrong())?),
            None => (text, 0),
        };
        let (name, ms) = match text.split_once(':') {
            Some((name, ms)) => (name, ms.parse().map_err(|_| wrong())?),
            None => (text, 1000),
        };
        let what = NAMES.iter().find(|(known, _)| *known == name).ok_or_else(wrong)?.1;
        if matches!(what, What::Edit | What::Retry) {
            // These faults match no request, so the name can only be the connection's.
            if id.is_empty() {
                (id, operation) = (operation, "");
            }
            if id.is_empty() {
                return Err(format!("{name} needs the id of a connection, such as {name}:5000#vpnx-partneral01"));
            }
        }
        Ok(Self { what, ms, skip, count, operation: operation.to_owned(), id: id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_is_read_with_all_its_parts() {
        let fault: Fault = "delay:250+7*3@ShowVpnConnection".parse().unwrap();
        assert_eq!(
            fault,
            Fault { what: What::Delay, ms: 250, skip: 7, count: 3, operation: "ShowVpnConnection".into(), id: String::new() }
        );
        let fault: Fault = "lose-reply".parse().unwrap();
        assert_eq!((fault.what, fault.skip, fault.count), (What::LoseReply, 0, 1));
        let fault: Fault = "late:90000@ModifyVpnConnectionAttribute#vpnx-partneral01".parse().unwrap();
        assert_eq!((fault.what, fault.ms, fault.operation.len(), fault.id.as_str()), (What::Late, 90_000, 28, "vpnx-partneral01"));
        for text in ["edit:5@vco-1", "edit:5#vco-1"] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!((fault.operation.as_str(), fault.id.as_str()), ("", "vco-1"));
        }
        for text in ["edit", "retry:5", "", "explode", "delay:x", "cut*x", "cut+x"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
