//! Every sample, cut at each of its bytes: never another cloud, never a value that it does not have.

use serde_json::Value as Json;

use super::*;

/// The values of a document with their places.
fn leaves(path: &str, json: &Json, all: &mut Vec<(String, String)>) {
    match json {
        Json::Object(fields) => fields.iter().for_each(|(name, value)| leaves(&format!("{path}.{name}"), value, all)),
        Json::Array(items) => items.iter().enumerate().for_each(|(place, item)| leaves(&format!("{path}.{place}"), item, all)),
        leaf => all.push((path.to_owned(), leaf.to_string())),
    }
}

fn values(found: Recognised) -> Vec<(String, String)> {
    let mut all = Vec::new();
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
    for (_, value) in all.iter_mut().filter(|(path, _)| path.ends_with(".ref")) {
        if let Some((provider, rest)) = value.split_once('@') {
            *value = format!("{provider}/{}", rest.split_once('/').unwrap().1);
        }
    }
    all
}

fn check(path: &str, whole: &[Inspected], real: &[(String, String)], text: &str, what: &str) -> bool {
    let Ok(found) = salvage(text) else { return false };
    for (cut, whole) in found.into_iter().zip(whole) {
        let (one, whole) = (cut.found, &whole.found);
        assert_eq!((one.provider, one.role), (whole.provider, whole.role), "{path} {what}");
        assert!(one.operation.is_empty() || one.operation == whole.operation, "{path} {what}: {}", one.operation);
        if let Some(error) = &one.error {
            let real = whole.error.as_ref().unwrap_or_else(|| panic!("{path} {what}: {error:?}"));
            assert_eq!((&error.code, error.class), (&real.code, real.class), "{path} {what}");
            assert!(real.message.starts_with(&error.message) || error.message.starts_with("HTTP "), "{path} {what}: {error:?}");
        }
        assert!(one.findings.is_empty() || cut.cut.is_none(), "{path} {what}");
        // What cannot be read without what was cut off is shown as it stands.
        let stands = |(path, value): &(String, String)| {
            (path.starts_with("facts") || path.contains(".extra.")) && text.contains(value.trim_matches('"'))
        };
        let invented: Vec<_> = values(one).into_iter().filter(|leaf| !real.contains(leaf) && !stands(leaf)).collect();
        assert!(invented.is_empty(), "{path} {what}: {invented:?}\n{text}");
    }
    true
}

#[test]
fn a_sample_cut_at_any_byte_shows_nothing_that_it_does_not_have() {
    for (path, text) in FIXTURES {
        let whole = inspect(text).unwrap();
        let real = values(inspect(text).unwrap().remove(0).found);
        let end = text.trim_end().len();
        let mut taken = 0;
        for cut in (0..end).filter(|cut| text.is_char_boundary(*cut)) {
            let part = &text[..cut];
            let strict = inspect(part);
            assert!(strict.is_err() || path.ends_with(".txt"), "{path} {cut}: {strict:?}");
            taken += usize::from(check(path, &whole, &real, part, &format!("cut at {cut}")));
            // A form in a log ends with its line, so that nothing shows that it was cut.
            if cut % 7 == 0 && !path.ends_with(".txt") {
                // A log goes on with another line.
                let log = format!("reply: {part}\n2026-01-02T03:04:06Z INFO done \"x\": 1\n");
                check(path, &whole, &real, &log, &format!("cut at {cut} in a log"));
            }
        }
        let recognised_late = path.contains("error") || end < 200;
        assert!(taken > 0 || recognised_late || path.ends_with("json") && end < 1000, "{path}: {taken} of {end}");
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
