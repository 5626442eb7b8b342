//! Fits a line of a cell into a column, by display width: wide characters take two columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where a word can be broken, behind the mark.
pub(super) type Soft = fn(char) -> bool;

/// The marks behind which values are broken.
pub(super) const fn in_values(c: char) -> bool {
    matches!(c, ',' | '-' | '/' | ';' | ':' | '@')
}

/// The marks behind which names of fields are broken, such as `health_check.remote_address`.
pub(super) const fn in_names(c: char) -> bool {
    c == '.' || in_values(c)
}

/// The width of the longest part that is not broken unless it must be.
pub(super) fn longest_part(cell: &str, is_soft: Soft) -> usize {
    cell.split(|c: char| c.is_whitespace() || is_soft(c)).map(UnicodeWidthStr::width).max().unwrap_or_default()
}

/// Breaks a line at `width`: at a blank, or else behind a soft mark, or else anywhere.
pub(super) fn wrap(line: &str, width: usize, is_soft: Soft) -> String {
    let width = width.max(1);
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = line;
    while is_wider(rest, width) {
        let (head, tail) = rest.split_at_checked(break_at(rest, width, is_soft)).unwrap_or((rest, ""));
        lines.push(head.trim_end());
        rest = tail.trim_start();
    }
    lines.push(rest);
    lines.join("\n")
}

/// Whether a line is wider than `width`. Only its beginning is looked at where that is enough: a long line is broken in linear time.
fn is_wider(line: &str, width: usize) -> bool {
    let near = line.char_indices().nth(width.saturating_mul(2).saturating_add(2)).and_then(|(end, _)| line.get(..end));
    near.is_some_and(|near| near.width() > width) || line.width() > width
}

/// Where to break a line that is wider than `width`, in bytes.
fn break_at(line: &str, width: usize, is_soft: Soft) -> usize {
    let (mut used, mut end, mut blank, mut soft) = (0, 0, 0, 0);
    for (place, c) in line.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width && end > 0 {
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
    // A broken word is better than a line that is mostly empty.
    [blank, soft].into_iter().find(|cut| cut * 3 > end).unwrap_or(end)
}

/// Cuts a line at `width`, with an ellipsis in place of the rest.
pub(super) fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    // What is fitted is short, whatever the line's length: most characters are not invisible.
    let ends = line.char_indices().map(|(place, c)| place + c.len_utf8()).take(width.saturating_mul(4).saturating_add(4));
    let fitting = ends.filter_map(|end| line.get(..end)).take_while(|head| head.width() < width).last().unwrap_or_default();
    format!("{}…", fitting.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_at_a_blank_before_it_breaks_a_word() {
        let wrap = |line, width| wrap(line, width, in_values);
        assert_eq!(wrap("must be 60 to 604800", 10), "must be 60\nto 604800");
        assert_eq!(wrap("10.0.0.0/24,10.1.0.0/24", 14), "10.0.0.0/24,\n10.1.0.0/24");
        assert_eq!(wrap("somewhere outside 10.0.0.0/8", 27), "somewhere outside\n10.0.0.0/8");
        assert_eq!(wrap("abcdefghij", 4), "abcd\nefgh\nij");
        assert_eq!(wrap("漢字漢", 3), "漢\n字\n漢");
    }

    #[test]
    fn long_line_is_broken_in_linear_time() {
        // A megabyte took 18 s when the rest was measured at every break.
        let line = "abcdefgh ".repeat(1 << 17);
        let broken = wrap(&line, 20, in_values);
        assert!(broken.lines().all(|line| line.width() <= 20));
        assert_eq!(broken.split_whitespace().count(), 1 << 17);
        assert_eq!(cut(&line, 10), "abcdefgh…");
    }

    #[test]
    fn name_of_a_field_breaks_behind_its_dots() {
        for width in [15, 26] {
            assert_eq!(wrap("health_check.remote_address", width, in_names), "health_check.\nremote_address");
        }
    }

    #[test]
    fn cut_line_is_no_wider_than_the_column() {
        assert_eq!(cut("branch office", 13), "branch office");
        assert_eq!(cut("branch office", 10), "branch of…");
        assert_eq!(cut("branch office", 8), "branch…");
        for width in 1..20 {
            let line = cut("北京–上海 офис ❤️ é", width);
            assert!(line.width() <= width, "{line} is wider than {width}");
        }
        assert_eq!(cut("北京上海", 6), "北京…");
        assert_eq!(cut("北京上海", 5), "北京…");
        assert_eq!(cut("北京上海", 4), "北…");
    }
}
