//! The SDKs' credentials file: sections, each with a type that determines where its credentials come from.

use std::path::Path;

use super::temporary;
use crate::credentials::ini::Ini;
use crate::credentials::vendor::{Found, Pair, unusable};
use crate::error::Error;
use crate::provider::alibaba::sts::Role;

/// The credentials of a section, or why they cannot be used; `None` when the section has none.
pub(super) fn keys(file: &Ini, path: &Path, section: &str) -> Option<Result<Found, Error>> {
    let get = |key: &str| file.text(section, key);
    let line = ["access_key_id", "type", "role_name"].into_iter().find_map(|key| file.get(section, key)).map_or(1, |(_, line)| line);
    let from = format!("{}:{line}, [{section}]", path.display());
    let pair = Pair { id: get("access_key_id"), secret: get("access_key_secret"), token: get("security_token") };
    match get("type").unwrap_or("access_key") {
        "access_key" | "sts" => pair.found(&from),
        "ram_role_arn" => Some(role(file, section, pair, &from)),
        "ecs_ram_role" => Some(temporary::of_instance(get("role_name"), from)),
        other => {
            Some(Err(unusable(&from, &format!("the type {other:?} is not supported"))
                .next("use the type access_key, ram_role_arn or ecs_ram_role")))
        }
    }
}

fn role(file: &Ini, section: &str, pair: Pair<'_>, from: &str) -> Result<Found, Error> {
    let get = |key: &str| file.text(section, key);
    let base = pair.credentials(from).unwrap_or_else(|| Err(unusable(from, "assuming the role needs a key pair, and there is none")))?;
    let role = Role {
        arn: get("role_arn").ok_or_else(|| unusable(from, "there is no role_arn"))?,
        session: get("role_session_name"),
        seconds: get("duration_seconds").and_then(|text| text.parse().ok()),
        policy: get("policy"),
        external_id: get("external_id"),
        region: None,
    };
    temporary::of_role(&role, base, from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::vendor::Signer;

    #[test]
    fn types_of_the_credentials_file_are_used_or_explained() {
        let text = "[default]\ntype = access_key ; c\naccess_key_id = i\naccess_key_secret = s\n[role]\ntype=ram_role_arn\nrole_arn=acs:ram::1:role/r\naccess_key_id=i\naccess_key_secret=s\n[ecs]\ntype=ecs_ram_role\n[oidc]\ntype=oidc_role_arn\n";
        let file = Ini::parse(text).unwrap();
        let keys = |section| super::keys(&file, Path::new("/c"), section).unwrap();
        assert_eq!(keys("default").unwrap().from, "/c:3, [default]");
        assert!(matches!(keys("role").unwrap().signer, Signer::Exchange { .. }));
        assert!(matches!(keys("ecs").unwrap().signer, Signer::Instance(_)));
        assert!(keys("oidc").unwrap_err().message.contains("oidc_role_arn"));
    }
}
