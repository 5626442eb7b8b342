//! The negotiated suite, judged by a policy.

use super::*;
use crate::policy::Policy;

fn judged(mode: (Term, Term), policy: Option<Policy>, change: impl Fn(&mut End, &mut End)) -> Agreement {
    let (mut left, mut right) = base(mode.0, mode.1);
    change(&mut left, &mut right);
    check(&left, &right, &Options { policy, ..Options::default() })
}

fn both(left: &mut End, right: &mut End, ike_suite: &str, esp_suite: &str) {
    (left.ike, right.ike) = (ike(ike_suite), ike(ike_suite));
    (left.esp, right.esp) = (esp(esp_suite), esp(esp_suite));
}

#[test]
fn a_weak_suite_is_reported_but_changes_no_verdict() {
    let weak = |left: &mut End, right: &mut End| both(left, right, "3des-md5-modp1024", "3des-md5");
    let agreement = judged(V1, Some(Policy::Modern), weak);
    assert_eq!(agreement.verdict, Verdict::Up);
    for (field, severity) in [
        ("ike.integrity", Severity::Warn),
        ("ike.dh_group", Severity::Warn),
        ("ipsec.integrity", Severity::Warn),
        ("ike.encryption", Severity::Info),
        ("ipsec.encryption", Severity::Info),
        ("ipsec.pfs", Severity::Info),
        ("ike.version", Severity::Info),
    ] {
        let finding = finding(&agreement, field);
        assert_eq!((finding.severity, &finding.effect), (severity, &Verdict::Up), "{field}");
    }
    assert!(judged(V1, None, weak).findings.is_empty());
    assert!(judged(V1, Some(Policy::Off), weak).findings.is_empty());
}

#[test]
fn a_weak_member_of_a_list_counts_only_where_it_is_chosen() {
    let lists = |chosen: &'static str| {
        move |left: &mut End, right: &mut End| {
            left.ike = ike("aes256-sha256-ecp384-modp1024");
            right.ike = ike(chosen);
        }
    };
    let group = |agreement: &Agreement| {
        agreement.findings.iter().any(|finding| finding.field == "ike.dh_group" && finding.severity == Severity::Warn)
    };
    assert!(group(&judged(V2, Some(Policy::Modern), lists("aes256-sha256-modp1024"))));
    assert!(!group(&judged(V2, Some(Policy::Modern), lists("aes256-sha256-ecp384"))));
}

#[test]
fn aggressive_mode_is_judged_where_both_ends_use_it() {
    let agreement = judged(AGGRESSIVE, Some(Policy::Modern), |_, _| {});
    assert!(agreement.findings.iter().any(|finding| finding.rule == Some("modern/aggressive")));
}

#[test]
fn without_a_negotiated_suite_nothing_is_judged() {
    let apart = |left: &mut End, right: &mut End| {
        (left.ike, right.ike) = (ike("3des-md5-modp1024"), ike("des-md5-modp768"));
        (left.esp, right.esp) = (esp("3des-md5"), esp("des-sha1"));
    };
    assert!(judged(V2, Some(Policy::Modern), apart).findings.iter().all(|finding| finding.severity == Severity::Error));
}

#[test]
fn a_sound_suite_has_no_findings() {
    let sound = |left: &mut End, right: &mut End| both(left, right, "aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384");
    for policy in [Policy::Modern, Policy::Nist, Policy::Cnsa] {
        assert!(judged(V2, Some(policy), sound).findings.is_empty(), "{policy:?}");
    }
}
