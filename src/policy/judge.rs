//! Applies the rules of a policy to one subject.

use super::beyond;
use super::finding::{Advice, Finding};
use super::rule::{Instead, Rule, Test, When};
use super::standard::Policy;
use super::subject::Subject;
use crate::model::{Key, Settings, Severity, Term, Value, Word};
use crate::provider::field::{Shape, field};

/// The fields that decide how strong a tunnel is. A missing one is reported.
const ESSENTIAL: &[Key] =
    &[Key::IkeVersion, Key::IkeEncryption, Key::IkeIntegrity, Key::IkeDhGroup, Key::IpsecEncryption, Key::IpsecIntegrity, Key::IpsecPfs];

/// A returned value that is in no vocabulary.
static UNKNOWN: Rule = Rule {
    id: "audit/unknown-value",
    source: "tunnelctl",
    keys: ESSENTIAL,
    when: When::Always,
    test: Test::Any,
    severity: Severity::Warn,
    what: "is not a word that this program knows, so it cannot be judged",
    instead: Instead::Nothing,
};

/// A value that a cloud does not return, or that a file does not set.
static MISSING: Rule = Rule {
    id: "audit/not-returned",
    source: "tunnelctl",
    keys: ESSENTIAL,
    when: When::Always,
    test: Test::Any,
    severity: Severity::Info,
    what: "is not returned by the cloud, so it is not judged",
    instead: Instead::Nothing,
};

/// A Chinese national algorithm, which the other policies do not cover.
static NATIONAL: Rule = Rule {
    id: "audit/national-algorithm",
    source: "tunnelctl",
    keys: ESSENTIAL,
    when: When::Always,
    test: Test::Is(&[Term::Sm4, Term::Sm3]),
    severity: Severity::Info,
    what: "is judged only by the policy gm",
    instead: Instead::Nothing,
};

/// The rules that come from no standard.
pub(super) const OWN: [&Rule; 3] = [&UNKNOWN, &MISSING, &NATIONAL];

/// Whether a word is an AEAD cipher.
pub(super) fn is_aead(term: Option<Term>) -> bool {
    matches!(term, Some(Term::Aes128Gcm16 | Term::Aes192Gcm16 | Term::Aes256Gcm16))
}

/// The findings of one subject.
pub(super) fn judge(policy: Policy, subject: &Subject<'_>) -> Vec<Finding> {
    if policy == Policy::Off {
        return Vec::new();
    }
    let mut findings = unjudged(policy, subject);
    for rule in policy.rules().iter().filter(|rule| applies(rule.when, &subject.settings)) {
        let offered = |key: &&Key| rule.when != When::AeadOffered || aead_offered(**key, subject);
        for key in rule.keys.iter().filter(|key| subject.judges(**key)).filter(offered) {
            let Some(value) = subject.settings.get(*key).filter(|value| fails(rule.test, value)) else { continue };
            // Only the first matching rule about a word counts: a table lists the worst first.
            if !findings.iter().any(|earlier| earlier.key == *key && *key != Key::Psk && same_matter(earlier.rule, rule)) {
                findings.push(finding(subject, rule, *key, value));
            }
        }
    }
    findings.sort_by_key(|finding| (finding.key, std::cmp::Reverse(finding.severity())));
    findings
}

/// Whether both rules judge a word, so that the first match is enough.
const fn same_matter(one: &Rule, other: &Rule) -> bool {
    const fn of_words(test: Test) -> bool {
        matches!(test, Test::Is(_) | Test::IsNot(_) | Test::Named(_))
    }
    of_words(one.test) && of_words(other.test)
}

/// Findings about values that the policy cannot judge.
fn unjudged(policy: Policy, subject: &Subject<'_>) -> Vec<Finding> {
    let settings = &subject.settings;
    let mut findings = Vec::new();
    for key in ESSENTIAL.iter().filter(|key| subject.judges(**key)) {
        let unused = *key == Key::IpsecIntegrity && is_aead(settings.term(Key::IpsecEncryption));
        match settings.get(*key) {
            _ if unused => {}
            None if subject.place.file.is_some() => {
                let what = "is not set in the file, so it is not judged".to_owned();
                findings.push(Finding { value: "(not set)".to_owned(), what, ..bare(subject, &MISSING, *key) });
            }
            None => findings.push(Finding { value: "(not returned)".to_owned(), ..bare(subject, &MISSING, *key) }),
            Some(Value::Word(Word::Foreign(name))) if beyond::is_known(name) => {}
            Some(value @ Value::Word(Word::Foreign(_))) => findings.push(finding(subject, &UNKNOWN, *key, value)),
            Some(value @ Value::Word(Word::Known(Term::Sm4 | Term::Sm3))) if policy != Policy::Gm => {
                findings.push(finding(subject, &NATIONAL, *key, value));
            }
            Some(_) => {}
        }
    }
    findings
}

fn applies(when: When, settings: &Settings) -> bool {
    match when {
        When::Always | When::AeadOffered => true,
        When::Ikev1 => settings.term(Key::IkeVersion) == Some(Term::Ikev1),
        When::PlainIpsec => !is_aead(settings.term(Key::IpsecEncryption)),
    }
}

fn aead_offered(key: Key, subject: &Subject<'_>) -> bool {
    // IKEv1 has no AEAD for the IKE SA.
    let allowed = key != Key::IkeEncryption || subject.settings.term(Key::IkeVersion) == Some(Term::Ikev2);
    // The file of a daemon does not tell what else the daemon supports.
    allowed && subject.fields.is_some() && accepted(subject, key, &[Term::Aes256Gcm16, Term::Aes128Gcm16]).is_some()
}

fn fails(test: Test, value: &Value) -> bool {
    match (test, value) {
        (Test::Is(words), Value::Word(Word::Known(term))) => words.contains(term),
        // National algorithms are judged by their own policy.
        (Test::IsNot(words), Value::Word(Word::Known(term))) => !words.contains(term) && !matches!(term, Term::Sm4 | Term::Sm3),
        (Test::IsNot(_), Value::Word(Word::Foreign(name))) => beyond::is_known(name),
        (Test::Named(names), Value::Word(Word::Foreign(name))) => names.contains(&name.as_str()),
        (Test::Above(most), Value::Number(number)) => *number > most,
        (Test::Zero, Value::Number(number)) => *number == 0,
        (Test::Key(check), Value::Secret(secret)) => secret.is_readable() && check(secret.expose()),
        (Test::Any, Value::Secret(secret)) => !secret.expose().is_empty(),
        (Test::Any, _) => true,
        _ => false,
    }
}

/// A finding without value and replacement.
fn bare(subject: &Subject<'_>, rule: &'static Rule, key: Key) -> Finding {
    let place = subject.place.clone();
    let within = subject.within.clone().into_iter().collect();
    Finding { place, rule, key, value: String::new(), what: rule.what.to_owned(), replacement: None, advice: None, within }
}

fn finding(subject: &Subject<'_>, rule: &'static Rule, key: Key, value: &Value) -> Finding {
    let replacement = match rule.instead {
        Instead::Word(words) => accepted(subject, key, words),
        Instead::Number(number) => Some(number.to_string()),
        Instead::NewKey => Some("a new random key".to_owned()),
        Instead::Nothing => None,
    }
    // The replacement may be the value itself.
    .filter(|word| *word != value.to_string());
    let modify = subject.modify.as_ref().filter(|_| settable(subject, key));
    let advice = replacement.as_ref().zip(modify).map(|(word, at)| match rule.instead {
        Instead::NewKey => Advice { at: at.clone(), set: None },
        _ => Advice { at: at.clone(), set: Some((key.flag(), word.clone())) },
    });
    Finding { value: value.to_string(), replacement, advice, ..bare(subject, rule, key) }
}

/// Whether the cloud accepts a new value of the field.
fn settable(subject: &Subject<'_>, key: Key) -> bool {
    subject
        .fields
        .and_then(|fields| field(fields, key))
        .is_some_and(|field| !field.write.is_empty() || matches!(field.shape, Shape::Secret(_)))
}

/// The first of these words that the cloud accepts for the field; for an end that is not at a cloud, the first.
fn accepted(subject: &Subject<'_>, key: Key, words: &[Term]) -> Option<String> {
    // IKEv1 has no AEAD for the IKE SA.
    let fits =
        |term: &&Term| key != Key::IkeEncryption || !is_aead(Some(**term)) || subject.settings.term(Key::IkeVersion) == Some(Term::Ikev2);
    let Some(fields) = subject.fields else { return words.iter().find(fits).map(ToString::to_string) };
    match field(fields, key)?.shape {
        Shape::Words(vocabulary) => words.iter().filter(fits).find(|term| vocabulary.write(**term).is_some()).map(ToString::to_string),
        _ => None,
    }
}
