//! `modify --check`: whether the tunnel stays up after the change.

use crate::agreement::{Agreement, End, Options, Severity, Verdict, check, ends, face, pair};
use crate::error::{Error, exit};
use crate::model::{Connection, Settings};

/// The other end of the tunnel.
#[derive(Debug)]
pub struct Guard {
    /// What the user calls it.
    pub name: String,
    /// Its tunnels.
    pub ends: Vec<End>,
    /// Whether the tunnel may go down.
    pub allow_down: bool,
}

impl Guard {
    /// Refuses a change that takes the tunnel down. Returns what else the operator should know.
    ///
    /// # Errors
    /// Where the ends agree now and would not after the change.
    pub(super) fn judge(&self, current: &Connection, tunnel: Option<usize>, change: &Settings) -> Result<Vec<String>, Error> {
        let mut after = current.clone();
        match tunnel.and_then(|place| after.tunnels.get_mut(place)) {
            Some(tunnel) => tunnel.settings = tunnel.settings.with(change),
            None => after.settings = after.settings.with(change),
        }
        let (before, after) = (self.agreement(current), self.agreement(&after));
        let text = format!("{}{}", after.verdict.word(), detail(&after.verdict));
        if !fails(&after.verdict) {
            return Ok(vec![format!("checked against {}: {text}", self.name)]);
        }
        let faults = faults(&after);
        if self.allow_down || fails(&before.verdict) {
            let before = if fails(&before.verdict) { " as it does now" } else { "" };
            let faults = faults.join("; ");
            return Ok(vec![format!("checked against {}: the tunnel would not stay up{before}: {text}: {faults}", self.name)]);
        }
        let mut message = format!("the tunnel would not stay up: {}, by the check against {}: {text}", current.reference, self.name);
        for fault in faults {
            message.push_str("\n  ");
            message.push_str(&fault);
        }
        Err(Error::new(exit::FAILED, message)
            .state("nothing was changed")
            .next("where both ends have to change, change each with --allow-down"))
    }

    /// The verdict on all tunnels together.
    fn agreement(&self, connection: &Connection) -> Judged {
        let (mut own, mut others) = (ends(connection), self.ends.clone());
        face(&mut own, &mut others);
        let mut judged = Judged { verdict: Verdict::Up, agreements: Vec::new() };
        for (one, other) in pair(&own, &others).pairs {
            if let (Some(one), Some(other)) = (own.get(one), others.get(other)) {
                let agreement = check(one, other, &Options::default());
                judged.verdict = judged.verdict.worse(agreement.verdict.clone());
                judged.agreements.push(agreement);
            }
        }
        judged
    }
}

struct Judged {
    verdict: Verdict,
    agreements: Vec<Agreement>,
}

/// Whether a tunnel with this verdict goes down, sooner or later.
const fn fails(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Down { .. } | Verdict::UpNoTraffic | Verdict::UpFailsAtRekey | Verdict::UpFailsAtReauth)
}

fn detail(verdict: &Verdict) -> String {
    let detail = verdict.detail();
    if detail.is_empty() { detail } else { format!(" ({detail})") }
}

fn faults(judged: &Judged) -> Vec<String> {
    let mut faults = Vec::new();
    for finding in judged.agreements.iter().flat_map(|agreement| &agreement.findings) {
        let text = format!("{}: {} here, {} there: {}", finding.field, finding.left, finding.right, finding.explanation);
        if finding.severity == Severity::Error && fails(&finding.effect) && !faults.contains(&text) {
            faults.push(text);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::from_settings;
    use crate::model::{Key, Ref, Term, Value};

    fn connection() -> Connection {
        let mut connection = Connection::new(Ref::parse("tencent@ap-x/vpnx-1").unwrap());
        connection.settings = [
            (Key::IkeVersion, Value::term(Term::Ikev2)),
            (Key::IkeEncryption, Value::term(Term::Aes256)),
            (Key::IkeIntegrity, Value::term(Term::Sha256)),
            (Key::IkeDhGroup, Value::term(Term::Group14)),
            (Key::IpsecEncryption, Value::term(Term::Aes256)),
            (Key::IpsecIntegrity, Value::term(Term::Sha256)),
            (Key::IpsecPfs, Value::term(Term::Group14)),
            (Key::LocalIdType, Value::term(Term::Ip)),
            (Key::LocalId, Value::Text("192.0.2.1".into())),
            (Key::RemoteIdType, Value::term(Term::Ip)),
            (Key::RemoteId, Value::Text("198.51.100.1".into())),
            (Key::Psk, Value::secret("a key")),
            (Key::LocalSubnets, Value::List(vec!["10.1.0.0/24".into()])),
            (Key::RemoteSubnets, Value::List(vec!["10.2.0.0/24".into()])),
        ]
        .into_iter()
        .collect();
        connection
    }

    fn guard(connection: &Connection) -> Guard {
        let far = from_settings("far", crate::agreement::Kind::Strongswan, &connection.settings).mirrored();
        Guard { name: "far".into(), ends: vec![far], allow_down: false }
    }

    fn group(term: Term) -> Settings {
        [(Key::IkeDhGroup, Value::term(term))].into_iter().collect()
    }

    #[test]
    fn a_change_that_takes_the_tunnel_down_is_refused_and_names_the_field() {
        let connection = connection();
        let error = guard(&connection).judge(&connection, None, &group(Term::Group15)).unwrap_err();
        assert!(error.message.contains("ike.dh_group: group15 here, group14 there"), "{error}");
        assert_eq!((error.exit, error.state.as_str()), (exit::FAILED, "nothing was changed"));
    }

    #[test]
    fn allow_down_makes_the_change_with_a_warning() {
        let connection = connection();
        let guard = Guard { allow_down: true, ..guard(&connection) };
        let warnings = guard.judge(&connection, None, &group(Term::Group15)).unwrap();
        assert!(warnings[0].contains("would not stay up"), "{warnings:?}");
    }

    #[test]
    fn a_change_of_a_tunnel_that_is_down_already_is_not_refused() {
        let mut connection = connection();
        let guard = guard(&connection);
        connection.settings.set(Key::IkeEncryption, Value::term(Term::Aes128));
        assert!(guard.judge(&connection, None, &group(Term::Group15)).unwrap()[0].contains("as it does now"));
    }

    #[test]
    fn a_different_pfs_group_fails_at_rekey_and_is_refused() {
        let connection = connection();
        let change = [(Key::IpsecPfs, Value::term(Term::Group15))].into_iter().collect();
        assert!(guard(&connection).judge(&connection, None, &change).is_err());
        let change = [(Key::IpsecLifetime, Value::Number(7200))].into_iter().collect();
        assert!(guard(&connection).judge(&connection, None, &change).is_ok());
    }
}
