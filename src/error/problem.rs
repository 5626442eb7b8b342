//! The error that a user sees.

use std::fmt;

use super::exit;
use super::refusal::{ApiError, Class};
use super::violation::Violation;
use crate::model::Ref;
use crate::model::one_line;

/// An error: what failed, where, the resulting state, and what to do next.
#[derive(Debug)]
pub struct Error {
    /// Exit code.
    pub exit: u8,
    /// What failed; one line or more.
    pub message: String,
    /// The resulting state; empty when it is obvious that nothing was changed.
    pub state: String,
    /// What to do next, one line each.
    pub next: Vec<String>,
    /// The cloud's error code and request id, for the vendor's support.
    pub reference: String,
}

impl Error {
    /// An error with only a message.
    pub fn new(exit: u8, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), state: String::new(), next: Vec::new(), reference: String::new() }
    }

    /// Wrong usage; nothing was sent.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(exit::USAGE, message)
    }

    /// Sets the resulting state.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        let next = next.into();
        if !next.is_empty() {
            self.next.push(next);
        }
        self
    }

    /// Adds several next steps.
    #[must_use]
    pub fn all_next(self, next: impl IntoIterator<Item = String>) -> Self {
        next.into_iter().fold(self, Self::next)
    }

    /// The error for input that breaks rules; it lists all of them.
    #[must_use]
    pub fn invalid(reference: &Ref, violations: &[Violation]) -> Self {
        let mut message = match violations.len() {
            1 => format!("invalid input for {reference}"),
            count => format!("invalid input for {reference}, {count} faults"),
        };
        for violation in violations {
            message.push_str("\n  ");
            message.push_str(&violation.to_string());
        }
        Self::new(exit::USAGE, message).state("nothing was sent")
    }

    /// The error for a refusal by a cloud, which changed nothing. `doing` is an infinitive: `to read alibaba/vco-1`.
    #[must_use]
    pub fn refused(provider: &str, doing: &str, error: &ApiError) -> Self {
        let code = match error.class {
            Class::Auth | Class::Clock => exit::CREDENTIALS,
            Class::NotFound => exit::NOT_FOUND,
            Class::Ambiguous => exit::NETWORK,
            Class::Rate | Class::Busy | Class::Final => exit::FAILED,
        };
        let said = one_line(&error.message);
        let text = match (error.meaning, said.as_str()) {
            ("", "") => String::new(),
            ("", message) => format!(": {message}"),
            (meaning, "") => format!(": {meaning}"),
            (meaning, message) => format!(": {meaning} ({message})"),
        };
        let mut refused =
            Self::new(code, format!("{provider} refused {doing}{text}")).state("this attempt changed nothing").next(error.advice);
        refused.reference = match &error.request_id {
            Some(id) => one_line(&format!("code {}, request {id}", error.code)),
            None => one_line(&format!("code {}", error.code)),
        };
        refused
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.message)?;
        if !self.reference.is_empty() {
            write!(out, "\n  cloud: {}", self.reference)?;
        }
        if !self.state.is_empty() {
            write!(out, "\n  state: {}", self.state)?;
        }
        for next in &self.next {
            write!(out, "\n  next:  {next}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_a_cloud_cannot_look_like_our_advice() {
        let error = ApiError {
            class: Class::Final,
            code: "X\n  next:  a".to_owned(),
            message: "wrong\r\n  next:  type this".to_owned(),
            meaning: "",
            advice: "ask the vendor",
            request_id: Some("r\n  state: b".to_owned()),
        };
        let text = Error::refused("tencent", "to read it", &error).to_string();
        assert_eq!(text.lines().filter(|line| line.starts_with("  next:")).count(), 1, "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("  state:")).count(), 1, "{text}");
    }
}
