//! `ResetVpnConnSA`.

use serde_json::{Value as Json, json};

use super::named::named;
use super::reply::{Flaw, flaw};
use crate::emulated::Store;
use crate::provider::tencent::emulator::change;
use crate::provider::tencent::emulator::verify::Signed;

/// Starts a renegotiation.
pub(super) fn reset(signed: &Signed, region: &str, store: &mut Store) -> Result<Json, Flaw> {
    let (id, _) = named(signed, region, store)?;
    change::reset(&id, store).map_err(flaw)?;
    Ok(json!({ "code": 0, "message": "", "codeDesc": "Success" }))
}
