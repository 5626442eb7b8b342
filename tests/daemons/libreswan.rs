//! Real Libreswan, at one end or both, in a guest whose kernel has ESP: whether it loads what `export` writes, and whether
//! `check` predicts its behaviour.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tunnelctl::testing::{
    Agreement, Connection, Daemon, End, Exchange, Format, Given, Initiator, Key, Options, Psk, Secret, Side, Term, Value, Verdict, check,
    ends, export, to_swanctl,
};

use crate::either::Conf;
use crate::ipsec_conf::{Files, to_libreswan};
use crate::mixed::{Lab, Trial};
use crate::pairs::{LEFT, Pair, RIGHT, pair};
use crate::verdicts::{SEED, differs, from_environment, wanted};

/// The number of pairs of an ordinary run.
const PAIRS: usize = 36;

#[test]
fn an_exported_configuration_brings_up_every_connection_of_the_emulator() {
    if !crate::guest::is_inside("libreswan::an_exported_configuration_brings_up_every_connection_of_the_emulator", Duration::from_secs(300))
    {
        return;
    }
    let started = Instant::now();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for mut connection in crate::exported::connections() {
        // Libreswan has no group 2, and `export` must refuse it. The rest is tried with a group that it has.
        let refused = with_known_groups(&mut connection);
        let connection = &connection;
        // Where the cloud does not return the key, the user gives it.
        let unread = ends(connection).iter().any(|end| !matches!(end.psk, Psk::Known(_)));
        let key = unread.then(|| Secret::new("0sAAAA\"}#{ a key")).map(std::sync::Arc::new);
        let given = Given { key: key.clone(), include_key: true, ..Given::default() };
        if let Some(original) = &refused {
            let faults = export(original, Format::Libreswan, &given).unwrap_err();
            assert!(faults.iter().all(|fault| fault.contains("group2: Libreswan has no such")), "{faults:?}");
        }
        let exported = export(connection, Format::Libreswan, &given).unwrap();
        let files = Files { conf: exported.files[0].text.to_string(), secrets: exported.files[1].text.to_string() };
        let mut first = 0;
        for (place, mut cloud) in ends(connection).into_iter().enumerate() {
            if let Some(key) = &key {
                cloud.psk = Psk::Known(key.clone());
            }
            let peer = cloud.mirrored();
            let wanted = wanted(&peer, &cloud);
            let conns = first..first + wanted.len();
            first = conns.end;
            let outer = (peer.address.get().unwrap(), cloud.address.get().unwrap());
            let mut lab = Lab::start(outer, (Daemon::Libreswan, Daemon::Strongswan)).unwrap();
            let right = to_swanctl(&cloud).unwrap();
            let right = right.replace("start_action = start", "start_action = none").replace("start_action = trap", "start_action = none");
            let trial = Trial {
                left: Conf::Libreswan(files.clone()),
                right: Conf::Strongswan(right),
                starter: Side::Left,
                children: conns,
                wanted,
            };
            count += 1;
            match lab.attempt(&trial, true) {
                Ok(seen) if seen.verdict == "up" => {}
                Ok(seen) => {
                    wrong.push(format!("{} {place}: {} {} {:?}\n{}", connection.reference, seen.verdict, seen.exchange, seen.cut, seen.log))
                }
                Err(cause) => wrong.push(format!("{} {place}: {cause}", connection.reference)),
            }
        }
    }
    eprintln!("{count} tunnels in {:.1} s", started.elapsed().as_secs_f64());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Replaces group 2 by group 14; returns the original connection if there was a group 2.
fn with_known_groups(connection: &mut Connection) -> Option<Connection> {
    let original = connection.clone();
    let mut changed = false;
    let tunnels = connection.tunnels.iter_mut().map(|tunnel| &mut tunnel.settings);
    for settings in tunnels.chain([&mut connection.settings]) {
        for key in [Key::IkeDhGroup, Key::IpsecPfs] {
            if settings.term(key) == Some(Term::Group2) {
                settings.set(key, Value::term(Term::Group14));
                changed = true;
            }
        }
    }
    changed.then_some(original)
}

/// Which daemon each end runs.
const KINDS: [(Daemon, Daemon); 3] =
    [(Daemon::Strongswan, Daemon::Libreswan), (Daemon::Libreswan, Daemon::Strongswan), (Daemon::Libreswan, Daemon::Libreswan)];

fn judged(pair: &Pair, kinds: (Daemon, Daemon)) -> Agreement {
    let initiator = if pair.starter == Side::Left { Initiator::Left } else { Initiator::Right };
    check(&pair.left, &pair.right, &Options { initiator, left_kind: Some(kinds.0), right_kind: Some(kinds.1), ..Options::default() })
}

fn conf(end: &End, kind: Daemon) -> Option<Conf> {
    match kind {
        Daemon::Strongswan => to_swanctl(end).map(Conf::Strongswan),
        Daemon::Libreswan => to_libreswan(end).map(Conf::Libreswan),
    }
}

/// The configurations of the ends; `None` if there is no word for an algorithm.
fn trial(pair: &Pair, kinds: (Daemon, Daemon)) -> Option<Trial> {
    let (left, right) = (conf(&pair.left, kinds.0)?, conf(&pair.right, kinds.1)?);
    let (starter, one, other) =
        if pair.starter == Side::Left { (&left, &pair.left, &pair.right) } else { (&right, &pair.right, &pair.left) };
    let (children, wanted) = (0..starter.children(), wanted(one, other));
    Some(Trial { left, right, starter: pair.starter, children, wanted })
}

/// The first pairs of a seed for these daemons, with their numbers.
fn sample(seed: u64, turn: usize, count: usize) -> impl Iterator<Item = (usize, Pair, Agreement)> {
    let numbers = (turn..).step_by(KINDS.len()).map(move |number| (number, pair(seed, number)));
    let judged = numbers.map(move |(number, pair)| {
        let said = judged(&pair, KINDS[turn]);
        (number, pair, said)
    });
    // Most pairs have a value that Libreswan does not load: one in thirty of those is enough.
    let is_refused = |said: &Agreement| said.verdict == Verdict::Down { exchange: Exchange::Load };
    judged.filter(move |(number, _, said)| !is_refused(said) || (number / KINDS.len()).is_multiple_of(30)).take(count)
}

#[test]
fn check_says_what_libreswan_does() {
    if !crate::guest::is_inside("libreswan::check_says_what_libreswan_does", Duration::from_secs(3600)) {
        return;
    }
    let count = from_environment("TUNNELCTL_LIBRESWAN_PAIRS", PAIRS);
    let seed = from_environment("TUNNELCTL_SEED", SEED);
    let only: Option<usize> = std::env::var("TUNNELCTL_PAIR").ok().and_then(|text| text.parse().ok());
    let started = Instant::now();
    let (mut done, mut again, mut wrong) = (0, 0, Vec::new());
    let mut tally = BTreeMap::<String, usize>::new();
    for (turn, kinds) in KINDS.into_iter().enumerate() {
        let mut lab: Option<Lab> = None;
        for (number, pair, said) in sample(seed, turn, count / KINDS.len()) {
            if only.is_some_and(|only| only != number) {
                continue;
            }
            let mut look = || {
                let trial = trial(&pair, kinds).ok_or("there is no word for an algorithm")?;
                let seen = lab.get_or_insert_with(|| Lab::start((LEFT, RIGHT), kinds).unwrap()).attempt(&trial, false)?;
                let mut difference = differs(&said.verdict, &seen, &pair);
                if let Some(text) = difference.as_mut().filter(|_| only.is_some() || seen.exchange == "load") {
                    text.push_str(&format!("\n{}\n{:#?}", seen.log, said.findings));
                }
                if difference.is_some() {
                    // The next pair gets fresh daemons.
                    lab = None;
                }
                Ok::<_, String>((format!("{} {}", seen.verdict, seen.exchange), difference))
            };
            // On a busy machine an answer may come too late: such a pair is tried a second time.
            let mut seen = look();
            if !matches!(seen, Ok((_, None))) {
                again += 1;
                seen = look();
            }
            done += 1;
            match seen {
                Ok((verdict, None)) => *tally.entry(verdict).or_default() += 1,
                Ok((_, Some(cause))) | Err(cause) => wrong.push(format!("pair {number} {kinds:?}: {}\n  {cause}", pair.story)),
            }
        }
    }
    let took = started.elapsed().as_secs_f64();
    eprintln!("{done} pairs in {took:.1} s, {:.1} a second, {again} tried twice: {tally:?}", f64::from(done) / took);
    assert!(wrong.is_empty(), "{} of {done} pairs (seed {seed}):\n{}", wrong.len(), wrong.join("\n"));
}
