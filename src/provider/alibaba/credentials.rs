//! The files of the vendor's CLI and SDKs: `~/.aliyun/config.json`, then `~/.alibabacloud/credentials`.

use std::path::Path;

use serde_json::Value as Json;

use super::sts::{self, Role};
use crate::credentials::ini::Ini;
use crate::credentials::vendor::{Found, Pair, Signer, Sourced, Vendor, ini, is_on, json, named, text, unusable};
use crate::error::{Error, exit};
use crate::model::hint;
use crate::system::private::Shelter;
use crate::system::{home, variable};
use crate::wire::Credentials;

const PROFILE: &[&str] = &["ALIBABA_CLOUD_PROFILE", "ALIBABACLOUD_PROFILE"];

/// What the vendor's files say, of the profile that is named here or by `ALIBABA_CLOUD_PROFILE`.
///
/// # Errors
/// When a file cannot be read, or has no such profile.
pub fn files(profile: Option<&str>) -> Result<Vendor, Error> {
    let wanted = profile.map(|name| Sourced::new(name.to_owned(), "the configuration file"));
    let wanted = wanted.or_else(|| variable(PROFILE).map(|(name, value)| Sourced::new(value, name)));
    let name = wanted.as_ref().map(|wanted| wanted.value.as_str());
    let (mut vendor, mut seen, mut known) = (Vendor::default(), false, Vec::new());
    // Two switches of the vendor's turn its file off, each spelled in its own way.
    let ignored = variable(&["ALIBABA_CLOUD_IGNORE_PROFILE"]).is_some_and(|(_, value)| value == "TRUE");
    if !ignored
        && !is_on("ALIBABA_CLOUD_CLI_PROFILE_DISABLED")
        && let Some(path) = named(&["ALIBABA_CLOUD_CONFIG_FILE"], ".aliyun/config.json")
        && let Some(file) = json(&path, Shelter::None)?
    {
        known.extend(profiles(&file).filter_map(|profile| text(profile, "name")).map(str::to_owned));
        if let Some(found) = of_config(&file, &path, name) {
            seen = true;
            vendor.fill(found);
        }
    }
    let paths = match variable(&["ALIBABA_CLOUD_CREDENTIALS_FILE"]) {
        Some((_, path)) => vec![path.into()],
        // The vendor's SDKs do not agree on the name.
        None => [".alibabacloud/credentials", ".alibabacloud/credentials.ini"].into_iter().filter_map(home).collect(),
    };
    for path in paths {
        let Some(file) = ini(&path)?.filter(|_| vendor.keys.is_none()) else { continue };
        known.extend(file.sections().iter().cloned());
        let section = name.unwrap_or("default");
        if file.sections().iter().any(|known| known == section) {
            seen = true;
            vendor.fill(Vendor { keys: of_ini(&file, &path, section), ..Vendor::default() });
        }
    }
    match wanted {
        Some(wanted) if !seen && (profile.is_some() || !known.is_empty()) => {
            let hint = hint(&wanted.value, known.iter().map(String::as_str));
            let error =
                format!("{} asks for the profile {:?} of Alibaba's own files, and there is none: {hint}", wanted.from, wanted.value);
            Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"))
        }
        _ => Ok(vendor),
    }
}

fn profiles(file: &Json) -> impl Iterator<Item = &Json> {
    file.get("profiles").and_then(Json::as_array).into_iter().flatten()
}

fn profile_named<'a>(file: &'a Json, name: &str) -> Option<&'a Json> {
    profiles(file).find(|profile| text(profile, "name") == Some(name))
}

/// What `config.json` says of a profile: the one that is named, or the current one.
fn of_config(file: &Json, path: &Path, wanted: Option<&str>) -> Option<Vendor> {
    let name = wanted.or_else(|| text(file, "current")).unwrap_or("default");
    let profile = profile_named(file, name)?;
    let from = format!("profile {name} of {}", path.display());
    let region = text(profile, "region_id").map(|region| Sourced::new(region.to_owned(), from.clone()));
    let sts = text(profile, "sts_endpoint").map(|host| Sourced::new(host.to_owned(), from.clone()));
    Some(Vendor { keys: by_mode(file, profile, &from), region, project_id: None, identity_endpoint: sts })
}

fn pair<'a>(profile: &'a Json, token: bool) -> Pair<'a> {
    let token = text(profile, "sts_token").filter(|_| token);
    Pair { id: text(profile, "access_key_id"), secret: text(profile, "access_key_secret"), token }
}

/// The mode of a profile that does not say it, by the vendor's rule.
fn mode(profile: &Json) -> &str {
    let inferred = || {
        if text(profile, "ram_role_arn").is_some() {
            "RamRoleArn"
        } else if text(profile, "sts_token").is_some() {
            "StsToken"
        } else {
            "AK"
        }
    };
    text(profile, "mode").unwrap_or_else(inferred)
}

fn by_mode(file: &Json, profile: &Json, from: &str) -> Option<Result<Found, Error>> {
    let mode = mode(profile);
    let from = format!("{from} (mode {mode})");
    let explained = |why: &str, fix: &str| Some(Err(unusable(&from, why).next(fix)));
    match mode {
        "AK" => pair(profile, false).found(&from),
        "StsToken" => match pair(profile, true) {
            Pair { id: Some(_), token: None, .. } => explained("there is no sts_token", "aliyun configure --mode StsToken"),
            pair => pair.found(&from),
        },
        "RamRoleArn" => match pair(profile, true).credentials(&from) {
            Some(base) => Some(base.and_then(|base| assume(profile, base, &from))),
            None => explained("the role is assumed with a key pair, and there is none", "aliyun configure --mode RamRoleArn"),
        },
        "ChainableRamRoleArn" => {
            let source = text(profile, "source_profile").and_then(|name| profile_named(file, name));
            let base = source
                .filter(|source| matches!(self::mode(source), "AK" | "StsToken"))
                .and_then(|source| pair(source, self::mode(source) == "StsToken").credentials(&from));
            match base {
                Some(base) => Some(base.and_then(|base| assume(profile, base, &from))),
                None => explained("its source_profile has no key pair", "name a profile of mode AK or StsToken as source_profile"),
            }
        }
        "EcsRamRole" if is_on("ALIBABA_CLOUD_ECS_METADATA_DISABLED") => {
            explained("ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids to ask the instance", "unset it, or choose another profile")
        }
        "EcsRamRole" => Some(instance(text(profile, "ram_role_name")).map(|signer| Found { signer, from })),
        "CloudSSO" | "OAuth" => explained(
            "this mode needs a login in a browser",
            "log in there, and hand the temporary credentials over as ALIBABA_CLOUD_ACCESS_KEY_ID, ..._SECRET and ALIBABA_CLOUD_SECURITY_TOKEN",
        ),
        "External" => explained(
            "this mode runs a command of its own",
            "give it to this program: credentials = { source = \"command\", ... } in the configuration file",
        ),
        "Anonymous" => {
            explained("this mode signs nothing, and VPN operations want a signature", "choose another profile: ALIBABA_CLOUD_PROFILE")
        }
        _ => explained(
            "this program does not know the mode",
            "choose a profile of mode AK, StsToken, RamRoleArn or EcsRamRole: ALIBABA_CLOUD_PROFILE",
        ),
    }
}

fn assume(profile: &Json, base: Credentials, from: &str) -> Result<Found, Error> {
    let arn = text(profile, "ram_role_arn").ok_or_else(|| unusable(from, "there is no ram_role_arn"))?;
    let role = Role {
        arn,
        session: text(profile, "ram_session_name"),
        seconds: profile.get("expired_seconds").and_then(Json::as_u64),
        policy: text(profile, "policy"),
        external_id: text(profile, "external_id"),
        region: text(profile, "sts_region"),
    };
    exchange(&role, base, from)
}

fn exchange(role: &Role<'_>, base: Credentials, from: &str) -> Result<Found, Error> {
    let call = Box::new(sts::assume_role(role).map_err(|why| unusable(from, &why))?);
    Ok(Found { signer: Signer::Exchange { base, call, doing: format!("to assume the role {}", role.arn) }, from: from.to_owned() })
}

fn instance(role: Option<&str>) -> Result<Signer, Error> {
    sts::instance(role).map(|instance| Signer::Instance(Box::new(instance)))
}

/// What the credentials file of the SDKs says in a section.
fn of_ini(file: &Ini, path: &Path, section: &str) -> Option<Result<Found, Error>> {
    let get = |key: &str| file.text(section, key);
    let line = ["access_key_id", "type", "role_name"].into_iter().find_map(|key| file.get(section, key)).map_or(1, |(_, line)| line);
    let from = format!("{}:{line}, [{section}]", path.display());
    let pair = Pair { id: get("access_key_id"), secret: get("access_key_secret"), token: get("security_token") };
    match get("type").unwrap_or("access_key") {
        "access_key" | "sts" => pair.found(&from),
        "ram_role_arn" => {
            let base =
                pair.credentials(&from).unwrap_or_else(|| Err(unusable(&from, "the role is assumed with a key pair, and there is none")));
            let role = |arn| Role {
                arn,
                session: get("role_session_name"),
                seconds: get("duration_seconds").and_then(|text| text.parse().ok()),
                policy: get("policy"),
                external_id: get("external_id"),
                region: None,
            };
            let arn = get("role_arn").ok_or_else(|| unusable(&from, "there is no role_arn"));
            Some(base.and_then(|base| arn.and_then(|arn| exchange(&role(arn), base, &from))))
        }
        "ecs_ram_role" => Some(instance(get("role_name")).map(|signer| Found { signer, from })),
        other => Some(Err(unusable(&from, &format!("this program does not know the type {other:?}"))
            .next("there are access_key, ram_role_arn and ecs_ram_role"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(profile: Json) -> Option<Result<Found, Error>> {
        let file = json!({ "current": "p", "profiles": [profile, { "name": "base", "mode": "AK", "access_key_id": "b", "access_key_secret": "s" }] });
        of_config(&file, Path::new("/c"), None).unwrap().keys
    }

    #[test]
    fn each_mode_is_used_or_explained() {
        let with = |mode: &str| json!({ "name": "p", "mode": mode, "access_key_id": "LTAI", "access_key_secret": "s", "sts_token": "t", "ram_role_arn": "acs:ram::1:role/r", "source_profile": "base" });
        let Some(Ok(Found { signer: Signer::Ready(keys), .. })) = found(with("AK")) else { panic!() };
        assert!(keys.token.is_none(), "AK has no token, whatever stands there");
        let Some(Ok(Found { signer: Signer::Ready(keys), .. })) = found(with("StsToken")) else { panic!() };
        assert_eq!(keys.token.unwrap().expose(), "t");
        for mode in ["RamRoleArn", "ChainableRamRoleArn", ""] {
            let Some(Ok(Found { signer: Signer::Exchange { call, .. }, .. })) = found(with(mode)) else { panic!("{mode}") };
            assert!(call.request.query.contains(&("RoleArn".into(), "acs:ram::1:role/r".into())));
        }
        assert!(matches!(found(with("EcsRamRole")), Some(Ok(Found { signer: Signer::Instance(_), .. }))));
        for mode in ["CloudSSO", "OAuth", "External", "RsaKeyPair", "OIDC", "CredentialsURI", "BearerToken", "Anonymous", "ak"] {
            let error = found(with(mode)).unwrap().unwrap_err();
            assert!(error.message.contains(mode) && !error.next.is_empty(), "{error}");
        }
    }

    #[test]
    fn an_empty_mode_is_told_from_the_keys_that_are_there() {
        assert_eq!(mode(&json!({ "access_key_id": "x" })), "AK");
        assert_eq!(mode(&json!({ "sts_token": "x" })), "StsToken");
        assert_eq!(mode(&json!({ "mode": "", "ram_role_arn": "x", "sts_token": "" })), "RamRoleArn");
        assert!(found(json!({ "name": "p", "access_key_id": "" })).is_none());
        assert!(found(json!({ "name": "p", "access_key_id": "x" })).unwrap().is_err());
    }

    #[test]
    fn types_of_the_credentials_file_are_used_or_explained() {
        let text = "[default]\ntype = access_key ; c\naccess_key_id = i\naccess_key_secret = s\n[role]\ntype=ram_role_arn\nrole_arn=acs:ram::1:role/r\naccess_key_id=i\naccess_key_secret=s\n[ecs]\ntype=ecs_ram_role\n[oidc]\ntype=oidc_role_arn\n";
        let file = Ini::parse(text).unwrap();
        let keys = |section| of_ini(&file, Path::new("/c"), section).unwrap();
        assert_eq!(keys("default").unwrap().from, "/c:3, [default]");
        assert!(matches!(keys("role").unwrap().signer, Signer::Exchange { .. }));
        assert!(matches!(keys("ecs").unwrap().signer, Signer::Instance(_)));
        assert!(keys("oidc").unwrap_err().message.contains("oidc_role_arn"));
    }
}
