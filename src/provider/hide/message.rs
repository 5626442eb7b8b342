//! A cloud's message that speaks of a key may repeat it, and nobody knows where: only plain words of it are kept.

use super::name::is_secret_name;
use crate::model::HIDDEN;

/// Words of messages about parameters. Everything else in a message about a key could be the key.
const PLAIN: &str = "a about accepted access action add after again all allowed already an and another any are as at bad be because been before between but by \
    can cannot change changed character characters check conflict contain contains correct could current cloud config configuration \
    connection contact different digit digits do does empty enter error exceed exceeds exist exists expected expired failed false field for format \
    found from gateway given greater has have id ike illegal in incorrect invalid ipsec is it key keys least length less letter letters \
    limit long longer lower malformed match maximum may minimum missing more most must name no not null number numbers of on one only or \
    other out parameter password pattern please pre preshare preshared presharekey presharedkey psk range read received request \
    required resource same secret set shared should short shorter size special specified support supported than that the there this to too true try tunnel \
    two unknown unsupported upper used value values vpn was weak were when which while with without wrong you your";

/// The message as it is, unless it speaks of a key; then with `(hidden)` for whatever is no plain word.
#[must_use]
pub fn without_secrets(message: &str) -> String {
    if !speaks_of_a_key(message) {
        return message.to_owned();
    }
    let mut shown: Vec<&str> = Vec::new();
    for word in message.split_whitespace() {
        let known = is_plain(word);
        let word = if known { word } else { HIDDEN };
        if known || shown.last() != Some(&HIDDEN) {
            shown.push(word);
        }
    }
    shown.join(" ")
}

fn speaks_of_a_key(message: &str) -> bool {
    // Messages about signatures and tokens are about the caller's own credentials, which the gate knows.
    let about_calls =
        |word: &str| ["signature", "token", "auth", "authorization", "cookie"].iter().any(|end| word.to_ascii_lowercase().ends_with(end));
    let word = |word: &str| is_secret_name(word) && !about_calls(word);
    let mut earlier = String::new();
    ["密钥", "密码"].iter().any(|mark| message.contains(mark))
        || message.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).any(|next| {
            let pair = format!("{earlier}_{next}");
            next.clone_into(&mut earlier);
            word(next) || word(&pair)
        })
}

/// A word of plain English with the marks around it, or a short number.
fn is_plain(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
    let lower = bare.to_ascii_lowercase();
    let short = bare.len() <= 3 && bare.bytes().all(|b| b.is_ascii_digit());
    short || PLAIN.split_ascii_whitespace().any(|plain| plain == lower || plain == lower.replace(['-', '_'], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_speaks_of_a_key_shows_only_plain_words() {
        for (message, shown) in [
            ("The specified Psk is invalid.", "The specified Psk is invalid."),
            ("The value pgw6dy7d1i8in7x5 of Psk is malformed", "The value (hidden) of Psk is malformed"),
            ("Psk: tencenttest too short", "Psk: (hidden) too short"),
            ("PreSharedKey 'a b' must be 1 to 100 characters", "PreSharedKey 'a (hidden) must be 1 to 100 characters"),
            ("pre-shared key:canary", "pre-shared (hidden)"),
            ("{\"Psk\":\"canary\"}", "(hidden)"),
            ("预共享密钥 canary 不合法", "(hidden)"),
            ("The name canary is not valid", "The name canary is not valid"),
        ] {
            assert_eq!(without_secrets(message), shown);
        }
    }
}
