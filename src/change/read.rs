//! Reading the connection that is changed.

use super::wish::Wish;
use crate::call::client::{Client, Intent};
use crate::call::settle::settle;
use crate::error::{Error, exit};
use crate::model::{Connection, Term};
use crate::print::keys::watch_keys;
use crate::provider::GATEWAY;

/// Reads the connection once no other change of it is running: a plan is a difference to something that stays.
pub(super) async fn read_settled(client: &Client, wish: &Wish) -> Result<Connection, Error> {
    let found = read(client, wish).await?;
    if found.status.change != Term::Changing || wish.flow.dry_run {
        return Ok(found);
    }
    client.output.note(&format!("{} is making another change of {}; waiting until it has settled", client.id(), wish.reference));
    settle(client, &wish.target, found.gateway.as_deref(), None)
        .await
        .map_err(|stop| stop.error(client, &wish.reference, &wish.target).state("nothing was changed by this run"))?;
    read(client, wish).await
}

async fn read(client: &Client, wish: &Wish) -> Result<Connection, Error> {
    let call = client.provider.show(&wish.target);
    let found = client.call(&call, Intent::Read).await.map_err(|error| {
        let error = error.harmless(client, &format!("to read {}", wish.reference));
        if error.exit == exit::FAILED && wish.previous.is_none() {
            error.next("an account that may only write can use --no-read")
        } else {
            error
        }
    })?;
    // What the cloud says from here on may quote them.
    watch_keys(&found);
    Ok(found)
}

/// The gateway whose state may tell how far a change is: as it was read or given, or else as it can be read now.
pub(super) async fn find_gateway(client: &Client, wish: &Wish, current: Option<&Connection>) -> Option<String> {
    let known = current.and_then(|connection| connection.gateway.clone()).or_else(|| wish.named_gateway());
    if known.is_some() || current.is_some() || !wish.target.operation.address.iter().any(|(name, _)| *name == GATEWAY) {
        return known;
    }
    // Where this cannot be read, the wait that follows fails as well, and reports it.
    client.call(&client.provider.show(&wish.target), Intent::Read).await.ok()?.gateway
}

/// Whether nothing that can be set differs.
pub(super) fn is_same(before: &Connection, after: &Connection) -> bool {
    before.settings == after.settings && before.tunnels == after.tunnels
}
