//! The progress of a change, told by the connection itself.

use crate::model::Connection;
use crate::provider::Progress;
use crate::wire::Call;

/// Turns a call that reads a connection into one that reads its progress.
#[must_use]
pub fn progress_of(show: Call<Connection>) -> Call<Progress> {
    let read = show.read;
    Call { request: show.request, read: Box::new(move |reply| read(reply).map(|connection| progress(&connection))) }
}

fn progress(connection: &Connection) -> Progress {
    let words: Vec<String> = connection.status.reported.iter().map(|(field, word)| format!("{field} {word}")).collect();
    Progress { change: connection.status.change, reported: words.join(", ") }
}
