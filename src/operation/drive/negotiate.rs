//! Telling the ends to renegotiate, so that the tunnel runs on the new key.

use uuid::Uuid;

use super::super::end::{End, Sent};
use super::super::event::{Event, Proof, Which};
use super::super::journal::Sync;
use super::super::state::Negotiation;
use super::super::transition::Sight;
use super::base::Drive;
use crate::call::retry;
use crate::error::{Error, exit};
use crate::model::Term;
use crate::system::shell;

/// How often an end is told.
const TELLINGS: u32 = 5;

/// The tunnel's state by all ends that report one: up only where all of them say so.
async fn tunnel(drive: &mut Drive) -> Result<(Term, String), Error> {
    let (mut found, mut words) = (Term::Unknown, Vec::new());
    for end in &mut drive.ends {
        let (state, said) = end.tunnel().await?;
        if !said.is_empty() {
            words.push(said);
        }
        found = match (found, state) {
            (found, Term::Unknown) => found,
            (Term::Unknown | Term::Up, state) => state,
            (found, _) => found,
        };
    }
    Ok((found, words.join("; ")))
}

/// Reads the tunnel's state at all ends; none where an end holds somebody else's key, which is then on record as a conflict.
///
/// Ends are read at each look and just before they are told to renegotiate: that call may write the key that was read, and this
/// must not be somebody else's, nor one that somebody else has replaced since. A tunnel to such an end proves nothing either.
pub(super) async fn fresh(drive: &mut Drive) -> Result<Option<(Term, String)>, Error> {
    let found = match tunnel(drive).await {
        Ok(found) => found,
        Err(error) => return Err(drive.halted(error)),
    };
    for place in 0..drive.ends.len() {
        let Some(end @ End::Cloud(_)) = drive.ends.get(place) else { continue };
        let Some(key) = end.key() else { continue };
        drive.run.seen.note(place, drive.keys.which(&key).map_or(Sight::Foreign, Sight::Holds));
    }
    let foreign = |end: &End| end.key().is_some_and(|key| drive.keys.which(&key).is_none());
    let Some(end) = drive.ends.iter().position(foreign) else { return Ok(Some(found)) };
    let seen = drive.ends.get(end).map(End::seen).unwrap_or_default();
    drive.record(Event::Conflict { end, seen }, Sync::Now)?;
    Ok(None)
}

/// Tells the ends to renegotiate, where that is due and possible.
pub(super) async fn begin(drive: &mut Drive) -> Result<(), Error> {
    let Some((before, words)) = fresh(drive).await? else { return Ok(()) };
    drive.run.tunnel.down = before != Term::Up && before != Term::Unknown;
    // A tunnel that was down before the ends were told proves nothing by being down now.
    let told = matches!(&drive.state.negotiation, Negotiation::Told(before) if before == Term::Up.word());
    drive.run.seen.negotiated = true;
    if told && drive.run.tunnel.down {
        // An earlier run told them and the tunnel went down: telling them again would interrupt traffic once more.
        return Ok(());
    }
    if drive.state.aim == Which::Old && !drive.state.renegotiated && before == Term::Up {
        return drive.prove_as(Proof::Left, format!("it still runs on SAs negotiated with the previous key: {words}"));
    }
    if let Some(command) = drive.state.renegotiate_with.clone() {
        return run_command(drive, &command, before).await;
    }
    match drive.state.renegotiate {
        Some(place) => tell(drive, place, before).await,
        None => drive.prove_as(Proof::Left, "it was not renegotiated"),
    }
}

/// Runs the user's command that makes the ends renegotiate.
async fn run_command(drive: &mut Drive, command: &str, before: Term) -> Result<(), Error> {
    let (token, at) = (String::new(), drive.now());
    let tunnel = before.word().to_owned();
    drive.record(Event::Renegotiate { end: None, tunnel, token, at, writes: false }, Sync::Now)?;
    let done = shell::run(command, drive.id.as_str(), None, &drive.output).await;
    let refused = done.as_ref().err().map(|error| error.message.clone());
    drive.run.tunnel.commanded = done.is_ok();
    drive.record(Event::Told { end: None, refused, writes: false }, Sync::WithNext)?;
    match done {
        Ok(()) => Ok(()),
        Err(error) => drive.prove_as(Proof::Down, format!("the command to renegotiate failed: {}", error.message)),
    }
}

/// Tells one end to renegotiate, again while it is busy.
pub(super) async fn tell(drive: &mut Drive, place: usize, before: Term) -> Result<(), Error> {
    for telling in 0..TELLINGS {
        let token = Uuid::new_v4().to_string();
        let Some(End::Cloud(end)) = drive.ends.get_mut(place) else {
            return drive.prove_as(Proof::Left, "no end can be told to renegotiate");
        };
        let Some(call) = end.renegotiate(&token)? else { return drive.prove_as(Proof::Left, "the cloud has no call to renegotiate") };
        let (stamp, writes) = (end.client.stamp(), end.is_change(&call));
        let tunnel = before.word().to_owned();
        drive.record(Event::Renegotiate { end: Some(place), tunnel, token, at: stamp.time, writes }, Sync::Now)?;
        let Some(End::Cloud(end)) = drive.ends.get_mut(place) else { return Ok(()) };
        let doing = format!("to renegotiate {}", end.reference);
        let (wait, cause) = match end.send(&call, &stamp, &doing).await {
            Sent::Acked(_) => {
                drive.run.tunnel.unheard = 0;
                return drive.record(Event::Told { end: Some(place), refused: None, writes }, Sync::WithNext);
            }
            // The tunnel shows whether it was executed: it goes down or stays up.
            Sent::Lost(cause) => {
                drive.output.note(&format!("no usable reply when asked {doing} ({cause}); watching the tunnel"));
                drive.run.tunnel.unheard += 1;
                return Ok(());
            }
            Sent::Again(wait, cause) => (wait, cause),
            Sent::Busy(code) => (retry::poll(telling, retry::random()), code),
            Sent::Refused(error, code) => {
                drive.record(Event::Told { end: Some(place), refused: Some(code), writes }, Sync::WithNext)?;
                drive.output.warn(&error.message);
                drive.run.unheeded = Some(error.message.clone());
                return drive.prove_as(Proof::Left, error.message);
            }
        };
        drive.record(Event::Told { end: Some(place), refused: Some(cause), writes }, Sync::WithNext)?;
        drive.pause(place, wait).await?;
        // The end may have been busy with somebody else's change.
        if fresh(drive).await?.is_none() {
            return Ok(());
        }
    }
    Err(drive.halted(Error::new(exit::NETWORK, "the ends could not be told to renegotiate")))
}
