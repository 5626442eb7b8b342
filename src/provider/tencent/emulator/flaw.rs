//! What is wrong with a request, in the words of API 3.0.

/// Code and message of an error.
pub(super) type Flaw = (&'static str, String);

/// A parameter has the wrong form.
pub(super) fn malformed(name: &str) -> Flaw {
    ("InvalidParameterValue.Malformed", format!("The parameter `{name}` has an invalid format."))
}

/// A parameter is missing.
pub(super) fn missing(name: &str) -> Flaw {
    ("MissingParameter", format!("The request is missing a required parameter `{name}`."))
}

/// A parameter has the wrong type.
pub(super) fn wrong_type(name: &str) -> Flaw {
    ("InvalidParameter", format!("The type of the parameter `{name}` is not valid."))
}

/// There is no such parameter.
pub(super) fn unknown(name: &str) -> Flaw {
    ("UnknownParameter", format!("The parameter `{name}` is not recognized."))
}

/// There is no such thing.
pub(super) fn not_found(what: &str) -> Flaw {
    ("ResourceNotFound", format!("The resource `{what}` is not found."))
}
