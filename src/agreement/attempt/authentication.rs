//! The identities of the ends, and the key that proves them.

use super::case::{Case, Daemon, Found, shown};
use crate::agreement::address::{Address, Peers};
use crate::agreement::cause::Cause;
use crate::agreement::end::End;
use crate::agreement::identity::{IdKind, Identity};
use crate::agreement::method::{Auth, Method};
use crate::agreement::verdict::Verdict;
use crate::model::Term;

/// The field of the method, which no cloud can set.
const METHOD: &str = "ike.authentication";
const LOCAL_ID: &str = "ike.local_id.value";
const REMOTE_ID: &str = "ike.remote_id.value";

/// Compares the identities, each direction on its own.
pub(super) fn identities(case: &mut Case<'_>) {
    let (starter, answerer) = (case.starter.end, case.answerer.end);
    identity(case, (sent(starter, answerer), answerer.expects()), true);
    identity(case, (sent(answerer, starter), starter.expects()), false);
    let one_mode = starter.mode.is_none() || answerer.mode.is_none() || starter.mode == answerer.mode;
    if case.is_v1() && case.mode == Term::Main && one_mode {
        let is_name = |end: &End| end.local_id.as_ref().is_some_and(|id| id.kind != IdKind::Ip && id.kind != IdKind::Any);
        if is_name(starter) || is_name(answerer) {
            let values = (shown(starter.sends()), shown(answerer.sends()));
            let explanation =
                "main mode with a pre-shared key selects the key by address, before the name is known: use one key for each address";
            let fields = (LOCAL_ID, LOCAL_ID);
            case.add(Found {
                cause: Cause::NameInMainMode,
                fields,
                values,
                effect: Verdict::Up,
                log: "",
                explanation: explanation.to_owned(),
            });
        }
    }
}

/// The identity that an end sends. One that takes whatever address the machine has sends that at which its peer knows it: any
/// other one would not be answered.
fn sent(end: &End, other: &End) -> Option<Identity> {
    let known = || match &other.peers {
        Peers::Listed(nets) if end.address == Address::Any => match nets.as_slice() {
            [net] if net.prefix_len() == net.max_prefix_len() => Some(Identity::address(net.addr())),
            _ => None,
        },
        _ => None,
    };
    end.sends().or_else(known)
}

fn identity(case: &mut Case<'_>, (sent, expected): (Option<Identity>, Option<Identity>), by_starter: bool) {
    let order = |sent: String, expected: String| if by_starter { (sent, expected) } else { (expected, sent) };
    let fields = if by_starter { (LOCAL_ID, REMOTE_ID) } else { (REMOTE_ID, LOCAL_ID) };
    let values = order(shown(sent.as_ref()), shown(expected.as_ref()));
    let (Some(sent), Some(expected)) = (sent, expected) else {
        case.unread(fields, values, "an identity is not known, and neither is the address that would take its place");
        return;
    };
    let checker = if by_starter { case.answerer.daemon } else { case.starter.daemon };
    let exchange = case.identity_exchange();
    let cause = Cause::Identity(if by_starter { case.starter.side } else { case.answerer.side });
    match matches(&sent, &expected, checker) {
        Match::Yes => {}
        Match::Unknown => {
            case.add(Found {
                cause: Cause::HostName,
                fields,
                values,
                effect: Verdict::Unknown { fields: vec![fields.0] },
                log: "",
                explanation:
                    "an identity is the address of a host name, which is not looked up here; @ before the name sends the name itself"
                        .to_owned(),
            });
        }
        Match::CaseOnly => {
            // It hashes its own spelling, so the hash differs as with another key.
            if case.is_v1() && case.mode == Term::Aggressive && case.answerer.daemon == Daemon::Libreswan && by_starter {
                let explanation =
                    "the names differ in upper and lower case: in aggressive mode Libreswan hashes its own spelling, and authentication fails".to_owned();
                let (log, effect) = ("AUTHENTICATION_FAILED", Verdict::Down { exchange });
                case.add(Found { cause, fields, values, effect, log, explanation });
            }
        }
        Match::No => {
            let v1_libreswan = case.is_v1() && checker == Daemon::Libreswan;
            let log = match (v1_libreswan, case.mode) {
                (true, Term::Main) => "timeout",
                (true, _) => "INVALID_ID_INFORMATION",
                _ => "AUTHENTICATION_FAILED",
            };
            let explanation = if sent.text == expected.text {
                "the identities have the same text but different types, and the type counts"
            } else {
                "the identity that one end sends is not the one that the other expects"
            };
            let (fields, values) = typed(fields, values, &sent, &expected);
            case.add(Found { cause, fields, values, effect: Verdict::Down { exchange }, log, explanation: explanation.to_owned() });
        }
    }
}

/// Names the type field instead where only the types differ.
fn typed(
    fields: (&'static str, &'static str),
    values: (String, String),
    sent: &Identity,
    expected: &Identity,
) -> ((&'static str, &'static str), (String, String)) {
    let kind = |field: &'static str| if field == LOCAL_ID { "ike.local_id.type" } else { "ike.remote_id.type" };
    if sent.text == expected.text && sent.kind != expected.kind { ((kind(fields.0), kind(fields.1)), values) } else { (fields, values) }
}

/// Whether an identity is the expected one.
enum Match {
    Yes,
    /// But for upper and lower case.
    CaseOnly,
    No,
    /// It is the address of a host name.
    Unknown,
}

fn matches(sent: &Identity, expected: &Identity, checker: Daemon) -> Match {
    if expected.kind == IdKind::Any {
        // Measured: Libreswan's rightid=%any does not take a name.
        return if checker == Daemon::Libreswan && sent.kind == IdKind::Fqdn { Match::No } else { Match::Yes };
    }
    if sent.kind == IdKind::Host || expected.kind == IdKind::Host {
        let other = if sent.kind == IdKind::Host { expected } else { sent };
        return if matches!(other.kind, IdKind::Ip | IdKind::Host) { Match::Unknown } else { Match::No };
    }
    if sent.kind != expected.kind {
        return Match::No;
    }
    if sent.text == expected.text {
        return Match::Yes;
    }
    let named = matches!(sent.kind, IdKind::Fqdn | IdKind::Email);
    if named && sent.text.eq_ignore_ascii_case(&expected.text) {
        return Match::CaseOnly;
    }
    if named
        && checker == Daemon::Strongswan
        && let Some(rest) = expected.text.strip_prefix('*')
        && sent.text.to_ascii_lowercase().ends_with(&rest.to_ascii_lowercase())
    {
        return Match::Yes;
    }
    Match::No
}

/// Compares how the ends authenticate, each direction on its own. Returns whether the pre-shared keys are to be compared.
pub(super) fn methods(case: &mut Case<'_>) -> bool {
    let (starter, answerer) = (&case.starter.end.auth, &case.answerer.end.auth);
    let (exchange, v1) = (case.identity_exchange(), case.is_v1());
    let fits = |sender: &Auth, checker: &Auth| checker.takes(&sender.local, v1);
    let mixed = v1 && !(starter.is_one_way() && answerer.is_one_way());
    if mixed || !fits(starter, answerer) || !fits(answerer, starter) {
        let shown = |auth: &Auth| {
            let (sends, expects) = (auth.sends(), auth.expects(v1));
            if sends == expects { sends } else { format!("{sends}, expects {expects}") }
        };
        let explanation = if mixed {
            "in IKEv1 both ends prove themselves in the same way, and an end is set to one way for itself and another for its peer"
        } else {
            "the ends authenticate in different ways: one end proves itself with something that the other does not take"
        };
        let log = match (v1, case.answerer.daemon) {
            (true, Daemon::Libreswan) => "NO_PROPOSAL_CHOSEN",
            _ => "AUTHENTICATION_FAILED",
        };
        case.fail((Cause::Method, METHOD), (shown(starter), shown(answerer)), exchange, log, explanation);
        // The keys are still compared where both ends are to have one, so that all faults are named at once.
        return starter.needs_key() && answerer.needs_key();
    }
    let all = [&starter.local, &answerer.local].into_iter().flatten();
    if let Some(other) = all.clone().find(|method| !matches!(method, Method::Psk | Method::Null)) {
        let explanation = format!("authentication by {other} is not compared: only pre-shared keys are");
        let (fields, values) = ((METHOD, METHOD), (starter.sends(), answerer.sends()));
        let (cause, effect) = (Cause::MethodNotCompared, Verdict::Unknown { fields: vec![METHOD] });
        case.add(Found { cause, fields, values, effect, log: "", explanation });
    }
    starter.local.contains(&Method::Psk) || answerer.local.contains(&Method::Psk)
}
