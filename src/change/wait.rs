//! Waiting until a change that was sent has settled, and reading what is in force then.

use super::Wish;
use super::plan::outcome;
use crate::call::client::{CallError, Client, Intent};
use crate::call::retry;
use crate::call::settle::{Stop, settled};
use crate::error::{Class, Error, exit};
use crate::model::{Connection, Settings, Term};
use crate::provider::Accepted;

/// How often new values are looked for after a cloud says that it has settled: some say so before they begin.
const EARLY_LOOKS: u32 = 4;

/// What could be seen of a change that the cloud took.
pub(super) enum Seen {
    /// What is in force.
    Settled(Box<Connection>),
    /// Nothing: the account may not read, which was known when the change was asked for. The cloud's refusal, in a few words.
    Denied(String),
}

/// Waits until a change that was sent has settled, and reads what is in force then.
pub(super) async fn after_change(
    client: &Client,
    wish: &Wish,
    gateway: Option<&str>,
    accepted: Option<&Accepted>,
    change: &Settings,
) -> Result<Seen, Error> {
    // The cloud took the change with these very credentials: with `--no-read`, what it refuses now is the reading.
    let denied = |error: &CallError| match error {
        CallError::Refused(refused) if wish.no_read && matches!(refused.class, Class::Auth | Class::Final) => {
            Some(Seen::Denied(error.brief()))
        }
        _ => None,
    };
    let sent = |error: Error| {
        let mut error = error.state("the cloud took the change; how it ended is not known");
        error.exit = match error.exit {
            code @ (exit::INTERRUPTED | exit::TERMINATED | exit::HALF_WAY) => code,
            _ => exit::UNKNOWN,
        };
        if error.next.iter().all(|next| !next.contains("tunnelctl wait")) {
            error = error.next(client.command("wait", &wish.reference, &wish.target));
        }
        error
    };
    if let Err(stop) = settled(client, &wish.target, gateway, accepted).await {
        if let Stop::Call(error) = &stop
            && let Some(seen) = denied(error)
        {
            return Ok(seen);
        }
        return Err(sent(stop.error(client, &wish.reference, &wish.target)));
    }
    let call = client.provider.show(&wish.target);
    for look in 0.. {
        let after = match client.call(&call, Intent::Read).await {
            Ok(after) => after,
            Err(error) => {
                let seen = denied(&error);
                return seen.ok_or_else(|| sent(error.harmless(client, &format!("to read {} back", wish.reference))));
            }
        };
        let early =
            !outcome(None, change, &wish.subject(&*client.provider, &after)).missing.is_empty() || after.status.change == Term::Changing;
        if !early || look >= EARLY_LOOKS || client.remaining().is_zero() {
            return Ok(Seen::Settled(Box::new(after)));
        }
        client
            .wait(retry::poll(look, client.random()))
            .await
            .map_err(|error| sent(error.harmless(client, &format!("to read {} back", wish.reference))))?;
    }
    Err(sent(Error::new(exit::UNKNOWN, "no look was made")))
}
