//! Waiting until a change that was sent has settled, and reading the result.

use super::verify::verify;
use super::wish::Wish;
use crate::call::client::{CallError, Client, Intent};
use crate::call::retry;
use crate::call::settle::{Stop, settled};
use crate::error::{Class, Error, exit};
use crate::model::{Connection, Settings, Term};
use crate::print::keys::watch_keys;
use crate::provider::Accepted;

/// How often the new values are looked for after a cloud reports that it has settled: some report that before they begin.
const EARLY_LOOKS: u32 = 4;

/// The result of a change that the cloud accepted.
pub(super) enum Seen {
    /// The connection as it is now.
    Settled(Box<Connection>),
    /// Not known, since the account may not read (`--no-read`): the cloud's refusal, in a few words.
    Denied(String),
}

/// Waits until a change that was sent has settled, and reads the connection.
pub(super) async fn after_change(
    client: &Client,
    wish: &Wish,
    gateway: Option<&str>,
    accepted: Option<&Accepted>,
    change: &Settings,
) -> Result<Seen, Error> {
    // The cloud accepted the change with these credentials: with `--no-read`, it now refuses only the reading.
    let denied = |error: &CallError| match error {
        CallError::Refused(refused) if wish.flow.no_read && matches!(refused.class, Class::Auth | Class::Final) => {
            Some(Seen::Denied(error.brief()))
        }
        _ => None,
    };
    let sent = |error: Error| {
        let mut error = error.state("the cloud accepted the change; its outcome is not known");
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
        watch_keys(&after);
        let early =
            !verify(None, change, &wish.subject(&*client.provider, &after)).missing.is_empty() || after.status.change == Term::Changing;
        if !early || look >= EARLY_LOOKS || client.remaining().is_zero() {
            return Ok(Seen::Settled(Box::new(after)));
        }
        client
            .wait(retry::poll(look, client.random()))
            .await
            .map_err(|error| sent(error.harmless(client, &format!("to read {} back", wish.reference))))?;
    }
    Err(sent(Error::new(exit::UNKNOWN, "the connection was not read")))
}
