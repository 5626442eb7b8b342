//! How often `check` and the daemons agree, by the kind of the files, and where they do not.

use std::collections::BTreeMap;
use std::time::Instant;

use tunnelctl::testing::{Daemon, Side};

use super::said::Said;
use super::tunnel::{File, Odd};
use crate::lab::Observed;

#[derive(Default)]
struct Row {
    pairs: usize,
    agree: usize,
    /// `check` leaves it open: the files do not tell.
    open: usize,
    verdicts: BTreeMap<String, usize>,
}

pub struct Tally {
    rows: BTreeMap<String, Row>,
    wrong: Vec<String>,
    count: usize,
    started: Instant,
}

impl Default for Tally {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), wrong: Vec::new(), count: 0, started: Instant::now() }
    }
}

const fn daemon(kind: Daemon) -> &'static str {
    match kind {
        Daemon::Strongswan => "strongSwan",
        Daemon::Libreswan => "Libreswan",
    }
}

impl Tally {
    pub fn add(&mut self, number: usize, files: [&File; 2], starter: Side, said: &Said, seen: Result<Observed, String>) {
        self.count += 1;
        let name = |file: &&File| format!("{} {}", daemon(file.kind), file.odd.word());
        let mut kinds: Vec<String> = files.iter().filter(|file| file.odd != Odd::Nothing).map(name).collect();
        kinds.dedup();
        let (difference, seen) = match seen {
            Ok(seen) => (said.differs(starter, &seen), seen),
            Err(cause) => (Some(cause.clone()), Observed { verdict: "", exchange: "", cut: Vec::new(), log: cause }),
        };
        let open = difference.is_some() && said.is_open(starter, &seen);
        for kind in &kinds {
            let row = self.rows.entry(kind.clone()).or_default();
            row.pairs += 1;
            row.agree += usize::from(difference.is_none());
            row.open += usize::from(open);
            *row.verdicts.entry(format!("{} {}", seen.verdict, seen.exchange).trim().to_owned()).or_default() += 1;
        }
        if let Some(difference) = difference.filter(|_| !open) {
            eprintln!("pair {number}, {} starts, {}: {difference}", starter.word(), kinds.join(" - "));
            let mut text = format!("==== pair {number}, {} starts: {}\n{difference}\n", starter.word(), kinds.join(" - "));
            text.push_str(&format!("---- check\n{}\n", said.brief(starter)));
            for (side, file) in ["left", "right"].into_iter().zip(files) {
                text.push_str(&format!("---- {side}.conf\n{}", file.text));
                for (name, part) in &file.parts {
                    text.push_str(&format!("---- included {name}\n{part}"));
                }
                if file.kind == Daemon::Libreswan {
                    text.push_str(&format!("---- {side}.conf.secrets\n{}", file.secrets));
                }
            }
            text.push_str(&format!("---- log\n{}\n", seen.log));
            self.wrong.push(text);
        }
    }

    /// Prints the table; fails where anything differs.
    pub fn finish(self, seed: u64) {
        let took = self.started.elapsed().as_secs_f64();
        eprintln!("{} starts of whole files in {took:.1} s (seed {seed})", self.count);
        for (kind, row) in &self.rows {
            eprintln!("{kind:28} {:4} of {:4} agree, {} left open; {:?}", row.agree, row.pairs, row.open, row.verdicts);
        }
        assert!(self.wrong.is_empty(), "{} of {} starts differ (seed {seed}):\n{}", self.wrong.len(), self.count, self.wrong.join("\n"));
    }
}
