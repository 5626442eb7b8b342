//! A setting as one cloud's operation has it: where it stands on the wire, in what shape, within which bounds.
//!
//! One row serves the flag's help, its validation, the request, the reading of replies and the list of what a
//! cloud can do, so these cannot disagree.

use serde_json::{Map, Value as Json, json};

use super::rule::same_network;
use super::vocabulary::Vocabulary;
use crate::error::Violation;
use crate::model::{Key, PolicyRule, Settings, Value, Word};

/// How a number or switch is spelled in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON number or boolean.
    Native,
    /// A JSON string: digits, `true`/`false`.
    Text,
    /// A switch as 0 or 1.
    ZeroOne,
}

/// A check of a text, and the rule it enforces in words (for help and errors).
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The rule in words, such as `1 to 100 characters`.
    pub text: &'static str,
    /// Whether a text follows it.
    pub check: fn(&str) -> bool,
}

/// What a setting looks like at a cloud.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A word of a vocabulary.
    Words(&'static Vocabulary),
    /// A whole number between bounds.
    Number {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
        /// Spelling.
        form: Form,
    },
    /// A duration between bounds, both in wire units.
    Duration {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
        /// Milliseconds in one unit of the wire.
        unit_ms: u64,
        /// Spelling.
        form: Form,
    },
    /// On or off.
    Switch(Form),
    /// Text under a rule.
    Text(Rule),
    /// Networks or addresses, each under a rule.
    List {
        /// Most entries.
        max: usize,
        /// Rule of one entry.
        each: Rule,
        /// Whether the wire has one text joined with commas rather than an array.
        comma: bool,
    },
    /// Policy rules; the cloud's `wire.rs` spells them.
    Rules {
        /// Most rules.
        max: usize,
        /// Most destinations of one rule.
        max_destinations: usize,
        /// Rule of a network.
        network: Rule,
        /// Names of source, destinations and (where there is one) index on the wire.
        names: (&'static str, &'static str, Option<&'static str>),
    },
    /// An AS number, 1 to 4294967295, also `HIGH.LOW` (RFC 5396).
    Asn(Form),
    /// A pre-shared key under a rule.
    Secret(Rule),
    /// A PEM certificate, given as a file.
    Certificate,
}

/// One row of a cloud's table.
#[derive(Debug)]
pub struct Field {
    /// The setting.
    pub key: Key,
    /// Place in the request, names joined by dots; empty where it cannot be set.
    pub write: &'static str,
    /// Places in replies, the first that holds something counts.
    pub read: &'static [&'static str],
    /// Shape and bounds.
    pub shape: Shape,
    /// What the cloud takes when a connection is created without it, in our words; empty where nothing is documented.
    pub default: &'static str,
}

impl Field {
    /// Reads a flag's values.
    ///
    /// # Errors
    /// The rule that the value breaks, with what is allowed. Never the value of a secret.
    pub fn parse(&self, texts: &[String]) -> Result<Value, Violation> {
        let shown = if matches!(self.shape, Shape::Secret(_) | Shape::Certificate) { None } else { Some(texts.join(",")) };
        self.value(texts).map_err(|rule| Violation { setting: self.key.named(), value: shown, rule })
    }

    fn value(&self, texts: &[String]) -> Result<Value, String> {
        let one = || texts.last().map(String::as_str).unwrap_or_default();
        let items = || texts.iter().flat_map(|text| text.split(',')).map(|item| item.trim().to_owned());
        match &self.shape {
            Shape::Words(words) => words.parse(one()).map(Value::term),
            Shape::Number { min, max, .. } => {
                let number = one().parse::<u64>().ok().filter(|number| (min..=max).contains(&number));
                number.map(Value::Number).ok_or_else(|| format!("must be a whole number from {min} to {max}"))
            }
            Shape::Duration { min, max, unit_ms, .. } => {
                let rule = || format!("must be {}", self.allowed());
                let ms = parse_duration_ms(one())
                    .ok_or_else(|| format!("{}: a number of seconds, or a number with ms, s, m, h or d", rule()))?;
                if ms % unit_ms != 0 || !(min..=max).contains(&&(ms / unit_ms)) {
                    return Err(rule());
                }
                Ok(Value::Number(ms / self.key_unit_ms()))
            }
            Shape::Switch(_) => match one().to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" => Ok(Value::Switch(true)),
                "off" | "false" | "no" => Ok(Value::Switch(false)),
                _ => Err("must be on or off".to_owned()),
            },
            Shape::Text(rule) => check(rule, one()).map(|()| Value::Text(one().to_owned())),
            Shape::List { max, each, .. } => {
                let items: Vec<String> = items().collect();
                if items.len() > *max {
                    return Err(format!("holds {} entries; at most {max} are allowed", items.len()));
                }
                for (place, item) in items.iter().enumerate() {
                    check(each, item).map_err(|rule| format!("{item:?} {rule}"))?;
                    if items.iter().take(place).any(|earlier| same_network(earlier, item)) {
                        return Err(format!("{item:?} is given twice"));
                    }
                }
                Ok(Value::List(items))
            }
            Shape::Rules { max, max_destinations, network, .. } => parse_rules(texts, *max, *max_destinations, network),
            Shape::Asn(_) => {
                parse_asn(one()).map(Value::Number).ok_or_else(|| "must be 1 to 4294967295, or HIGH.LOW with both below 65536".to_owned())
            }
            Shape::Secret(rule) => check(rule, one()).map(|()| Value::secret(one())),
            Shape::Certificate => {
                let pem = one().trim();
                if pem.contains("-----BEGIN CERTIFICATE-----") && pem.contains("-----END CERTIFICATE-----") {
                    Ok(Value::Text(pem.to_owned()))
                } else {
                    Err("must be a PEM certificate (-----BEGIN CERTIFICATE-----)".to_owned())
                }
            }
        }
    }

    /// What is allowed, in a few words: for help, errors and the list of what a cloud can do.
    #[must_use]
    pub fn allowed(&self) -> String {
        match &self.shape {
            Shape::Words(words) => words.list(),
            Shape::Number { min, max, .. } => format!("{min} to {max}"),
            Shape::Duration { min, max, unit_ms, .. } => format!("{min} to {max} {}", if *unit_ms == 1 { "ms" } else { "s" }),
            Shape::Switch(_) => "on, off".to_owned(),
            Shape::Text(rule) | Shape::Secret(rule) => rule.text.to_owned(),
            Shape::List { max: usize::MAX, each, .. } => format!("each {}", each.text),
            Shape::List { max, each, .. } => format!("at most {max}, each {}", each.text),
            Shape::Rules { max, max_destinations, .. } if *max == usize::MAX || *max_destinations == usize::MAX => {
                "LOCAL=REMOTE[,REMOTE...]".to_owned()
            }
            Shape::Rules { max, max_destinations, .. } => format!("at most {max}, each with at most {max_destinations} remote networks"),
            Shape::Asn(_) => "1 to 4294967295".to_owned(),
            Shape::Certificate => "PEM".to_owned(),
        }
    }

    pub(super) const fn key_unit_ms(&self) -> u64 {
        // The unit stands at the end of the key's path.
        match self.key.path().as_bytes() {
            [.., b'_', b'm', b's'] => 1,
            _ => 1000,
        }
    }

    /// The value as the cloud's JSON has it; `None` where the cloud has no such word.
    #[must_use]
    pub fn encode(&self, value: &Value) -> Option<Json> {
        let number = |number: u64, form: Form| if form == Form::Text { json!(number.to_string()) } else { json!(number) };
        Some(match (&self.shape, value) {
            (Shape::Words(words), Value::Word(Word::Known(term))) => json!(words.write(*term)?),
            // A word that was read and is not ours goes back as it came, when a block is completed.
            (Shape::Words(_), Value::Word(Word::Foreign(text))) => json!(text),
            (Shape::Number { form, .. } | Shape::Asn(form), Value::Number(value)) => number(*value, *form),
            (Shape::Duration { unit_ms, form, .. }, Value::Number(value)) => number(value * self.key_unit_ms() / unit_ms, *form),
            (Shape::Switch(form), Value::Switch(on)) => match form {
                Form::Native => json!(on),
                Form::Text => json!(on.to_string()),
                Form::ZeroOne => json!(u8::from(*on)),
            },
            (Shape::List { comma: true, .. }, Value::List(items)) => json!(items.join(",")),
            (Shape::List { .. }, Value::List(items)) => json!(items),
            (Shape::Rules { names: (source, destinations, index), .. }, Value::Rules(rules)) => {
                let row = |rule: &PolicyRule| {
                    let mut row = Map::new();
                    row.insert((*source).to_owned(), json!(rule.source));
                    row.insert((*destinations).to_owned(), json!(rule.destinations));
                    if let (Some(name), Some(index)) = (index, rule.index) {
                        row.insert((*name).to_owned(), json!(index));
                    }
                    Json::Object(row)
                };
                Json::Array(rules.iter().map(row).collect())
            }
            (_, Value::Secret(secret)) => json!(secret.expose()),
            (_, Value::Text(text)) => json!(text),
            _ => return None,
        })
    }

    /// Reads a cloud's value, leniently: numbers as texts, booleans as texts or numbers, unknown words as they came.
    /// `None` for null, an empty text and what cannot be this setting.
    #[must_use]
    pub fn decode(&self, json: &Json) -> Option<Value> {
        let text = match json {
            Json::String(text) => text.trim().to_owned(),
            Json::Number(number) => number.to_string(),
            Json::Bool(on) => on.to_string(),
            Json::Null => return None,
            Json::Array(_) | Json::Object(_) => String::new(),
        };
        let scalar = !text.is_empty();
        Some(match &self.shape {
            Shape::Words(words) if scalar => Value::Word(words.read(&text)),
            Shape::Number { .. } => Value::Number(text.parse().ok()?),
            Shape::Asn(_) => Value::Number(parse_asn(&text)?),
            Shape::Duration { unit_ms, .. } => Value::Number(text.parse::<u64>().ok()?.checked_mul(*unit_ms)? / self.key_unit_ms()),
            Shape::Switch(_) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "enable" => Value::Switch(true),
                "false" | "0" | "-1" | "disable" => Value::Switch(false),
                _ => return None,
            },
            Shape::List { .. } => {
                let items: Vec<String> = match json {
                    Json::Array(items) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
                    _ => text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect(),
                };
                if items.is_empty() {
                    return None;
                }
                Value::List(items)
            }
            Shape::Rules { names: (source, destinations, index), .. } => {
                let rules: Vec<PolicyRule> =
                    json.as_array()?.iter().filter_map(|row| decode_rule(row, source, destinations, *index)).collect();
                Value::Rules(rules)
            }
            Shape::Secret(_) if scalar => {
                // A key keeps its blanks, if it has any.
                Value::secret(json.as_str()?)
            }
            // A text keeps its blanks too: what is read back is compared with what was asked for.
            Shape::Text(_) if scalar => Value::Text(json.as_str().map_or(text, str::to_owned)),
            Shape::Certificate if scalar => Value::Text(text),
            _ => return None,
        })
    }
}

fn decode_rule(row: &Json, source: &str, destinations: &str, index: Option<&str>) -> Option<PolicyRule> {
    Some(PolicyRule {
        index: index.and_then(|name| row.get(name)?.as_u64()),
        source: row.get(source)?.as_str()?.to_owned(),
        destinations: row.get(destinations)?.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
    })
}

fn check(rule: &Rule, text: &str) -> Result<(), String> {
    if (rule.check)(text) { Ok(()) } else { Err(format!("must be {}", rule.text)) }
}

fn parse_rules(texts: &[String], max: usize, max_destinations: usize, network: &Rule) -> Result<Value, String> {
    let rules: Vec<PolicyRule> = texts.iter().map(|text| PolicyRule::parse(text)).collect::<Result<_, _>>()?;
    if rules.len() > max {
        return Err(format!("{} rules are given; at most {max} are allowed", rules.len()));
    }
    for (place, rule) in rules.iter().enumerate() {
        let earlier = || rules.iter().take(place);
        for item in std::iter::once(&rule.source).chain(&rule.destinations) {
            check(network, item).map_err(|text| format!("{item:?} {text}"))?;
        }
        if rule.destinations.len() > max_destinations {
            return Err(format!("rule {rule} has {} remote networks; at most {max_destinations} are allowed", rule.destinations.len()));
        }
        if rule.index.is_some_and(|index| index > 50) {
            return Err(format!("index {} must be 0 to 50", rule.index.unwrap_or_default()));
        }
        if rule.index.is_some() && earlier().any(|other| other.index == rule.index) {
            return Err(format!("index {} is given twice", rule.index.unwrap_or_default()));
        }
        if earlier().any(|other| same_network(&other.source, &rule.source)) {
            return Err(format!("local network {} is given twice; put its remote networks into one rule", rule.source));
        }
    }
    Ok(Value::Rules(rules))
}

/// Reads a duration: seconds, or a number with `ms`, `s`, `m`, `h` or `d`. In milliseconds.
#[must_use]
pub fn parse_duration_ms(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit_ms = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit_ms)
}

/// Reads an AS number, plain or as `HIGH.LOW`; 1 to 4294967295.
#[must_use]
pub fn parse_asn(text: &str) -> Option<u64> {
    let number = match text.split_once('.') {
        Some((high, low)) => u64::from(high.parse::<u16>().ok()?) << 16 | u64::from(low.parse::<u16>().ok()?),
        None => u64::from(text.parse::<u32>().ok()?),
    };
    (number > 0).then_some(number)
}

/// The field of a key.
#[must_use]
pub fn field(fields: &'static [Field], key: Key) -> Option<&'static Field> {
    fields.iter().find(|field| field.key == key)
}

/// The settings as the cloud's nested JSON object. Keys that this table cannot write are left out: the caller has
/// refused them before ([`super::unsupported`]).
#[must_use]
pub fn write_all(fields: &'static [Field], settings: &Settings) -> Map<String, Json> {
    let mut root = Map::new();
    for (key, value) in settings.iter() {
        let Some(field) = field(fields, key).filter(|field| !field.write.is_empty()) else { continue };
        if let Some(json) = field.encode(value) {
            insert_at(&mut root, field.write, json);
        }
    }
    root
}

/// Puts a value at a dotted place.
pub fn insert_at(root: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            root.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            if let Json::Object(inner) = root.entry(name).or_insert_with(|| Json::Object(Map::new())) {
                insert_at(inner, rest, value);
            }
        }
    }
}

/// The value at a dotted place.
#[must_use]
pub fn at<'a>(root: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(root, |json, name| json.get(name))
}

/// Takes the value at a dotted place out; empty objects on the way go too.
pub fn take_at(root: &mut Map<String, Json>, path: &str) -> Option<Json> {
    let Some((name, rest)) = path.split_once('.') else { return root.remove(path) };
    let Json::Object(inner) = root.get_mut(name)? else { return None };
    let taken = take_at(inner, rest);
    if inner.is_empty() {
        root.remove(name);
    }
    taken
}

/// Reads every setting of the table out of a cloud's object, and takes it from there, so that what is left is what
/// the model does not know. What cannot be read as its setting stays.
#[must_use]
pub fn read_all(fields: &'static [Field], root: &mut Map<String, Json>) -> Settings {
    let mut settings = Settings::new();
    for field in fields {
        for path in field.read {
            let Some(json) = take_at(root, path) else { continue };
            if settings.has(field.key) {
                continue;
            }
            match field.decode(&json) {
                Some(value) => settings.set(field.key, value),
                None if matches!(json, Json::Null) || json.as_str().is_some_and(str::is_empty) => {}
                None => insert_at(root, path, json),
            }
        }
    }
    settings
}

/// Whether a field's name tells that it holds a key or token. Dots and case do not matter.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["psk", "presharekey", "presharedkey", "authkey", "password", "secret", "token"].iter().any(|word| name.ends_with(word))
        && !["clienttoken", "nexttoken"].iter().any(|word| name.ends_with(word))
}

/// Replaces the value of every field whose name tells that it holds a key, at any depth.
pub fn hide_secrets(root: &mut Map<String, Json>) {
    for (name, value) in root.iter_mut() {
        match value {
            Json::String(text) if text.is_empty() => {}
            Json::Null | Json::Bool(_) => {}
            // A key in a shape that nobody expects is still a key.
            _ if is_secret_name(name) => *value = Json::String(crate::model::HIDDEN.to_owned()),
            Json::Object(inner) => hide_secrets(inner),
            Json::Array(items) => items.iter_mut().filter_map(Json::as_object_mut).for_each(hide_secrets),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Term;

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
        const ANY_RULES: Shape =
            Shape::Rules { max: 9, max_destinations: 9, network: super::super::rule::IPV4_NETWORK, names: ("s", "d", None) };
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

    #[test]
    fn an_as_number_reads_in_both_notations() {
        assert_eq!(parse_asn("123.456"), Some(8_061_384));
        assert_eq!(parse_asn("4294967295"), Some(4_294_967_295));
        for text in ["0", "4294967296", "0.0", "65536.1", "1.65536", "x", ""] {
            assert_eq!(parse_asn(text), None, "{text}");
        }
    }

    #[test]
    fn keys_in_unknown_fields_are_hidden_at_any_depth() {
        let mut root = json!({ "a": { "AuthKey": "x", "b": [{ "PreShareKey": "y" }] }, "Psk": "" });
        hide_secrets(root.as_object_mut().unwrap());
        assert_eq!(root, json!({ "a": { "AuthKey": "(hidden)", "b": [{ "PreShareKey": "(hidden)" }] }, "Psk": "" }));
        let mut root = json!({ "Psk": { "a": "x" }, "b": { "psk": ["x"], "PskEnabled": true, "OldPsk": 7 } });
        hide_secrets(root.as_object_mut().unwrap());
        assert_eq!(root, json!({ "Psk": "(hidden)", "b": { "psk": "(hidden)", "PskEnabled": true, "OldPsk": "(hidden)" } }));
    }
}
