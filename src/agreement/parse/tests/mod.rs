mod hostile;

use super::*;

#[test]
fn binary_data_and_long_lines_are_refused_with_their_place() {
    assert_eq!(text(b"a\nb\xff").unwrap_err().to_string(), "line 2, column 2: is not text (UTF-8)");
    assert_eq!(text(b"ab\x00").unwrap_err().to_string(), "line 1, column 3: a control character: this is not a configuration file");
    let long = format!("a\n{}", "x".repeat(1 << 20));
    assert!(text(long.as_bytes()).unwrap_err().to_string().starts_with("line 2, column 1: the line has 1048576 bytes"));
}

#[test]
fn the_form_follows_from_the_first_line() {
    assert_eq!(form("a", "# x\n\nconn a\n"), Form::Libreswan);
    assert_eq!(form("a", "config setup\n"), Form::Libreswan);
    assert_eq!(form("a", "connections {\n"), Form::Swanctl);
    assert_eq!(form("a", "{\"a\":1}"), Form::Reply);
    assert_eq!(form("a.toml", "{"), Form::Toml);
}
