//! Reading connections that refs name.

use std::rc::Rc;

use super::context::Context;
use super::target::resolve;
use crate::call::client::Intent;
use crate::call::session::connect;
use crate::config::Options;
use crate::error::{Error, exit};
use crate::model::Connection;
use crate::print::output::Output;
use crate::provider::{Registration, Target};
use crate::system::runtime::needed;

/// Reads all refs at once, in their order. Returns the last failure beside what could be read; earlier failures are printed.
///
/// # Errors
/// What is wrong with the refs.
pub(in crate::command) async fn read_all(
    refs: impl Iterator<Item = &String>,
    api: Option<&str>,
    context: &Context,
) -> Result<(Vec<Connection>, Option<Error>), Error> {
    let mut reads = Vec::new();
    for text in refs {
        let reference = context.options.config.reference(text)?;
        let (registration, target) = resolve(&reference, api)?;
        reads.push((registration, target, reference.region));
    }
    needed().await;
    let tasks: Vec<_> = reads
        .into_iter()
        .map(|(registration, target, region)| {
            tokio::task::spawn_local(read(registration, target, region, context.options.clone(), Rc::clone(&context.output)))
        })
        .collect();
    let (mut connections, mut failed) = (Vec::new(), None);
    for task in tasks {
        match task.await {
            Ok(Ok(connection)) => connections.push(connection),
            Ok(Err(error)) => {
                if let Some(earlier) = failed.replace(error) {
                    context.output.error(&earlier);
                }
            }
            Err(cause) => return Err(Error::new(exit::FAILED, format!("a read did not end: {cause}"))),
        }
    }
    Ok((connections, failed))
}

/// Reads one connection.
///
/// # Errors
/// Why it cannot be read.
pub(in crate::command) async fn read(
    registration: &'static Registration,
    target: Target,
    region: Option<String>,
    options: Options,
    output: Rc<Output>,
) -> Result<Connection, Error> {
    let mut client = connect(registration, region.as_deref(), &options, &output).await?;
    client.locate().await?;
    let call = client.provider.show(&target);
    client
        .call(&call, Intent::Read)
        .await
        .map_err(|error| error.of_read(&client, &format!("to read {}@{}/{}", registration.id, client.region, target.id)))
}
