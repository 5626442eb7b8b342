//! What `check` says of two files, and in what the daemons did another thing.

use serde_json::Value as Json;
use tunnelctl::testing::{Daemon, Side};

use super::tunnel::{File, NAME};
use crate::harness::World;
use crate::lab::{Observed, Pair};

/// What `check` says, for either end that starts.
#[derive(Debug)]
pub enum Said {
    /// A file cannot be read.
    Refused(String),
    Judged(Json),
}

/// Runs the binary on both files.
pub fn said(world: &World, files: [&File; 2]) -> Said {
    let mut words = vec!["check".to_owned()];
    for (name, file) in ["left.conf", "right.conf"].into_iter().zip(files) {
        world.write(name, &file.text);
        let secrets = format!("{name}.secrets");
        let _ = std::fs::remove_file(world.path().join(&secrets));
        if file.kind == Daemon::Libreswan {
            world.write(&secrets, &file.secrets);
        }
        words.push(format!("{name}:{NAME}"));
    }
    words.extend(["-o".to_owned(), "json".to_owned()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = world.run(&words);
    match serde_json::from_str(&ran.stdout) {
        Ok(json) => Said::Judged(json),
        Err(_) => Said::Refused(ran.stderr.trim().to_owned()),
    }
}

fn array(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn texts(json: &Json) -> Vec<String> {
    array(json).iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

impl Said {
    fn verdict(&self, starter: Side) -> Option<&Json> {
        let Self::Judged(json) = self else { return None };
        Some(&json["checks"][0][if starter == Side::Left { "left_initiates" } else { "right_initiates" }])
    }

    /// Findings that matter when this end starts.
    fn findings(&self, starter: Side) -> Vec<&Json> {
        let Self::Judged(json) = self else { return Vec::new() };
        let here = |finding: &&Json| finding["initiator"] == "either" || finding["initiator"] == starter.word();
        array(&json["checks"][0]["findings"]).iter().filter(here).collect()
    }

    /// In a line or two.
    pub fn brief(&self, starter: Side) -> String {
        let verdict = match self {
            Self::Refused(message) => return format!("refused: {message}"),
            Self::Judged(_) => self.verdict(starter).map(ToString::to_string).unwrap_or_default(),
        };
        let mut text = verdict;
        for finding in self.findings(starter) {
            let part = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!(
                "\n    {} {}: {} | {} ({}; {})",
                part("severity"),
                part("field"),
                part("left"),
                part("right"),
                part("effect"),
                part("explanation")
            ));
        }
        text
    }

    /// Whether it leaves the answer to what is not in the files: whether the other end sends a name, what certificates there are,
    /// how a package of Libreswan was built, which address a machine has that names none.
    pub fn is_open(&self, starter: Side, seen: &Observed) -> bool {
        let is = |word: &str, field: &str| {
            self.verdict(starter).is_some_and(|verdict| verdict["verdict"] == word && verdict["fields"] == serde_json::json!([field]))
        };
        let found = |field: &str, text: &str| {
            let has = |finding: &&Json, name: &str, text: &str| finding[name].as_str().is_some_and(|value| value.contains(text));
            self.findings(starter).iter().any(|finding| has(finding, "field", field) && has(finding, "explanation", text))
        };
        is("depends-on-peer", "psk")
            || is("unknown", "ike.authentication") && seen.verdict == "down"
            || seen.exchange == "load" && found("ike.version", "ikev1-policy")
            // An address that nobody has here.
            || seen.verdict == "down" && found("address", "it is taken for 203.0.113.")
    }

    /// In what the daemons did another thing.
    pub fn differs(&self, starter: Side, seen: &Observed) -> Option<String> {
        let exchange = exchange(seen);
        let Some(verdict) = self.verdict(starter) else {
            return (exchange != "load").then(|| format!("check reads no file, the daemons {} {exchange}", seen.verdict));
        };
        let word = verdict["verdict"].as_str().unwrap_or_default();
        if word != seen.verdict {
            return Some(format!("check says {word}, the daemons {} {exchange}", seen.verdict));
        }
        if word == "up-narrowed" {
            let arrow = |(own, far): &Pair| if starter == Side::Left { format!("{own} -> {far}") } else { format!("{far} -> {own}") };
            let (mut said, mut cut) = (texts(&verdict["cut_off"]), seen.cut.iter().map(arrow).collect::<Vec<_>>());
            said.sort();
            cut.sort();
            return (said != cut).then(|| format!("check says that {said:?} are cut off, the daemons cut off {cut:?}"));
        }
        if word != "down" {
            return None;
        }
        let at = verdict["exchange"].as_str().unwrap_or_default();
        // The first child failed at the one exchange, the others at the other.
        let both = at == "create_child_sa" && exchange == "ike_auth" && seen.log.contains("CREATE_CHILD_SA");
        if at != exchange && !both {
            return Some(format!("check says it fails at {at}, the daemons at {exchange}"));
        }
        let blamed = super::blame::fields(seen);
        let named: Vec<&str> = self
            .findings(starter)
            .iter()
            .filter(|finding| finding["effect"] != "up")
            .filter_map(|finding| finding["field"].as_str())
            .collect();
        let is_named = named.iter().any(|field| blamed.iter().any(|part| field.contains(part)));
        (!is_named && !blamed.is_empty()).then(|| format!("check names {named:?}, the daemons blame {blamed:?}"))
    }
}

/// Where it failed: what `stage` cannot tell is told by what the starter wrote.
fn exchange(seen: &Observed) -> &'static str {
    let starter = seen.log.split("---- the other end").next().unwrap_or_default();
    let any = |signs: &[&str]| signs.iter().any(|sign| starter.contains(sign));
    match seen.exchange {
        // Nothing was sent.
        "ike_sa_init" if !any(&["initiating"]) => "start",
        // A key is looked for when the second request is made.
        "ike_sa_init"
            if any(&["no shared key found", "no private key found", "private key not found", "Failed to find our PreShared Key"]) =>
        {
            "ike_auth"
        }
        other => other,
    }
}
