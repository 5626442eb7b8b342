//! Files that others include.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::fault::Fault;

/// How deep includes are followed, as strongSwan does.
const DEEPEST: usize = 10;

/// An included file, and the place that includes it.
pub(super) struct Origin {
    /// The file, as the place names it.
    pub(super) file: String,
    /// The line of `include`.
    pub(super) line: usize,
    /// The column of `include`.
    pub(super) column: usize,
    /// Where that place is; `None`: in the file itself.
    pub(super) outer: Option<Rc<Origin>>,
}

/// A fault at a place; in an included file, at the place of the file itself that includes it.
pub(super) fn fault_in(origin: Option<&Rc<Origin>>, line: usize, column: usize, message: impl Into<String>) -> Fault {
    match origin {
        None => Fault::new(line, column, message),
        Some(origin) => {
            let message = format!("{}: {}", origin.file, Fault::new(line, column, message));
            fault_in(origin.outer.as_ref(), origin.line, origin.column, message)
        }
    }
}

/// The files of one `include`.
#[derive(Default)]
pub struct Followed {
    /// Each file with its text, in the order of their names.
    pub files: Vec<(String, Zeroizing<String>)>,
    /// Why others are not read.
    pub notes: Vec<String>,
}

/// Reads the files that a pattern names, seen from an including file (the first one: empty); `None`: there are too many.
pub type Follow<'f> = &'f dyn Fn(&str, &str) -> Option<Followed>;

/// Reads nothing: for a text without a place of its own.
#[must_use]
pub fn nothing(_: &str, pattern: &str) -> Option<Followed> {
    Some(Followed { files: Vec::new(), notes: vec![format!("include {pattern} is not followed")] })
}

/// What includes a text.
#[derive(Default)]
pub(super) struct Including {
    /// The place of the `include`.
    pub(super) origin: Option<Rc<Origin>>,
    /// Whether it stands among the keys, so that no message may quote a line.
    pub(super) hidden: bool,
    depth: usize,
}

impl Including {
    /// The file that includes; the first one has no name here.
    pub(super) fn base(&self) -> &str {
        self.origin.as_ref().map_or("", |origin| &origin.file)
    }

    /// One level deeper; `None`: too deep.
    pub(super) fn with(&self, file: &str, (line, column): (usize, usize), hidden: bool) -> Option<Self> {
        let origin = Rc::new(Origin { file: file.to_owned(), line, column, outer: self.origin.clone() });
        (self.depth < DEEPEST).then(|| Self { origin: Some(origin), hidden, depth: self.depth + 1 })
    }
}
