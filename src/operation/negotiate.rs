//! The new negotiation, and the proof that the tunnel runs on the new key. "Up" proves nothing: an IKE SA goes on without
//! the key that it was made with, and IKEv2 rekeys it without one (RFC 7296, 2.8).

use std::time::Duration;

use uuid::Uuid;

use super::drive::Drive;
use super::end::Sent;
use super::ends::End;
use super::event::{Event, Proof, Which};
use super::journal::Sync;
use super::state::Negotiation;
use crate::call::retry;
use crate::error::{Error, exit};
use crate::model::Term;

/// How long a tunnel is waited for.
const DEADLINE: Duration = Duration::from_mins(5);
/// How long a tunnel that is up is watched for going down: clouds tell late.
const WATCH: Duration = Duration::from_mins(1);
/// How many looks at a tunnel follow each other closely, once no end is being changed.
const CLOSE: u32 = 8;
/// How often an end is told.
const TELLINGS: u32 = 5;
/// How long a tunnel that went down is waited for before another end is told as well: some ends take a new key up only when
/// they are told themselves.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was seen of the tunnel in this run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watch {
    /// Whether it was seen in a state other than up since just before it was negotiated anew.
    pub(super) down: bool,
    /// Whether the command that makes the ends negotiate said that it did.
    pub(super) commanded: bool,
    /// How often there was no reply since an end last said that it was told.
    unheard: u32,
}

/// The tunnel's state, by all ends that say something of it: up where all do.
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

/// The tunnel's state, read at each look and just before its ends are told to negotiate: that call may carry along what was
/// read, which must not be somebody else's key, nor one that somebody else has replaced since; and a tunnel proves nothing
/// where an end holds one. None where it does: that is on record as a conflict then.
async fn fresh(drive: &mut Drive) -> Result<Option<(Term, String)>, Error> {
    let found = match tunnel(drive).await {
        Ok(found) => found,
        Err(error) => return Err(drive.halted(error)),
    };
    let foreign = |end: &End| end.key().is_some_and(|key| drive.keys.which(&key).is_none());
    let Some(end) = drive.ends.iter().position(foreign) else { return Ok(Some(found)) };
    let seen = drive.ends.get(end).map(End::seen).unwrap_or_default();
    drive.record(Event::Conflict { end, seen }, Sync::Now)?;
    Ok(None)
}

/// Tells the ends to negotiate anew, where that is due and can be done.
pub(super) async fn begin(drive: &mut Drive) -> Result<(), Error> {
    let Some((before, words)) = fresh(drive).await? else { return Ok(()) };
    drive.watch().down = before != Term::Up && before != Term::Unknown;
    // A tunnel that was down already when they were about to be told shows nothing by being down.
    let told = matches!(&drive.state.negotiation, Negotiation::Told(before) if before == Term::Up.word());
    drive.seen.negotiated = true;
    if told && drive.watch().down {
        // An earlier run told them, and it shows: once more would cost one more interruption.
        return Ok(());
    }
    if drive.state.aim == Which::Old && !drive.state.renegotiated && before == Term::Up {
        return drive.prove_as(Proof::Left, format!("it runs on what was negotiated with the former key: {words}"));
    }
    if let Some(command) = drive.state.renegotiate_with.clone() {
        let (token, at) = (String::new(), drive.now());
        drive.record(Event::Renegotiate { end: None, tunnel: before.word().to_owned(), token, at }, Sync::Now)?;
        let done = crate::system::shell::run(&command, &drive.id.to_string(), None, &drive.output).await;
        let refused = done.as_ref().err().map(|error| error.message.clone());
        drive.watch().commanded = done.is_ok();
        drive.record(Event::Told { end: None, refused }, Sync::WithNext)?;
        return match done {
            Ok(()) => Ok(()),
            Err(error) => drive.prove_as(Proof::Down, format!("the command to negotiate anew failed: {}", error.message)),
        };
    }
    let Some(place) = drive.state.renegotiate else {
        return drive.prove_as(Proof::Left, "it was not negotiated anew".to_owned());
    };
    tell(drive, place, before).await
}

async fn tell(drive: &mut Drive, place: usize, before: Term) -> Result<(), Error> {
    for telling in 0..TELLINGS {
        let token = Uuid::new_v4().to_string();
        let Some(End::Cloud(end)) = drive.ends.get_mut(place) else { return drive.prove_as(Proof::Left, "nothing here can tell it to") };
        let Some(call) = end.renegotiate(&token)? else { return drive.prove_as(Proof::Left, "the cloud has no call for it") };
        let stamp = end.client.stamp();
        let tunnel = before.word().to_owned();
        drive.record(Event::Renegotiate { end: Some(place), tunnel, token, at: stamp.time }, Sync::Now)?;
        let Some(End::Cloud(end)) = drive.ends.get_mut(place) else { return Ok(()) };
        let doing = format!("to negotiate {} anew", end.reference);
        let (wait, cause) = match end.send(&call, &stamp, &doing).await {
            Sent::Acked(_) => {
                drive.watch().unheard = 0;
                return drive.record(Event::Told { end: Some(place), refused: None }, Sync::WithNext);
            }
            // Whether it was executed shows: the tunnel goes down, or it does not.
            Sent::Lost(cause) => {
                drive.output.note(&format!("no usable reply when asked {doing} ({cause}); watching the tunnel"));
                drive.watch().unheard += 1;
                return Ok(());
            }
            Sent::Again(wait, cause) => (wait, cause),
            Sent::Busy(code) => (retry::poll(telling, retry::random()), code),
            Sent::Refused(error, code) => {
                drive.record(Event::Told { end: Some(place), refused: Some(code) }, Sync::WithNext)?;
                drive.output.warn(&error.message);
                return drive.prove_as(Proof::Left, error.message);
            }
        };
        drive.record(Event::Told { end: Some(place), refused: Some(cause) }, Sync::WithNext)?;
        drive.pause(place, wait).await?;
        // It may have been busy with somebody else's change.
        if fresh(drive).await?.is_none() {
            return Ok(());
        }
    }
    let error = Error::new(exit::NETWORK, "the ends could not be told to negotiate anew");
    Err(drive.halted(error))
}

/// The ends that can be told as well, without a change of theirs, where one was told: the next one last.
fn further(drive: &Drive) -> Vec<usize> {
    let Some(first) = drive.state.renegotiate.filter(|_| drive.state.renegotiate_with.is_none()) else { return Vec::new() };
    let others = (0..drive.ends.len()).filter(|place| *place != first && drive.ends.get(*place).is_some_and(super::prepare::has_call));
    // After all others once more the one that was told: it may have been before a crash, or by a request that was lost.
    std::iter::once(first).chain(others).collect()
}

/// Watches the tunnel until it is up with what was negotiated anew, or the time is over. None where somebody else changes an
/// end meanwhile: that is on record as a conflict then.
pub(super) async fn watch(drive: &mut Drive) -> Result<Option<(Proof, String)>, Error> {
    let (mut waited, mut since, mut close, mut look) = (Duration::ZERO, Duration::ZERO, CLOSE, 0);
    let mut further = further(drive);
    loop {
        let Some((state, words)) = fresh(drive).await? else { return Ok(None) };
        match state {
            // The request without a reply was not executed: it would show by now.
            Term::Up | Term::Unknown if waited >= WATCH && (1..=retry::RECONCILE_CYCLES).contains(&drive.watch().unheard) => {
                if let Some(place) = drive.state.renegotiate {
                    tell(drive, place, state).await?;
                }
                if let Negotiation::Proved(proof, detail) = &drive.state.negotiation {
                    return Ok(Some((*proof, detail.clone())));
                }
                (waited, since, close, look) = (Duration::ZERO, Duration::ZERO, CLOSE, 0);
            }
            Term::Up if drive.watch().down => return Ok(Some((Proof::Verified, words))),
            Term::Up if drive.watch().commanded || waited >= WATCH => return Ok(Some((Proof::Weak, words))),
            Term::Up => {}
            Term::Unknown if drive.watch().commanded => {
                let detail = "the command to negotiate anew succeeded; no end here tells whether the tunnel is up";
                return Ok(Some((Proof::Unknown, detail.to_owned())));
            }
            Term::Unknown if waited >= WATCH => return Ok(Some((Proof::Unknown, words))),
            Term::Unknown => {}
            _ if waited >= DEADLINE => return Ok(Some((Proof::Down, words))),
            _ => {
                if !std::mem::replace(&mut drive.watch().down, true) {
                    since = waited;
                }
                if waited >= since + PATIENCE
                    && let Some(place) = further.pop()
                {
                    let unheard = drive.watch().unheard;
                    tell(drive, place, state).await?;
                    since = waited;
                    if drive.watch().unheard > unheard {
                        further.push(place);
                    }
                }
            }
        }
        if drive.state.conflict().is_some() {
            return Ok(None);
        }
        // Closely at first, and for as long as a cloud is still at it: what follows takes less than a second.
        if waited < WATCH && drive.ends.iter().any(End::is_changing) {
            close = CLOSE;
        }
        let wait = if close > 0 { Duration::from_millis(250) } else { retry::poll(look, retry::random()) };
        look += u32::from(close == 0);
        close = close.saturating_sub(1);
        drive.output.progress(&format!("watching the tunnel: {}, {} s", state.word(), waited.as_secs()));
        drive.pause(0, wait).await?;
        waited += wait;
    }
}
