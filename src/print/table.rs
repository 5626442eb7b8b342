//! Tables for people: aligned, fitted to the width of the terminal, without trailing blanks.

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Padding, Style};

use super::gate::escape;
use super::layout::{Fit, GAP, Layout, have_room, widths};

/// The most characters of a cell that are shown beside other cells.
const READABLE: usize = 4096;

/// A table of texts: headings and rows. A cell may hold several lines.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Headings; empty for none.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
    /// How it uses its space.
    pub layout: Layout,
}

impl Table {
    /// Never breaks the cells of a column (the first is 0): refs and ids, which are copied.
    #[must_use]
    pub fn keep(mut self, column: usize) -> Self {
        self.layout.fits.insert(column, Fit::Keep);
        self
    }

    /// Cuts the cells of a column with an ellipsis when space is short: names.
    #[must_use]
    pub fn cut(mut self, column: usize) -> Self {
        self.layout.fits.insert(column, Fit::Cut);
        self
    }

    /// Never breaks the headings, and breaks the first column as names of fields. Where the headings have no room, the
    /// columns are numbered, and the headings stand above the table.
    #[must_use]
    pub fn keep_heads(mut self) -> Self {
        self.layout.whole_heads = true;
        self
    }

    /// The table as text. It is wider than `width` only when its columns have no room in it.
    #[must_use]
    pub fn render(&self, width: usize) -> String {
        let single = self.head.len().max(self.rows.iter().map(Vec::len).max().unwrap_or_default()) <= 1;
        let escaped = |row: &Vec<String>| row.iter().map(|cell| if single { escape(cell) } else { readable(cell) }).collect::<Vec<_>>();
        let has_head = !self.head.is_empty();
        let head = has_head.then(|| escaped(&self.head));
        let mut rows: Vec<Vec<String>> = head.into_iter().chain(self.rows.iter().map(escaped)).collect();
        let mut columns = self.layout.columns(&rows, has_head);
        let mut legend = String::new();
        if self.layout.whole_heads && !have_room(&columns, width) {
            legend = rows.first_mut().map(|head| number(head)).unwrap_or_default();
            columns = self.layout.columns(&rows, has_head);
        }
        // A single column holds commands and the like, which are copied: it stays whole.
        let width = if columns.len() == 1 { usize::MAX } else { width };
        legend + &self.draw(&rows, &widths(&columns, width))
    }

    /// Draws cells in columns of these widths.
    fn draw(&self, rows: &[Vec<String>], widths: &[usize]) -> String {
        let mut builder = Builder::default();
        for (place, row) in rows.iter().enumerate() {
            let is_head = place == 0 && !self.head.is_empty();
            let cells = row.iter().zip(widths).enumerate();
            builder.push_record(cells.map(|(number, (cell, width))| self.layout.cell(number, cell, *width, is_head)));
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

/// A cell that people can read: what is longer than [`READABLE`] is cut, with a note that says so.
fn readable(cell: &str) -> String {
    match cell.char_indices().nth(READABLE).and_then(|(end, _)| cell.split_at_checked(end)) {
        Some((head, rest)) => format!("{}… ({} more bytes; -o json has them)", escape(head), rest.len()),
        None => escape(cell),
    }
}

/// Replaces all headings but the first by numbers, and returns them as a legend.
fn number(head: &mut [String]) -> String {
    let mut legend = Table::default();
    for (place, cell) in head.iter_mut().enumerate().skip(1) {
        let heading = std::mem::replace(cell, format!("({place})"));
        legend.rows.push(vec![cell.clone(), heading.replace('\n', " ")]);
    }
    legend.keep(1).render(usize::MAX) + "\n"
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

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
    fn cell_keeps_its_lines() {
        let text = table(&["PLACE"], &[&["alibaba\ncn-shanghai"]]).render(80);
        assert!(text.contains("alibaba\ncn-shanghai\n"), "{text}");
    }

    #[test]
    fn single_column_is_not_wrapped() {
        let line = "tunnelctl modify alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i --ike-encryption aes256 --ike-integrity sha256";
        assert!(table(&["TYPE"], &[&[line]]).render(40).contains(line));
    }

    #[test]
    fn cell_that_nobody_reads_is_cut_with_a_note() {
        let text = table(&["FIELD", "CURRENT"], &[&["name", &"x".repeat(1 << 20)]]).render(80);
        assert!(text.len() < 8192, "{}", text.len());
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.ends_with("(1044480 more bytes; -o json has them)"), "{words}");
    }

    #[test]
    fn table_without_head_and_rows_is_empty() {
        assert_eq!(Table::default().render(80), "");
    }

    const REF: &str = "huawei@cn-north-4/98c5af8a-0b1c-4d2e-8f30-ae2280a6f4c3";

    #[test]
    fn kept_column_is_never_broken() {
        for width in [40, 80, 120, 200] {
            let row: [&str; 3] = [REF, "北京–上海 Hauptverbindung der Zentrale", "some words that have to wrap somewhere"];
            let text = table(&["REF", "NAME", "NOTE"], &[&row]).keep(0).cut(1).render(width);
            assert!(text.contains(REF), "{text}");
            assert!(width < 80 || text.lines().all(|line| line.width() <= width), "{width}\n{text}");
        }
    }

    #[test]
    fn cut_column_takes_one_line_a_row() {
        let text = table(&["NAME", "ID"], &[&["北京–上海 Hauptverbindung der Zentrale", "vpn-0123456789"]]).cut(0).render(40);
        assert_eq!(
            text,
            "NAME                      ID\n----------------------------------------\n北京–上海 Hauptverbindu…  vpn-0123456789\n"
        );
    }

    #[test]
    fn heading_breaks_behind_its_dots() {
        let text = table(&["REF", "STATUS.TUNNEL"], &[&[REF, "up"]]).keep(0).render(64);
        assert!(text.contains("STATUS.\n") && text.contains("  TUNNEL\n"), "{text}");
    }

    #[test]
    fn headings_that_must_stay_whole_are_numbered_where_they_have_no_room() {
        let show =
            |width| table(&["FIELD", REF, "tencent@ap-beijing/vpnx-partnerhw01"], &[&["name", "one", "two"]]).keep_heads().render(width);
        assert!(show(120).starts_with(&format!("FIELD  {REF}  tencent@ap-beijing/vpnx-partnerhw01\n")), "{}", show(120));
        assert_eq!(
            show(80),
            format!("(1)  {REF}\n(2)  tencent@ap-beijing/vpnx-partnerhw01\n\nFIELD  (1)  (2)\n---------------\nname   one  two\n")
        );
        let one = table(&["FIELD", REF], &[&["health_check.remote_address", "10.0.0.1"]]).keep_heads().render(80);
        assert!(one.lines().all(|line| line.width() <= 80) && one.contains(REF) && one.contains("\nremote_address\n"), "{one}");
    }
}
