//! Differences that break nothing.

use super::*;

#[test]
fn lifetimes_dpd_and_forced_encapsulation_break_nothing() {
    for mode in MODES {
        let changes: [fn(&mut End); 6] = [
            |end| end.ike_lifetime_secs = Some(3600),
            |end| end.child_lifetime_secs = Some(1800),
            |end| end.child_lifetime_kb = Some(1000),
            |end| end.dpd.enabled = Some(false),
            |end| end.dpd.action = Some(Term::Clear),
            |end| end.encapsulation = Some(Encapsulation::Forced),
        ];
        for (place, change) in changes.iter().enumerate() {
            for agreement in changed(mode, change) {
                assert_eq!(words(&agreement), ("up", "up"), "{mode:?} change {place}");
            }
        }
        let severity = finding(&changed(mode, changes[0])[0], "ike.lifetime_secs").severity;
        assert_eq!(severity, if mode == V2 { Severity::Info } else { Severity::Warn });
    }
}

#[test]
fn dpd_times_and_actions_break_nothing_but_dpd_on_one_end_is_warned_of() {
    for mode in MODES {
        let changes: [fn(&mut End); 3] =
            [|end| end.dpd.timeout_secs = Some(5), |end| end.dpd.interval_secs = Some(5), |end| end.dpd.action = Some(Term::Restart)];
        for change in changes {
            assert!(changed(mode, change).iter().all(|agreement| agreement.verdict == Verdict::Up));
        }
        let lonely = &changed(mode, |end| end.dpd.enabled = Some(false))[0];
        assert_eq!(finding(lonely, "ike.dpd.enabled").severity, Severity::Warn);
        let (mut left, mut right) = base(mode.0, mode.1);
        (left.dpd.action, right.dpd.action) = (Some(Term::Clear), Some(Term::Clear));
        assert_eq!(finding(&check(&left, &right, &Options::default()), "ike.dpd.action").severity, Severity::Warn);
    }
}

/// Ends have no field for them, since they change nothing: the reader must accept and ignore them.
#[test]
fn mobike_and_fragmentation_break_nothing() {
    let end = |own: &str, far: &str, more: &str| {
        let text = format!(
            "connections {{ a {{
                version = 2
                {more}
                local_addrs = {own}
                remote_addrs = {far}
                proposals = aes256-sha256-modp2048
                local {{ auth = psk }}
                remote {{ auth = psk }}
                children {{ n {{
                    esp_proposals = aes256-sha256-modp2048
                    start_action = start
                }} }}
            }} }}
            secrets {{ ike {{ secret = one }} }}"
        );
        parse::swanctl::read(&text, "a").unwrap().remove(0).1
    };
    let left = end("192.0.2.1", "192.0.2.2", "");
    for more in ["mobike = no", "fragmentation = no", "fragmentation = force"] {
        let agreement = check(&left, &end("192.0.2.2", "192.0.2.1", more), &Options::default());
        assert_eq!(agreement.verdict, Verdict::Up);
        assert!(agreement.findings.iter().all(|finding| finding.field == "ike.dpd.enabled"), "{:?}", agreement.findings);
    }
}
