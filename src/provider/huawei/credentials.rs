//! The vendor's own files: `~/.huaweicloud/credentials` of the SDKs, then `~/.hcloud/config.json` of the CLI (KooCLI).

use std::path::Path;

use serde_json::Value as Json;

use crate::credentials::ini::Ini;
use crate::credentials::vendor::{Found, Pair, Sourced, Vendor, ini, json, named, odd, profiles, text, unusable};
use crate::error::{Error, exit};
use crate::model::hint;
use crate::system::home;
use crate::system::private::Shelter;

/// What the vendor's files say. `profile` names a profile of KooCLI.
///
/// # Errors
/// When a file cannot be read, or has no such profile.
pub(super) fn files(profile: Option<&str>) -> Result<Vendor, Error> {
    let mut vendor = Vendor::default();
    // The sections of this file are types of credentials, not profiles.
    if profile.is_none()
        && let Some(path) = named(&["HUAWEICLOUD_SDK_CREDENTIALS_FILE"], ".huaweicloud/credentials")
        && let Some(file) = ini(&path)?
    {
        vendor.fill(of_sdk(&file, &path));
    }
    if let Some(path) = home(".hcloud/config.json")
        && let Some(file) = json(&path, Shelter::None)?
    {
        // The project of a file belongs to the keys of the same file.
        let own_project = vendor.keys.is_none();
        match of_cli(&file, &path, profile)? {
            Some(found) if own_project => vendor.fill(found),
            Some(found) => vendor.fill(Vendor { region: found.region, ..Vendor::default() }),
            None => {}
        }
    } else if let Some(name) = profile {
        return Err(Error::new(
            exit::CREDENTIALS,
            format!("there is no profile {name:?}: KooCLI's file ~/.hcloud/config.json does not exist"),
        )
        .state("nothing was sent"));
    }
    Ok(vendor)
}

/// Makes the file of KooCLI anew.
const CONFIGURE: &str = "hcloud configure init";
const BASIC: &str = "basic";
const USE_TEMPORARY: &str = "set temporary credentials as HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN";
const REMOVE_PROVIDER: &str =
    "remove idp_id, or set temporary credentials as HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN";

fn of_sdk(file: &Ini, path: &Path) -> Vendor {
    let get = |key: &str| file.text(BASIC, key);
    let place = |key: &str| file.get(BASIC, key).map(|(text, line)| Sourced::new(text.to_owned(), format!("{}:{line}", path.display())));
    let from = place("ak").map_or_else(|| path.display().to_string(), |ak| ak.from);
    let keys = if get("idp_id").is_some() && get("id_token_file").is_some() {
        Some(Err(unusable(&from, "they name an identity provider (idp_id), which takes precedence over the key pair and is not supported")
            .next(REMOVE_PROVIDER)))
    } else if get("ak").is_none() && get("sk").is_none() && file.text("global", "ak").is_some() {
        Some(Err(unusable(&from, "there is only [global], and VPN belongs to a project").next("put ak and sk under [basic]")))
    } else {
        Pair { id: get("ak"), secret: get("sk"), token: get("security_token") }.found(&from)
    };
    Vendor { keys, region: None, project_id: place("project_id"), identity_endpoint: place("iam_endpoint") }
}

/// What KooCLI's file says about a profile: the named one, or else the current one.
fn of_cli(file: &Json, path: &Path, wanted: Option<&str>) -> Result<Option<Vendor>, Error> {
    let unusable = |why: &str| Vendor { keys: Some(Err(unusable(&path.display().to_string(), why).next(CONFIGURE))), ..Vendor::default() };
    let profiles = match profiles(file) {
        Ok(profiles) => profiles,
        Err(why) => return Ok(Some(unusable(&why))),
    };
    let name = wanted.or_else(|| text(file, "current")).unwrap_or("default");
    let Some(profile) = profiles.iter().find(|profile| text(profile, "name") == Some(name)) else {
        let hint = || hint(name, profiles.iter().filter_map(|profile| text(profile, "name")));
        return match wanted {
            None if profiles.is_empty() => Ok(None),
            None => Ok(Some(unusable(&format!("there is no profile {name:?} in it: {}", hint())))),
            Some(name) => {
                let text = format!("{} has no profile {name:?}: {}", path.display(), hint());
                Err(Error::new(exit::CREDENTIALS, text).state("nothing was sent"))
            }
        };
    };
    let from = format!("profile {name} of {}", path.display());
    let place = |key: &str| text(profile, key).map(|value| Sourced::new(value.to_owned(), from.clone()));
    Ok(Some(Vendor {
        keys: cli_keys(file, profile, &from),
        region: place("region"),
        project_id: place("projectId"),
        identity_endpoint: None,
    }))
}

fn cli_keys(file: &Json, profile: &Json, from: &str) -> Option<Result<Found, Error>> {
    let explained = |why: &str, fix: &str| Some(Err(unusable(from, why).next(fix)));
    // A string or a boolean, by version of KooCLI.
    let encrypted = file
        .get("authEncrypt")
        .is_some_and(|value| value == &Json::Bool(true) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")));
    if encrypted {
        return explained(
            "KooCLI encrypted them (authEncrypt), and this program cannot decrypt them",
            "hcloud configure set --cli-auth-encrypt=false",
        );
    }
    if text(profile, "agencyName").is_some() {
        return explained("they use an agency (agencyName), which is not supported", USE_TEMPORARY);
    }
    let pair = |keys| Pair { id: text(keys, "accessKeyId"), secret: text(keys, "secretAccessKey"), token: text(keys, "securityToken") };
    if let Some(why) = odd(profile, &["accessKeyId", "secretAccessKey", "securityToken", "mode"]) {
        return explained(&why, CONFIGURE);
    }
    match text(profile, "mode").unwrap_or("AKSK") {
        "AKSK" => pair(profile).found(from),
        "SSO" => {
            let token = profile.get("ssoAuth").and_then(|sso| sso.get("stsToken"));
            token.and_then(|token| pair(token).found(from)).or_else(|| explained("there is no login (mode SSO)", "hcloud configure sso"))
        }
        mode => explained(&format!("the mode {mode:?} is not supported"), USE_TEMPORARY),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::vendor::Signer;

    fn sdk(text: &str) -> Vendor {
        of_sdk(&Ini::parse(text).unwrap(), Path::new("/c"))
    }

    #[test]
    fn basic_section_has_keys_project_and_identity_service() {
        let vendor = sdk("[basic]\nak = a\nsk = b\nsecurity_token = t\nproject_id = p\niam_endpoint = https://iam.test\n");
        let Some(Ok(Found { signer: Signer::Ready(keys), from })) = vendor.keys else { panic!() };
        assert_eq!((keys.id.as_str(), keys.token.unwrap().expose(), from.as_str()), ("a", "t", "/c:2"));
        assert_eq!(vendor.project_id, Some(Sourced::new("p".into(), "/c:5")));
        assert_eq!(vendor.identity_endpoint.unwrap().from, "/c:6");
        assert!(sdk("[global]\nak = a\nsk = b").keys.unwrap().unwrap_err().message.contains("[global]"));
        assert!(sdk("[basic]\nak=a\nsk=b\nidp_id=x\nid_token_file=y").keys.unwrap().is_err());
        assert!(sdk("[basic]\n").keys.is_none());
    }

    #[test]
    fn encrypted_keys_are_explained_and_not_used() {
        for encrypted in [json!("true"), json!(true), json!("True")] {
            let file = json!({ "current": "d", "authEncrypt": encrypted, "profiles": [{ "name": "d", "mode": "AKSK", "accessKeyId": "cipher", "secretAccessKey": "cipher", "region": "cn-north-4" }] });
            let vendor = of_cli(&file, Path::new("/k"), None).unwrap().unwrap();
            let error = vendor.keys.unwrap().unwrap_err();
            assert_eq!(error.next, ["hcloud configure set --cli-auth-encrypt=false"]);
            assert_eq!(vendor.region.unwrap().value, "cn-north-4");
        }
    }

    #[test]
    fn modes_of_koocli_are_used_or_explained() {
        let keys = |profile: Json| {
            let file = json!({ "current": "d", "authEncrypt": "false", "profiles": [profile] });
            of_cli(&file, Path::new("/k"), None).unwrap().unwrap().keys
        };
        assert!(keys(json!({ "name": "d", "mode": "AKSK", "accessKeyId": "a", "secretAccessKey": "b" })).unwrap().is_ok());
        let sso = json!({ "name": "d", "mode": "SSO", "ssoAuth": { "stsToken": { "accessKeyId": "a", "secretAccessKey": "b", "securityToken": "t" } } });
        assert!(matches!(keys(sso), Some(Ok(Found { signer: Signer::Ready(keys), .. })) if keys.token.is_some()));
        assert!(keys(json!({ "name": "d", "mode": "SSO" })).unwrap().is_err());
        assert!(keys(json!({ "name": "d", "agencyName": "x", "accessKeyId": "a", "secretAccessKey": "b" })).unwrap().is_err());
        assert!(keys(json!({ "name": "d" })).is_none());
        for odd in [json!({ "name": "d", "access_key_id": "a", "secret_access_key": "b" }), json!({ "name": "d", "accessKeyId": 7 })] {
            assert!(keys(odd).unwrap().is_err());
        }
        for odd in
            [json!({ "profiles": { "d": {} } }), json!({ "accessKeyId": "a" }), json!({ "current": "x", "profiles": [{ "name": "d" }] })]
        {
            let found = of_cli(&odd, Path::new("/k"), None).unwrap().unwrap().keys;
            assert!(found.unwrap().unwrap_err().to_string().contains("/k"), "{odd}");
        }
        assert!(of_cli(&json!({ "current": "", "profiles": [] }), Path::new("/k"), None).unwrap().is_none());
        assert!(
            of_cli(&json!({ "profiles": [{ "name": "work" }] }), Path::new("/k"), Some("wrok")).unwrap_err().message.contains("\"work\"")
        );
    }
}
