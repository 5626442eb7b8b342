//! What a rotation is going to do, before anything is written: which end first, what each is sent, what that costs, and
//! whether there is a way back.

use serde_json::{Value as Json, json};

use super::end::Keys;
use super::ends::End;
use super::event::Planned;
use crate::agreement::{self, Agreement, Verdict};
use crate::error::{Error, exit};
use crate::model::fingerprint::fingerprint;
use crate::model::{Key, Secret, Settings, Term, Value};
use crate::print::output::Table;

/// Keys that stand in the vendors' documentation: everybody knows them.
const DOCUMENTED: [&str; 5] = ["Test@123", "1234****", "tencenttest", "pgw6dy7d1i8in7x5", "Example-Psk-2026"];

/// What a rotation is going to do.
#[derive(Debug)]
pub struct Prepared {
    /// The ends in the order in which they are written, by their places on the command line.
    pub order: Vec<usize>,
    /// The place, in that order, of the end that is told to negotiate anew.
    pub renegotiate: Option<usize>,
    /// Whether the former key is known.
    pub way_back: bool,
    /// A row for each end, in order: end, what it is sent.
    pub steps: Vec<[String; 2]>,
    /// What is known beforehand, as pairs of a name and a sentence.
    pub facts: Vec<(&'static str, String)>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// The place of the first character, from 1, that a rule refuses by itself; never the character.
#[must_use]
pub fn offender(key: &str, check: fn(&str) -> bool) -> Option<usize> {
    // Long enough, and of enough classes, for every cloud's rule.
    const FILLER: &str = "Aa1Bb2Cc3Dd4Ee5F";
    key.chars().position(|c| !check(&format!("{FILLER}{c}{FILLER}"))).map(|place| place + 1)
}

/// What is wrong with a key at every end, whatever the clouds say. Never its content.
#[must_use]
pub fn faults(key: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let at = |wrong: &dyn Fn(char) -> bool| key.chars().position(wrong).map(|place| place + 1);
    if key.is_empty() {
        faults.push("it is empty".to_owned());
    }
    if key.starts_with(char::is_whitespace) || key.ends_with(char::is_whitespace) {
        faults.push("it begins or ends with a blank".to_owned());
    }
    if let Some(place) = at(&|c| c.is_control()) {
        faults.push(format!("character {place} is a control character"));
    }
    if let Some(place) = at(&|c| ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'].contains(&c)) {
        faults.push(format!("character {place} is a curly quotation mark, which word processors put in the place of another"));
    } else if let Some(place) = at(&|c| !c.is_ascii()) {
        faults.push(format!("character {place} is not ASCII"));
    }
    if DOCUMENTED.contains(&key) {
        faults.push("it stands in a vendor's documentation: everybody knows it".to_owned());
    }
    faults
}

/// Every rule that a key breaks at these ends.
///
/// # Errors
/// All of them.
pub fn check_key(ends: &[End], key: &Secret) -> Result<(), Error> {
    let mut faults = faults(key.expose());
    for end in ends {
        faults.extend(end.key_faults(key).into_iter().map(|fault| format!("{}: {fault}", end.title())));
    }
    faults.dedup();
    if faults.is_empty() {
        return Ok(());
    }
    let mut message = "the new key cannot be used".to_owned();
    faults.iter().for_each(|fault| {
        message.push_str("\n  ");
        message.push_str(fault);
    });
    Err(Error::usage(message).state("nothing was sent").next("--psk-generate makes a key that is legal everywhere"))
}

/// The key that the ends have now, by what they say and by what the user gave.
///
/// # Errors
/// Where they have different keys.
pub fn former(ends: &[End], given: Option<Secret>) -> Result<Option<Secret>, Error> {
    let mut known: Option<(String, Secret)> = given.map(|key| ("--old-key-file".to_owned(), key));
    for end in ends {
        let Some(key) = end.key() else { continue };
        match &known {
            Some((name, other)) if !other.matches(&key) => {
                if name == "--old-key-file" {
                    return Err(Error::usage(format!(
                        "--old-key-file holds another key (fp {}) than {} has now (fp {})",
                        fingerprint(other),
                        end.title(),
                        fingerprint(&key)
                    ))
                    .state("nothing was sent")
                    .next("leave --old-key-file out: an end that returns its key needs none"));
                }
                return Err(Error::new(
                    exit::FAILED,
                    format!("{name} and {} hold different keys now (fp {} and fp {})", end.title(), fingerprint(other), fingerprint(&key)),
                )
                .state("nothing was sent; such a tunnel does not come up")
                .next(format!("see what else differs: {}", check(ends)))
                .next("give both one key first: tunnelctl modify ... --psk-file FILE"));
            }
            Some(_) => {}
            None => known = Some((end.title(), key)),
        }
    }
    Ok(known.map(|(_, key)| key))
}

/// The command that says what two ends differ in. It takes a connection as a whole, and no `file:` end.
#[must_use]
pub fn check(ends: &[End]) -> String {
    let refs: Vec<String> = ends.iter().filter(|end| matches!(end, End::Cloud(_))).map(End::name).collect();
    match (ends.first(), refs.as_slice()) {
        (Some(end), [one, other]) => format!("tunnelctl check {one} {other}{}", end.again()),
        _ => "tunnelctl check --help".to_owned(),
    }
}

/// The ends in the order of their writing: those whose change does not touch the running tunnel first, those that never
/// return a key last; otherwise as they were given.
#[must_use]
pub fn order(ends: &[End]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by_key(|place| {
        ends.get(*place).map_or(0, |end| match end {
            End::File(_) => 0,
            End::Cloud(end) if end.returns_key() => 1,
            End::Cloud(_) => 2,
        })
    });
    order
}

/// The end that is told to negotiate anew: the last that has a call for just that; else the last that does it by a change.
#[must_use]
pub fn negotiator(ends: &[&End]) -> Option<usize> {
    let by = |fits: &dyn Fn(How) -> bool| ends.iter().rposition(|end| how(end).is_some_and(fits));
    by(&|how| how == How::Call).or_else(|| by(&|_| true))
}

/// How an end is told to negotiate anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// By a call that changes nothing.
    Call,
    /// By a change that leaves a switch of its own on.
    Change,
}

fn how(end: &End) -> Option<How> {
    let End::Cloud(end) = end else { return None };
    let call = end.renegotiate("").ok()??;
    Some(if end.target.kind.operations.iter().any(|operation| operation.name == call.request.operation) { How::Change } else { How::Call })
}

/// Whether an end can be told to negotiate anew by a call that changes nothing.
pub(super) fn has_call(end: &End) -> bool {
    how(end) == Some(How::Call)
}

/// What the new negotiation costs besides, where it is done by a change.
#[must_use]
pub fn side_effects(end: &End) -> Vec<String> {
    let (Some(How::Change), End::Cloud(cloud)) = (how(end), end) else { return Vec::new() };
    let mut effects = Vec::new();
    if cloud.settings().switch(Key::EffectImmediately) != Some(true) {
        effects.push(format!("{} is told to negotiate anew by a change that leaves effect_immediately on", end.title()));
    }
    if !cloud.address.is_empty() {
        effects.push(format!("{} negotiates all its tunnels anew at once, the other one too", end.name()));
    }
    effects
}

/// What the pair will be with one key on both ends.
#[must_use]
pub fn agreement(ends: &[End], key: &Secret) -> Option<(Verdict, Agreement, Agreement)> {
    let [End::Cloud(one), End::Cloud(other)] = ends else { return None };
    let of = |end: &super::end::CloudEnd, key: Option<&Secret>| {
        let connection = end.current.as_ref()?;
        let place = end.client.provider.tunnel(&end.address, connection);
        let mut connection = connection.clone();
        if let Some(key) = key {
            let value = Value::secret(key.expose());
            match place.and_then(|place| connection.tunnels.get_mut(place)) {
                Some(tunnel) => tunnel.settings.set(Key::Psk, value),
                None => connection.settings.set(Key::Psk, value),
            }
        }
        agreement::ends(&connection).into_iter().nth(place.unwrap_or(0))
    };
    let options = agreement::Options::default();
    let now = agreement::check(&of(one, None)?, &of(other, None)?, &options);
    let then = agreement::check(&of(one, Some(key))?, &of(other, Some(key))?, &options);
    Some((then.verdict.clone(), now, then))
}

/// The IKE version and lifetime of an end, as far as it says them.
fn ike(end: &End) -> (Option<Term>, Option<u64>) {
    let settings = if let End::Cloud(end) = end { end.settings() } else { Settings::new() };
    (settings.term(Key::IkeVersion), settings.number(Key::IkeLifetime))
}

/// What is to be known of the time between the two writes, and of the order.
pub fn explain(prepared: &mut Prepared, ends: &[End], renegotiates: bool, commanded: bool) {
    let (version, lifetime) = ends.iter().map(ike).fold((None, None), |known: (Option<Term>, Option<u64>), (version, lifetime)| {
        (
            known.0.or(version),
            match (known.1, lifetime) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        )
    });
    let one = ends.len() < 2;
    let interruption = match (renegotiates || commanded, one) {
        (true, false) => "one negotiation, once both ends hold the new key: seconds",
        (true, true) => "the tunnel is negotiated anew at once: it stays down unless the peer holds the new key already",
        (false, false) => "none by this command; the tunnel is left to be negotiated anew in a window of your choice",
        (false, true) => "none by this command; the peer needs the new key before the ends next authenticate",
    };
    prepared.facts.push(("interruption", interruption.to_owned()));
    let renewal = match (version, lifetime) {
        (Some(Term::Ikev2), _) => {
            "IKEv2 rekeys without the key: only a reauthentication or a reset between the two writes would fail".to_owned()
        }
        (Some(Term::Ikev1), Some(lifetime)) => {
            format!(
                "IKEv1 renews its IKE SA with the key, every {lifetime} s at most: one that falls between the two writes fails; when the next one is, the clouds do not say"
            )
        }
        (Some(Term::Ikev1), None) => "IKEv1 renews its IKE SA with the key: a renewal that falls between the two writes fails".to_owned(),
        _ => "the ends do not say which IKE version they speak; an IKEv1 renewal between the two writes would fail".to_owned(),
    };
    prepared.facts.push(("renewal", renewal));
    let back = match (prepared.way_back, one) {
        (true, _) => "yes: the former key is kept sealed for 7 days; tunnelctl operation rollback writes it again".to_owned(),
        (false, _) => "no: no end returns its key, and the former key was not given".to_owned(),
    };
    prepared.facts.push(("way back", back));
}

impl Prepared {
    /// The plan for people.
    #[must_use]
    pub fn tables(&self, ends: &[End]) -> Vec<Table> {
        let mut rows: Vec<Vec<String>> =
            self.steps.iter().enumerate().map(|(number, [end, what])| vec![(number + 1).to_string(), end.clone(), what.clone()]).collect();
        if let Some(end) = self.renegotiate.and_then(|place| ends.get(place)) {
            rows.push(vec![(rows.len() + 1).to_string(), end.title(), "told to negotiate anew; the tunnel is watched".to_owned()]);
        }
        let facts = self.facts.iter().map(|(name, text)| vec![(*name).to_owned(), text.clone()]).collect();
        vec![
            Table { head: ["STEP", "END", "WHAT"].map(str::to_owned).to_vec(), rows, ..Table::default() },
            Table { head: ["KNOWN BEFOREHAND", ""].map(str::to_owned).to_vec(), rows: facts, ..Table::default() },
        ]
    }

    /// The plan as JSON.
    #[must_use]
    pub fn to_json(&self, planned: &[Planned], keys: &Keys) -> Json {
        let facts: serde_json::Map<String, Json> = self.facts.iter().map(|(name, text)| (name.replace(' ', "_"), json!(text))).collect();
        json!({
            "ends": planned.iter().zip(&self.steps).map(|(plan, [_, what])| json!({ "end": plan.end, "tunnel": plan.tunnel, "sent": what })).collect::<Vec<_>>(),
            "renegotiate": self.renegotiate.and_then(|place| planned.get(place)).map(|plan| plan.end.clone()),
            "way_back": self.way_back,
            "facts": facts,
            "keys": { "old": keys.old.as_ref().map(fingerprint), "new": fingerprint(&keys.new) },
            "warnings": self.warnings,
        })
    }
}
