//! The plan of a rotation, before anything is written: which end comes first, what each is sent, what that costs, and whether
//! it can be rolled back.

use serde_json::{Value as Json, json};

use super::end::{CloudEnd, End, Keys};
use super::event::Planned;
use super::key_rules::faults;
use crate::agreement::{self, Agreement, Verdict};
use crate::error::{Error, exit};
use crate::model::fingerprint::fingerprint;
use crate::model::{Key, Secret, Settings, Term, Value};
use crate::print::output::Table;
use crate::system::shell::quoted;

/// The plan of a rotation.
#[derive(Debug)]
pub struct Prepared {
    /// The ends in writing order, by their places on the command line.
    pub order: Vec<usize>,
    /// The place, in that order, of the end that is told to renegotiate.
    pub renegotiate: Option<usize>,
    /// Whether the previous key is known.
    pub way_back: bool,
    /// For each end, in writing order: its name, and what it is sent.
    pub steps: Vec<[String; 2]>,
    /// What is known beforehand: names and sentences.
    pub facts: Vec<(&'static str, String)>,
    /// Warnings for the operator.
    pub warnings: Vec<String>,
}

/// Checks a key against the rules of these ends.
///
/// # Errors
/// Every rule that the key breaks.
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
    Err(Error::usage(message).state("nothing was sent").next("--psk-generate makes a key that every cloud accepts"))
}

/// The key that the ends hold now, as they return it or the user gave it; none where it is not known.
///
/// # Errors
/// When the ends hold different keys.
pub fn previous(ends: &[End], given: Option<Secret>) -> Result<Option<Secret>, Error> {
    let mut known: Option<(String, Secret)> = given.map(|key| ("--old-key-file".to_owned(), key));
    for end in ends {
        let Some(key) = end.key() else { continue };
        match &known {
            Some((name, other)) if !other.matches(&key) => {
                if name == "--old-key-file" {
                    return Err(Error::usage(format!(
                        "--old-key-file holds another key (fp {}) than {} holds now (fp {})",
                        fingerprint(other),
                        end.title(),
                        fingerprint(&key)
                    ))
                    .state("nothing was sent")
                    .next("leave --old-key-file out: an end that returns its key does not need it"));
                }
                return Err(Error::new(
                    exit::FAILED,
                    format!("{name} and {} hold different keys now (fp {} and fp {})", end.title(), fingerprint(other), fingerprint(&key)),
                )
                .state("nothing was sent; such a tunnel does not come up")
                .all_next(one_key(ends)));
            }
            Some(_) => {}
            None => known = Some((end.title(), key)),
        }
    }
    Ok(known.map(|(_, key)| key))
}

/// How two ends get one key before it is rotated: each cloud's end may take the other one's, or the file may.
fn one_key(ends: &[End]) -> Vec<String> {
    let mut next: Vec<String> = check(ends).map(|check| format!("see what else differs: {check}")).into_iter().collect();
    for end in ends {
        next.push(match end {
            End::Cloud(cloud) => {
                let tunnel = cloud.address.first().map(|(flag, tunnel)| format!(" --{flag} {}", quoted(tunnel))).unwrap_or_default();
                let reference = quoted(&cloud.reference.to_string());
                format!("give {} the other end's key: tunnelctl modify {reference}{tunnel} --psk-file FILE{}", end.title(), end.again())
            }
            End::File(_) => format!("or write the other end's key into {}", end.name()),
        });
    }
    next
}

/// The command that shows how two ends differ. It takes whole connections, and no `file:` end.
#[must_use]
pub fn check(ends: &[End]) -> Option<String> {
    let refs: Vec<String> = ends.iter().filter(|end| matches!(end, End::Cloud(_))).map(End::name).collect();
    match (ends.first(), refs.as_slice()) {
        (Some(end), [one, other]) => Some(format!("tunnelctl check {} {}{}", quoted(one), quoted(other), end.again())),
        _ => None,
    }
}

/// The writing order: ends whose change does not touch the running tunnel first, ends that never return a key last, otherwise
/// as given.
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

/// The end that is told to renegotiate: the last one with a call for just that, otherwise the last one that does it by a change.
#[must_use]
pub fn negotiator(ends: &[&End]) -> Option<usize> {
    let by = |fits: &dyn Fn(How) -> bool| ends.iter().rposition(|end| how(end).is_some_and(fits));
    by(&|how| how == How::Call).or_else(|| by(&|_| true))
}

/// How an end is told to renegotiate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// By a call that changes nothing.
    Call,
    /// By a change, which switches `effect_immediately` on.
    Change,
}

fn how(end: &End) -> Option<How> {
    let End::Cloud(end) = end else { return None };
    let call = end.renegotiate("").ok()??;
    Some(if end.is_change(&call) { How::Change } else { How::Call })
}

/// Whether an end can be told to renegotiate by a call that changes nothing.
pub(super) fn has_call(end: &End) -> bool {
    how(end) == Some(How::Call)
}

/// The side effects of a renegotiation that is done by a change.
#[must_use]
pub fn side_effects(end: &End) -> Vec<String> {
    let (Some(How::Change), End::Cloud(cloud)) = (how(end), end) else { return Vec::new() };
    let mut effects = Vec::new();
    if cloud.settings().switch(Key::EffectImmediately) != Some(true) {
        let after = if cloud.address.is_empty() { "which is switched off again afterwards" } else { "which stays on" };
        effects.push(format!("{} is told to renegotiate by a change that switches effect_immediately on, {after}", end.title()));
    }
    if !cloud.address.is_empty() {
        effects.push(format!("{} renegotiates all its tunnels at once, including the other one", end.name()));
    }
    effects
}

/// Whether two clouds' ends will agree with one key on both: the verdict, and the check before and after.
#[must_use]
pub fn agreement(ends: &[End], key: &Secret) -> Option<(Verdict, Agreement, Agreement)> {
    let [End::Cloud(one), End::Cloud(other)] = ends else { return None };
    let of = |end: &CloudEnd, key: Option<&Secret>| {
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

/// The IKE version and lifetime of an end, where it returns them.
fn ike(end: &End) -> (Option<Term>, Option<u64>) {
    let settings = if let End::Cloud(end) = end { end.settings() } else { Settings::new() };
    (settings.term(Key::IkeVersion), settings.number(Key::IkeLifetime))
}

/// The IKE version of the pair and its shorter IKE lifetime, where an end returns them.
fn shared_ike(ends: &[End]) -> (Option<Term>, Option<u64>) {
    (ends.iter().find_map(|end| ike(end).0), ends.iter().filter_map(|end| ike(end).1).min())
}

/// Adds what is known of the interruption, of the time between the two writes, and of the way back.
pub fn explain(prepared: &mut Prepared, ends: &[End], renegotiates: bool, commanded: bool) {
    let one = ends.len() < 2;
    let back = if prepared.way_back {
        "yes: the previous key is kept sealed for 7 days; tunnelctl operation rollback writes it again"
    } else {
        "no: no end returns its key, and the previous key was not given"
    };
    prepared.facts.push(("interruption", interruption(renegotiates || commanded, one).to_owned()));
    prepared.facts.push(("renewal", renewal(ends, one)));
    prepared.facts.push(("way back", back.to_owned()));
}

/// What the renegotiation does to traffic.
const fn interruption(renegotiates: bool, one: bool) -> &'static str {
    match (renegotiates, one) {
        (true, false) => "one renegotiation, once both ends hold the new key: seconds",
        (true, true) => "the tunnel is renegotiated at once: it stays down unless the peer already holds the new key",
        (false, false) => "none by this command; renegotiate the tunnel yourself in a maintenance window",
        (false, true) => "none by this command; the peer needs the new key before the ends next authenticate",
    }
}

/// What happens to an IKE SA that is renewed between the two writes.
fn renewal(ends: &[End], one: bool) -> String {
    let when = if one { "before the peer has the new key" } else { "between the two writes" };
    match shared_ike(ends) {
        (Some(Term::Ikev2), _) => {
            format!("IKEv2 rekeys without the key; only a reauthentication or a reset {when} would fail")
        }
        (Some(Term::Ikev1), Some(lifetime)) => {
            format!(
                "IKEv1 authenticates with the key again at least every {lifetime} s; if that happens {when}, it fails; the clouds do not say when it is due"
            )
        }
        (Some(Term::Ikev1), None) => {
            format!("IKEv1 authenticates with the key again when it renews its IKE SA; if that happens {when}, it fails")
        }
        _ => format!("the IKE version is not known; with IKEv1, a renewal {when} would fail"),
    }
}

impl Prepared {
    /// The plan as tables.
    #[must_use]
    pub fn tables(&self, ends: &[End]) -> Vec<Table> {
        let mut rows: Vec<Vec<String>> =
            self.steps.iter().enumerate().map(|(number, [end, what])| vec![(number + 1).to_string(), format!("{end}\n  {what}")]).collect();
        if let Some(end) = self.renegotiate.and_then(|place| ends.get(place)) {
            rows.push(vec![(rows.len() + 1).to_string(), format!("{}\n  renegotiates the tunnel, then watches it", end.title())]);
        }
        let facts = self.facts.iter().map(|(name, text)| vec![(*name).to_owned(), text.clone()]).collect();
        vec![
            Table { head: ["STEP", "END\n  WHAT"].map(str::to_owned).to_vec(), rows, ..Table::default() },
            Table { head: ["WHAT TO EXPECT", ""].map(str::to_owned).to_vec(), rows: facts, ..Table::default() },
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
