//! The plan of a rotation: which end first, which cloud renegotiates, and what the operator should know.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use crate::agreement::Verdict;
use crate::command::shared::psk;
use crate::error::{Error, exit};
use crate::model::Secret;
use crate::model::fingerprint::fingerprint;
use crate::operation::end::{End, Keys};
use crate::operation::event::{Planned, Site};
use crate::operation::prepare::{self, Prepared};

/// A rotation that is ready to begin.
pub(super) struct Rotation {
    /// The ends, in the order in which they are written.
    pub(super) ends: Vec<End>,
    pub(super) keys: Keys,
    pub(super) prepared: Prepared,
    pub(super) planned: Vec<Planned>,
    /// The place of the end whose cloud is asked to renegotiate.
    pub(super) renegotiate: Option<usize>,
    /// The command that renegotiates instead.
    pub(super) commanded: Option<String>,
}

/// Plans a rotation of these ends. `not_before` holds, end by end, until when an earlier request may still be executed.
///
/// # Errors
/// A key that an end does not accept or has already; ends that would not agree; a previous key that is not known.
pub(super) fn plan(
    matches: &ArgMatches,
    ends: Vec<End>,
    new: Secret,
    given_old: Option<Secret>,
    site: &Site,
    not_before: &[Option<DateTime<Utc>>],
) -> Result<Rotation, Error> {
    let old = prepare::previous(&ends, given_old)?;
    prepare::check_key(&ends, &new)?;
    if old.as_ref().is_some_and(|old| old.matches(&new)) {
        return Err(Error::usage(format!("the ends have this key already (fp {})", fingerprint(&new))).state("nothing was sent"));
    }
    for end in &ends {
        if let End::Cloud(end) = end {
            end.admit_write(&new)?;
        }
    }
    let order = prepare::order(&ends);
    let mut slots: Vec<Option<End>> = ends.into_iter().map(Some).collect();
    let ends: Vec<End> = order.iter().filter_map(|place| slots.get_mut(*place)?.take()).collect();
    let keys = Keys { old, new };
    let wanted = !matches.get_flag("no-renegotiate") && (ends.len() > 1 || matches.get_flag("renegotiate"));
    let commanded = matches.get_one::<String>("renegotiate-with").cloned();
    let renegotiate = if wanted && commanded.is_none() { prepare::negotiator(&ends.iter().collect::<Vec<_>>()) } else { None };
    let mut prepared = Prepared {
        order,
        renegotiate,
        way_back: keys.old.is_some(),
        steps: ends.iter().map(|end| [end.title(), end.what_is_sent(&keys.new)]).collect(),
        facts: Vec::new(),
        warnings: psk::advice(keys.new.expose()),
    };
    if let Some(end) = renegotiate.and_then(|place| ends.get(place)) {
        prepared.warnings.extend(prepare::side_effects(end));
    }
    prepare::explain(&mut prepared, &ends, renegotiate.is_some(), commanded.is_some());
    judge(&mut prepared, &ends, &keys, matches.get_flag("allow-down"))?;
    if wanted && renegotiate.is_none() && commanded.is_none() {
        prepared
            .warnings
            .push("no end can be asked to renegotiate: name a command with --renegotiate-with, or renegotiate on the peer".to_owned());
    }
    if !prepared.way_back && !matches.get_flag("no-way-back") {
        return Err(Error::usage("a rollback is not possible: no end returns its key, so the previous one is not known")
            .state("nothing was sent")
            .next("give it: --old-key-file FILE")
            .next("or rotate without it: --no-way-back"));
    }
    if peer_lacks_key(matches, &ends, &keys) {
        prepared.warnings.push("the peer needs the new key: read it later with tunnelctl operation show ID --psk-out FILE".to_owned());
    }
    let mut planned: Vec<Planned> = ends.iter().map(|end| end.plan(site)).collect();
    for (plan, place) in planned.iter_mut().zip(&prepared.order) {
        plan.not_before = not_before.get(*place).copied().flatten();
    }
    Ok(Rotation { ends, keys, prepared, planned, renegotiate, commanded: commanded.filter(|_| wanted) })
}

/// Whether nobody gets the new key that the peer needs.
fn peer_lacks_key(matches: &ArgMatches, ends: &[End], keys: &Keys) -> bool {
    let generated = !matches.contains_id("psk-file") && !matches.get_flag("psk-stdin");
    let handed_out = matches.get_one::<PathBuf>("psk-out").is_some() || matches.get_one::<String>("store-key-with").is_some();
    ends.len() < 2 && generated && !handed_out && keys.old.is_none()
}

/// Refuses a pair of ends that would not agree once both have the new key.
fn judge(prepared: &mut Prepared, ends: &[End], keys: &Keys, allow_down: bool) -> Result<(), Error> {
    let Some((verdict, before, after)) = prepare::agreement(ends, &keys.new) else { return Ok(()) };
    prepared.facts.push((
        "check",
        format!(
            "with the new key on both ends: {}{}",
            verdict.word(),
            match verdict.detail() {
                detail if detail.is_empty() => String::new(),
                detail => format!(", {detail}"),
            }
        ),
    ));
    let fails = |verdict: &Verdict| matches!(verdict, Verdict::Down { .. });
    if fails(&after.verdict) && !allow_down {
        let was = if fails(&before.verdict) { "; it does not come up with the current keys either" } else { "" };
        return Err(Error::new(
            exit::FAILED,
            format!("check says that the tunnel would not come up with the same key on both ends{was}: {}", verdict.detail()),
        )
        .state("nothing was sent")
        .all_next(prepare::check(ends))
        .next("or rotate nevertheless: --allow-down"));
    }
    Ok(())
}
