//! The only writer to stdout and stderr.
//!
//! Results go to stdout; plans, progress, warnings and errors go to stderr. Everything passes the gate of
//! [`super::gate`]. A closed pipe ends printing, never the work.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};

use serde_json::Value as Json;

use super::gate::{escape, escape_json, scrub};
use super::shape::Shape;
use super::version::versioned;
use crate::error::{Error, exit};

pub use super::format::Format;
pub use super::rows::Rows;
pub use super::table::Table;

/// The least width of `-o wide`, in columns.
const WIDE: usize = 160;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where everything is printed.
#[derive(Debug)]
pub struct Output {
    /// Shape of results.
    pub shape: Shape,
    /// Whether stderr is coloured.
    pub color: bool,
    /// Only results and errors.
    pub quiet: bool,
    /// 1: each call; 2: retries and waits too.
    pub verbose: u8,
    /// Whether a progress line is shown.
    progress: Cell<bool>,
    /// Whether something was changed, so that a result that cannot be printed does not mean that nothing happened.
    changed: Cell<bool>,
    /// The first error of printing.
    failure: RefCell<Option<Error>>,
    /// Whether the reader of stdout has stopped reading.
    closed: Cell<bool>,
}

impl Output {
    /// An output for these choices.
    #[must_use]
    pub fn new(shape: Shape, color: Color, quiet: bool, verbose: u8) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            shape,
            color,
            quiet,
            verbose,
            progress: Cell::new(false),
            changed: Cell::new(false),
            failure: RefCell::new(None),
            closed: Cell::new(false),
        }
    }

    /// Prints a result: the tables, or what the chosen shape makes of the JSON.
    pub fn result(&self, tables: impl FnOnce() -> Vec<Table>, json: impl FnOnce() -> Json) {
        self.rows(Rows::default(), tables, json);
    }

    /// Prints a result whose rows and columns are known by name.
    pub fn rows(&self, rows: Rows, tables: impl FnOnce() -> Vec<Table>, json: impl FnOnce() -> Json) {
        if self.shape.is_made_from_json() {
            self.shaped(self.shape.text(&versioned(json()), rows, self.width()));
        } else {
            let tables: Vec<String> = tables().iter().map(|table| table.render(self.width())).collect();
            self.raw(&scrub(&tables.join("\n")));
        }
    }

    /// Prints a text, or keeps the error.
    fn shaped(&self, text: Result<String, Error>) {
        match text {
            Ok(text) => self.raw(&text),
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
            }
        }
    }

    /// The width for results: the terminal's. For `-o wide` it has a minimum, and no limit in a file or a pipe.
    fn width(&self) -> usize {
        match self.shape.format {
            Format::Wide if !io::stdout().is_terminal() && std::env::var_os("COLUMNS").is_none() => usize::MAX,
            Format::Wide => width().max(WIDE),
            _ => width(),
        }
    }

    /// Prints a document of a cloud, without our version in it; as JSON where a table was asked for.
    pub fn document(&self, json: &Json) {
        let whole = Rows { member: "-", columns: Vec::new };
        if self.shape.is_made_from_json() {
            self.shaped(self.shape.text(json, whole, self.width()));
        } else {
            self.raw(&escape_json(&scrub(&format!("{json:#}\n"))));
        }
    }

    /// Prints a cloud's own text.
    pub fn text(&self, text: &str) {
        self.raw(&escape(&scrub(text)));
    }

    /// Prints a file's content for a program: byte for byte, without known secrets.
    pub fn content(&self, text: &str) {
        self.raw(&scrub(text));
    }

    /// Prints a text unchanged. Only a key that the user asked to see may come here unscrubbed.
    pub fn raw(&self, text: &str) {
        self.clear_progress();
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // A reader that stops reading is no error.
            if error.kind() == io::ErrorKind::BrokenPipe {
                self.closed.set(true);
            } else {
                let error = Error::new(exit::FAILED, format!("cannot write the result: {error}"));
                self.failure.borrow_mut().get_or_insert(error);
            }
        }
    }

    /// Whether the reader of the result has stopped reading: the rest need not be obtained.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Notes that something was changed, or may have been.
    pub fn changed(&self) {
        self.changed.set(true);
    }

    /// Why a result could not be printed, if it could not.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        let failure = self.failure.borrow_mut().take()?;
        if !self.changed.get() {
            return Some(failure);
        }
        let failure = Error { exit: exit::HALF_WAY, ..failure };
        Some(failure.state("what was asked for was done; only its result could not be written").next("tunnelctl operation list"))
    }

    /// Prints a plan or another table to stderr, so that stdout holds the result alone.
    pub fn preview(&self, table: &Table) {
        if !self.quiet {
            self.stderr(&scrub(&table.render(width())));
        }
    }

    /// Prints a line to stderr.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.line("", "", text);
        }
    }

    /// Prints a line to stderr, even when quiet: why nothing happens for minutes.
    pub fn say(&self, text: &str) {
        self.line("", "", text);
    }

    /// Prints a warning, even when quiet: it tells what will happen to a network.
    pub fn warn(&self, text: &str) {
        self.line("33", "warning: ", text);
    }

    /// Prints an error.
    pub fn error(&self, error: &Error) {
        self.line("31", "error: ", &error.to_string());
    }

    /// Prints a line of the log, from `level` on.
    pub fn log(&self, level: u8, text: impl FnOnce() -> String) {
        if self.verbose >= level {
            self.line("2", "log: ", &text());
        }
    }

    /// Prints an error of the argument parser, which has colours of its own.
    pub fn complaint(&self, error: &clap::Error) {
        let text = error.render();
        self.stderr(&if self.color { text.ansi().to_string() } else { escape(&text.to_string()) });
    }

    /// Shows a progress line on a terminal; the next line replaces it.
    pub fn progress(&self, text: &str) {
        if !self.quiet && io::stderr().is_terminal() {
            let line: String = escape(&scrub(text)).chars().take(width().saturating_sub(1)).collect();
            let _ = write!(io::stderr(), "\r\x1b[2K{line}");
            self.progress.set(true);
        }
    }

    /// Asks a question on the terminal; only `y` and `yes` mean yes.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        self.clear_progress();
        let _ = write!(io::stderr(), "{} [y/N] ", escape(&scrub(question)));
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Removes the progress line.
    fn clear_progress(&self) {
        if self.progress.replace(false) {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }

    /// Prints a line: a label, in colour if wanted, and a text from any source, scrubbed and escaped.
    fn line(&self, color: &str, label: &str, text: &str) {
        let label = if self.color && !label.is_empty() { format!("\x1b[{color}m{label}\x1b[0m") } else { label.to_owned() };
        self.stderr(&format!("{label}{}\n", escape(&scrub(text))));
    }

    /// Writes to stderr.
    fn stderr(&self, text: &str) {
        self.clear_progress();
        // An error here cannot be reported anywhere.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// The width of the terminal in columns: `COLUMNS` when it is set, 80 without a terminal; 40 to 1000.
fn width() -> usize {
    let set = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let terminal = || terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width));
    set.or_else(terminal).unwrap_or(80).clamp(40, 1000)
}
