//! Times on record that cannot be right: they are named, and nothing waits for them.

use chrono::{DateTime, Utc};

use super::plausible::{is_plausible, plausible_validity};
use super::whole::State;

impl State {
    /// The times on record that cannot be right, in words; empty where all can.
    #[must_use]
    pub fn odd_times(&self, now: DateTime<Utc>) -> Vec<String> {
        let mut odd = Vec::new();
        let mut judge = |what: &str, time: DateTime<Utc>| {
            if !is_plausible(time, now) || time < DateTime::UNIX_EPOCH {
                odd.push(format!("{what} at {}", time.format("%Y-%m-%dT%H:%M:%SZ")));
            }
        };
        judge("its beginning", self.started);
        judge("its last record", self.changed);
        for end in &self.ends {
            for attempt in &end.attempts {
                judge(&format!("a request to {}", end.plan.end), attempt.at);
            }
            if let Some(until) = end.plan.not_before {
                judge(&format!("an earlier request to {}", end.plan.end), until);
            }
        }
        for end in self.ends.iter().filter(|end| plausible_validity(end.plan.validity) != end.plan.validity) {
            odd.push(format!("requests to {} that are accepted for {} s", end.plan.end, end.plan.validity));
        }
        odd.dedup();
        odd
    }
}
