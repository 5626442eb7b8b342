//! The measured tables of two real daemons, with a test for each row: differences (`setup`), lists (`proposals`), identities
//! and keys, networks, and tunnels that are up (`running`).
//!
//! Rows without a test, and why:
//! - timers of daemons (how long a starter waits, how often it retries): `check` reports what fails, not how soon;
//! - lost packets during rekeys and key changes: a check knows no time; that is for `rotate`;
//! - log lines other than the notify that the starter sees: the other end's log is not compared;
//! - what happens when a daemon crashes or the path is cut: `around` only warns of DPD on one end or none, and of `clear` on
//!   both.

mod any;
mod clouds;
mod harmless;
mod identities;
mod keys;
mod libreswan;
mod nets;
mod proposals;
mod running;
mod setup;
mod weak;

use ipnet::IpNet;

use super::*;
use crate::model::{Secret, Term};
use std::sync::Arc;

fn nets(text: &str) -> Vec<IpNet> {
    text.split(',').map(|net| net.parse().unwrap()).collect()
}

fn child(local: &str, remote: &str) -> Child {
    Child { local: nets(local), remote: nets(remote), ..Child::default() }
}

fn key(text: &str) -> Psk {
    Psk::Known(Arc::new(Secret::new(text)))
}

/// The two ends that all measurements start from.
fn base(version: Term, mode: Term) -> (End, End) {
    let mut left = End::new("left", Kind::Strongswan);
    left.address = Address::Known("192.0.2.1".parse().unwrap());
    left.peers = Peers::Listed(nets("192.0.2.2/32"));
    left.versions = Some(vec![version]);
    left.mode = Some(mode);
    left.ike = vec![Proposal::single("aes256", "sha256", "group14")];
    left.esp = vec![Proposal::single("aes256", "sha256", "group14")];
    left.psk = key("lab key");
    left.children = Some(vec![child("10.1.0.0/24", "10.2.0.0/24")]);
    left.ike_lifetime_secs = Some(86_400);
    left.child_lifetime_secs = Some(3600);
    left.dpd.enabled = Some(true);
    left.encapsulation = Some(Encapsulation::Auto);
    left.start = Some(Start::Always);
    let mut right = left.mirrored();
    right.name = "right".to_owned();
    (left, right)
}

const V1: (Term, Term) = (Term::Ikev1, Term::Main);
const AGGRESSIVE: (Term, Term) = (Term::Ikev1, Term::Aggressive);
const V2: (Term, Term) = (Term::Ikev2, Term::Main);
const MODES: [(Term, Term); 3] = [V1, AGGRESSIVE, V2];

/// The result with the left end changed, and with the right end changed.
fn changed(mode: (Term, Term), change: impl Fn(&mut End)) -> [Agreement; 2] {
    let (mut left, right) = base(mode.0, mode.1);
    change(&mut left);
    let one = check(&left, &right, &Options::default());
    let (left, mut right) = base(mode.0, mode.1);
    change(&mut right);
    [one, check(&left, &right, &Options::default())]
}

fn words(agreement: &Agreement) -> (&'static str, &'static str) {
    (agreement.left_initiates.word(), agreement.right_initiates.word())
}

#[track_caller]
fn finding<'a>(agreement: &'a Agreement, field: &str) -> &'a Finding {
    let found = agreement.findings.iter().find(|finding| finding.field == field || finding.right_field == field);
    found.unwrap_or_else(|| panic!("no finding of {field}: {:?}", agreement.findings))
}

/// Asserts that a change of either end fails in this field, at this exchange, with this log, whichever end starts.
#[track_caller]
fn down(mode: (Term, Term), field: &str, exchange: Exchange, log: &str, change: impl Fn(&mut End)) {
    for agreement in changed(mode, change) {
        assert_eq!(words(&agreement), ("down", "down"), "{mode:?} {field} {:?}", agreement.findings);
        assert_eq!(agreement.verdict, Verdict::Down { exchange }, "{mode:?} {field}");
        let finding = finding(&agreement, field);
        assert_eq!((finding.log.as_str(), finding.severity), (log, Severity::Error), "{mode:?} {field}");
        let errors = agreement.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        assert_eq!(errors, 1, "{mode:?} {field} {:?}", agreement.findings);
    }
}

fn first(mode: (Term, Term)) -> Exchange {
    if mode == V2 { Exchange::IkeSaInit } else { identity(mode) }
}

fn identity(mode: (Term, Term)) -> Exchange {
    match mode {
        V2 => Exchange::IkeAuth,
        V1 => Exchange::MainMode,
        _ => Exchange::AggressiveMode,
    }
}

fn phase2(mode: (Term, Term)) -> Exchange {
    if mode == V2 { Exchange::IkeAuth } else { Exchange::QuickMode }
}

#[test]
fn equal_ends_are_up_in_all_modes() {
    for mode in MODES {
        let (left, right) = base(mode.0, mode.1);
        let agreement = check(&left, &right, &Options::default());
        assert_eq!(agreement.verdict, Verdict::Up);
        // The only finding: strongSwan answers aggressive mode only if it is configured to.
        assert!(agreement.findings.iter().all(|finding| mode == AGGRESSIVE && finding.field == "ike.mode"), "{:?}", agreement.findings);
        assert_eq!(agreement.suite.len(), 6);
    }
}

/// The mends of the finding of this field.
fn mends(left: &End, right: &End, field: &str) -> Vec<Mend> {
    let Mended { agreement, mends, .. } = mended(left, right, &Options::default());
    let place = agreement.findings.iter().position(|finding| finding.field == field || finding.right_field == field).unwrap();
    mends[place].clone()
}

fn ike(texts: &str) -> Vec<Proposal> {
    texts.split(',').map(|text| parse::words::proposal(text, true).unwrap()).collect()
}

fn esp(texts: &str) -> Vec<Proposal> {
    texts.split(',').map(|text| parse::words::proposal(text, false).unwrap()).collect()
}
