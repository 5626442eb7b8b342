//! What regions and project ids look like.

/// Whether a text can be a region, which becomes a part of the host name.
#[must_use]
pub(crate) fn is_region(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain) && !text.starts_with('-')
}

/// Whether a text can be a project id.
#[must_use]
pub(super) fn is_project(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
