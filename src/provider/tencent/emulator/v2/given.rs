//! The settings of a modification, whichever way a client spells them.

use serde_json::{Map, Value as Json, json};

use super::reply::Flaw;
use crate::provider::tencent::emulator::nested::nested;
use crate::wire::Pairs;

/// The settings among the parameters, nested, with `spdAcl` as a list of rules.
pub(super) fn given(pairs: &Pairs) -> Result<Map<String, Json>, Flaw> {
    let (mut acl, mut rest) = (Map::new(), Vec::new());
    for (name, value) in pairs.iter().filter(|(name, _)| !["vpcId", "vpnGwId", "vpnConnId"].contains(&name.as_str())) {
        if name == "spdAcl" {
            acl = serde_json::from_str(value).map_err(|_| (4000, "InvalidParameter", "spdAcl is not a JSON object".to_owned()))?;
        } else if let Some(source) = flat_source(name) {
            let list = acl.entry(source).or_insert_with(|| json!([]));
            if let Json::Array(list) = list {
                list.push(json!(value));
            }
        } else {
            rest.push((name.clone(), value.clone()));
        }
    }
    let mut given = nested(&rest);
    if !acl.is_empty() {
        let rules: Json = acl.iter().map(|(source, destinations)| json!({ "source": source, "destinations": destinations })).collect();
        given.insert("spdAcl".to_owned(), rules);
    }
    // The vendor's client sends `IKESet.0.field` when it is given a list.
    for set in ["IKESet", "IPsecSet"] {
        if let Some(first) = given.get(set).and_then(|set| set.get(0)).cloned() {
            given.insert(set.to_owned(), first);
        }
    }
    Ok(given)
}

/// The local network in a flat name such as `spdAcl.10.0.0.0/24.0`.
fn flat_source(name: &str) -> Option<&str> {
    name.strip_prefix("spdAcl.")?.rsplit_once('.').map(|(source, _)| source)
}
