//! Files that a `swanctl.conf` includes.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::section::Origin;

/// How deep strongSwan follows includes.
const DEEPEST: usize = 10;

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
    /// Whether it stands in the section of the keys, so that no message may quote a line.
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
