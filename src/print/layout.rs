//! How wide the columns of a table become.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::wrap::{Soft, cut, in_names, in_values, longest_part, wrap};

/// Blanks between two columns.
pub(super) const GAP: usize = 2;
/// No column becomes narrower than this.
const NARROWEST: usize = 6;
/// A cut column becomes narrower than this only when nothing else helps.
const CUT: usize = 12;

/// What happens to the cells of a column when space is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// They take several lines.
    #[default]
    Wrap,
    /// Nothing: each line stays in one piece.
    Keep,
    /// They end in an ellipsis.
    Cut,
}

/// How a table uses its space.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Columns that are not wrapped, by their number.
    pub fits: BTreeMap<usize, Fit>,
    /// Whether headings stay in one piece. The first column holds names of fields then.
    pub whole_heads: bool,
}

/// A column, with the widths that it can take.
#[derive(Debug)]
pub(super) struct Column {
    /// The width that it takes by itself.
    natural: usize,
    /// How narrow it becomes at first, and how narrow at last.
    floors: [usize; 2],
}

impl Layout {
    /// The columns of a table, whose first row can be its head.
    pub(super) fn columns(&self, rows: &[Vec<String>], has_head: bool) -> Vec<Column> {
        let count = rows.iter().map(Vec::len).max().unwrap_or_default();
        (0..count).map(|number| self.column(rows, number, has_head)).collect()
    }

    /// A column of a table.
    fn column(&self, rows: &[Vec<String>], number: usize, has_head: bool) -> Column {
        let cells = || rows.iter().filter_map(|row| row.get(number));
        let natural = cells().map(|cell| widest_line(cell)).max().unwrap_or_default();
        let head = cells().next().filter(|_| self.whole_heads).map_or(0, |cell| widest_line(cell));
        // One more for the mark behind which a word is broken.
        let parts = cells().enumerate().map(|(row, cell)| longest_part(cell, self.soft(number, has_head && row == 0)));
        let part = parts.max().unwrap_or_default() + 1;
        let floors = match self.fit(number) {
            Fit::Keep => [natural; 2],
            Fit::Cut => [CUT, NARROWEST],
            Fit::Wrap => [part.max(NARROWEST), NARROWEST],
        };
        Column { natural, floors: floors.map(|floor| floor.max(head)) }
    }

    /// What happens to a column when space is short.
    fn fit(&self, number: usize) -> Fit {
        self.fits.get(&number).copied().unwrap_or_default()
    }

    /// The marks behind which a cell is broken: headings and the first column can hold names of fields.
    fn soft(&self, number: usize, is_head: bool) -> Soft {
        if is_head || (self.whole_heads && number == 0) { in_names } else { in_values }
    }

    /// A cell of a column of this width.
    pub(super) fn cell(&self, number: usize, cell: &str, width: usize, is_head: bool) -> String {
        let line = |line| match self.fit(number) {
            Fit::Wrap => wrap(line, width, self.soft(number, is_head)),
            Fit::Cut => cut(line, width),
            Fit::Keep => line.to_owned(),
        };
        cell.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The width of the widest line of a cell.
fn widest_line(cell: &str) -> usize {
    cell.lines().map(UnicodeWidthStr::width).max().unwrap_or_default()
}

/// Whether the columns fit into `width` without breaking what is better kept whole.
pub(super) fn have_room(columns: &[Column], width: usize) -> bool {
    let least: usize = columns.iter().map(|column| column.natural.min(column.floors[0])).sum();
    least <= room(columns, width)
}

/// The width of each column in a table of `width`: the widest ones give way until all fit.
pub(super) fn widths(columns: &[Column], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|column| column.natural).collect();
    for step in [|column: &Column| column.floors[0], |column: &Column| column.floors[1]] {
        // None of them stays wider than all that there is; from there on, one by one.
        let room = room(columns, width);
        widths.iter_mut().zip(columns).for_each(|(width, column)| *width = (*width).min(room.max(step(column))));
        while widths.iter().sum::<usize>() > room {
            let wide = widths.iter_mut().zip(columns).filter(|(width, column)| **width > step(column));
            let Some((widest, _)) = wide.max_by_key(|(width, _)| **width) else { break };
            *widest -= 1;
        }
    }
    widths
}

/// The space for cells in a table of `width`.
fn room(columns: &[Column], width: usize) -> usize {
    width.saturating_sub(GAP * columns.len().saturating_sub(1))
}
