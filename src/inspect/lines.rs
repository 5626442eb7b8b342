//! Lines that all begin alike: quoted mail, containers' logs, times before each line.

use super::unwrapped::Unwrapped;

/// The longest prefix, in bytes.
const LONGEST: usize = 256;
/// How much of a document is looked at, in bytes.
const NEAR: usize = 16 << 10;

/// What the lines of a document begin with, if its second line begins like its first. `head` is what stands before the
/// document in its line.
pub(super) fn prefix(head: &str, rest: &str) -> Option<String> {
    let near = (0..=NEAR.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end)).and_then(|end| rest.get(..end))?;
    let second = near.split_once('\n')?.1.lines().next()?;
    let length = (1..=head.len().min(LONGEST)).rev().filter(|end| head.is_char_boundary(*end)).find(|end| {
        let prefix = head.get(..*end).unwrap_or_default();
        alike(prefix, second).is_some_and(|end| second.get(end..).is_some_and(|rest| continues(rest.trim_start())))
    })?;
    head.get(..length).filter(|prefix| !prefix.trim().is_empty()).map(str::to_owned)
}

/// Whether a line can go on with an object.
fn continues(line: &str) -> bool {
    line.is_empty() || line.starts_with(['"', '\'', '}', ']', '{', '[', '\\', '&', '%', '<'])
}

/// How much of a line is like a prefix, where numbers and blanks may be others; `None` where it begins otherwise.
fn alike(prefix: &str, line: &str) -> Option<usize> {
    let (mut wanted, mut place) = (prefix.chars().peekable(), 0);
    let run = |from: usize, is: fn(char) -> bool| {
        let rest = line.get(from..).unwrap_or_default();
        rest.find(|c| !is(c)).unwrap_or(rest.len())
    };
    let blank = |c: char| c == ' ' || c == '\t';
    while let Some(c) = wanted.next() {
        let is: fn(char) -> bool = match c {
            c if c.is_ascii_digit() => |c| c.is_ascii_digit(),
            c if blank(c) => |c| c == ' ' || c == '\t',
            c => {
                if !line.get(place..)?.starts_with(c) {
                    return None;
                }
                place += c.len_utf8();
                continue;
            }
        };
        while wanted.next_if(|next| is(*next)).is_some() {}
        let length = run(place, is);
        // Blanks at the end of a prefix are often lost.
        if length == 0 && !(blank(c) && (wanted.peek().is_none() || place == 0)) {
            return None;
        }
        place += length;
    }
    Some(place)
}

/// The text without the prefix of its second and later lines, up to the first line that has none.
pub(super) fn without(text: &str, prefix: &str) -> Unwrapped {
    let mut out = Unwrapped::default();
    let mut place = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let skipped = if number == 0 { Some(0) } else { alike(prefix, line) };
        // What has another beginning does not belong to the document; the line end before it stays.
        let Some(skipped) = skipped else { break };
        out.push(line.get(skipped..).unwrap_or_default(), place + skipped);
        place += line.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_begin_alike_are_found() {
        for (head, rest, found) in [
            ("> ", "{\n>   \"a\": 1\n> }", Some("> ")),
            (
                "2026-01-02 10:00:00.1 app: ",
                "{\n2026-01-02 10:00:00.234 app:   \"a\": 1\n2026-01-02 10:00:01.9 app: }",
                Some("2026-01-02 10:00:00.1 app: "),
            ),
            ("app: reply ", "{\napp:   \"a\": 1\napp: }", Some("app: ")),
            ("    9\t", "{\n   10\t  \"a\": 1\n   11\t}", Some("    9\t")),
            ("reply: ", "{\n  \"a\": 1\n}", None),
            ("  ", "{\n    \"a\": 1\n  }", None),
        ] {
            let prefix = prefix(head, rest);
            assert_eq!(prefix.as_deref(), found, "{head}");
            if let Some(prefix) = prefix {
                let text: String = without(rest, &prefix).text.split_whitespace().collect();
                assert_eq!(text, "{\"a\":1}");
            }
        }
    }
}
