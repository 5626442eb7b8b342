//! Names of fields that hold a key or token.

/// Words that name a secret wherever they stand in a name: `Psk2`, `PskOfTunnel1`, `ike_passphrase`.
const SECRET: &[&str] = &[
    "psk",
    "psks",
    "presharekey",
    "presharedkey",
    "presharekeys",
    "presharedkeys",
    "preshared",
    "preshare",
    "sharedkey",
    "passphrase",
    "password",
    "passwords",
    "passwd",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "creds",
    "authorization",
    "authkey",
    "apikey",
    "privatekey",
    "secretkey",
    "cookie",
    "cookies",
];
/// Words that name a secret where a name ends with them.
const LAST: &[&str] = &["key", "keys", "auth", "token", "tokens", "pass", "cred", "signature", "pin"];
/// Words behind the word for a secret that do not make it another thing: `PskValue`, `psk_plain`, `key_string`.
const SAME: &[&str] = &[
    "value",
    "values",
    "text",
    "plain",
    "plaintext",
    "string",
    "raw",
    "data",
    "hex",
    "base64",
    "b64",
    "encoded",
    "encrypted",
    "cipher",
    "new",
    "old",
    "current",
    "previous",
    "bytes",
    "content",
];
/// Words at the end of a name that make it a fact about a secret: `PskEnabled`, `SecretId`, `password_policy`.
const ABOUT: &[&str] = &[
    "enabled",
    "enable",
    "disabled",
    "length",
    "len",
    "size",
    "id",
    "ids",
    "name",
    "names",
    "type",
    "types",
    "kind",
    "method",
    "methods",
    "mode",
    "algorithm",
    "alg",
    "algo",
    "status",
    "state",
    "count",
    "expires",
    "expired",
    "expiry",
    "expiration",
    "expire",
    "expireat",
    "time",
    "policy",
    "required",
    "set",
    "version",
    "format",
    "fingerprint",
    "fp",
    "file",
    "path",
    "url",
    "uri",
    "arn",
    "at",
    "since",
    "date",
    "source",
    "updated",
    "changed",
    "created",
    "rotated",
    "days",
    "age",
    "lifetime",
    "interval",
    "group",
    "exchange",
    "usage",
    "rotation",
];
/// Words before `key` or `token` that name something public, or only a position in a list.
const PUBLIC: &[&str] = &[
    "public",
    "client",
    "next",
    "page",
    "continuation",
    "idempotency",
    "idempotent",
    "pagination",
    "sort",
    "marker",
    "tag",
    "tags",
    "label",
    "labels",
    "filter",
    "filters",
];
/// The ends of names written as one word: `mypassword`, `ikepsk`.
const ENDS: &[&str] = &[
    "psk",
    "presharekey",
    "presharedkey",
    "sharedkey",
    "passphrase",
    "password",
    "passwd",
    "secret",
    "secretkey",
    "privatekey",
    "authkey",
    "apikey",
    "token",
];

/// Whether a field's name says that it holds a key or token. Case, dots, hyphens, underscores and numbers do not matter.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.bytes().all(|b| b.is_ascii_digit())).collect();
    let mut end = words.len();
    while end > 1 && words.get(end - 1).is_some_and(|word| SAME.contains(word)) {
        end -= 1;
    }
    let Some((last, before)) = words.get(..end).and_then(<[&str]>::split_last) else { return false };
    if ABOUT.contains(last) || before.last().is_some_and(|word| PUBLIC.contains(word)) {
        return false;
    }
    let glued = |word: &str| ENDS.iter().any(|end| word.ends_with(end)) && !PUBLIC.iter().any(|public| word.starts_with(public));
    let holds = |word: &&str| SECRET.contains(word) || glued(word);
    let pre_shared = words.windows(2).any(|pair| matches!(pair, ["pre", "shared" | "share"] | ["shared" | "private", "key" | "keys"]));
    LAST.contains(last) || pre_shared || words.iter().any(holds)
}

/// The words of a name in lower case, told apart by marks, by capitals and by digits.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = name.chars().collect();
    for (place, c) in characters.iter().copied().enumerate() {
        let before = place.checked_sub(1).and_then(|before| characters.get(before)).copied().unwrap_or(' ');
        let next_is_lower = characters.get(place + 1).is_some_and(|next| next.is_lowercase());
        let starts = (c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_lower)))
            || (c.is_ascii_digit() != before.is_ascii_digit() && before.is_alphanumeric());
        if (starts || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_in_any_spelling() {
        for name in [
            "Psk",
            "psk",
            "PSK",
            "Psk2",
            "PreSharedKey2",
            "pre_shared_key",
            "pre-shared-key",
            "PreShareKey",
            "preSharedKey",
            "presharedkey",
            "SharedKey",
            "SecretKey",
            "secret_key",
            "passphrase",
            "Passwd",
            "pwd",
            "key",
            "Key",
            "Keys",
            "auth",
            "Authorization",
            "credential",
            "Credentials",
            "private_key",
            "PrivateKey",
            "AuthKey",
            "authkey",
            "ikepsk",
            "TunnelIkeConfig.Psk",
            "ike.psk.value",
            "PskOfTunnel1",
            "OldPsk",
            "NewPsk",
            "SecurityToken",
            "x-auth-token",
            "access_token",
            "token",
            "api_key",
            "apiKey",
            "APIKey",
            "IKEPSK",
            "ikePSK1",
            "Set-Cookie",
            "Signature",
            "mypassword",
            "RootPassword",
            "key1",
            "Tunnel1PreSharedKey",
            "PresharedKeyValue",
            "psk_plaintext",
        ] {
            assert!(is_secret_name(name), "{name}: {:?}", words(name));
        }
    }

    #[test]
    fn names_of_other_things() {
        for name in [
            "PskEnabled",
            "psk_enabled",
            "ClientToken",
            "NextToken",
            "page_token",
            "SecretId",
            "AccessKeyId",
            "KeyName",
            "key_pair_name",
            "AuthMethod",
            "authentication_method",
            "authentication_algorithm",
            "IkeAuthAlg",
            "PublicKey",
            "Tag.1.Key",
            "public_key",
            "KeyId",
            "PskLength",
            "password_policy",
            "rekey_time",
            "KeyLifetime",
            "key_group",
            "RequestId",
            "Name",
            "monkey",
            "Description",
            "author",
            "Passive",
            "keyword",
            "EnableNatTraversal",
            "TokenExpiration",
            "PskFingerprint",
            "secret_arn",
            "keyexchange",
            "Passed",
            "authenticated",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}: {:?}", words(name));
        }
    }
}
