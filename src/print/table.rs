//! Tables for people: aligned, wrapped to the width there is, without trailing blanks.

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Padding, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::print::gate::escape;

/// Blank columns between two columns.
const GAP: usize = 2;
/// No column is made narrower than this.
const NARROWEST: usize = 6;

/// A table of texts: headings and rows. A cell may hold several lines.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Headings; empty for none.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
    /// Columns that are never broken.
    pub kept: Vec<usize>,
    /// Columns that are cut with an ellipsis where space is short.
    pub cut: Vec<usize>,
}

impl Table {
    /// Never breaks this column, such as one of refs: it takes the width that it needs.
    #[must_use]
    pub fn keep(mut self, column: usize) -> Self {
        self.kept.push(column);
        self
    }

    /// Cuts this column with an ellipsis where space is short, such as one of names.
    #[must_use]
    pub fn cut(mut self, column: usize) -> Self {
        self.cut.push(column);
        self
    }

    /// The table as text, no wider than `width` where that leaves every column a few characters.
    #[must_use]
    pub fn render(&self, width: usize) -> String {
        let cells = |row: &[String]| row.iter().map(|cell| escape(cell)).collect::<Vec<_>>();
        let all: Vec<Vec<String>> =
            std::iter::once(cells(&self.head)).filter(|head| !head.is_empty()).chain(self.rows.iter().map(|row| cells(row))).collect();
        let natural = natural(&all);
        // Lines of one column are for typing or pasting: they stay whole.
        let width = if natural.len() == 1 { usize::MAX } else { width };
        let mut least = words(&all, natural.len());
        for column in &self.cut {
            least.get_mut(*column).into_iter().for_each(|least| *least = NARROWEST);
        }
        let mut floor = vec![NARROWEST; natural.len()];
        for column in &self.kept {
            for bound in [&mut least, &mut floor] {
                bound.get_mut(*column).zip(natural.get(*column)).into_iter().for_each(|(bound, natural)| *bound = *natural);
            }
        }
        let widths = shares(&natural, [&least, &floor], width);
        let mut builder = Builder::default();
        for row in &all {
            builder.push_record(row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                let fit = if self.cut.contains(&column) { cut } else { wrap };
                cell.lines().map(|line| fit(line, *width)).collect::<Vec<_>>().join("\n")
            }));
        }
        let mut table = builder.build();
        if self.head.is_empty() {
            table.with(Style::empty());
        } else {
            table.with(Style::psql().remove_vertical());
        }
        table.with(Padding::new(0, GAP, 0, 0)).modify(Columns::last(), Padding::zero());
        let text = table.to_string();
        if text.trim().is_empty() { String::new() } else { text.lines().map(|line| format!("{}\n", line.trim_end())).collect() }
    }
}

/// The width that each column would take by itself.
fn natural(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).flat_map(|cell| cell.lines()).map(UnicodeWidthStr::width).max();
    (0..columns).map(|column| widest(column).unwrap_or_default()).collect()
}

/// The width below which each column would have to break a word.
fn words(rows: &[Vec<String>], columns: usize) -> Vec<usize> {
    let longest = |cell: &String| cell.split(|c: char| c.is_whitespace() || is_soft(c)).map(UnicodeWidthStr::width).max();
    let column = |column: usize| rows.iter().filter_map(|row| row.get(column)).filter_map(longest).max().unwrap_or_default();
    // One more for the mark that a word is broken behind.
    (0..columns).map(|place| (column(place) + 1).max(NARROWEST)).collect()
}

/// Takes from the widest columns until all fit: first down to their longest words, then through them.
fn shares(natural: &[usize], bounds: [&Vec<usize>; 2], width: usize) -> Vec<usize> {
    let room = width.saturating_sub(GAP * natural.len().saturating_sub(1));
    let mut widths = natural.to_vec();
    for least in bounds {
        while widths.iter().sum::<usize>() > room {
            let widest = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least).max_by_key(|(width, _)| **width);
            let Some((width, _)) = widest else { break };
            *width -= 1;
        }
    }
    widths
}

const fn is_soft(c: char) -> bool {
    matches!(c, ',' | '-' | '/' | ';' | ':' | '@')
}

/// Cuts a line at `width`, with an ellipsis in place of what does not fit.
fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < width
    };
    let kept: String = line.chars().take_while(fits).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// Breaks a line at `width`: at a blank, else behind a mark such as a comma or hyphen, else where it must be.
fn wrap(line: &str, width: usize) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = line;
    while rest.width() > width.max(1) {
        let (mut used, mut end, mut blank, mut soft) = (0, 0, 0, 0);
        for (place, c) in rest.char_indices() {
            used += c.width().unwrap_or(0);
            if used > width.max(1) && end > 0 {
                // A blank just behind the edge is as good as one before it.
                if c == ' ' {
                    blank = place;
                }
                break;
            }
            end = place + c.len_utf8();
            if c == ' ' {
                blank = place;
            } else if is_soft(c) && place > 0 {
                soft = end;
            }
        }
        // A break that leaves most of the line empty is worse than a broken word.
        let cut = [blank, soft].into_iter().find(|cut| cut * 3 > end).unwrap_or(end);
        let (head, tail) = rest.split_at_checked(cut).unwrap_or((rest, ""));
        lines.push(head.trim_end());
        rest = tail.trim_start();
    }
    lines.push(rest);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(head: &[&str], rows: &[&[&str]]) -> Table {
        let owned = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
        Table { head: owned(head), rows: rows.iter().map(|row| owned(row)).collect(), ..Table::default() }
    }

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_blanks() {
        let text = table(&["FIELD", "NOW"], &[&["name", "a"], &["ike.lifetime_secs", "86400"]]).render(80);
        assert_eq!(text, "FIELD              NOW\n------------------------\nname               a\nike.lifetime_secs  86400\n");
    }

    #[test]
    fn nothing_is_wider_than_the_width_and_nothing_is_lost() {
        let long = "98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
        for width in [40, 60, 80] {
            let text =
                table(&["A", "B", "C"], &[&[long, "some words that have to wrap somewhere", "漢字漢字漢字漢字漢字漢字漢字"]]).render(width);
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            assert_eq!(letters(&text), letters(long) + letters("some words that have to wrap somewhere") + 14 + 3, "{text}");
        }
    }

    #[test]
    fn a_line_breaks_at_a_blank_before_it_breaks_a_word() {
        assert_eq!(wrap("must be 60 to 604800", 10), "must be 60\nto 604800");
        assert_eq!(wrap("10.0.0.0/24,10.1.0.0/24", 14), "10.0.0.0/24,\n10.1.0.0/24");
        assert_eq!(wrap("somewhere outside 10.0.0.0/8", 27), "somewhere outside\n10.0.0.0/8");
        assert_eq!(wrap("abcdefghij", 4), "abcd\nefgh\nij");
        assert_eq!(wrap("漢字漢", 3), "漢\n字\n漢");
    }

    #[test]
    fn lines_of_a_cell_stay_lines() {
        let text = table(&["PLACE"], &[&["alibaba\ncn-shanghai"]]).render(80);
        assert!(text.contains("alibaba\ncn-shanghai\n"), "{text}");
    }

    #[test]
    fn a_column_by_itself_is_not_wrapped() {
        let line = "tunnelctl modify alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --ike-encryption aes256 --ike-integrity sha256";
        assert!(table(&["TYPE"], &[&[line]]).render(40).contains(line));
    }

    #[test]
    fn a_kept_column_is_whole_and_a_cut_column_ends_with_an_ellipsis() {
        let reference = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";
        let rows: &[&[&str]] = &[&[reference, "a name that is long and then longer"], &[reference, "漢字漢字漢字漢字漢字漢字漢字漢字"]];
        let text = table(&["REF", "NAME"], rows).keep(0).cut(1).render(80);
        assert_eq!(text.matches(reference).count(), 2, "{text}");
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        assert!(text.contains("  a name that is long an…\n") && text.contains("  漢字漢字漢字漢字漢字漢…\n"), "{text}");
        assert!(table(&["REF", "NAME"], rows).keep(0).cut(1).render(40).contains(reference));
    }

    #[test]
    fn no_rows_and_no_head_is_no_text() {
        assert_eq!(Table::default().render(80), "");
    }
}
