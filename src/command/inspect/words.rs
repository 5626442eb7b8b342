//! The words of a recognised document.

use crate::error::{ApiError, Class};
use crate::provider::recognise::{Role, Syntax};

/// The word of a syntax.
pub(super) const fn syntax(syntax: &Syntax) -> &'static str {
    match syntax {
        Syntax::Json => "json",
        Syntax::Xml(_) => "xml",
        Syntax::Form => "form",
    }
}

/// The word of a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Request => "request",
        Role::Reply => "reply",
    }
}

/// The word of an error class.
pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Rate => "rate",
        Class::Busy => "busy",
        Class::Clock => "clock",
        Class::Auth => "auth",
        Class::NotFound => "not_found",
        Class::Final => "final",
        Class::Ambiguous => "ambiguous",
    }
}

/// Whether the same request may be sent again: for scripts, and for people. Of a code that no table has, nobody knows whether
/// anything was executed, unless it says itself that the request was wrong.
pub(super) fn retry(error: &ApiError) -> (&'static str, &'static str) {
    match error.class {
        Class::Rate => ("later", "yes, after a pause: it was not executed"),
        Class::Busy => ("when_settled", "yes, once the other change is done: it was not executed"),
        Class::Clock => ("when_mended", "yes, once the clock is right: it was not executed"),
        Class::Auth => ("when_mended", "not with these credentials: it was not executed"),
        Class::NotFound => ("no", "no: what it names is not there"),
        Class::Final if error.meaning.is_empty() && !refuses(&error.code) => {
            ("look_first", "not blindly: what this code means is not known; read the connection first")
        }
        Class::Final => ("no", "not as it is: it was refused, and nothing was executed"),
        Class::Ambiguous => ("look_first", "not blindly: it may have been executed; read the connection first"),
    }
}

/// Whether a code says by itself that the request was refused before anything was done.
fn refuses(code: &str) -> bool {
    const MARKS: &[&str] = &[
        "invalid",
        "illegal",
        "missing",
        "malformed",
        "forbidden",
        "unauthorized",
        "denied",
        "notsupport",
        "unsupported",
        "notallowed",
        "notexist",
        "notfound",
        "exceed",
        "quota",
        "nopermission",
        "mismatch",
        "conflict",
        "alreadyexists",
        "toolong",
        "unknownparameter",
    ];
    let plain = code.to_ascii_lowercase();
    MARKS.iter().any(|mark| plain.contains(mark))
}
