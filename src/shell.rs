//! stub
use crate::error::Error;
use crate::model::Secret;
use crate::output::Output;
/// stub
pub async fn run(_c: &str, _op: &str, _in: Option<&Secret>, _o: &Output) -> Result<(), Error> {
    Ok(())
}
