//! The clouds compared: which settings each has, and what all of them accept.

use serde_json::{Map, Value as Json, json};

use crate::command::shared::capability::Capability;
use crate::model::{Key, Term};
use crate::print::output::Table;
use crate::provider::Registration;
use crate::provider::field::{Shape, field};

/// Algorithms and versions, strongest first. [`WEAK`] lists those that should no longer be used (RFC 8221, RFC 8247, RFC 9395,
/// NIST SP 800-131A). SM3 and SM4, which only gateways in one country have, are in neither.
const STRONG: &[Term] = &[
    Term::Ikev2,
    Term::Aes256Gcm16,
    Term::Aes192Gcm16,
    Term::Aes128Gcm16,
    Term::Aes256,
    Term::Aes192,
    Term::Aes128,
    Term::Sha512,
    Term::Sha384,
    Term::Sha256,
    Term::Group21,
    Term::Group20,
    Term::Group16,
    Term::Group19,
    Term::Group15,
    Term::Group14,
];
const WEAK: &[Term] = &[
    Term::Ikev1,
    Term::TripleDes,
    Term::Des,
    Term::Null,
    Term::Sha1,
    Term::Md5,
    Term::Group24,
    Term::Group5,
    Term::Group2,
    Term::Group1,
    Term::None,
];

/// The settings that both ends of a tunnel must agree on.
const SUITE: [Key; 7] =
    [Key::IkeVersion, Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup, Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];
const LIFETIMES: [Key; 2] = [Key::IkeLifetime, Key::IpsecLifetime];

/// What the default operations of some clouds have in common.
#[derive(Debug)]
pub(super) struct Comparison {
    providers: Vec<&'static Registration>,
    /// A setting, and the field of each cloud that has it.
    fields: Vec<(Key, Vec<Option<Capability>>)>,
    /// Words that all accept: `(setting, strong, weak)`, the strongest first.
    words: Vec<(Key, Vec<Term>, Vec<Term>)>,
    /// Lifetimes that all accept: `(setting, least, most)` in seconds.
    lifetimes: Vec<(Key, u64, u64)>,
}

/// Compares the default kind and operation of each cloud.
#[must_use]
pub(super) fn compare(providers: &[&'static Registration]) -> Comparison {
    let at = |provider: &&'static Registration, key: Key| {
        let kind = provider.kinds.first()?;
        let operation = kind.operations.first()?;
        Some(Capability { provider, kind, operation, field: field(operation.fields, key)? })
    };
    let fields: Vec<(Key, Vec<Option<Capability>>)> = Key::ALL
        .iter()
        .map(|key| (*key, providers.iter().map(|provider| at(provider, *key)).collect::<Vec<_>>()))
        .filter(|(_, fields)| fields.iter().any(Option::is_some))
        .collect();
    let shapes = |key: Key| providers.iter().map(move |provider| at(provider, key).map(|found| &found.field.shape));
    let accepts = |key: Key, term: Term| shapes(key).all(|shape| matches!(shape, Some(Shape::Words(words)) if words.write(term).is_some()));
    let among = |key: Key, terms: &[Term]| terms.iter().copied().filter(|term| accepts(key, *term)).collect();
    let words = SUITE.iter().map(|key| (*key, among(*key, STRONG), among(*key, WEAK))).collect();
    let bounds = |key: Key| {
        shapes(key).try_fold((0, u64::MAX), |(least, most), shape| match shape {
            Some(Shape::Duration { min, max, unit_ms, .. }) => Some((least.max(min * unit_ms / 1000), most.min(max * unit_ms / 1000))),
            _ => None,
        })
    };
    let lifetimes = LIFETIMES.iter().filter_map(|key| bounds(*key).map(|(least, most)| (*key, least, most))).collect();
    Comparison { providers: providers.to_vec(), fields, words, lifetimes }
}

fn list(terms: &[Term]) -> Vec<&'static str> {
    terms.iter().map(|term| term.word()).collect()
}

fn or_none(words: &[&str]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

impl Comparison {
    /// The strongest suite that all accept, as flags; `None` where there is none without weak algorithms.
    #[must_use]
    pub(super) fn suite(&self) -> Option<String> {
        let flag = |(key, strong, _): &(Key, Vec<Term>, Vec<Term>)| Some(format!("--{} {}", key.flag(), strong.first()?));
        self.words.iter().map(flag).collect::<Option<Vec<_>>>().map(|flags| flags.join(" "))
    }

    /// The comparison as JSON.
    #[must_use]
    pub(super) fn to_json(&self) -> Json {
        let fields = self.fields.iter().map(|(key, fields)| {
            let mut row = Map::new();
            row.insert("setting".to_owned(), json!(key.path()));
            for (provider, field) in self.providers.iter().zip(fields) {
                row.insert(provider.id.to_owned(), field.map_or(Json::Null, |field| field.to_json()));
            }
            Json::Object(row)
        });
        let words =
            self.words.iter().map(|(key, strong, weak)| json!({ "setting": key.path(), "words": list(strong), "weak": list(weak) }));
        let lifetimes =
            self.lifetimes.iter().map(|(key, least, most)| json!({ "setting": key.path(), "min": least, "max": most, "unit": "s" }));
        json!({ "fields": fields.collect::<Vec<_>>(), "common": words.chain(lifetimes).collect::<Vec<_>>(), "suite": self.suite() })
    }

    /// The comparison for people: fields side by side, what all accept, and the strongest suite.
    #[must_use]
    pub(super) fn tables(&self) -> Vec<Table> {
        let cell = |field: &Option<Capability>| match field {
            None => "-".to_owned(),
            Some(row) if row.field.write.is_empty() => "(read only)".to_owned(),
            Some(row) => row.field.allowed(),
        };
        let side = |(key, fields): &(Key, Vec<Option<Capability>>)| {
            std::iter::once(key.path().to_owned()).chain(fields.iter().map(cell)).collect()
        };
        let heads = self.providers.iter().map(|provider| provider.id.to_uppercase());
        let fields = Table {
            head: std::iter::once("SETTING".to_owned()).chain(heads).collect(),
            rows: self.fields.iter().map(side).collect(),
            ..Table::default()
        };
        let words = self.words.iter().map(|(key, strong, weak)| vec![key.path().to_owned(), or_none(&list(strong)), or_none(&list(weak))]);
        let lifetimes =
            self.lifetimes.iter().map(|(key, least, most)| vec![key.path().to_owned(), format!("{least} to {most}"), "-".to_owned()]);
        let common = Table {
            head: ["SETTING", "ALL ACCEPT, STRONGEST FIRST", "AND WEAK"].map(str::to_owned).to_vec(),
            rows: words.chain(lifetimes).collect(),
            ..Table::default()
        };
        // One flag a line: broken anywhere else it could not be copied.
        let suite = self
            .suite()
            .map_or_else(|| "no suite without weak algorithms is accepted by all".to_owned(), |suite| suite.replace(" --", "\n--"));
        vec![fields, common, Table { head: vec!["STRONGEST SUITE".to_owned()], rows: vec![vec![suite]], ..Table::default() }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::PROVIDERS;

    #[test]
    fn the_strongest_suite_of_all_three_is_the_expected_one() {
        let suite = compare(PROVIDERS).suite().unwrap();
        for part in [
            "--ike-version ikev2",
            "--ike-encryption aes256 ",
            "--ike-integrity sha512",
            "--ike-dh-group group14",
            "--ipsec-encryption aes256 ",
            "--ipsec-pfs group14",
        ] {
            assert!(suite.contains(part), "{suite}");
        }
    }

    #[test]
    fn lifetimes_in_common_lie_within_every_clouds_bounds() {
        let common = compare(PROVIDERS).lifetimes;
        assert_eq!(common, [(Key::IkeLifetime, 60, 86_400), (Key::IpsecLifetime, 180, 86_400)]);
    }

    #[test]
    fn every_word_of_a_suite_is_strong_weak_or_of_one_country() {
        for (key, fields) in compare(PROVIDERS).fields.iter().filter(|(key, _)| SUITE.contains(key)) {
            for field in fields.iter().flatten() {
                let Shape::Words(words) = &field.field.shape else { panic!("{}", key.path()) };
                for term in words.terms() {
                    assert!(STRONG.contains(&term) || WEAK.contains(&term) || matches!(term, Term::Sm3 | Term::Sm4), "{term}");
                }
            }
        }
    }
}
