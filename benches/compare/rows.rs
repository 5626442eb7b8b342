//! The rows of the table, with their goals.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::sample::*;

/// A row of the table.
pub struct Row {
    pub name: String,
    pub program: PathBuf,
    pub words: Vec<String>,
    pub variables: Vec<(&'static str, String)>,
    /// The row that it is compared with.
    pub floor: usize,
    pub goal: Goal,
    pub used: Vec<Used>,
}

/// The most that a row may cost; `None` where nothing is set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Goal {
    pub ratio: Option<f64>,
    pub instructions: Option<f64>,
    pub mib: Option<f64>,
}

pub const START: Goal = Goal { ratio: Some(1.5), instructions: Some(0.8e6), mib: None };
pub const CALL: Goal = Goal { ratio: Some(1.6), instructions: Some(5.5e6), mib: Some(5.0) };
pub const NONE: Goal = Goal { ratio: None, instructions: None, mib: None };

impl Row {
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>, words: &[&str], floor: usize, goal: Goal) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self { name: name.into(), program: program.into(), words, variables: Vec::new(), floor, goal, used: Vec::new() }
    }

    /// The command, with only its own environment.
    pub fn command(&self, home: &Path, before: &[&Path]) -> Command {
        let mut all = before.to_vec();
        all.push(&self.program);
        let (program, rest) = all.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(rest).args(&self.words).stdin(Stdio::null()).current_dir(home);
        command.env_clear().env("HOME", home).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it once, to see that it does what is to be measured.
    pub fn check(&self, home: &Path) {
        let output = self.command(home, &[]).output().unwrap();
        assert!(output.status.success(), "{}: {}\n{}", self.name, output.status, String::from_utf8_lossy(&output.stderr));
    }

    pub fn sample(&mut self, home: &Path, me: &Path) {
        let mut command = self.command(home, &[me, Path::new("sample")]);
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let numbers: Vec<i64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [cpu_us, rss_kib, 0] = *numbers else { panic!("{} failed: {text}", self.name) };
        self.used.push(Used { cpu_us, rss_kib });
    }

    pub fn cpu_us(&self) -> f64 {
        median(self.used.iter().map(|used| used.cpu_us))
    }

    pub fn mib(&self) -> f64 {
        median(self.used.iter().map(|used| used.rss_kib)) / 1024.0
    }

    /// Instructions, counted by callgrind.
    pub fn instructions(&self, home: &Path, valgrind: &Path) -> Option<f64> {
        let log = home.join("callgrind.log");
        let mut options: Vec<OsString> = vec!["--tool=callgrind".into(), "--callgrind-out-file=/dev/null".into()];
        let mut log_option = OsString::from("--log-file=");
        log_option.push(&log);
        options.push(log_option);
        let mut before: Vec<&Path> = vec![valgrind];
        before.extend(options.iter().map(Path::new));
        let output = self.command(home, &before).output().unwrap();
        let text = std::fs::read_to_string(&log).ok().filter(|_| output.status.success())?;
        text.split("Collected :").nth(1)?.split_whitespace().next()?.parse().ok()
    }
}

pub fn median(values: impl Iterator<Item = i64>) -> f64 {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    let middle = |place: usize| values.get(place).copied().unwrap_or_default();
    (middle(values.len() / 2) + middle((values.len().max(1) - 1) / 2)) as f64 / 2.0
}

pub fn line(row: &Row, ratio: f64, instructions: Option<f64>) -> [String; 9] {
    let goal = |goal: Option<f64>, unit: f64, places: usize| goal.map(|goal| format!("{:.places$}", goal / unit)).unwrap_or_default();
    let measured =
        [("cpu", Some(ratio), row.goal.ratio), ("instr.", instructions, row.goal.instructions), ("MiB", Some(row.mib()), row.goal.mib)];
    let compared: Vec<(&str, bool)> = measured.into_iter().filter_map(|(name, figure, goal)| Some((name, figure? <= goal?))).collect();
    let missed: Vec<&str> = compared.iter().filter(|(_, reached)| !reached).map(|(name, _)| *name).collect();
    [
        row.name.clone(),
        format!("{:.2}", row.cpu_us() / 1000.0),
        format!("{ratio:.2}"),
        goal(row.goal.ratio, 1.0, 1),
        instructions.map(|count| format!("{:.2}", count / 1e6)).unwrap_or_default(),
        goal(row.goal.instructions, 1e6, 1),
        format!("{:.1}", row.mib()),
        goal(row.goal.mib, 1.0, 0),
        match (compared.is_empty(), missed.is_empty()) {
            (true, _) => String::new(),
            (_, reached @ true) => verdict(reached).to_owned(),
            (_, reached) => format!("{} ({})", verdict(reached), missed.join(", ")),
        },
    ]
}

pub const fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

/// Names and verdicts to the left, figures to the right.
pub fn print(lines: &[[String; 9]]) {
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or_default();
    for line in lines {
        let mut text = String::new();
        for (column, cell) in line.iter().enumerate() {
            let width = width(column);
            text.push_str(&if column == 0 || column == 8 { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") });
        }
        println!("{}", text.trim_end());
    }
}
