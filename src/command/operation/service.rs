//! Whether calls go where they went when an operation was begun.

use crate::error::{Error, exit};
use crate::operation::event::Planned;

/// Refuses an end whose calls would go to another service than when the operation was begun.
///
/// # Errors
/// The two services, when they differ.
pub(super) fn check_service(plan: &Planned, service: &str) -> Result<(), Error> {
    if service == plan.service {
        return Ok(());
    }
    Err(Error::new(
        exit::CREDENTIALS,
        format!("{} was at {} when the operation was begun, and calls would go to {service} now", plan.end, plan.service),
    )
    .state("nothing was sent")
    .next("use the endpoint, region and project that it was begun with"))
}
