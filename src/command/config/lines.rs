//! The values of a cloud, each with its source.

use serde_json::{Value as Json, json};

use crate::config::lookup::Lookup;
use crate::config::{Options, Own};
use crate::credentials::vendor::{Found, Signer, Sourced};
use crate::error::Error;
use crate::print::output::Output;
use crate::provider::Registration;
use crate::system::home;

/// A value and its source, or what is wrong with it.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) from: String,
    pub(super) wrong: bool,
}

impl Line {
    fn of<T>(name: &'static str, found: Result<Option<Sourced<T>>, Error>, text: impl Fn(&T) -> String, default: &str) -> Self {
        let line = |value, from, wrong| Self { name, value, from, wrong };
        match found {
            Ok(Some(found)) => line(text(&found.value), found.from, false),
            Ok(None) => line(default.to_owned(), String::new(), false),
            Err(error) => line(advice(&error), String::new(), true),
        }
    }

    pub(super) fn json(&self) -> Json {
        match (self.wrong, self.value.as_str()) {
            (true, message) => json!({ "error": message }),
            (false, "") => Json::Null,
            (false, value) if self.from.is_empty() => json!({ "value": value, "from": "default" }),
            (false, value) => json!({ "value": value, "from": self.from }),
        }
    }
}

/// The values of a cloud. No command is run and no service asked for them.
pub(super) fn lines(registration: &'static Registration, options: &Options, output: &Output) -> Result<Vec<Line>, Error> {
    let mut lookup = Lookup::new(registration, options)?;
    let credentials = credentials(&mut lookup, output);
    let mut lines = vec![credentials, Line::of("region", lookup.region(None), Clone::clone, "")];
    if let Some(regions) = lookup.regions() {
        lines.push(Line { name: "regions", value: regions.value.join(", "), from: regions.from, wrong: false });
    }
    lines.push(Line::of("endpoint", lookup.endpoint(), ToString::to_string, "the cloud's own"));
    if !registration.environment.identity_endpoint.is_empty() {
        lines.push(Line::of("identity_endpoint", lookup.identity_endpoint(), ToString::to_string, "the cloud's own"));
    }
    if !registration.environment.project.is_empty() {
        lines.push(Line::of("project_id", lookup.project_id(), Clone::clone, "looked up by the region's name"));
    }
    let scheme = registration.signatures.first().copied().unwrap_or_default();
    lines.push(Line::of("signature", lookup.signature(), |scheme| (*scheme).to_owned(), scheme));
    lines.push(Line::of("ca_file", Ok(lookup.roots()), |path| path.display().to_string(), "built-in certificates"));
    Ok(lines)
}

fn credentials(lookup: &mut Lookup<'_>, output: &Output) -> Line {
    let line = |value, from, wrong| Line { name: "credentials", value, from, wrong };
    // No command is run for this. An inline secret in the file is warned of when it is used.
    if let (Some(Own::Keys { id, token, .. }), Some(from)) = (lookup.own_keys(), lookup.own_from()) {
        return line(described(id, token.is_some()), from, false);
    }
    match lookup.credentials(output) {
        Ok(Some(Found { signer, from })) => match signer {
            Signer::Ready(keys) if keys.bearer.is_some() => line("IAM token".to_owned(), from, false),
            Signer::Ready(keys) => line(described(&keys.id, keys.token.is_some()), from, false),
            Signer::Exchange { base, call, .. } => {
                let role = call.request.query.iter().find(|(name, _)| name == "RoleArn").map(|(_, arn)| arn.as_str()).unwrap_or_default();
                line(format!("role {role}, by {}", described(&base.id, base.token.is_some())), from, false)
            }
            Signer::Instance(instance) => {
                let role = instance.role.as_deref().map_or_else(|| "the role".to_owned(), |role| format!("role {role}"));
                line(format!("{role} of this machine"), from, false)
            }
        },
        Ok(None) => line(String::new(), String::new(), false),
        Err(error) => line(advice(&error), String::new(), true),
    }
}

/// What is wrong, and how to mend it.
pub(super) fn advice(error: &Error) -> String {
    error.next.iter().fold(error.message.clone(), |text, next| format!("{text}\nnext: {next}"))
}

/// An access key id, its middle left out: it is no secret, but nobody needs all of it here.
fn described(id: &str, temporary: bool) -> String {
    let characters: Vec<char> = id.chars().collect();
    let ends = |range: std::ops::Range<usize>| characters.get(range).unwrap_or_default().iter().collect::<String>();
    let shown =
        if characters.len() < 12 { "...".to_owned() } else { format!("{}...{}", ends(0..4), ends(characters.len() - 4..characters.len())) };
    if temporary { format!("key {shown}, temporary") } else { format!("key {shown}") }
}

/// A text for people, with `~` for the home directory, so that it fits into 80 columns.
pub(super) fn short(text: &str) -> String {
    let home = home("").map(|home| home.display().to_string()).filter(|home| home.len() > 1);
    home.map_or_else(|| text.to_owned(), |home| text.replace(&home, "~/"))
}
