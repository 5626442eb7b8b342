use std::io::Write;
use std::time::Instant;

use super::super::transition::Rules;
use super::explorer::{explore, report};
use super::setting::{Habits, Setting, Telling};

/// The environment variable that turns on the deep run: see the README of the tests.
const DEEP: &str = "TUNNELCTL_MODEL";

const ONE: Setting = Setting {
    ends: [Some(true), None],
    telling: Telling::End(0),
    modify: false,
    flights: 2,
    edits: 1,
    ages: true,
    exact: false,
    slow: true,
    rules: Rules::ALL,
    habits: Habits::ALL,
};

/// Leaves out what one end covers: a cloud where changes take effect late, and requests that expire one by one.
const TWO: Setting = Setting { ends: [Some(true), Some(true)], telling: Telling::End(1), ages: false, slow: false, ..ONE };

fn safe(settings: impl IntoIterator<Item = Setting>) {
    for setting in settings {
        let start = Instant::now();
        let explored = explore(&setting, &[]);
        let _ = writeln!(
            std::io::stdout(),
            "{:?} told {:?}: {} worlds, {} journals, {:.1?}; at most {} steps to the end",
            setting.ends,
            setting.telling,
            explored.worlds,
            explored.journals,
            start.elapsed(),
            explored.longest
        );
        assert!(explored.broken.is_none(), "{}", report(&setting, &explored));
    }
}

#[test]
fn every_world_of_one_end_is_safe() {
    for readable in [true, false] {
        let tellings = [Telling::Nobody, Telling::Command, Telling::End(0)];
        safe(tellings.map(|telling| Setting { ends: [Some(readable), None], telling, ..ONE }));
        safe([Setting { ends: [Some(readable), None], telling: Telling::Nobody, modify: true, ..ONE }]);
    }
    safe([Setting { ends: [Some(false), None], modify: true, exact: true, ..ONE }]);
}

/// Every pair of ends by whether they return their key.
const PAIRS: [[Option<bool>; 2]; 4] =
    [[Some(true), Some(true)], [Some(true), Some(false)], [Some(false), Some(true)], [Some(false), Some(false)]];

#[test]
fn every_world_of_two_ends_is_safe() {
    for ends in PAIRS {
        safe([Telling::Command, Telling::End(0), Telling::End(1)].map(|telling| Setting { ends, telling, ..TWO }));
    }
}

#[test]
fn every_world_of_the_deep_run_is_safe() {
    if std::env::var_os(DEEP).is_none_or(|value| value != "deep") {
        return;
    }
    for readable in [Some(true), Some(false)] {
        safe([Setting { ends: [readable, None], flights: 3, edits: 2, ..ONE }]);
        safe([Setting { ends: [readable, None], exact: true, ..ONE }]);
    }
    for ends in PAIRS {
        safe([Setting { ends, flights: 3, edits: 2, ..TWO }, Setting { ends, ages: true, slow: true, ..TWO }]);
    }
}

/// Checks that the property breaks without the rule. Otherwise either the rule or the check would be useless.
fn found(name: &str, setting: Setting, property: u8) {
    let explored = explore(&setting, &[property]);
    let way = explored.broken.as_ref().map(|(_, way)| way.len() - 1);
    let _ = writeln!(std::io::stdout(), "without \"{name}\", property {property} breaks after {way:?} steps ({} worlds)", explored.worlds);
    assert!(way.is_some(), "without \"{name}\", property {property} holds in all {} worlds of {setting:?}", explored.worlds);
}

#[test]
fn every_rule_of_the_table_is_needed() {
    let all = Rules::ALL;
    let hidden = Setting { ends: [Some(false), None], ..ONE };
    found("zombies", Setting { rules: Rules { zombies: false, ..all }, ..ONE }, 1);
    found("look", Setting { rules: Rules { look: false, ..all }, ..ONE }, 2);
    found("order", Setting { rules: Rules { order: false, ..all }, ..TWO }, 3);
    found("conflict", Setting { rules: Rules { conflict: false, ..all }, ..ONE }, 2);
    found("proof", Setting { rules: Rules { proof: false, ..all }, ..hidden }, 1);
    found("seal", Setting { rules: Rules { seal: false, ..all }, ..ONE }, 4);
}

#[test]
fn every_rule_of_the_driver_is_needed() {
    let all = Habits::ALL;
    let hidden = Setting { ends: [Some(false), None], ..ONE };
    for property in [1, 5, 6] {
        found("announce", Setting { habits: Habits { announce: false, ..all }, ..ONE }, property);
        found("sync", Setting { habits: Habits { sync: false, ..all }, ..ONE }, property);
        found("stamp", Setting { habits: Habits { stamp: false, ..all }, ..ONE }, property);
    }
    found("seal", Setting { habits: Habits { seal: false, ..all }, ..ONE }, 4);
    found("keep", Setting { habits: Habits { keep: false, ..all }, ..ONE }, 4);
    found("settle", Setting { habits: Habits { settle: false, ..all }, ..ONE }, 1);
    found("settle", Setting { habits: Habits { settle: false, ..all }, ..hidden }, 1);
    found("doubt", Setting { habits: Habits { doubt: false, ..all }, ..ONE }, 1);
    found("forget", Setting { habits: Habits { forget: false, ..all }, ..ONE }, 2);
    found("forget", Setting { habits: Habits { forget: false, ..all }, ..hidden }, 1);
    found("turn", Setting { habits: Habits { turn: false, ..all }, ..ONE }, 2);
    found("tell", Setting { habits: Habits { tell: false, ..all }, ..TWO }, 1);
    found("reread", Setting { habits: Habits { reread: false, ..all }, ..ONE }, 2);
}
