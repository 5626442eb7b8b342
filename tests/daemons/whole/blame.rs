//! What the daemons' logs blame for a tunnel that does not come up.

use crate::lab::Observed;

/// A part of the names of the fields that a finding may have, by what a log says.
const SIGNS: &[(&str, &[&str])] = &[
    // Where the methods differ, nobody needs the key that is missing.
    ("no shared key found", &["psk", "auth"]),
    ("MAC mismatched", &["psk"]),
    ("no PSK found", &["psk", "auth"]),
    ("Failed to find our PreShared Key", &["psk", "auth"]),
    ("computed hash does not match", &["psk"]),
    ("does not match HASH payload", &["psk"]),
    ("mismatch of preshared secrets", &["psk"]),
    ("invalid ID_V1 payload length", &["psk"]),
    ("no private key found", &["auth"]),
    ("private key not found", &["auth"]),
    ("authentication but we want", &["auth"]),
    ("no trusted", &["auth"]),
    ("none allows", &["auth", "mode"]),
    ("authentication method", &["auth"]),
    ("unsupported authentication", &["auth"]),
    ("no RSA", &["auth"]),
    ("constraint check failed: identity", &["_id"]),
    ("but peer declares", &["_id"]),
    ("no matching peer config found", &["_id"]),
    ("no IKE config found", &["address", "version"]),
    ("constraint requires", &["auth"]),
    // In transport mode the hosts are asked for, whatever the nets.
    ("TS_UNACCEPTABLE", &["subnets", "mode"]),
    ("no local proposal matches", &["encryption", "integrity", "prf", "dh_group", "pfs", "esn"]),
    ("no matching CHILD_SA config found", &["subnets", "mode"]),
];

/// The transform that was not acceptable, and the fields of it.
const TRANSFORMS: &[(&str, &[&str])] = &[
    ("no acceptable ENCRYPTION_ALGORITHM found", &["encryption"]),
    ("no acceptable INTEGRITY_ALGORITHM found", &["integrity", "encryption"]),
    ("no acceptable PSEUDO_RANDOM_FUNCTION found", &["prf", "integrity", "encryption"]),
    ("no acceptable KEY_EXCHANGE_METHOD found", &["dh_group", "pfs", "encryption"]),
    ("no acceptable EXTENDED_SEQUENCE_NUMBERS found", &["esn"]),
];

/// Parts of the names of fields, one of which a finding must have; none where the logs tell too little.
pub fn fields(seen: &Observed) -> Vec<&'static str> {
    if seen.verdict != "down" || seen.exchange == "load" {
        return Vec::new();
    }
    let found = SIGNS.iter().chain(TRANSFORMS).filter(|(sign, _)| seen.log.contains(sign));
    found.flat_map(|(_, fields)| fields.iter().copied()).collect()
}
