//! A result that is printed while its rows are still read, so that an account may be larger than the memory.

use serde_json::{Value as Json, json};

use super::output::Output;
use super::rows::Rows;

/// A document whose rows come one after the other: its parts are printed at once where the format allows that, else it is kept.
pub struct Stream<'a> {
    /// Where it is printed.
    output: &'a Output,
    /// Where the document has its rows.
    rows: Rows,
    /// The rows so far, where the format needs all of them; `None` where each is printed at once.
    kept: Option<Vec<Json>>,
    /// Whether the beginning was printed.
    begun: bool,
}

impl<'a> Stream<'a> {
    /// A document without rows so far.
    #[must_use]
    pub fn new(output: &'a Output, rows: Rows) -> Self {
        let kept = (!output.shape.can_stream(rows)).then(Vec::new);
        Self { output, rows, kept, begun: false }
    }

    /// Adds rows. Returns whether somebody still reads.
    pub fn push(&mut self, items: Vec<Json>) -> bool {
        match &mut self.kept {
            Some(kept) => kept.extend(items),
            None if items.is_empty() => {}
            None => {
                self.output.raw(&self.output.shape.part(&items, self.rows, !self.begun));
                self.begun = true;
            }
        }
        !self.output.is_closed()
    }

    /// Ends the document.
    pub fn end(self) {
        match self.kept {
            Some(kept) => self.output.rows(self.rows, Vec::new, || json!({ self.rows.member: kept })),
            None => self.output.raw(&self.output.shape.end(self.rows, self.begun)),
        }
    }
}
