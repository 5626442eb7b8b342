//! Reads a description in TOML, in the model's own words.

use std::net::IpAddr;

use ipnet::IpNet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::words;
use crate::agreement::connection::net;
use crate::agreement::{Address, Encapsulation, End, Form, Kind, Peers, Psk, from_settings};
use crate::model::{Key, PolicyRule, Settings, Term, Value};

/// Fields that describe an end but are not settings of a connection.
const OWN: &[&str] = &[
    "name",
    "kind",
    "address",
    "public_address",
    "peer_address",
    "ike.proposals",
    "ipsec.proposals",
    "ike.versions",
    "reauth",
    "forced_encapsulation",
];

/// Reads the end that a file describes.
///
/// # Errors
/// What cannot be read, and where. A message never contains a key.
pub fn read(text: &str, file: &str) -> Result<End, Fault> {
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        Fault::at(text, offset, format!("is not TOML: {}", error.message()))
    })?;
    let mut values = Vec::new();
    flatten("", table.get_ref(), &mut values);
    let (mut settings, mut own) = (Settings::new(), Vec::new());
    for (path, offset, value) in values {
        let fault = |message: String| Fault::at(text, offset, message);
        if OWN.contains(&path.as_str()) {
            own.push((path, offset, value));
        } else if let Some(key) = Key::ALL.iter().copied().find(|key| key.path() == path) {
            settings.set(key, setting(key, value).map_err(|rule| fault(format!("{path}: {rule}")))?);
        } else {
            return Err(fault(format!("{path:?} is not a known field")));
        }
    }
    let mut end = from_settings(file, Kind::Unknown, &settings);
    // A description names its addresses: they are not presumed from identities.
    (end.address, end.peers) = (Address::Any, Peers::Any);
    end.form = Some(Form::Toml);
    if !settings.has(Key::Psk) {
        end.psk = Psk::Missing;
    }
    for (path, offset, value) in own {
        apply(&mut end, &path, value).map_err(|rule| Fault::at(text, offset, format!("{path}: {rule}")))?;
    }
    Ok(end)
}

/// Collects all values with their dotted names and places.
fn flatten<'t>(prefix: &str, table: &'t DeTable<'t>, values: &mut Vec<(String, usize, &'t DeValue<'t>)>) {
    for (name, value) in table {
        let path = if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(&path, inner, values),
            other => values.push((path, name.span().start, other)),
        }
    }
}

fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| "must be a quoted string".to_owned())
}

fn texts(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or_else(|| "must be a list of strings".to_owned())?;
    list.iter().map(Spanned::get_ref).map(|item| text(item).map(str::to_owned)).collect()
}

fn setting(key: Key, value: &DeValue<'_>) -> Result<Value, String> {
    match key {
        Key::LocalSubnets | Key::RemoteSubnets | Key::RemoteSubnetsV6 => {
            let list = texts(value)?;
            match list.iter().find(|item| net(item).is_none()) {
                Some(wrong) => Err(format!("{wrong:?} is not a network, such as 10.0.0.0/24")),
                None => Ok(Value::List(list)),
            }
        }
        Key::PolicyRules | Key::PolicyRulesV6 => {
            texts(value)?.iter().map(|rule| PolicyRule::parse(rule)).collect::<Result<Vec<_>, _>>().map(Value::Rules)
        }
        Key::Psk => text(value).map(Value::secret),
        _ => match value {
            DeValue::Boolean(on) => Ok(Value::Switch(*on)),
            DeValue::Integer(number) => {
                number.to_string().parse().map(Value::Number).map_err(|_| "must be a whole number, 0 or above".to_owned())
            }
            DeValue::String(text) => word(key, text),
            _ => Err("must be a string, a number, true or false".to_owned()),
        },
    }
}

/// Reads a text: free text for some fields, a word of the model for the others.
fn word(key: Key, text: &str) -> Result<Value, String> {
    const FREE: &[Key] = &[
        Key::Name,
        Key::CustomerGateway,
        Key::LocalId,
        Key::RemoteId,
        Key::BgpTunnelCidr,
        Key::BgpLocalAddress,
        Key::BgpPeerAddress,
        Key::TunnelLocalAddress,
        Key::TunnelPeerAddress,
        Key::ClientPool,
        Key::HealthCheckLocal,
        Key::HealthCheckRemote,
    ];
    if FREE.contains(&key) {
        return Ok(Value::Text(text.to_owned()));
    }
    Term::from_word(text).map(Value::term).ok_or_else(|| format!("{text:?} is not a known word"))
}

/// Applies a field of [`OWN`].
fn apply(end: &mut End, path: &str, value: &DeValue<'_>) -> Result<(), String> {
    let switch = || value.as_bool().ok_or_else(|| "must be true or false".to_owned());
    let address = |text: &str| text.parse::<IpAddr>().map_err(|_| format!("{text:?} is not an address"));
    let proposals = |is_ike| {
        let list = texts(value)?;
        list.iter().map(|text| words::proposal(text, is_ike).map_err(|(_, message)| message)).collect::<Result<Vec<_>, _>>()
    };
    match path {
        "name" => text(value)?.clone_into(&mut end.name),
        "kind" => {
            end.kind = match text(value)? {
                "strongswan" => Kind::Strongswan,
                "libreswan" => Kind::Libreswan,
                "unknown" => Kind::Unknown,
                cloud if crate::provider::registration(cloud).is_some() => Kind::Cloud(cloud.to_owned()),
                other => return Err(format!("{other:?} is not strongswan, libreswan, unknown or a provider")),
            }
        }
        "address" => end.address = Address::Known(address(text(value)?)?),
        "public_address" => end.public_address = Some(address(text(value)?)?),
        "peer_address" => {
            let list = if value.is_array() { texts(value)? } else { vec![text(value)?.to_owned()] };
            end.peers = if list.iter().any(|item| item == "any") {
                Peers::Any
            } else {
                let nets = list.iter().map(|item| net(item).ok_or_else(|| format!("{item:?} is not an address")));
                Peers::Listed(nets.collect::<Result<Vec<IpNet>, _>>()?)
            };
        }
        "ike.proposals" => end.ike = proposals(true)?,
        "ipsec.proposals" => end.esp = proposals(false)?,
        "ike.versions" => {
            let known = |word: &String| Term::from_word(word).filter(|term| matches!(term, Term::Ikev1 | Term::Ikev2));
            let list = texts(value)?;
            end.versions = Some(list.iter().map(known).collect::<Option<Vec<_>>>().ok_or("must list only ikev1 and ikev2")?);
        }
        "reauth" => end.reauth = switch()?,
        _ => end.encapsulation = Some(if switch()? { Encapsulation::Forced } else { Encapsulation::Auto }),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Identity;

    const END: &str = r#"
address = "192.0.2.1"
peer_address = "198.51.100.1"
local_subnets = ["10.1.0.0/24"]
remote_subnets = ["10.2.0.0/24"]
psk = "canary-toml-1"
[ike]
version = "ikev2"
encryption = "aes256"
integrity = "sha256"
dh_group = "group14"
local_id = { type = "fqdn", value = "a.example.com" }
[ipsec]
encryption = "aes256"
integrity = "sha256"
pfs = "none"
"#;

    #[test]
    fn a_description_is_read_as_an_end() {
        let end = read(END, "end.toml").unwrap();
        assert_eq!(end.address, Address::Known("192.0.2.1".parse().unwrap()));
        assert_eq!(end.local_id, Some(Identity::parse("a.example.com")));
        assert_eq!(end.esp[0].to_string(), "aes256-sha256-none");
        assert!(matches!(end.psk, Psk::Known(_)));
        assert!(!format!("{end:?}").contains("canary"));
    }

    #[test]
    fn faults_are_named_with_their_place() {
        for (text, message) in [
            ("address = \"x\"", "line 1, column 1: address: \"x\" is not an address"),
            ("\n[ike]\nversion = \"v3\"", "line 3, column 1: ike.version: \"v3\" is not a known word"),
            ("[ike]\nversions = [\"ikev3\"]", "line 2, column 1: ike.versions: must list only ikev1 and ikev2"),
            ("[ipsec]\n  cipher = \"a\"", "line 2, column 3: \"ipsec.cipher\" is not a known field"),
            ("local_subnets = [\"10.0.0.0/33\"]", "line 1, column 1: local_subnets: \"10.0.0.0/33\" is not a network, such as 10.0.0.0/24"),
        ] {
            assert_eq!(read(text, "a").unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn every_prefix_is_read_or_refused_and_shows_no_key() {
        for end in 0..END.len() {
            if let Err(fault) = read(&END[..end], "a") {
                assert!(!fault.to_string().contains("canary"), "{fault}");
            }
        }
    }
}
