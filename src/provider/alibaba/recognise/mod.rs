//! Whether a saved text is a request or a reply of Alibaba Cloud, and of which operation.

mod check;
mod marks;
mod refusal;
mod reply;
mod request;

use crate::provider::recognise::{Document, Recognised};

/// The document, if it is one of this cloud's; its fields are then taken out.
pub(super) fn recognise(document: &mut Document<'_>) -> Option<Recognised> {
    request::request(document).or_else(|| refusal::refusal(document)).or_else(|| reply::reply(document))
}
