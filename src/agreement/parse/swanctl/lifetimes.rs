//! Lifetimes: when an SA is renewed at the earliest, and when it ends.

use super::section::Section;
use crate::agreement::End;
use crate::agreement::parse::fault::Fault;

/// The default time after which the IKE SA is rekeyed, and a Child SA.
const IKE_REKEY: u64 = 4 * 3600;
const CHILD_REKEY: u64 = 3600;

/// Reads the lifetimes of the IKE SA. 0 is never.
pub(super) fn ike(end: &mut End, section: &Section) -> Result<(), Fault> {
    let (rekey, reauth) = (section.time("rekey_time")?, section.time("reauth_time")?);
    // A connection that is authenticated anew is not rekeyed as well, unless its file says so.
    let rekey = rekey.unwrap_or(if reauth.is_some() { 0 } else { IKE_REKEY });
    let reauth = reauth.unwrap_or(0);
    let over = section.time("over_time")?.unwrap_or(rekey.max(reauth) / 10);
    let random = section.time("rand_time")?.unwrap_or(over);
    let first = [rekey, reauth].into_iter().filter(|time| *time > 0).min();
    end.reauth = reauth > 0;
    end.ike_lifetime_secs = first.map(|first| first.saturating_add(over));
    end.ike_renewal_secs = first.map(|first| first.saturating_sub(random));
    Ok(())
}

/// Reads the lifetimes of a Child SA: renewal and end. 0 is never.
pub(super) fn child(section: &Section) -> Result<(Option<u64>, Option<u64>), Fault> {
    let rekey = section.time("rekey_time")?.unwrap_or(CHILD_REKEY);
    let life = section.time("life_time")?.unwrap_or(rekey.saturating_add(rekey / 10));
    let random = section.time("rand_time")?.unwrap_or(life.saturating_sub(life.min(rekey)));
    let some = |time: u64| Some(time).filter(|time| *time > 0);
    let end = some(life).or(some(rekey));
    let renewal = some(rekey).map(|rekey| rekey.saturating_sub(random)).or(end);
    Ok((renewal, end))
}

#[cfg(test)]
mod tests {
    use super::super::read;

    /// The lifetimes of a connection: renewal and end of the IKE SA, and of the Child SA.
    fn times(connection: &str, child: &str) -> [Option<u64>; 4] {
        let text = format!("connections {{\n a {{\n{connection}\n children {{\n n {{\n{child}\n }}\n }}\n }}\n}}\n");
        let end = read(&text, "a").unwrap().remove(0).1;
        [end.ike_renewal_secs, end.ike_lifetime_secs, end.child_renewal_secs, end.child_lifetime_secs]
    }

    #[test]
    fn every_time_counts_and_zero_is_never() {
        let s = Some;
        assert_eq!(times("", ""), [s(12_960), s(15_840), s(3240), s(3960)], "the defaults");
        assert_eq!(times("rekey_time = 7h\n over_time = 1h", "life_time = 1h"), [s(21_600), s(28_800), s(3600), s(3600)]);
        assert_eq!(times("rekey_time = 0", "rekey_time = 0"), [None; 4]);
        assert_eq!(times("rekey_time = 0\n reauth_time = 1h", "life_time = 0\n rekey_time = 0s"), [s(3240), s(3960), None, None]);
        assert_eq!(times("reauth_time = 1h\n over_time = 0\n rand_time = 0", "life_time = 0"), [s(3600), s(3600), s(3600), s(3600)]);
        assert_eq!(
            times("rekey_time = 2h\n reauth_time = 1h", "rekey_time = 54m\n life_time = 1h\n rand_time = 3m")[2..],
            [s(3060), s(3600)]
        );
    }
}
