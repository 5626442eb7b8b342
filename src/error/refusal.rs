//! Errors that a cloud returns.

/// The class of an error, which decides about retries, exit code and advice. It follows from the vendor's code, or from the
/// HTTP status when there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Too many requests; not executed.
    Rate,
    /// Another change is being made; not executed.
    Busy,
    /// The time stamp is too old or too new; not executed.
    Clock,
    /// Key, token or signature was refused.
    Auth,
    /// There is no such thing.
    NotFound,
    /// Any other refusal; this attempt changed nothing.
    Final,
    /// The request may have been executed.
    Ambiguous,
}

/// An error that a cloud returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// Its class.
    pub class: Class,
    /// The cloud's code; the HTTP status as text when there is none.
    pub code: String,
    /// The cloud's message, without parts of our request that it may repeat.
    pub message: String,
    /// What the code means, in a sentence; empty for unknown codes.
    pub meaning: &'static str,
    /// What to do next; empty for unknown codes.
    pub advice: &'static str,
    /// Id of the request.
    pub request_id: Option<String>,
}
