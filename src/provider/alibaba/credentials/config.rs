//! The CLI's `config.json`: profiles, each with a mode that determines where its credentials come from.

use std::path::Path;

use serde_json::Value as Json;

use super::temporary;
use crate::credentials::vendor::{self, Found, Pair, Sourced, Vendor, is_on, odd, text, unusable};
use crate::error::Error;
use crate::model::hint;
use crate::provider::alibaba::sts::Role;
use crate::wire::Credentials;

fn profiles(file: &Json) -> impl Iterator<Item = &Json> {
    vendor::profiles(file).unwrap_or_default().iter()
}

/// Why a file holds nothing for its current profile, where it should.
pub(super) fn unread(file: &Json, path: &Path) -> Option<Error> {
    let why = match vendor::profiles(file) {
        Err(why) => why,
        Ok([]) => return None,
        Ok(_) => {
            let name = text(file, "current").unwrap_or("default");
            format!("there is no profile {name:?} in it: {}", hint(name, names(file).collect::<Vec<_>>().into_iter()))
        }
    };
    Some(unusable(&path.display().to_string(), &why).next("aliyun configure"))
}

/// The names of the file's profiles.
pub(super) fn names(file: &Json) -> impl Iterator<Item = &str> {
    profiles(file).filter_map(|profile| text(profile, "name"))
}

fn profile_named<'a>(file: &'a Json, name: &str) -> Option<&'a Json> {
    profiles(file).find(|profile| text(profile, "name") == Some(name))
}

/// What the file contains for a profile: the one that is named, or the current one.
pub(super) fn held(file: &Json, path: &Path, wanted: Option<&str>) -> Option<Vendor> {
    let name = wanted.or_else(|| text(file, "current")).unwrap_or("default");
    let profile = profile_named(file, name)?;
    let from = format!("profile {name} of {}", path.display());
    let region = text(profile, "region_id").map(|region| Sourced::new(region.to_owned(), from.clone()));
    let sts = text(profile, "sts_endpoint").map(|host| Sourced::new(host.to_owned(), from.clone()));
    Some(Vendor { keys: keys(file, profile, &from), region, project_id: None, identity_endpoint: sts })
}

/// The mode of a profile; one without a mode gets it by the vendor's rule.
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

/// The credentials of a profile by its mode, or why they cannot be used; `None` when the profile has none.
fn keys(file: &Json, profile: &Json, from: &str) -> Option<Result<Found, Error>> {
    if let Some(why) = odd(profile, &["mode", "access_key_id", "access_key_secret", "sts_token"]) {
        return Some(Err(unusable(from, &why).next("aliyun configure")));
    }
    let mode = mode(profile);
    let from = format!("{from} (mode {mode})");
    match mode {
        "AK" => key_pair(profile).found(&from),
        "StsToken" => match with_token(profile) {
            Pair { id: Some(_), token: None, .. } => {
                Some(Err(unusable(&from, "there is no sts_token").next("aliyun configure --mode StsToken")))
            }
            pair => pair.found(&from),
        },
        "RamRoleArn" => Some(role(profile, &from)),
        "ChainableRamRoleArn" => Some(chained_role(file, profile, &from)),
        "EcsRamRole" => Some(instance(profile, from)),
        other => Some(Err(unsupported(other, &from))),
    }
}

fn key_pair(profile: &Json) -> Pair<'_> {
    Pair { id: text(profile, "access_key_id"), secret: text(profile, "access_key_secret"), token: None }
}

fn with_token(profile: &Json) -> Pair<'_> {
    Pair { token: text(profile, "sts_token"), ..key_pair(profile) }
}

fn role(profile: &Json, from: &str) -> Result<Found, Error> {
    let base = with_token(profile).credentials(from).unwrap_or_else(|| {
        Err(unusable(from, "assuming the role needs a key pair, and there is none").next("aliyun configure --mode RamRoleArn"))
    });
    assume(profile, base?, from)
}

/// A role that is assumed with the credentials of another profile.
fn chained_role(file: &Json, profile: &Json, from: &str) -> Result<Found, Error> {
    let source = text(profile, "source_profile").and_then(|name| profile_named(file, name));
    let base = source.and_then(|source| match mode(source) {
        "AK" => key_pair(source).credentials(from),
        "StsToken" => with_token(source).credentials(from),
        _ => None,
    });
    let missing =
        || Err(unusable(from, "its source_profile has no key pair").next("name a profile of mode AK or StsToken as source_profile"));
    assume(profile, base.unwrap_or_else(missing)?, from)
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
    temporary::of_role(&role, base, from)
}

fn instance(profile: &Json, from: String) -> Result<Found, Error> {
    if is_on("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        let why = "ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids requests to the instance's metadata service";
        return Err(unusable(&from, why).next("unset it, or choose another profile"));
    }
    temporary::of_instance(text(profile, "ram_role_name"), from)
}

fn unsupported(mode: &str, from: &str) -> Error {
    let (why, fix) = match mode {
        "CloudSSO" | "OAuth" => (
            "this mode needs a login in a browser",
            "log in there, and pass the temporary credentials in ALIBABA_CLOUD_ACCESS_KEY_ID, ..._SECRET and ALIBABA_CLOUD_SECURITY_TOKEN",
        ),
        "External" => (
            "this mode runs an external command",
            "let tunnelctl run the command: credentials = { source = \"command\", ... } in the configuration file",
        ),
        "Anonymous" => ("this mode signs nothing, and VPN operations need a signature", "choose another profile: ALIBABA_CLOUD_PROFILE"),
        _ => ("this mode is not supported", "choose a profile of mode AK, StsToken, RamRoleArn or EcsRamRole: ALIBABA_CLOUD_PROFILE"),
    };
    unusable(from, why).next(fix)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::vendor::Signer;

    fn found(profile: Json) -> Option<Result<Found, Error>> {
        let file = json!({ "current": "p", "profiles": [profile, { "name": "base", "mode": "AK", "access_key_id": "b", "access_key_secret": "s" }] });
        held(&file, Path::new("/c"), None).unwrap().keys
    }

    #[test]
    fn each_mode_is_used_or_explained() {
        let with = |mode: &str| json!({ "name": "p", "mode": mode, "access_key_id": "LTAI", "access_key_secret": "s", "sts_token": "t", "ram_role_arn": "acs:ram::1:role/r", "source_profile": "base" });
        let Some(Ok(Found { signer: Signer::Ready(keys), .. })) = found(with("AK")) else { panic!() };
        assert!(keys.token.is_none(), "mode AK ignores a token");
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
    fn a_missing_mode_is_inferred_from_the_keys() {
        assert_eq!(mode(&json!({ "access_key_id": "x" })), "AK");
        assert_eq!(mode(&json!({ "sts_token": "x" })), "StsToken");
        assert_eq!(mode(&json!({ "mode": "", "ram_role_arn": "x", "sts_token": "" })), "RamRoleArn");
        assert!(found(json!({ "name": "p", "access_key_id": "" })).is_none());
        assert!(found(json!({ "name": "p", "access_key_id": "x" })).unwrap().is_err());
    }

    #[test]
    fn odd_files_are_named() {
        for profile in [json!({ "name": "p", "AccessKeyId": "x" }), json!({ "name": "p", "access_key_id": 7, "access_key_secret": 8 })] {
            assert!(found(profile).unwrap().unwrap_err().to_string().contains("profile p of /c"));
        }
        let said = |file: Json| unread(&file, Path::new("/c")).map(|error| error.to_string());
        assert!(said(json!({ "profiles": { "default": {} } })).unwrap().contains("/c cannot be used: \"profiles\" must be a list"));
        assert!(said(json!({ "current": "x", "profiles": [{ "name": "y" }] })).unwrap().contains("no profile \"x\""));
        assert!(said(json!({})).is_none() && said(json!({ "current": "", "profiles": [] })).is_none());
    }
}
