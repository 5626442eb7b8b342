//! The locks of a change: one change of a connection at a time, and of a gateway where its cloud takes one at a time.

use std::time::Duration;

use super::ledger::Ledger;
use super::unrecordable::unrecordable;
use crate::call::client::Client;
use crate::change::wish::Wish;
use crate::error::{Error, exit};
use crate::model::Connection;
use crate::operation::end::{connection_lock, gateway_lock};
use crate::operation::event::Event;
use crate::operation::journal::Sync;
use crate::operation::lock::{Holder, Lock};
use crate::operation::records::Records;
use crate::operation::report::lost;
use crate::print::output::Output;

/// How long to wait between two looks at the lock of a gateway.
const LOOK: Duration = Duration::from_millis(500);

impl Ledger {
    /// Takes the connection's lock, before the connection is read.
    pub(in crate::change) fn lock(&mut self, client: &Client, wish: &Wish) -> Result<(), Error> {
        let service = client.provider.show(&wish.target).request.endpoint.to_string();
        let name = connection_lock(&wish.reference, &wish.target, &service, &self.desk.site);
        let lock = Lock::take(&self.desk.records.locks, &name, &self.holder(client)).map_err(unrecordable)?;
        self.locks.push(lock);
        if let Some(opened) = self.entry.opened.as_ref().filter(|opened| opened.journal.is_cut()) {
            self.desk.output.warn(&lost(&opened.id));
            self.entry.append(client.now(), Event::Cut, Sync::WithNext)?;
        }
        Ok(())
    }

    /// Takes the lock of the connection's gateway where that takes one change at a time, and waits for it.
    pub(in crate::change) async fn lock_gateway(
        &mut self,
        client: &Client,
        wish: &Wish,
        current: Option<&Connection>,
    ) -> Result<(), Error> {
        if self.locks.len() > 1 || !client.provider.registration().one_writer_a_gateway {
            return Ok(());
        }
        let read = current.and_then(|connection| connection.gateway.clone());
        let Some(gateway) = read.or_else(|| wish.named_gateway()) else { return Ok(()) };
        let service = client.provider.show(&wish.target).request.endpoint.to_string();
        let name = gateway_lock(&wish.reference, &gateway, &service, &self.desk.site);
        let lock = keep(&self.desk.records, &name, &self.holder(client), &self.desk.output, || !client.remaining().is_zero()).await;
        self.locks.push(lock.map_err(unrecordable)?);
        Ok(())
    }
}

/// Takes a lock, and waits for it while `time` is left: another connection of the gateway is no reason to give up.
///
/// # Errors
/// [`exit::HELD`] when another run still holds it then.
pub async fn keep(records: &Records, name: &str, holder: &Holder, output: &Output, time: impl Fn() -> bool) -> Result<Lock, Error> {
    let mut said = false;
    loop {
        match Lock::take(&records.locks, name, holder) {
            Err(error) if error.exit == exit::HELD && time() => {
                if !std::mem::replace(&mut said, true) {
                    output.note(&format!("{}; a gateway takes one change at a time: waiting", error.message));
                }
                crate::system::runtime::needed().await;
                tokio::time::sleep(LOOK).await;
            }
            taken => return taken,
        }
    }
}
