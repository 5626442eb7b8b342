//! Which side of an `ipsec.conf` is this machine, where the file does not tell: Libreswan finds out by its own addresses, here
//! the other end of the tunnel tells.

use super::end::End;
use super::pair::belong;

/// Turns ends whose file tells no side so that both ends belong together best, and returns the names of those that are turned.
/// Between equals, `left` is this machine.
pub fn face(left: &mut [End], right: &mut [End]) -> Vec<String> {
    let mut turned = Vec::new();
    for end in left.iter_mut() {
        let Some(other) = best(end, right) else { continue };
        let (here, there) = better(end, other);
        turned.extend(turn(end, here));
        turned.extend(turn(other, there));
    }
    for end in right.iter_mut() {
        let Some(other) = best(end, left) else { continue };
        let (here, _) = better(end, other);
        turned.extend(turn(end, here));
    }
    turned
}

/// The end of the other connection that this one belongs to, whichever side it is.
fn best<'e>(end: &End, others: &'e mut [End]) -> Option<&'e mut End> {
    let fit = |other: &End| sides(end).flat_map(|one| sides(other).map(move |two| belong(one, two))).max();
    // Between equals the first one.
    others.iter_mut().rev().max_by_key(|other| fit(other))
}

/// Both sides of an end, or the one that is known.
fn sides(end: &End) -> impl Iterator<Item = &End> + Clone {
    std::iter::once(end).chain(end.turned.as_deref())
}

/// Whether each of two ends is to be turned.
fn better(one: &End, other: &End) -> (bool, bool) {
    let mut found = ((false, false), belong(one, other));
    for (here, own) in sides(one).enumerate() {
        for (there, far) in sides(other).enumerate() {
            let fit = belong(own, far);
            if fit > found.1 {
                found = ((here == 1, there == 1), fit);
            }
        }
    }
    found.0
}

/// Turns an end, and returns its name.
fn turn(end: &mut End, wanted: bool) -> Option<String> {
    let other = end.turned.take_if(|_| wanted)?;
    *end = *other;
    Some(end.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::parse::libreswan::read;

    fn end(left: &str, right: &str) -> End {
        let text = format!("conn a\n\tleft={left}\n\tright={right}\n\tauthby=secret\n");
        read(&text, "a.conf", None).unwrap().remove(0).1.unwrap()
    }

    fn own(end: &End) -> String {
        end.address.get().map(|address| address.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_other_end_tells_which_side_is_this_machine() {
        let (one, other) = ("192.0.2.1", "198.51.100.1");
        for (left, right, wanted) in [((one, other), (other, one), 0), ((one, other), (one, other), 1), ((other, one), (one, other), 0)] {
            let (mut left, mut right) = ([end(left.0, left.1)], [end(right.0, right.1)]);
            assert_eq!(face(&mut left, &mut right).len(), wanted, "{left:?} {right:?}");
            assert_ne!(own(&left[0]), own(&right[0]));
        }
        let mut swanctl = [End { local_id: None, ..end(other, one) }];
        swanctl[0].turned = None;
        let mut file = [end(other, one)];
        assert_eq!(face(&mut file, &mut swanctl), ["a.conf:a"]);
        assert_eq!((own(&file[0]), file[0].peers.start().unwrap().to_string()), (one.to_owned(), other.to_owned()));
    }

    #[test]
    fn what_the_file_tells_is_not_turned() {
        let other = "198.51.100.1";
        for (left, right) in [("%defaultroute", other), (other, "%defaultroute"), (other, "%any"), ("%any", other)] {
            assert!(end(left, right).turned.is_none(), "{left} {right}");
        }
    }
}
