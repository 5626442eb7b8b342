use serde_json::{Value as Json, json};

use super::super::rule::IPV4_NETWORK;
use super::super::vocabulary::Vocabulary;
use super::*;
use crate::model::{Key, Settings, Term, Value};

const WORDS: Vocabulary = Vocabulary(&[(Term::Ikev1, "v1"), (Term::Ikev2, "v2")]);
const ANY: Rule = Rule { text: "at most 3 characters", check: |text| text.len() <= 3 };
const FIELDS: &[Field] = &[
    Field { key: Key::IkeVersion, write: "ike.ver", read: &["ike.ver"], shape: Shape::Words(&WORDS), default: "" },
    Field {
        key: Key::IkeLifetime,
        write: "ike.life",
        read: &["ike.life"],
        shape: Shape::Duration { min: 60, max: 120, unit_ms: 1000, form: Form::Text },
        default: "",
    },
    Field {
        key: Key::HealthCheckInterval,
        write: "hc.interval",
        read: &["hc.interval"],
        shape: Shape::Duration { min: 1, max: 10, unit_ms: 1000, form: Form::Native },
        default: "",
    },
    Field { key: Key::DpdEnabled, write: "dpd", read: &["dpd"], shape: Shape::Switch(Form::ZeroOne), default: "" },
    Field {
        key: Key::LocalSubnets,
        write: "subnet",
        read: &["subnet"],
        shape: Shape::List { max: 2, each: ANY, comma: true },
        default: "",
    },
];

fn parse(key: Key, text: &str) -> Result<Value, String> {
    field(FIELDS, key).unwrap().parse(&[text.to_owned()]).map_err(|violation| violation.to_string())
}

#[test]
fn bounds_hold_on_both_sides() {
    assert_eq!(parse(Key::IkeLifetime, "60"), Ok(Value::Number(60)));
    assert_eq!(parse(Key::IkeLifetime, "2m"), Ok(Value::Number(120)));
    for text in ["59", "121", "61500ms", "-1", "", "1x", "99999999999999999999"] {
        assert!(parse(Key::IkeLifetime, text).is_err(), "{text}");
    }
}

#[test]
fn a_duration_is_kept_in_the_unit_of_its_key() {
    assert_eq!(parse(Key::HealthCheckInterval, "3"), Ok(Value::Number(3000)));
    let field = field(FIELDS, Key::HealthCheckInterval).unwrap();
    assert_eq!(field.encode(&Value::Number(3000)), Some(json!(3)));
    assert_eq!(field.decode(&json!("3")), Some(Value::Number(3000)));
}

#[test]
fn settings_survive_the_way_to_the_wire_and_back() {
    let settings: Settings = [
        (Key::IkeVersion, Value::term(Term::Ikev2)),
        (Key::IkeLifetime, Value::Number(90)),
        (Key::DpdEnabled, Value::Switch(true)),
        (Key::LocalSubnets, Value::List(vec!["a".into(), "b".into()])),
    ]
    .into_iter()
    .collect();
    let mut wire = write_all(FIELDS, &settings);
    assert_eq!(Json::Object(wire.clone()), json!({ "ike": { "ver": "v2", "life": "90" }, "dpd": 1, "subnet": "a,b" }));
    wire.insert("beyond".into(), json!(1));
    assert_eq!(read_all(FIELDS, &mut wire), settings);
    assert_eq!(Json::Object(wire), json!({ "beyond": 1 }));
}

#[test]
fn a_violation_names_flag_value_and_what_is_allowed() {
    assert_eq!(parse(Key::IkeVersion, "v3").unwrap_err(), "--ike-version v3: is not one of ikev1, ikev2");
    assert_eq!(parse(Key::LocalSubnets, "a,b,c").unwrap_err(), "--local-subnet a,b,c: holds 3 entries; at most 2 are allowed");
}

#[test]
fn a_network_is_the_same_with_and_without_host_bits() {
    const ANY_RULES: Shape = Shape::Rules { max: 9, max_destinations: 9, network: IPV4_NETWORK, names: ("s", "d", None) };
    let field = Field { key: Key::PolicyRules, write: "r", read: &[], shape: ANY_RULES, default: "" };
    let parse = |rules: &[&str]| field.parse(&rules.iter().map(|rule| (*rule).to_owned()).collect::<Vec<_>>());
    assert!(parse(&["10.0.0.0/24=1.0.0.0/8", "10.0.1.0/24=2.0.0.0/8"]).is_ok());
    assert!(parse(&["10.0.0.0/24=1.0.0.0/8", "10.0.0.5/24=2.0.0.0/8"]).unwrap_err().to_string().contains("given twice"));
}

#[test]
fn a_text_comes_back_with_its_blanks_and_a_word_without() {
    let text = Field { key: Key::Name, write: "n", read: &["n"], shape: Shape::Text(ANY), default: "" };
    assert_eq!(text.decode(&json!(" a ")), Some(Value::Text(" a ".into())));
    assert_eq!(text.decode(&json!(" ")), None);
    assert_eq!(field(FIELDS, Key::IkeVersion).unwrap().decode(&json!(" v1 ")), Some(Value::term(Term::Ikev1)));
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    let certificate = Field { key: Key::RemoteCa, write: "c", read: &["c"], shape: Shape::Certificate, default: "" };
    assert_eq!(certificate.parse(&[format!("{pem}\n")]).ok(), certificate.decode(&json!(format!("{pem}\n\n"))));
}
