//! The rounds of authentication: `local`, `remote`, and those numbered behind them.

use super::names;
use super::section::Section;
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Auth, End, IdKind, Identity, Method};

/// Reads how the end authenticates, and the identities of the first round.
pub(super) fn rounds(end: &mut End, section: &Section) -> Result<(), Fault> {
    let (local, remote) = (sorted(section, "local")?, sorted(section, "remote")?);
    for part in &section.sections {
        if part.name != "children" && !part.name.starts_with("local") && !part.name.starts_with("remote") {
            return Err(part.fault(format!("{:?} is not a section of a connection", part.name)));
        }
    }
    for part in local.iter().chain(&remote) {
        part.allow(names::ROUND)?;
    }
    let id = |parts: &[&Section]| parts.first().and_then(|part| part.text("id")).map(Identity::parse);
    end.local_id = id(&local).filter(|id| id.kind != IdKind::Any);
    end.remote_id = Some(id(&remote).unwrap_or_else(Identity::any));
    let own: Vec<Method> =
        local.iter().map(|part| method(part).map(|found| found.unwrap_or(Method::Certificate))).collect::<Result<_, _>>()?;
    // A peer whose method is left out may use any in IKEv2 (measured), whatever the manual says.
    let peer: Vec<Vec<Method>> =
        remote.iter().map(|part| method(part).map(|found| found.into_iter().collect())).collect::<Result<_, _>>()?;
    end.auth = Auth {
        local: if own.is_empty() { vec![Method::Certificate] } else { own },
        remote: if peer.is_empty() { vec![Vec::new()] } else { peer },
    };
    Ok(())
}

/// The rounds of one side, by their number where they have one, else in order.
fn sorted<'s>(section: &'s Section, side: &str) -> Result<Vec<&'s Section>, Fault> {
    let mut rounds = Vec::new();
    for part in section.sections.iter().filter(|part| part.name.starts_with(side)) {
        let number = match part.text("round") {
            None => 0,
            Some(text) => text.parse::<u16>().map_err(|_| part.fault_of("round", "round must be a number"))?,
        };
        rounds.push((number, part));
    }
    rounds.sort_by_key(|(number, _)| *number);
    Ok(rounds.into_iter().map(|(_, part)| part).collect())
}

/// The method of a round; `None`: left out.
fn method(part: &Section) -> Result<Option<Method>, Fault> {
    let Some(text) = part.text("auth") else { return Ok(None) };
    let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    Ok(Some(match text {
        "psk" => Method::Psk,
        _ if starts(&["eap"]) => Method::Eap,
        _ if starts(&["xauth"]) => Method::Xauth,
        _ if starts(&["pubkey", "rsa", "ecdsa", "ed25519", "ed448", "bliss", "ike:", "dss"]) => Method::Certificate,
        _ => return Err(part.fault_of("auth", "auth must be psk, pubkey, eap, xauth, or another method of strongSwan")),
    }))
}
