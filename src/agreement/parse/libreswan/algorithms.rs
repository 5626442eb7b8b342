//! Libreswan's lists of algorithms: `ike=` and `esp=`, and what stands for what they leave out (measured with 4.10).

use super::file::Setting;
use super::words::{Use, cipher, group, hash};
use crate::agreement::parse::fault::Fault;
use crate::agreement::{Algorithm, NONE, Proposal};

/// Which of the lists it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// `ike=`; otherwise `esp=`.
    pub(super) ike: bool,
    /// A connection of IKEv1.
    pub(super) v1: bool,
    /// A connection with `pfs=yes`.
    pub(super) pfs: bool,
}

/// The groups that stand for none in `ike=`.
const GROUPS: &[u8] = &[14, 15, 16, 18, 19, 20, 21, 31];
/// The same in IKEv1.
const GROUPS_V1: &[u8] = &[14, 5];

/// Reads `ike=` and `esp=`: `aes256-sha2_256;modp2048`, `aes_gcm256-null;dh19`. Commas separate proposals, `+` separates
/// values of one type. A proposal of `esp=` that names no group has none here (`None`).
///
/// # Errors
/// What Libreswan refuses, and where.
pub(super) fn algorithms(setting: &Setting, place: Place) -> Result<Vec<Proposal>, Fault> {
    let (mut proposals, mut offset) = (Vec::new(), 0);
    // The first group of each proposal.
    let mut firsts: Vec<Option<u8>> = Vec::new();
    for item in setting.value.split(',') {
        let read = proposal(item, place);
        let (read, dh) = read.map_err(|(at, rule)| setting.fault_after(offset + at, rule))?;
        firsts.push(dh.first().copied());
        if let Some(rule) = together(&firsts, place) {
            return Err(setting.fault_after(offset, rule));
        }
        proposals.extend(by_group(read, dh, place));
        offset += item.chars().count() + 1;
    }
    Ok(proposals)
}

/// What Libreswan refuses in the first groups of several proposals of `esp=`.
fn together(firsts: &[Option<u8>], place: Place) -> Option<&'static str> {
    let groups: Vec<u8> = firsts.iter().flatten().copied().filter(|group| *group != 0).collect();
    let differ = groups.first().zip(groups.last()).is_some_and(|(one, other)| one != other);
    match () {
        () if place.ike || !place.pfs => None,
        () if firsts.iter().any(Option::is_some) && firsts.iter().any(Option::is_none) => {
            Some("with pfs=yes either all proposals of esp= name a group, or none does")
        }
        // IKEv1's is told when both ends are known.
        () if differ && !place.v1 => Some("with pfs=yes all proposals of esp= name the same group first"),
        () => None,
    }
}

/// What Libreswan offers without `ike=` or `esp=`.
pub(super) fn left_out(place: Place) -> Vec<Proposal> {
    let named = |ciphers: &[&'static str]| ciphers.iter().map(|name| Algorithm::named(name)).collect::<Vec<_>>();
    // Without esp=, an IKEv1 request has only the shorter key; an answer takes both.
    let lists: &[&[&str]] = match (place.ike, place.v1) {
        (true, true) => &[&["aes256", "aes128"], &["3des"]],
        (false, true) => &[&["aes128", "aes256"], &["3des"]],
        (_, false) => &[&["aes256gcm16"], &["aes128gcm16"], &["aes256"], &["aes128"]],
    };
    let whole = |ciphers: &&[&'static str]| {
        let encryption = named(ciphers);
        let mut proposal = Proposal::default();
        let aead = encryption.iter().any(Algorithm::is_aead);
        proposal.encryption = Some(encryption);
        fill(&mut proposal, aead, place);
        by_group(proposal, Vec::new(), place)
    };
    lists.iter().flat_map(whole).collect()
}

/// Adds the hashes that stand for none.
fn fill(proposal: &mut Proposal, aead: bool, place: Place) {
    let hashes: &[&'static str] = match (place.ike, place.v1) {
        (true, true) => &["sha256", "sha512", "sha1"],
        (false, true) => &["sha1"],
        (_, false) => &["sha512", "sha256"],
    };
    let hashes: Vec<Algorithm> = hashes.iter().map(|name| Algorithm::named(name)).collect();
    if !aead {
        proposal.integrity.get_or_insert(hashes);
        return;
    }
    proposal.integrity.get_or_insert_with(|| vec![NONE]);
    if place.ike && proposal.prf.is_empty() {
        proposal.prf = hashes;
    }
}

/// Adds the groups: in IKEv1 each makes a proposal of its own.
fn by_group(mut proposal: Proposal, groups: Vec<u8>, place: Place) -> Vec<Proposal> {
    let own = match (place.ike, groups.is_empty()) {
        (true, true) => if place.v1 { GROUPS_V1 } else { GROUPS }.to_vec(),
        (false, true) => return vec![proposal],
        _ => groups,
    };
    let name = |number: &u8| if *number == 0 { NONE } else { Algorithm::made(format!("group{number}")) };
    let names: Vec<Algorithm> = own.iter().map(name).collect();
    if place.ike && place.v1 {
        return names.into_iter().map(|group| Proposal { groups: Some(vec![group]), ..proposal.clone() }).collect();
    }
    proposal.groups = Some(names);
    vec![proposal]
}

/// The words of a proposal, each with its place and the sign before it. A key length behind a dash (`aes-256`) belongs to the
/// word before it.
fn words(text: &str) -> Vec<(usize, char, &str)> {
    let is_length = |rest: &str| {
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        behind.len() < rest.len() && (behind.is_empty() || behind.starts_with(['+', '-', ';']))
    };
    let (mut words, mut sign, mut start) = (Vec::new(), '-', 0);
    for (at, c) in text.char_indices() {
        let length = c == '-' && text.get(at + 1..).is_some_and(is_length);
        if matches!(c, '-' | ';') && !length {
            words.push((start, sign, text.get(start..at).unwrap_or_default()));
            (sign, start) = (c, at + 1);
        }
    }
    words.push((start, sign, text.get(start..).unwrap_or_default()));
    words
}

type Refused = (usize, String);

/// Reads one proposal, and its groups.
fn proposal(text: &str, place: Place) -> Result<(Proposal, Vec<u8>), Refused> {
    let mut words = words(text).into_iter().peekable();
    let mut proposal = Proposal::default();
    let (encryption, aead) = ciphers(words.next().map(|(.., word)| word).unwrap_or_default(), place)?;
    proposal.encryption = Some(encryption);
    if words.peek().is_some_and(|(_, sign, _)| *sign == '-')
        && let Some((at, _, word)) = words.next()
    {
        hashes(&mut proposal, (at, word), aead, place)?;
        // A PRF of its own follows an integrity algorithm that cannot be one, or none at all.
        let separate =
            place.ike && proposal.prf.is_empty() && (aead || !word.split('+').all(|word| hash(word).is_some_and(|(_, prf)| prf)));
        if separate && let Some((at, '-', next)) = words.peek().copied() {
            if !next.split('+').all(|word| hash(word).is_some_and(|(_, prf)| prf)) {
                return Err((at, format!("{next:?} is not a PRF that Libreswan knows; a group stands behind a semicolon here")));
            }
            proposal.prf = next.split('+').filter_map(hash).map(|(name, _)| Algorithm::named(name)).collect();
            words.next();
        } else if separate {
            fill(&mut proposal, true, place);
        }
    }
    fill(&mut proposal, aead, place);
    let groups = match words.next() {
        Some(word) => groups(word, place)?,
        None => Vec::new(),
    };
    match words.next() {
        None => Ok((proposal, groups)),
        Some((at, _, word)) => Err((at, format!("{word:?} is too much: a proposal is CIPHER-HASH;GROUP, and + joins several groups"))),
    }
}

/// Reads the ciphers, and tells whether they are AEAD.
fn ciphers(text: &str, place: Place) -> Result<(Vec<Algorithm>, bool), Refused> {
    one_value(text, 0, place)?;
    let (mut all, mut offset): (Vec<Algorithm>, usize) = (Vec::new(), 0);
    for whole in text.split('+') {
        let (word, length) = whole.split_once('-').map_or((whole, None), |(word, length)| (word, Some(length)));
        let unknown = || (offset, format!("{whole:?} is not a cipher that Libreswan knows"));
        let (names, used) = cipher(word, length).ok_or_else(unknown)?.map_err(|rule| (offset, rule))?;
        let refused = match used {
            Use::Everywhere => false,
            Use::Ikev2 => place.v1,
            Use::Esp => place.ike,
            Use::NotIkev1 => place.ike && place.v1,
        };
        if refused {
            let what = if place.ike { "the IKE SA" } else { "Child SAs" };
            let version = if place.v1 { " of IKEv1" } else { "" };
            return Err((offset, format!("Libreswan does not support {whole:?} for {what}{version}")));
        }
        all.extend(names.into_iter().map(Algorithm::made));
        offset += whole.chars().count() + 1;
    }
    let aead = all.iter().filter(|cipher| cipher.is_aead()).count();
    if aead > 0 && aead < all.len() {
        return Err((0, "ciphers with and without integrity of their own (AEAD) cannot be joined by +".to_owned()));
    }
    Ok((all, aead > 0))
}

/// Refuses `+` in IKEv1.
fn one_value(text: &str, at: usize, place: Place) -> Result<(), Refused> {
    if place.v1 && text.contains('+') {
        return Err((at, format!("{text:?}: IKEv1 takes one value here; separate whole proposals by commas")));
    }
    Ok(())
}

/// Reads the hashes: integrity, and in `ike=` the PRF that goes with it.
fn hashes(proposal: &mut Proposal, (at, text): (usize, &str), aead: bool, place: Place) -> Result<(), Refused> {
    one_value(text, at, place)?;
    let mut names: Vec<Algorithm> = Vec::new();
    let mut offset = at;
    let several = text.contains('+');
    for word in text.split('+') {
        let none = word.eq_ignore_ascii_case("null") || word.eq_ignore_ascii_case("none");
        match hash(word) {
            // Beside others it is taken, whatever that means.
            _ if none && (aead || several) => names.push(NONE),
            _ if none => return Err((offset, format!("{word:?}: only a cipher with integrity of its own (AEAD) goes without a hash"))),
            Some(_) if aead && !place.ike => {
                return Err((offset, format!("{word:?}: this cipher has integrity of its own (AEAD): write null")));
            }
            Some((_, false)) if place.ike && (aead || place.v1) => {
                return Err((offset, format!("{word:?} is not a PRF that Libreswan knows")));
            }
            Some((name, _)) if place.v1 && place.ike && name == "aesxcbc" => {
                return Err((offset, format!("Libreswan does not support {word:?} for the IKE SA of IKEv1")));
            }
            Some((name, _)) if place.ike && name == "aescmac" => {
                return Err((offset, format!("{word:?} is not a PRF that Libreswan knows")));
            }
            Some((name, _)) => names.push(Algorithm::named(name)),
            None => return Err((offset, format!("{word:?} is not a hash that Libreswan knows"))),
        }
        offset += word.chars().count() + 1;
    }
    if aead && place.ike && !names.contains(&NONE) {
        (proposal.integrity, proposal.prf) = (Some(vec![NONE]), names);
    } else {
        proposal.integrity = Some(names);
    }
    Ok(())
}

/// Reads the groups.
fn groups((at, _, text): (usize, char, &str), place: Place) -> Result<Vec<u8>, Refused> {
    one_value(text, at, place)?;
    let mut groups = Vec::new();
    let mut offset = at;
    for word in text.split('+') {
        match group(word) {
            Some(0) if place.ike => return Err((offset, format!("{word:?}: the IKE SA needs a group"))),
            Some(0) if place.v1 => return Err((offset, format!("{word:?}: IKEv1 has no word for no group; write pfs=no"))),
            Some(number) => groups.push(number),
            None => return Err((offset, format!("{word:?} is not a group that Libreswan knows"))),
        }
        offset += word.chars().count() + 1;
    }
    Ok(groups)
}
