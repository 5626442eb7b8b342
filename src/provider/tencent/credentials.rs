//! The files of the vendor's CLI and SDKs: `~/.tccli/`, then `~/.tencentcloud/credentials`.

use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::credentials::ini::Ini;
use crate::credentials::vendor::{Found, Pair, Sourced, Vendor, ini, json, named, odd, text, unusable};
use crate::error::{Error, exit};
use crate::system::private::Shelter;
use crate::system::{home, variable};

const HAND_OVER: &str = "set TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and TENCENTCLOUD_TOKEN to temporary credentials";

/// Makes the file of the CLI anew.
const CONFIGURE: &str = "tccli configure";
/// The names of what a file of the CLI holds.
const NAMES: [&str; 3] = ["secretId", "secretKey", "token"];

/// Reads the vendor's files, for the profile that is named here or by `TCCLI_PROFILE`.
///
/// # Errors
/// When a file cannot be read, or the named profile does not exist.
pub fn files(profile: Option<&str>) -> Result<Vendor, Error> {
    let wanted = profile.map(str::to_owned).or_else(|| variable(&["TCCLI_PROFILE"]).map(|(_, name)| name));
    let name = wanted.as_deref().unwrap_or("default");
    // The name becomes part of a file name.
    if name.contains('/') || name.starts_with('.') {
        return Err(Error::new(exit::CREDENTIALS, format!("{name:?} cannot be the name of a tccli profile")).state("nothing was sent"));
    }
    let (mut vendor, seen) = cli_files(name)?;
    if vendor.keys.is_none() && profile.is_none() {
        vendor.keys = sdk_file()?;
    }
    match profile {
        Some(name) if !seen => {
            Err(Error::new(exit::CREDENTIALS, format!("tccli has no profile {name:?}: there is no ~/.tccli/{name}.credential"))
                .state("nothing was sent")
                .next(format!("tccli configure --profile {name}")))
        }
        _ => Ok(vendor),
    }
}

/// The two files of a profile of the CLI, and whether there is one of them.
///
/// The CLI makes them readable for everybody, but the directory can be entered by its owner only.
fn cli_files(name: &str) -> Result<(Vendor, bool), Error> {
    let (mut vendor, mut seen) = (Vendor::default(), false);
    if let Some(path) = home(&format!(".tccli/{name}.credential"))
        && let Some(file) = json(&path, Shelter::Directory)?
    {
        seen = true;
        vendor.keys = of_cli(&file, &path);
    }
    if let Some(path) = home(&format!(".tccli/{name}.configure"))
        && let Some(file) = json(&path, Shelter::Directory)?
    {
        seen = true;
        let region = file.get("_sys_param").and_then(|parameters| text(parameters, "region"));
        vendor.region = region.map(|region| Sourced::new(region.to_owned(), path.display().to_string()));
    }
    Ok((vendor, seen))
}

fn sdk_file() -> Result<Option<Result<Found, Error>>, Error> {
    let Some(path) = named(&["TENCENTCLOUD_CREDENTIALS_FILE"], ".tencentcloud/credentials") else { return Ok(None) };
    Ok(ini(&path)?.and_then(|file| of_sdk(&file, &path)))
}

fn of_cli(file: &Json, path: &Path) -> Option<Result<Found, Error>> {
    let from = path.display().to_string();
    let explained = |why: &str, fix: &str| Some(Err(unusable(&from, why).next(fix)));
    match text(file, "type") {
        Some("cvm-role") => {
            return explained("they belong to the role of a virtual machine (cvm-role), which tunnelctl does not support", HAND_OVER);
        }
        Some(kind @ ("oauth" | "sso")) => return explained(&format!("the type {kind} needs a login in a browser"), HAND_OVER),
        _ => {}
    }
    if text(file, "role-arn").is_some() {
        return explained("they are for assuming a role (role-arn), which tunnelctl does not support at Tencent Cloud", HAND_OVER);
    }
    let why = odd(file, &NAMES).or_else(|| {
        let is_empty = file.as_object().is_none_or(Map::is_empty);
        (!is_empty && NAMES.iter().all(|name| file.get(*name).is_none())).then(|| "there is no \"secretId\" in it".to_owned())
    });
    if let Some(why) = why {
        return explained(&why, CONFIGURE);
    }
    Pair { id: text(file, "secretId"), secret: text(file, "secretKey"), token: text(file, "token") }.found(&from)
}

fn of_sdk(file: &Ini, path: &Path) -> Option<Result<Found, Error>> {
    // The SDKs read only this section.
    let get = |key: &str| file.text("default", key);
    let line = file.get("default", "secret_id").map_or(1, |(_, line)| line);
    let from = format!("{}:{line}", path.display());
    if get("role_arn").is_some() {
        return Some(Err(
            unusable(&from, "they are for assuming a role (role_arn), which tunnelctl does not support at Tencent Cloud").next(HAND_OVER)
        ));
    }
    let pair = Pair { id: get("secret_id"), secret: get("secret_key"), token: get("token") };
    if [pair.id, pair.secret].into_iter().flatten().any(|text| text.starts_with(['"', '\''])) {
        return Some(Err(unusable(&from, "a value is in quotes, and the quotes would become a part of it").next("remove the quotes")));
    }
    pair.found(&from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::vendor::Signer;

    #[test]
    fn file_of_the_cli_has_keys_and_token() {
        let file = json!({ "secretId": "AKIDx", "secretKey": "s", "token": "t", "type": "default" });
        let Some(Ok(Found { signer: Signer::Ready(keys), from })) = of_cli(&file, Path::new("/h/default.credential")) else { panic!() };
        assert_eq!((keys.id.as_str(), keys.token.unwrap().expose(), from.as_str()), ("AKIDx", "t", "/h/default.credential"));
        assert!(of_cli(&json!({}), Path::new("/h")).is_none());
        assert!(of_cli(&json!({ "secretId": "", "secretKey": "" }), Path::new("/h")).is_none());
        for file in [
            json!({ "type": "sso" }),
            json!({ "type": "cvm-role" }),
            json!({ "secretId": "a", "role-arn": "r" }),
            json!({ "secretId": "a" }),
            json!({ "secret_id": "a", "secret_key": "b" }),
            json!({ "secretId": ["a"], "secretKey": ["b"] }),
            json!({ "default": { "secretId": "a", "secretKey": "b" } }),
        ] {
            assert!(of_cli(&file, Path::new("/h")).unwrap().is_err(), "{file}");
        }
    }

    #[test]
    fn quotes_in_the_file_of_the_sdks_are_reported() {
        let found = |text: &str| of_sdk(&Ini::parse(text).unwrap(), Path::new("/c"));
        assert_eq!(found("[default]\n\nsecret_id = a\nsecret_key = b").unwrap().unwrap().from, "/c:3");
        assert!(found("[default]\nsecret_id = \"a\"\nsecret_key = \"b\"").unwrap().unwrap_err().message.contains("quotes"));
        assert!(found("[other]\nsecret_id = a").is_none());
    }
}
