//! Why a call has no result.

use crate::error::{ApiError, Error, one_line};

/// Why a call has no result.
#[derive(Debug)]
pub enum CallError {
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent, and it is not known whether it was executed.
    Lost(String),
    /// The cloud refused it.
    Refused(ApiError),
    /// The cloud replied that there is no such thing.
    Missing(String),
    /// A signal asked to stop.
    Stopped,
    /// It could not be recorded, so nothing was sent.
    Unrecorded(Box<Error>),
}

impl CallError {
    /// The error in a few words, for the log.
    #[must_use]
    pub fn brief(&self) -> String {
        match self {
            Self::NotSent(cause) => format!("not sent: {cause}"),
            Self::Lost(cause) => format!("no usable reply: {cause}"),
            Self::Refused(error) => format!("refused with {}", error.code),
            Self::Missing(what) => format!("{what} not found"),
            Self::Stopped => "stopped by a signal".to_owned(),
            Self::Unrecorded(error) => error.message.clone(),
        }
    }

    /// Why an attempt with this result was certainly not executed; `None` when it may have been.
    #[must_use]
    pub fn unexecuted(&self) -> Option<String> {
        match self {
            Self::Lost(_) | Self::Unrecorded(_) => None,
            Self::Refused(error) => Some(one_line(&error.code)),
            other => Some(other.brief()),
        }
    }
}
