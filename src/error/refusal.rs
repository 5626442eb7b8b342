//! What a cloud says when it refuses.

/// What kind of refusal an error is: decides on retry, on the exit code and on the advice
/// (by vendor code first, HTTP status only when there is no code).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Refused for going too fast; not executed.
    Rate,
    /// Another change is being made; not executed.
    Busy,
    /// The time stamp is too far off; not executed.
    Clock,
    /// Key, token or signature refused.
    Auth,
    /// There is no such thing.
    NotFound,
    /// Any other refusal of this attempt; nothing was changed by it.
    Final,
    /// The request may or may not have been executed.
    Ambiguous,
}

/// An error that a cloud returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// What kind of refusal it is.
    pub class: Class,
    /// The cloud's code; the HTTP status as text when it gave none.
    pub code: String,
    /// The cloud's message, without what it may repeat of our request.
    pub message: String,
    /// What the code means, in a sentence; empty for codes we do not know.
    pub meaning: &'static str,
    /// What to do next; empty for codes we do not know.
    pub advice: &'static str,
    /// Id of the request.
    pub request_id: Option<String>,
}
