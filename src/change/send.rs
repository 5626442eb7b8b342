//! Sending a change. It is sent again only where it was certainly not executed; after a lost reply the connection is read back.

use super::read::find_gateway;
use super::record::Ledger;
use super::verify::verify;
use super::wish::Wish;
use crate::call::client::{CallError, Client, Intent, Witness};
use crate::call::retry;
use crate::call::settle::{Stop, settled};
use crate::error::{Class, Error, exit};
use crate::model::{Key, Settings};
use crate::print::keys::watch_keys;
use crate::provider::{Accepted, Edit};
use crate::wire::Call;

/// What reading back shows about a request whose reply was lost.
enum Found {
    /// It was executed.
    Applied,
    /// It was not, or not yet; sending the same values again is safe.
    NotApplied,
    /// Not known, since the cloud does not return these settings; sending the same values again is safe.
    Unreadable,
    /// Neither as it was nor as asked: somebody else changed it.
    Conflict,
}

/// The outcome of sending.
pub(super) enum Sent {
    /// The cloud accepted the change; `None` when the reply was lost and the change was found in effect.
    Taken(Option<Accepted>),
    /// Another change came first and has settled: what was read before may be stale.
    Overtaken,
}

/// Sends the change.
pub(super) async fn send(
    client: &Client,
    wish: &Wish,
    edit: &Edit<'_>,
    call: &Call<Accepted>,
    ledger: &mut Option<&mut Ledger>,
) -> Result<Sent, Error> {
    let doing = format!("to change {}", wish.reference);
    let (mut looks, mut lost) = (0, 0);
    loop {
        let witness = ledger.as_deref_mut().map(|ledger| ledger as &mut dyn Witness);
        let error = match client.witnessed(call, Intent::Set, witness).await {
            Ok(accepted) => {
                if let Some(ledger) = ledger {
                    ledger.acked(client, &accepted);
                }
                return Ok(Sent::Taken(Some(accepted)));
            }
            Err(error) => error,
        };
        match error {
            CallError::Refused(refused) if refused.class == Class::Busy && !client.remaining().is_zero() => {
                client.output.note(&format!("{} is busy with another change; waiting until it has settled", client.id()));
                // Where an earlier reply was lost, the other change may be our own: reading back below tells.
                client.wait(retry::poll(looks, client.random())).await.map_err(|error| stopped(client, wish, lost > 0, error))?;
                looks += 1;
                wait_settled(client, wish, edit, lost > 0).await?;
                if lost == 0 {
                    return Ok(Sent::Overtaken);
                }
                if is_applied(client, wish, edit, ledger).await? {
                    return Ok(Sent::Taken(None));
                }
            }
            CallError::Lost(cause) => {
                lost += 1;
                if wish.flow.no_read || lost > retry::RECONCILE_CYCLES {
                    return Err(unknown(
                        client,
                        wish,
                        format!("{} gave no usable reply to the change of {}: {cause}", client.id(), wish.reference),
                    ));
                }
                client.output.note(&format!("{} gave no usable reply ({cause}); reading the connection back", client.id()));
                wait_settled(client, wish, edit, true).await?;
                if is_applied(client, wish, edit, ledger).await? {
                    return Ok(Sent::Taken(None));
                }
            }
            // A refusal describes its own attempt only: an earlier one may have been executed.
            CallError::Refused(refused) if lost > 0 => {
                let error = Error::refused(client.id(), &doing, &refused);
                return Err(unknown(client, wish, format!("{}, after an attempt whose reply was lost", error.message)));
            }
            error @ CallError::Stopped => return Err(stopped(client, wish, lost > 0, error)),
            CallError::NotSent(cause) if lost > 0 => {
                return Err(unknown(
                    client,
                    wish,
                    format!("{} can no longer be reached ({cause}), after an attempt whose reply was lost", client.id()),
                ));
            }
            error => return Err(error.harmless(client, &doing)),
        }
    }
}

async fn wait_settled(client: &Client, wish: &Wish, edit: &Edit<'_>, in_doubt: bool) -> Result<(), Error> {
    let gateway = find_gateway(client, wish, edit.current).await;
    match settled(client, &wish.target, gateway.as_deref(), None).await {
        Ok(()) => Ok(()),
        Err(Stop::Call(error @ CallError::Stopped)) => Err(stopped(client, wish, in_doubt, error)),
        Err(_) if in_doubt => {
            Err(unknown(client, wish, format!("the reply to the change of {} was lost, and it does not settle", wish.reference)))
        }
        Err(stop) => Err(stop.error(client, &wish.reference, &wish.target).state("nothing was changed by this run")),
    }
}

/// Whether the change is there after a lost reply. When it is not, sending the same values again is safe.
async fn is_applied(client: &Client, wish: &Wish, edit: &Edit<'_>, ledger: &mut Option<&mut Ledger>) -> Result<bool, Error> {
    match look(client, wish, edit).await? {
        Found::Applied => Ok(true),
        Found::NotApplied | Found::Unreadable => Ok(false),
        Found::Conflict => {
            if let Some(ledger) = ledger {
                ledger.conflict(client, "it is neither as it was nor as asked");
            }
            Err(Error::new(
                exit::UNKNOWN,
                format!("the reply to the change of {} was lost, and now it is neither as it was nor as asked", wish.reference),
            )
            .state("somebody else may have changed it; nothing further was sent")
            .next(client.command("show", &wish.reference, &wish.target)))
        }
    }
}

/// Reads back after a lost reply.
async fn look(client: &Client, wish: &Wish, edit: &Edit<'_>) -> Result<Found, Error> {
    let call = client.provider.show(&wish.target);
    let after = client.call(&call, Intent::Read).await.map_err(|error| {
        unknown(client, wish, format!("the reply to the change of {} was lost, and reading back failed: {}", wish.reference, error.brief()))
    })?;
    watch_keys(&after);
    let shown = wish.subject(&*client.provider, &after);
    let seen = verify(None, edit.change, &shown);
    let before = |keys: &[Key]| {
        let old: Settings = edit.current.map(|connection| wish.subject(&*client.provider, connection)).unwrap_or_default();
        keys.iter().all(|key| old.get(*key) == shown.get(*key))
    };
    Ok(match (seen.in_effect.is_empty(), seen.missing.is_empty()) {
        (false, true) => Found::Applied,
        (true, true) => Found::Unreadable,
        (_, false) if before(&seen.missing) && seen.in_effect.is_empty() => Found::NotApplied,
        _ => Found::Conflict,
    })
}

fn unknown(client: &Client, wish: &Wish, message: String) -> Error {
    Error::new(exit::UNKNOWN, message)
        .state("the change may have been made, or may still be made for the next 16 minutes")
        .next(client.command("wait", &wish.reference, &wish.target))
}

fn stopped(client: &Client, wish: &Wish, in_doubt: bool, error: CallError) -> Error {
    if in_doubt {
        let mut error = unknown(client, wish, format!("interrupted while looking for the outcome of the change of {}", wish.reference));
        error.exit = client.interrupt.exit();
        return error;
    }
    error.harmless(client, &format!("to change {}", wish.reference))
}
