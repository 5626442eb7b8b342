//! Every sample, cut at each of its bytes, by itself and in every wrapping: never another cloud, never a value that it does not have.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::wrappings::{WRAPPINGS, told};
use super::*;

/// Makes the tests cut at each byte; without it, long texts are cut at some.
const EVERY: &str = "TUNNELCTL_CUTS";

/// The values of a document with their places.
type Leaves = HashSet<(String, String)>;

fn leaves(path: &str, json: &Json, all: &mut Leaves) {
    match json {
        Json::Object(fields) => fields.iter().for_each(|(name, value)| leaves(&format!("{path}.{name}"), value, all)),
        Json::Array(items) => items.iter().enumerate().for_each(|(place, item)| leaves(&format!("{path}.{place}"), item, all)),
        leaf => drop(all.insert((path.to_owned(), leaf.to_string()))),
    }
}

fn values(found: Recognised) -> Leaves {
    let mut all = Leaves::new();
    for (place, connection) in found.connections.into_iter().enumerate() {
        leaves(&place.to_string(), &connection.to_json(), &mut all);
    }
    leaves("facts", &Json::Object(found.facts), &mut all);
    // Words of ours for what is not known.
    let unknown = |path: &str, value: &str| {
        matches!(value, "\"unknown\"" | "\"(hidden)\"" | "null" | "\"\"")
            || (path.ends_with(".ref") && (value.contains("/unknown/") || value.ends_with("/\"")))
    };
    all.retain(|(path, value)| !unknown(path, value));
    // A ref has its region once that is known.
    let without_region = |(path, value): (String, String)| match value.split_once('@').filter(|_| path.ends_with(".ref")) {
        Some((provider, rest)) => (path, format!("{provider}/{}", rest.split_once('/').unwrap().1)),
        None => (path, value),
    };
    all.into_iter().map(without_region).collect()
}

/// What a whole sample says.
struct Sample {
    path: &'static str,
    text: &'static str,
    whole: Inspected,
    values: Leaves,
}

impl Sample {
    fn all() -> impl Iterator<Item = Self> {
        FIXTURES.iter().map(|(path, text)| Self { path, text, whole: one(text), values: values(one(text).found) })
    }

    /// Whether its end shows that it was cut: a form in a log ends with its line.
    fn has_end(&self) -> bool {
        self.whole.syntax != Syntax::Form
    }

    /// Checks what is told of a part of it; how many documents that is.
    fn check(&self, text: &str, what: &dyn Fn() -> String) -> usize {
        let Ok(found) = salvage(text) else { return 0 };
        let told = found.len();
        assert!(told <= 1, "{} {}: {found:?}", self.path, what());
        for cut in found {
            let (one, whole) = (cut.found, &self.whole.found);
            assert_eq!((one.provider, one.role), (whole.provider, whole.role), "{} {}", self.path, what());
            assert!(one.operation.is_empty() || one.operation == whole.operation, "{} {}: {}", self.path, what(), one.operation);
            assert!(cut.cut.is_some() || !self.has_end(), "{} {}: not marked", self.path, what());
            if let Some(error) = &one.error {
                let real = whole.error.as_ref().unwrap_or_else(|| panic!("{} {}: {error:?}", self.path, what()));
                assert_eq!((&error.code, error.class), (&real.code, real.class), "{} {}", self.path, what());
                let known = real.message.starts_with(&error.message) || error.message.starts_with("HTTP ");
                assert!(known, "{} {}: {error:?}", self.path, what());
            }
            assert!(one.findings.is_empty() || cut.cut.is_none(), "{} {}", self.path, what());
            // What cannot be read without what was cut off is shown as it stands.
            let stands = |(path, value): &(String, String)| {
                (path.starts_with("facts") || path.contains(".extra.")) && self.text.contains(value.trim_matches('"'))
            };
            let invented: Vec<_> = values(one).into_iter().filter(|leaf| !self.values.contains(leaf) && !stands(leaf)).collect();
            assert!(invented.is_empty(), "{} {}: {invented:?}\n{text}", self.path, what());
        }
        told
    }
}

/// The places where a text is cut: each of them where that is asked for, or else not more than about `most`.
fn places(text: &str, most: usize) -> impl Iterator<Item = usize> {
    let end = text.trim_end().len();
    let step = if std::env::var(EVERY).as_deref() == Ok("all") { 1 } else { end.div_ceil(most) };
    // Not the same places in every text.
    (end % step..end).step_by(step).filter(|cut| text.is_char_boundary(*cut))
}

#[test]
fn a_sample_cut_at_any_byte_shows_nothing_that_it_does_not_have() {
    for sample in Sample::all() {
        let (mut taken, end) = (0, sample.text.trim_end().len());
        for cut in places(sample.text, 250) {
            let part = &sample.text[..cut];
            taken += sample.check(part, &|| format!("cut at {cut}"));
            if !sample.has_end() {
                continue;
            }
            let place = Fault::at(part, part.trim_end().len(), "").place;
            let (strict, told) = (inspect(part), salvage(part));
            assert!(strict.is_err(), "{} {cut}: {strict:?}", sample.path);
            let faults = [strict.err(), told.err(), salvage(part).ok().and_then(|all| all.into_iter().next()?.cut)];
            for fault in faults.into_iter().flatten().filter(|fault| fault.place.is_some()) {
                assert_eq!(fault.place, place, "{} {cut}: {fault}", sample.path);
            }
            if cut % 7 == 0 {
                let log = format!("reply: {part}\n2026-01-02T03:04:06Z INFO done \"x\": 1\n");
                sample.check(&log, &|| format!("cut at {cut} in a log"));
            }
        }
        // What an error or a short reply is shows near its end only.
        assert!(taken > 0 || sample.path.contains("error") || end < 1000, "{}: nothing was taken", sample.path);
    }
}

#[test]
fn a_wrapped_sample_cut_anywhere_shows_nothing_that_it_does_not_have() {
    for sample in Sample::all() {
        for (name, wrap) in WRAPPINGS {
            let wrapped = wrap(sample.text);
            // What ends behind the sample may be there as a whole, and is not cut then.
            for cut in places(&wrapped, 8) {
                let part = &wrapped[..cut];
                let Ok(all) = salvage(part) else { continue };
                if all.iter().all(|one| one.cut.is_none()) && told(part) == told(sample.text) {
                    continue;
                }
                sample.check(part, &|| format!("in {name}, cut at {cut}"));
            }
        }
    }
}

#[test]
fn the_fault_is_placed_where_the_cut_is() {
    for (text, place) in [
        ("{\"VpnConnectionId\": \"vco-1\",\n \"State\": \"act\n", (2, 15)),
        ("{\"VpnConnectionId\": \"vco-1\",\n \"State\": \"active\",\n\n", (2, 20)),
        ("reply: {\"VpnConnectionId\": \"vco-1\", \"State\": \"act\n2026-01-02 next line\n", (1, 50)),
        ("{\"VpnConnectionId\": \"vco-1\",\n \"State\": \"active\",\n2026-01-02 next line\n", (2, 20)),
        ("{\"m\":\"{\\\"VpnConnectionId\\\":\\\"vco-1\\\",\\\"State\\\":\\\"act\"}", (1, 53)),
    ] {
        let one = salvage(text).unwrap_or_else(|fault| panic!("{fault}: {text}")).remove(0);
        assert_eq!(one.cut.and_then(|cut| cut.place), Some(place), "{text}");
        assert_eq!(one.found.connections[0].reference.id, "vco-1");
    }
}
