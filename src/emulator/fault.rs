//! Faults on demand.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Refused for going too fast.
    Throttle,
    /// Refused because another change is being made.
    Busy,
    /// An internal error; nothing was executed.
    Internal,
    /// The connection is cut before anything is executed.
    Cut,
    /// Executed, and the connection is cut before the reply.
    LoseReply,
    /// Executed, and the reply ends in its middle.
    Garble,
    /// Executed twice; the second answer is returned.
    Duplicate,
    /// Answered late, by the fault's milliseconds.
    Delay,
    /// Accepted with the cloud's usual reply, and never executed.
    Ignore,
}

/// How a cloud refuses a request that it does not look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// For going too fast.
    Throttle,
    /// Because another change is being made.
    Busy,
    /// With an internal error.
    Internal,
}

/// A fault to come: it meets the next request that it fits, after `skip` of them, and is gone after `count` more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    pub what: What,
    /// For [`What::Delay`].
    pub ms: u64,
    /// How many requests that it fits are let through first.
    #[serde(default)]
    pub skip: u32,
    /// How often.
    pub count: u32,
    /// The operation that it waits for; every one when empty.
    pub operation: String,
}

const FORM: &str = "expected NAME[:MS][+SKIP][*COUNT][@OPERATION] with NAME one of throttle, busy, internal, cut, lose-reply, garble, duplicate, delay, ignore";

impl std::str::FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (text, operation) = text.split_once('@').unwrap_or((text, ""));
        let (text, count) = match text.split_once('*') {
            Some((text, count)) => (text, count.parse().map_err(|_| FORM)?),
            None => (text, 1),
        };
        let (text, skip) = match text.split_once('+') {
            Some((text, skip)) => (text, skip.parse().map_err(|_| FORM)?),
            None => (text, 0),
        };
        let (name, ms) = match text.split_once(':') {
            Some((name, ms)) => (name, ms.parse().map_err(|_| FORM)?),
            None => (text, 1000),
        };
        let what = match name {
            "throttle" => What::Throttle,
            "busy" => What::Busy,
            "internal" => What::Internal,
            "cut" => What::Cut,
            "lose-reply" => What::LoseReply,
            "garble" => What::Garble,
            "duplicate" => What::Duplicate,
            "delay" => What::Delay,
            "ignore" => What::Ignore,
            _ => return Err(FORM.to_owned()),
        };
        Ok(Self { what, ms, skip, count, operation: operation.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_with_its_parts() {
        let fault: Fault = "delay:250+7*3@ShowVpnConnection".parse().unwrap();
        assert_eq!(fault, Fault { what: What::Delay, ms: 250, skip: 7, count: 3, operation: "ShowVpnConnection".into() });
        let fault: Fault = "lose-reply".parse().unwrap();
        assert_eq!((fault.what, fault.skip, fault.count), (What::LoseReply, 0, 1));
        for text in ["", "explode", "delay:x", "cut*x", "cut+x"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
