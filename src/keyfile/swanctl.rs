//! The keys of a `swanctl.conf`: `secrets { ike-branch { id = ...; secret = ... } }`.

use super::candidate::{Candidate, Found};
use crate::agreement::parse::Fault;
use crate::agreement::parse::swanctl::{Section, bytes, scan};

/// Finds all pre-shared keys.
pub(super) fn find(text: &str) -> Result<Found, Fault> {
    let scanned = scan(text)?;
    let secrets = scanned.root.sections.iter().filter(|section| section.name == "secrets");
    // The other sections hold passwords of EAP and XAuth, and those of private keys.
    let keys = secrets.flat_map(|secrets| &secrets.sections).filter(|section| section.name.starts_with("ike"));
    Ok(Found { candidates: keys.map(candidate).collect::<Result<_, _>>()?, unread: scanned.included })
}

fn candidate(section: &Section) -> Result<Candidate, Fault> {
    let missing = if !section.refers.is_empty() {
        "the secret has no value here, and references to other sections are not followed"
    } else {
        "the secret has no value"
    };
    let secret = section.get("secret").ok_or_else(|| section.fault(missing))?;
    let ids = section.settings.iter().filter(|setting| setting.name == "id" || setting.name.starts_with("id-"));
    let mut ids: Vec<String> = ids.map(|setting| setting.value.to_string()).collect();
    ids.sort_unstable();
    Ok(Candidate {
        name: section.name.clone(),
        line: secret.line,
        column: secret.column,
        span: secret.span.clone(),
        ids,
        key: bytes(&secret.value),
    })
}
