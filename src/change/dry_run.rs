//! `--dry-run`: the request as it would be sent, and the cloud's own dry run where there is one.

use super::report::{Done, PLANNED, Report};
use super::wish::Wish;
use crate::call::client::{CallError, Client, Intent};
use crate::error::{Error, exit};
use crate::model::{Connection, Settings};

/// Finishes a run that changes nothing.
pub(super) async fn dry_run(
    client: &Client,
    wish: &Wish,
    current: Option<&Connection>,
    change: &Settings,
    mut report: Report,
) -> Result<Done, Error> {
    // The same request, built from settings without their secrets.
    let shown_current = current.map(Connection::redacted);
    let shown_change = change.redacted();
    let shown =
        client.provider.modify(&wish.edit(shown_current.as_ref(), &shown_change)).map_err(|violations| wish.invalid(&violations))?;
    report.request = Some(shown.request);
    report.outcome = PLANNED;
    if let Some(precheck) = client.provider.precheck(&wish.edit(current, change)) {
        client.ready()?;
        client.call(&precheck, Intent::Read).await.map_err(|error| {
            let refused = matches!(error, CallError::Refused(_));
            let error = error.harmless(client, &format!("to dry-run the change of {}", wish.reference));
            error.state(if refused { "nothing was changed; the change would fail as it is" } else { "nothing was changed" })
        })?;
        report.cloud_agrees = true;
    }
    let exit = if wish.flow.exit_code { exit::REPORT } else { exit::DONE };
    Ok(Done { report, exit, error: None })
}
