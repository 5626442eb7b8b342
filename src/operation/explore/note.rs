//! Records as the model writes them.

use super::super::event::{Event, Evidence, Outcome, Proof, Which};
use super::clock::now;

/// A record without what no step depends on, such as times and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Note {
    Attempt(usize, Which),
    Acked(usize),
    Refused(usize),
    Holds(usize, Which, bool),
    Conflict(usize),
    Resolved(usize),
    TakenOver(usize),
    Turned(Which),
    Renegotiate(Option<usize>),
    Told(Option<usize>, bool),
    Proved(Proof),
    Finished(Outcome),
    Reopened,
}

/// The record as the real journal has it.
pub(super) fn event(note: Note) -> Event {
    let words = String::new;
    match note {
        Note::Attempt(end, key) => Event::Attempt { end, key, token: words(), request: words(), nonce: words(), at: now() },
        Note::Acked(end) => Event::Acked { end, request_id: None, task: None },
        Note::Refused(end) => Event::Refused { end, code: words() },
        Note::Holds(end, key, read) => Event::Holds { end, key, by: if read { Evidence::ReadBack } else { Evidence::Acknowledged } },
        Note::Conflict(end) => Event::Conflict { end, seen: words() },
        Note::Resolved(end) => Event::Resolved { end },
        Note::TakenOver(end) => Event::TakenOver { end },
        Note::Turned(to) => Event::Turned { to, reason: words() },
        Note::Renegotiate(end) => Event::Renegotiate { end, tunnel: words(), token: words(), at: now(), writes: true },
        Note::Told(end, refused) => Event::Told { end, refused: refused.then(words), writes: true },
        Note::Proved(proof) => Event::Proved { proof, detail: words() },
        Note::Finished(outcome) => Event::Finished { outcome },
        // The end does not matter: the table does not depend on it.
        Note::Reopened => Event::Reopened { renegotiate: None },
    }
}
